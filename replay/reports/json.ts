/**
 * A verdict as JSON, for scripts, which rely on these fields and on their names.
 *
 * The rule: all that a verdict knows is in it. Bytes are in hex; frame kinds and protocols are names; times are in
 * milliseconds; a difference speaks of another by its place in `differences`. Fields are added, never renamed:
 * where one comes to mean something else, `format` goes up.
 */
import { hex } from '../../protocol/address.ts';
import { kindName } from '../../protocol/kind.ts';
import type { FrameKind } from '../../protocol/types.ts';
import type { Conversation, Difference, Verdict } from '../types.ts';

export const VERDICT_JSON_FORMAT = 1;

/** `replay` is its number in the capture file; null where it is not kept there. */
export function verdictObject(verdict: Verdict, replay: number | null): object {
  const { outcome, subject, file, capture, session, startedAt, lasted, partial, notes } = verdict;
  const { roles, counts, holds, first, differences } = verdict;
  return {
    format: VERDICT_JSON_FORMAT,
    replay,
    outcome,
    partial,
    subject,
    file,
    capture,
    session,
    startedAt,
    lasted,
    notes,
    roles,
    counts,
    holds,
    first,
    differences: differences.map(differenceObject),
  };
}

export function verdictJson(verdict: Verdict, replay: number | null): string {
  return JSON.stringify(verdictObject(verdict, replay), null, 2);
}

function differenceObject(difference: Difference): object {
  const { conversation, expected, actual, ...told } = difference;
  const { protocol } = conversation;
  const kind = (each: FrameKind | null) => (each === null ? null : kindName(protocol, each));
  return {
    ...told,
    conversation: conversationObject(conversation),
    expectedKind: kind(difference.expectedKind),
    expected: expected === null ? null : hex(expected),
    actualKind: kind(difference.actualKind),
    actual: actual === null ? null : hex(actual),
  };
}

/** `kind` is null for what the relay itself says to somebody, or hears. */
function conversationObject({ protocol, from, to, kind, isStream }: Conversation): object {
  return {
    protocol: protocol.name,
    from,
    to,
    kind: kind === null ? null : kindName(protocol, kind),
    isStream,
  };
}
