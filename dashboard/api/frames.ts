/**
 * Frames: rows of the list, one frame whole, and runs of frames that repeat.
 *
 * The rule: rows are found by sequence number, never by counting from the start. A search (`live.ts`) tells at which
 * sequence number every hundredth row stands, so that a list may be entered anywhere.
 */
import { Type, type Static } from 'typebox';
import { Base64, Count, Id, Moment, Nanos, Nullable, Sequence, Shape, Words } from './shapes.ts';

/** A mile: so many rows are from one sequence number that a search names to the next. Also the most that are answered at once. */
export const MILE = 100;
/** Columns that may be added to a list. */
export const COLUMNS_MAX = 8;

export const End = Shape({
  /** 0 for the relay itself, or where it went no further. */
  conn: Count,
  endpoint: Nullable(Type.String()),
  /** What its endpoint has before the port. */
  player: Nullable(Type.String()),
});

export const FrameRow = Shape({
  sequence: Sequence,
  at: Nanos,
  departed: Nullable(Nanos),
  from: End,
  to: End,
  protocol: Nullable(Type.String()),
  kind: Type.String(),
  size: Count,
  outcome: Type.String(),
  summary: Type.String(),
  /** Of the columns that were asked for; null where it has no such field. */
  columns: Type.Array(Nullable(Type.String())),
  comments: Count,
});

export const FrameQuery = Shape({
  after: Type.Optional(Sequence),
  /** Instead: the last ones before this sequence number. Still answered in ascending order. */
  before: Type.Optional(Sequence),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MILE, default: MILE })),
  filter: Type.Optional(Type.String({ maxLength: 8_000 })),
  /** Names of fields, as filters name them, with commas between. */
  columns: Type.Optional(Type.String({ maxLength: 1_000 })),
});

export const FramePage = Shape({
  rows: Type.Array(FrameRow),
  /** There may be more after (or before) `through`, which is where the next page goes on. */
  more: Type.Boolean(),
  /** All frames up to here (or down to here) have been looked at: a filter may have let none of them pass. */
  through: Sequence,
  /** Everything before these frames was read, so that it is known what their payloads are; else they are told anew later. */
  settled: Type.Boolean(),
});

export const Comment = Shape({
  id: Id,
  sequence: Sequence,
  /** Empty for a marker that says nothing. */
  text: Type.String(),
  marker: Words(['note', 'question', 'problem', 'good'] as const),
  at: Moment,
});

export const NewComment = Shape({
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  text: Type.String({ maxLength: 10_000 }),
  marker: Comment.properties.marker,
});

/** One frame, for the browser to dissect. */
export const FrameDetail = Shape({
  ...FrameRow.properties,
  bytes: Base64,
  /** `Protocol.id` and the index of the frame's kind; null where this version does not know them. */
  protocolId: Nullable(Count),
  kindIndex: Count,
  revision: Nullable(Count),
  /** What the payload is, by the payloads before it. */
  payload: Nullable(Shape({ protocol: Type.String(), kind: Count })),
  fromLabel: Type.String({ description: 'for people: nickname and endpoint, or the remote address' }),
  toLabel: Type.String(),
  /** A filter for all that these two say to each other; empty where it has no two ends. */
  conversation: Type.String(),
  /** Of its own comments. */
  notes: Type.Array(Comment),
});

/** Frames of one kind from one endpoint to another that follow each other; often thousands. */
export const Run = Shape({
  first: FrameRow,
  lastSequence: Sequence,
  until: Nanos,
  count: Count,
  /** The mean time between two, and how far it varies (standard deviation), in nanoseconds; null where there is one. */
  every: Nullable(Type.Number()),
  jitter: Nullable(Type.Number()),
  sizeMin: Count,
  sizeMax: Count,
  /** A filter for exactly its frames. */
  filter: Type.String(),
});

export const RunQuery = Shape({
  filter: Type.Optional(Type.String({ maxLength: 8_000 })),
  /** Runs are few, and numbered from 0 in the order in which they begin. */
  from: Type.Optional(Count),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MILE, default: MILE })),
});

export const RunPage = Shape({
  runs: Type.Array(Run),
  /** How many there are so far. */
  count: Count,
  through: Sequence,
  complete: Type.Boolean(),
  /** Frames of runs that found no room. */
  beyond: Count,
});

export type End = Static<typeof End>;
export type FrameRow = Static<typeof FrameRow>;
export type FrameQuery = Static<typeof FrameQuery>;
export type FramePage = Static<typeof FramePage>;
export type FrameDetail = Static<typeof FrameDetail>;
export type Comment = Static<typeof Comment>;
export type NewComment = Static<typeof NewComment>;
export type Run = Static<typeof Run>;
export type RunPage = Static<typeof RunPage>;
