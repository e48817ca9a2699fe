/**
 * All findings, one list: what an experienced person would say after reading a session.
 *
 * The rule: worst first, then in the order of time; what repeats itself is said a few times and then
 * counted.
 */
import type { Observer, SessionView } from '../observe.ts';
import { closeFindings } from './closes.ts';
import { datagramFindings } from './datagrams.ts';
import { delayFindings } from './delay.ts';
import { endFindings } from './ends.ts';
import {
  evidence,
  type Finding,
  FINDINGS_PER_ID_MAX,
  type FindingSpec,
  type Found,
  severities,
} from './finding.ts';
import { guardFindings } from './guard.ts';
import { identityFindings } from './identity.ts';
import { lossFindings } from './losses.ts';
import { matchingFindings } from './matching.ts';
import { rhythmFindings } from './rhythm.ts';
import { streamFindings } from './streams.ts';
import { countText } from './words.ts';

export type { Finding, FindingSpec, Found, Severity } from './finding.ts';

export const findingSpecs: readonly FindingSpec[] = [
  ...endFindings,
  ...closeFindings,
  ...streamFindings,
  ...datagramFindings,
  ...matchingFindings,
  ...identityFindings,
  ...guardFindings,
  ...delayFindings,
  ...rhythmFindings,
  ...lossFindings,
];

/** All of them over one walk through the frames. */
export function findingObservers(
  view: SessionView,
  specs: readonly FindingSpec[] = findingSpecs,
): Observer<readonly Finding[]> {
  const watching = specs.map((spec) => ({ spec, observer: spec.watch(view) }));
  return {
    frame(seen) {
      for (const { observer } of watching) observer.frame(seen);
    },
    end: () => watching.flatMap(({ spec, observer }) => folded(spec, observer.end())).sort(worstFirst),
  };
}

function worstFirst(a: Finding, b: Finding): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity) || a.at - b.at;
}

function folded(spec: FindingSpec, found: readonly Found[]): Finding[] {
  const { id, severity, title } = spec;
  const inTime = [...found].sort((a, b) => a.at - b.at);
  const rest = inTime.splice(FINDINGS_PER_ID_MAX);
  if (rest.length > 0) {
    inTime.push({
      text: `and ${countText(rest.length)} more like this: ${title}`,
      frames: evidence(...rest.flatMap(({ frames }) => frames.slice(0, 1))),
      at: rest[0]!.at,
    });
  }
  return inTime.map(({ text, frames, at }) => ({ id, severity, text, frames, at }));
}
