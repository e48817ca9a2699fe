/**
 * A relay under test: every recorded client becomes a client of it, and what each gets is compared with what it got then.
 */
import { monotonic, wallMicros } from '../common/clock.ts';
import type { Millis, Protocol } from '../protocol/types.ts';
import type { CaptureFile } from '../recorder/captures.ts';
import { Comparator } from './compare/comparator.ts';
import { verdictOf } from './compare/verdict.ts';
import type { Address } from './engine/client.ts';
import { Engine, lastWords } from './engine/engine.ts';
import type { Hand } from './engine/options.ts';
import { GivenNames } from './given-names.ts';
import { compileMasks } from './masks/compile.ts';
import type { MaskFile } from './masks/file.ts';
import { compilePolicy, defaultPolicy, type PolicyFile } from './policy.ts';
import { NO_TARGET, Script } from './script/script.ts';
import type { Masks, Pace, Policy, Sending, Subject, Verdict } from './types.ts';

/** Stragglers that nobody expects are waited for so long at the end. */
export const LAST_WORDS_MS: Millis = 150;

/** What is replayed, and how. */
export interface Replay {
  readonly reader: CaptureFile;
  /** As people know it. */
  readonly file: string;
  readonly capture: number;
  /** Null for all of the capture. */
  readonly session: number | null;
  readonly pace: Pace;
  /** Of the recorded pace: twice as fast is 2. */
  readonly speed: number;
  /** How long something that does not come is waited for. */
  readonly patienceMs: Millis;
  /** How long an opening that nobody acknowledges is given to take effect. */
  readonly settleMs: Millis;
  readonly masks: MaskFile | null;
  readonly policy: PolicyFile | null;
  readonly hand: Hand | null;
  readonly signal: AbortSignal;
  /** All that was given is in order, and playing begins. */
  readonly onStart: (subject: Subject) => void;
  readonly onSent: (sending: Sending) => void;
  /** How many frames of how many, at the most, have been sent. Told once a turn. */
  readonly onProgress: (sent: number, frames: number) => void;
}

export type Targets = ReadonlyMap<Protocol, Address>;

function subjectOf(targets: Targets, pace: Pace): Subject {
  const target = [...targets.values()].map(
    ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
  );
  // One that speaks several protocols at one place is named once.
  return { mode: 'relay', target: [...new Set(target)].join(' '), pace };
}

/** Connections of protocols that have no target are left out. Failure codes: those of `Script`, `bad-masks`, `bad-policy`. */
export async function replayAgainst(targets: Targets, replay: Replay): Promise<Verdict> {
  const { reader, file, capture, pace, signal, onProgress } = replay;
  const session = replay.session === null ? null : reader.session(replay.session);
  const script = new Script(reader, reader.capture(capture), {
    session,
    whyNot: (protocol) => (targets.has(protocol) ? null : NO_TARGET),
  });
  const comparison = new Comparator({ ...rulesOf(replay, script), roles: script.cast.roles });
  const subject = subjectOf(targets, pace);
  replay.onStart(subject);
  const startedAt = new Date(wallMicros() / 1000).toISOString();
  const start = monotonic();
  const engine = new Engine({
    ...replay,
    script,
    comparison,
    target: (protocol) => targets.get(protocol) as Address,
    external: null,
    rewriting: new GivenNames(),
    onProgress: (sent) => onProgress(sent, script.frames),
    beforeLeaving: () => lastWords(LAST_WORDS_MS, signal),
  });
  const { sent, holds, unanswered } = await engine.play();
  return verdictOf(comparison.end(), {
    subject,
    file,
    capture,
    session: replay.session,
    startedAt,
    lasted: monotonic() - start,
    partial: signal.aborted ? (signal.reason as Error).message : null,
    notes: unanswered === null ? script.notes : [...script.notes, `the target did not answer: ${unanswered}`],
    roles: script.cast.roles,
    holds,
    sent,
    isAnswered: unanswered === null,
  });
}

/** Failure codes: `bad-masks`, `bad-policy`, where a rule names somebody who does not play. */
export function rulesOf(
  { masks, policy }: Pick<Replay, 'masks' | 'policy'>,
  { cast }: Pick<Script, 'cast'>,
): { readonly masks: Masks; readonly policy: Policy } {
  return {
    masks: masks === null ? { of: () => [] } : compileMasks(masks, cast),
    policy: policy === null ? defaultPolicy : compilePolicy(policy, cast),
  };
}
