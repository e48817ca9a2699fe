/**
 * Findings and steps as they are told.
 *
 * The rule: findings of one kind are one heading with what it means said once, in the order in which the server has
 * them, which is worst first. Nothing is left out: what is much is folded.
 */
import type { Finding, Step } from '../../../../../api/sessions.ts';
import { countText, durationText, plural } from '../../../lib/format.ts';
import { playerOf, type Names } from '../names.ts';

export interface FindingGroup {
  readonly id: string;
  readonly severity: Finding['severity'];
  readonly title: string;
  readonly explanation: string;
  readonly findings: readonly Finding[];
}

export function groupsOf(findings: readonly Finding[]): readonly FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const known = groups.get(finding.id);
    if (known === undefined) groups.set(finding.id, [finding]);
    else known.push(finding);
  }
  return Array.from(groups.values(), (all) => {
    const { id, severity, title, explanation } = all[0] as Finding;
    return { id, severity, title, explanation, findings: all };
  });
}

/** `2 problems and 1 note`. */
export function severitiesText(findings: readonly Finding[]): string {
  const words = { problem: 'problem', warning: 'warning', note: 'note' } as const;
  const parts = Object.entries(words).flatMap(([severity, word]) => {
    const count = findings.filter((each) => each.severity === severity).length;
    return count === 0 ? [] : [plural(count, word)];
  });
  return parts.length === 0
    ? 'nothing out of the ordinary'
    : parts.join(', ').replace(/, ([^,]*)$/, ' and $1');
}

/** Those to whom something was done; of many, the first. */
const TARGETS_SHOWN_MAX = 3;

/** What a step was, but for who took it: `HELLO to Bob/5001 x 12, every 500.0 ms`. */
export function stepText({ what, to, count, every, lost }: Step, names: Names): string {
  const targets = to.slice(0, TARGETS_SHOWN_MAX).map((target) => names.endpoint(target));
  if (to.length > targets.length) targets.push(plural(to.length - targets.length, 'other'));
  return [
    names.within(what),
    targets.length === 0 ? '' : ` to ${targets.join(', ')}`,
    count === 1 ? '' : ` ×\u202f${countText(count)}`,
    every === null ? '' : `, every ${durationText(every)}`,
    lost === null ? '' : ` (${lost})`,
  ].join('');
}

/** A filter for a step that was repeated: what its player sent from its first to its last. */
export function stepFilter({ player, sequence, lastSequence, count }: Step): string | null {
  if (count === 1 || sequence === null || lastSequence === null) return null;
  return `sequence >= ${sequence} && sequence <= ${lastSequence} && from == ${endText(playerOf(player))}`;
}

/** An endpoint or a player, as filters write it. */
export function endText(endpoint: string): string {
  return /^[A-Za-z0-9_.:/%-]+$/.test(endpoint) && endpoint !== 'relay'
    ? endpoint
    : `"${endpoint.replaceAll(/["\\]/g, '\\$&')}"`;
}
