/**
 * Verdicts in capture files: from this folder's words to rows, and back.
 *
 * The rule: what is read is what was stored, up to microseconds, or a failure that says why it cannot be. A file may
 * have words in it that a newer version has added.
 */
import { Failure } from '../common/failure.ts';
import { protocolById } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import type { CaptureFile } from '../recorder/captures.ts';
import type { StoredDifference, StoredReplay } from '../recorder/replay-reader.ts';
import { type ReplayDifference, ReplayWriter } from '../recorder/replays.ts';
import {
  type Conversation,
  type Difference,
  differenceClasses,
  type DifferenceClass,
  holdReasons,
  holdTexts,
  paces,
  type Role,
  type Sending,
  type Subject,
  type Verdict,
} from './types.ts';

/** What is known of a replay before it is played, and who plays it. */
export type Beginning = Pick<Verdict, 'subject' | 'file' | 'capture' | 'session' | 'startedAt'> & {
  readonly pid: number;
  readonly version: string;
};

/** Into the capture file at `path`, which `file` names for people. Failure codes: those of `ReplayWriter`. */
export function beginReplay(path: string, beginning: Beginning): ReplayWriter {
  const { subject, file, capture, session, startedAt, pid, version } = beginning;
  const start = {
    file,
    capture,
    session,
    startedAt,
    pid,
    version,
    mode: subject.mode,
    target: subject.mode === 'recording' ? subject.file : subject.target,
    comparedSession: subject.mode === 'recording' ? subject.session : null,
    role: subject.mode === 'game' ? subject.role.name : null,
    pace: subject.mode === 'recording' ? null : subject.pace,
  };
  const holds = holdReasons.map((name) => ({ name, text: holdTexts[name] }));
  return ReplayWriter.begin(path, start, holds);
}

/** One frame was sent. Cheap: it is gathered, and written with many others. */
export function storeSending(writer: ReplayWriter, { sequence, scheduled, sent, by }: Sending): void {
  writer.sending(sequence, scheduled, sent, holdReasons.indexOf(by));
}

/** The end of a replay; the writer is closed, whatever happens. */
export function storeVerdict(writer: ReplayWriter, verdict: Verdict): void {
  const { lasted, outcome, partial, first, roles, notes } = verdict;
  const { sent, expected, came, equal, differences: counts } = verdict.counts;
  const holds = verdict.holds.map(({ by, ...hold }) => ({ reason: holdReasons.indexOf(by), ...hold }));
  writer.finish(
    { lasted, outcome, partial, first, roles, notes, sent, expected, came, equal, counts, holds },
    verdict.differences.map(differenceRow),
  );
}

/** Failure codes: `no-such-replay`, `no-verdict`, `newer-replay`. */
export function storedVerdict(reader: CaptureFile, id: number): Verdict {
  const stored = reader.replay(id);
  const { outcome, lasted } = stored;
  if (outcome === null || lasted === null) {
    const message = `replay ${id} has no verdict: it goes on, or was broken off before its end`;
    throw new Failure('input', 'no-verdict', message);
  }
  const differences: Difference[] = [];
  const conversations = new Conversations(id);
  for (let more = true; more;) {
    const page = reader.replayDifferences(id, { after: differences.length - 1 });
    for (const row of page) differences.push(differenceOf(row, conversations));
    more = page.length > 0;
  }
  const { sent, expected, came, equal, roles, notes } = stored;
  return {
    outcome,
    subject: subjectOf(stored),
    file: stored.file,
    capture: stored.capture,
    session: stored.session,
    startedAt: stored.startedAt,
    lasted,
    partial: stored.partial,
    notes,
    roles,
    counts: { sent, expected, came, equal, differences: countsOf(stored) },
    holds: stored.holds.map(({ name, sends, total, longest }) => {
      return { by: known(name, holdReasons, id), sends, total, longest };
    }),
    first: stored.first,
    differences,
  };
}

function differenceRow(difference: Difference): ReplayDifference {
  const { conversation, offset, ...told } = difference;
  const { protocol, from, to, kind, isStream } = conversation;
  return {
    ...told,
    protocol: protocol.id,
    fromRole: from.role,
    fromEndpoint: from.endpoint,
    toRole: to.role,
    toEndpoint: to.endpoint,
    kind,
    isStream,
    byteOffset: offset,
  };
}

function differenceOf(row: StoredDifference, conversations: Conversations): Difference {
  const { fails, follows, sequence, at, expectedKind, actualKind, streamOffset, field, text } = row;
  return {
    class: known(row.class, classes, conversations.replay),
    fails,
    follows,
    conversation: conversations.of(row),
    sequence,
    at,
    expectedKind,
    expected: row.expected,
    actualKind,
    actual: row.actual,
    offset: row.byteOffset,
    field,
    streamOffset,
    text,
  };
}

const classes = Object.keys(differenceClasses) as DifferenceClass[];

function countsOf({ id, counts }: StoredReplay): Record<DifferenceClass, number> {
  const all = Object.fromEntries(classes.map((name) => [name, 0])) as Record<DifferenceClass, number>;
  for (const [name, count] of Object.entries(counts)) all[known(name, classes, id)] = count;
  return all;
}

function subjectOf({ id, mode, target, comparedSession, role, pace, roles }: StoredReplay): Subject {
  if (mode === 'recording') return { mode, file: target, session: comparedSession ?? 0 };
  const played = known(pace ?? '', paces, id);
  if (mode === 'relay') return { mode, target, pace: played };
  const nobody: Role = { name: role ?? '', player: '', nickname: '' };
  return { mode, role: roles.find(({ name }) => name === role) ?? nobody, target, pace: played };
}

/** The same object for the same conversation, of one replay. */
class Conversations {
  readonly replay: number;
  readonly #known = new Map<string, Conversation>();

  constructor(replay: number) {
    this.replay = replay;
  }

  of({
    protocol,
    fromRole,
    fromEndpoint,
    toRole,
    toEndpoint,
    kind,
    isStream,
  }: StoredDifference): Conversation {
    const key = JSON.stringify([protocol, fromRole, fromEndpoint, toRole, toEndpoint, kind, isStream]);
    let conversation = this.#known.get(key);
    if (conversation === undefined) {
      conversation = {
        protocol: this.#protocol(protocol),
        from: { role: fromRole, endpoint: fromEndpoint },
        to: { role: toRole, endpoint: toEndpoint },
        kind,
        isStream,
      };
      this.#known.set(key, conversation);
    }
    return conversation;
  }

  #protocol(id: number): Protocol {
    return protocolById(id) ?? refuse(this.replay, `protocol ${id}`);
  }
}

function known<const T extends string>(word: string, words: readonly T[], replay: number): T {
  return words.find((each) => each === word) ?? refuse(replay, JSON.stringify(word));
}

function refuse(replay: number, what: string): never {
  const message = `replay ${replay} speaks of ${what}, which this version does not know: a newer one stored it`;
  throw new Failure('input', 'newer-replay', message);
}
