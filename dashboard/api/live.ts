/**
 * What is said over the WebSocket.
 *
 * The rule: a viewer watches topics, each under an id of its own choice, and is told no more often than ten times a second.
 * What is told is how things are, not each step: whoever reads slowly gets fewer messages, never a longer queue. Frames
 * of a tail that were passed over are counted, and are in the list all the same.
 */
import { Type, type Static } from 'typebox';
import { FrameRow } from './frames.ts';
import { Now } from './now.ts';
import { RunningReplay } from './replays.ts';
import { SessionDetail, SessionRow } from './sessions.ts';
import { Count, Id, Nullable, Sequence, Shape } from './shapes.ts';

/** Shortest time between two messages to one viewer about one thing. */
export const LIVE_MS = 100;
/** Rows of a tail in one message: what fits on a screen. */
export const TAIL_ROWS_MAX = 60;

const WatchId = Type.Integer({ minimum: 1, maximum: 1e9, description: 'of the viewer’s own choice' });

export const Request = Type.Union([
  /** The relay's figures, once a second. */
  Shape({ watch: Type.Literal('now'), id: WatchId }),
  /** Sessions that are new, changed, or have been read. */
  Shape({ watch: Type.Literal('sessions'), id: WatchId }),
  /** One session: how it grows, and how far its report is. */
  Shape({ watch: Type.Literal('session'), id: WatchId, session: Id }),
  /** Replays that are running. */
  Shape({ watch: Type.Literal('running'), id: WatchId }),
  /** Which frames of a session pass a filter (all, where it is empty), folded into runs or not; goes on while it is recorded. */
  Shape({
    watch: Type.Literal('search'),
    id: WatchId,
    session: Id,
    filter: Type.String({ maxLength: 8_000 }),
    fold: Type.Boolean(),
  }),
  /** The newest frames of a session that pass a filter, as they come. */
  Shape({
    watch: Type.Literal('tail'),
    id: WatchId,
    session: Id,
    filter: Type.String({ maxLength: 8_000 }),
    columns: Type.String({ maxLength: 1_000 }),
  }),
  /** Ends a watch: a search is cancelled. */
  Shape({ stop: WatchId }),
]);

export const News = Type.Union([
  Shape({ id: WatchId, news: Type.Literal('now'), now: Now }),
  Shape({
    id: WatchId,
    news: Type.Literal('sessions'),
    changed: Type.Array(SessionRow),
    gone: Type.Array(Id),
  }),
  Shape({
    id: WatchId,
    news: Type.Literal('session'),
    /** Null where nothing but `read` has changed. */
    session: Nullable(SessionDetail),
    /** How far its report is; it is there when `done` is `of`. `report` is the number of its version. */
    read: Shape({ done: Count, of: Count, report: Count }),
  }),
  Shape({ id: WatchId, news: Type.Literal('running'), replays: Type.Array(RunningReplay) }),
  Shape({
    id: WatchId,
    news: Type.Literal('search'),
    /** Rows found so far: frames, or runs. */
    count: Count,
    exact: Type.Boolean({ description: 'all that is recorded has been looked at' }),
    /**
     * Where the next miles begin: the sequence number of each hundredth row, from the first on. None of runs. They begin
     * anew from the first where the session has come to hold other frames than before; the version is raised then.
     */
    miles: Type.Array(Sequence),
    full: Type.Boolean({ description: 'it holds as many rows as it can, and looks no further' }),
    /** Frames looked at, and that there are. */
    done: Count,
    of: Count,
    /** Raised when rows that were answered before may be told better now: what their payloads are is known. */
    version: Count,
  }),
  Shape({
    id: WatchId,
    news: Type.Literal('tail'),
    rows: Type.Array(FrameRow),
    /** How many pass the filter, in all. */
    count: Count,
    /** Frames between the last message's rows and these: more came than a screen holds. */
    skipped: Count,
    /** Of those, how many because this viewer did not keep up. */
    dropped: Count,
  }),
  /** The watch is over: what it asked for was wrong, or is gone. */
  Shape({ id: WatchId, news: Type.Literal('refused'), error: Type.String() }),
]);

export type Request = Static<typeof Request>;
export type News = Static<typeof News>;
