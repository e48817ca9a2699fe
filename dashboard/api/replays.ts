/** Replays: the list, a verdict, its differences, and those that are running. */
import { Type, type Static } from 'typebox';
import { Base64, Count, Id, Moment, Nullable, Sequence, Shape, Words } from './shapes.ts';

const outcomes = ['same', 'differs', 'unanswered'] as const;

export const ReplayRow = Shape({
  id: Id,
  capture: Id,
  session: Nullable(Id),
  mode: Words(['relay', 'game', 'recording'] as const),
  target: Type.String(),
  role: Nullable(Type.String()),
  pace: Nullable(Type.String()),
  version: Type.String(),
  startedAt: Moment,
  lastedMs: Nullable(Type.Number()),
  /** Null where it goes on, or was broken off before its end. */
  outcome: Nullable(Words(outcomes)),
  /** Why it did not come to its end. */
  partial: Nullable(Type.String()),
  sent: Count,
  expected: Count,
  came: Count,
  equal: Count,
  /** The place of the first difference that fails, and what it says. */
  first: Nullable(Count),
  firstText: Nullable(Type.String()),
  differences: Count,
});

export const ReplayQuery = Shape({
  session: Type.Optional(Id),
  /** Older ones than this. Newest first. */
  before: Type.Optional(Id),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});

export const ReplayPage = Shape({ replays: Type.Array(ReplayRow), more: Type.Boolean() });

export const ReplayDetail = Shape({
  ...ReplayRow.properties,
  roles: Type.Array(Shape({ name: Type.String(), player: Type.String(), nickname: Type.String() })),
  notes: Type.Array(Type.String()),
  /** By class: all, also those that are not kept one by one. */
  counts: Type.Record(Type.String(), Count),
  holds: Type.Array(
    Shape({ name: Type.String(), sends: Count, totalMs: Type.Number(), longestMs: Type.Number() }),
  ),
});

export const Difference = Shape({
  /** From 0, in the order of the verdict. */
  place: Count,
  class: Type.String(),
  fails: Type.Boolean(),
  /** The place of the one that this seems to follow from. */
  follows: Nullable(Count),
  /** `Protocol.id`. */
  protocol: Count,
  fromRole: Type.String(),
  fromEndpoint: Type.String(),
  toRole: Type.String(),
  toEndpoint: Type.String(),
  isStream: Type.Boolean(),
  sequence: Sequence,
  atMs: Type.Number(),
  expectedKind: Nullable(Count),
  expected: Nullable(Base64),
  actualKind: Nullable(Count),
  actual: Nullable(Base64),
  byteOffset: Nullable(Count),
  streamOffset: Nullable(Count),
  field: Nullable(Type.String()),
  text: Type.String(),
});

export const DifferenceQuery = Shape({
  /** A place. */
  after: Type.Optional(Type.Integer({ minimum: -1, maximum: 2 ** 32 - 1 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 100 })),
});

export const DifferencePage = Shape({ differences: Type.Array(Difference), more: Type.Boolean() });

const HostPort = Type.String({ minLength: 3, maxLength: 300, description: 'HOST:PORT, as for --against' });

export const NewReplay = Shape({
  session: Id,
  against: HostPort,
  /** For protocols that are elsewhere: by their names. */
  targets: Type.Optional(Type.Record(Type.String({ maxLength: 50 }), HostPort)),
  pace: Words(['causal', 'recorded', 'max'] as const),
  speed: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000 })),
  patience: Type.Optional(Type.Number({ minimum: 0.1, maximum: 600, description: 'seconds' })),
  /** The content of a file of masks, as docs/replay.md describes it; never the name of one. */
  masks: Type.Optional(Nullable(Type.Unknown())),
});

export const RunningReplay = Shape({
  run: Id,
  session: Id,
  target: Type.String(),
  pace: Type.String(),
  startedAt: Moment,
  state: Words(['running', 'done', 'failed', 'cancelled'] as const),
  sent: Count,
  of: Count,
  /** Its number in the file, once it is stored. */
  replay: Nullable(Id),
  outcome: Nullable(Words(outcomes)),
  /** One line, where it failed. */
  error: Nullable(Type.String()),
  /** The same, for a terminal. */
  command: Type.String(),
});

export type ReplayRow = Static<typeof ReplayRow>;
export type ReplayPage = Static<typeof ReplayPage>;
export type ReplayDetail = Static<typeof ReplayDetail>;
export type Difference = Static<typeof Difference>;
export type DifferencePage = Static<typeof DifferencePage>;
export type NewReplay = Static<typeof NewReplay>;
export type RunningReplay = Static<typeof RunningReplay>;
