/** Sessions: the list of all, one of them, what is said of it, and its timeline. */
import { Type, type Static } from 'typebox';
import {
  Count,
  Id,
  Moment,
  Nanos,
  Nullable,
  Player,
  Sequence,
  Severity,
  Shape,
  Total,
  Words,
} from './shapes.ts';

export const sessionEnds = ['left', 'lost', 'stopped', 'unclean'] as const;

export const SessionRow = Shape({
  id: Id,
  capture: Id,
  startedAt: Moment,
  lasted: Type.Number({ description: 'nanoseconds' }),
  /** Null while it goes on. */
  ended: Nullable(Words(sessionEnds)),
  game: Type.String(),
  gameName: Type.String(),
  /** Null where it was found by who exchanged frames with whom. */
  group: Nullable(Type.String()),
  /** The first ones, in the order in which they came; `playersBeyond` counts the others. */
  players: Type.Array(Player),
  playersBeyond: Count,
  frames: Count,
  bytes: Count,
  delayP50: Nullable(Type.Number()),
  delayP99: Nullable(Type.Number()),
  /** Null where nobody has read it yet: it is read as soon as it is listed, and `sessions` tells of it live. */
  findings: Nullable(Shape({ problem: Count, warning: Count, note: Count })),
  verdicts: Shape({ same: Count, differs: Count, unanswered: Count }),
});

export const SessionQuery = Shape({
  /** Sessions after this one in the list, whose order is newest first. */
  after: Type.Optional(Id),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  /** Part of a nickname, an address, a game's code or name, a group. In whatever case. */
  text: Type.Optional(Type.String({ maxLength: 200 })),
  game: Type.Optional(Type.String({ maxLength: 200 })),
  player: Type.Optional(Type.String({ maxLength: 200 })),
  ended: Type.Optional(Words([...sessionEnds, 'live'] as const)),
  verdict: Type.Optional(Words(['same', 'differs', 'unanswered', 'none'] as const)),
  capture: Type.Optional(Id),
});

const Facet = Type.Array(Shape({ value: Type.String(), label: Type.String(), count: Count }));

/** A capture of which nobody has looked for sessions: `postreel index` does. */
export const Unindexed = Shape({ capture: Id, startedAt: Moment, frames: Count });

export const SessionPage = Shape({
  /** All that there are, each at a place that never changes: those that go on too. */
  sessions: Type.Array(SessionRow),
  /** Those that go on, newest first, to be shown on top instead of at their places. Null but on the first page. */
  live: Nullable(Type.Array(SessionRow)),
  /** Captures without sessions, newest first. Null but on the first page. */
  unindexed: Nullable(Type.Array(Unindexed)),
  more: Type.Boolean(),
  total: Total,
  /** What the search may be narrowed to, the most common first. Counted over what matches `text`; null but on the first page. */
  facets: Nullable(Shape({ game: Facet, player: Facet, ended: Facet, verdict: Facet, capture: Facet })),
});

/** A connection of one of its players. */
export const Lane = Shape({
  conn: Count,
  player: Type.String(),
  protocol: Nullable(Type.String()),
  role: Nullable(Type.String()),
  endpoint: Nullable(Type.String()),
  toward: Nullable(Type.String()),
  address: Type.String(),
  opened: Nanos,
  closed: Nullable(Nanos),
  /** Why it ended: a name of docs/faults.md, and its sentence. */
  fault: Nullable(Shape({ name: Type.String(), text: Type.String() })),
});

export const SessionDetail = Shape({
  ...SessionRow.properties,
  started: Nanos,
  lastSeen: Nanos,
  firstSequence: Sequence,
  lastSequence: Sequence,
  /** When its capture began: nanosecond 0. */
  captureStartedAt: Moment,
  recording: Type.Boolean({ description: 'its capture goes on' }),
  /** In the order in which they were opened; `lanesBeyond` counts those that found no room. */
  lanes: Type.Array(Lane),
  lanesBeyond: Count,
  gaps: Type.Array(
    Shape({ first: Sequence, frames: Count, events: Count, noticed: Nanos, reason: Type.String() }),
  ),
  gapsBeyond: Count,
});

export const Finding = Shape({
  id: Type.String(),
  severity: Severity,
  title: Type.String(),
  text: Type.String(),
  explanation: Type.String(),
  at: Nanos,
  frames: Type.Array(Sequence),
});

export const Step = Shape({
  at: Nanos,
  sequence: Nullable(Sequence),
  player: Type.String(),
  what: Type.String(),
  to: Type.Array(Type.String()),
  lost: Nullable(Type.String()),
  count: Count,
  last: Nanos,
  lastSequence: Nullable(Sequence),
  every: Nullable(Type.Number()),
});

export const Way = Shape({
  from: Type.String(),
  to: Type.String(),
  frames: Count,
  bytes: Count,
  first: Nanos,
  last: Nanos,
  firstSequence: Sequence,
  lastSequence: Sequence,
  interval: Nullable(Type.Number()),
  perSecond: Nullable(Type.Number()),
  sizes: Shape({
    min: Count,
    median: Count,
    max: Count,
    common: Count,
    commonFrames: Count,
    exact: Type.Boolean(),
  }),
  silences: Type.Array(Shape({ after: Sequence, until: Sequence, at: Nanos, lasted: Type.Number() })),
});

export const Conversation = Shape({
  protocol: Nullable(Type.String()),
  carries: Words(['datagrams', 'stream', 'packets'] as const),
  ways: Type.Array(Way),
  dropped: Type.Record(Type.String(), Count),
  delayP50: Nullable(Type.Number()),
  delayP99: Nullable(Type.Number()),
  inner: Nullable(Shape({ protocol: Type.String(), frames: Count })),
  /** A filter that lets exactly its frames through. */
  filter: Type.String(),
});

/** `counts[i]` lie from `edges[i]` on, below `edges[i + 1]`; there is one edge more than counts. */
export const Histogram = Shape({ edges: Type.Array(Type.Number()), counts: Type.Array(Count) });

/** All that one walk through its frames tells; of a session that goes on, up to `through`. */
export const Report = Shape({
  through: Sequence,
  findings: Type.Array(Finding),
  steps: Type.Array(Step),
  stepsBeyond: Count,
  conversations: Type.Array(Conversation),
  beyond: Shape({ frames: Count, bytes: Count }),
  /** In the relay, in nanoseconds. */
  delays: Histogram,
  /** Of frames, in bytes. */
  sizes: Histogram,
});

/** Still being read: `live` tells when it is there. */
export const ReportAnswer = Shape({
  report: Nullable(Report),
  /** Frames that have been read, and that there are. */
  done: Count,
  of: Count,
});

export const TIMELINE_BUCKETS_MAX = 2_000;

export const TimelineQuery = Shape({
  /** Nanoseconds since the capture's start; all of the session where they are left out. */
  from: Type.Optional(Type.Number({ minimum: 0 })),
  to: Type.Optional(Type.Number({ minimum: 0 })),
  buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: TIMELINE_BUCKETS_MAX, default: 600 })),
});

/** What went on in one lane: a number for each bucket. */
export const LaneTraffic = Shape({
  conn: Count,
  bytesIn: Type.Array(Count, { description: 'from the player' }),
  bytesOut: Type.Array(Count, { description: 'to the player' }),
  frames: Type.Array(Count),
  drops: Type.Array(Count),
});

/** Something at one moment: a stream that was asked for, accepted or refused; from lane to lane. */
export const Arrow = Shape({
  at: Nanos,
  sequence: Sequence,
  from: Count,
  /** 0 where it reached nobody. */
  to: Count,
  what: Type.String(),
  outcome: Type.String(),
});

export const Timeline = Shape({
  from: Nanos,
  to: Nanos,
  /** How long one bucket is. There may be fewer than were asked for, where there are many lanes. */
  step: Type.Number(),
  /** All frames up to here are in it; `live` tells of more. */
  through: Sequence,
  complete: Type.Boolean(),
  /** False where it is finer than what is kept, and too much to be read again: a frame may be a little off its time. */
  exact: Type.Boolean(),
  /** Those in which something went on in this time. */
  lanes: Type.Array(LaneTraffic),
  /** Frames of all lanes that did not arrive, by what became of them: a number for each bucket. */
  dropped: Type.Array(Shape({ outcome: Type.String(), counts: Type.Array(Count) })),
  arrows: Type.Array(Arrow),
  arrowsBeyond: Count,
  /** Of the longest of each conversation. */
  silences: Type.Array(Shape({ from: Type.String(), to: Type.String(), at: Nanos, lasted: Type.Number() })),
});

export type SessionRow = Static<typeof SessionRow>;
export type SessionQuery = Static<typeof SessionQuery>;
export type SessionPage = Static<typeof SessionPage>;
export type SessionDetail = Static<typeof SessionDetail>;
export type Lane = Static<typeof Lane>;
export type Finding = Static<typeof Finding>;
export type Step = Static<typeof Step>;
export type Way = Static<typeof Way>;
export type Conversation = Static<typeof Conversation>;
export type Histogram = Static<typeof Histogram>;
export type Report = Static<typeof Report>;
export type ReportAnswer = Static<typeof ReportAnswer>;
export type Timeline = Static<typeof Timeline>;
export type LaneTraffic = Static<typeof LaneTraffic>;
export type Arrow = Static<typeof Arrow>;
