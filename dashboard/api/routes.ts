/** The API as data: what each route takes and answers. The server, the OpenAPI document and the browser's types are made of it. */
import { Type, type Static, type TObject, type TSchema } from 'typebox';
import { Comment, FrameDetail, FramePage, FrameQuery, NewComment, RunPage, RunQuery } from './frames.ts';
import { Now } from './now.ts';
import { type RouteName } from './paths.ts';
import {
  DifferencePage,
  DifferenceQuery,
  NewReplay,
  ReplayDetail,
  ReplayPage,
  ReplayQuery,
  RunningReplay,
} from './replays.ts';
import {
  ReportAnswer,
  SessionDetail,
  SessionPage,
  SessionQuery,
  Timeline,
  TimelineQuery,
} from './sessions.ts';
import { Id, Nullable, Sequence, Shape } from './shapes.ts';

export interface RouteSpec {
  /** A sentence without a full stop. */
  readonly summary: string;
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Null for a file that is downloaded. */
  readonly answers: TSchema | null;
  /** Of a file. */
  readonly type?: string;
}

const OfSession = Shape({ id: Id });
const Done = Shape({ done: Type.Literal(true) });

export const Who = Shape({
  version: Type.String(),
  /** A token is asked for, and this client has not named it. */
  needsToken: Type.Boolean(),
  /** It may comment and start replays; else why not. */
  mayChange: Type.Boolean(),
  why: Nullable(Type.String()),
  /** Of the capture file; null where there is none. */
  file: Nullable(Type.String()),
  hasRelay: Type.Boolean(),
});

export const routes = {
  who: { summary: 'What this server is, and what the client may do', answers: Who },
  login: {
    summary: 'Name the token once, for a cookie that stands for it',
    body: Shape({ token: Type.String({ maxLength: 1_000 }) }),
    answers: Done,
  },
  logout: { summary: 'Forget the cookie', answers: Done },
  now: { summary: 'How the relay is, with the last fifteen minutes', answers: Now },
  sessions: { summary: 'Sessions of all captures, newest first', query: SessionQuery, answers: SessionPage },
  session: { summary: 'One session, with its connections', params: OfSession, answers: SessionDetail },
  report: {
    summary: 'Findings, steps, conversations and histograms of a session',
    params: OfSession,
    answers: ReportAnswer,
  },
  timeline: {
    summary: 'What went on when, in each connection of a session',
    params: OfSession,
    query: TimelineQuery,
    answers: Timeline,
  },
  frames: {
    summary: 'A page of frames, a row each',
    params: OfSession,
    query: FrameQuery,
    answers: FramePage,
  },
  frame: {
    summary: 'One frame with all of its bytes',
    params: Shape({ id: Id, sequence: Sequence }),
    query: Shape({ columns: FrameQuery.properties.columns }),
    answers: FrameDetail,
  },
  runs: { summary: 'Frames, with repeats folded', params: OfSession, query: RunQuery, answers: RunPage },
  downloadFrames: {
    summary: 'The frames that pass a filter, as JSON lines like those of `postreel frames --json`',
    params: OfSession,
    query: Shape({ filter: FrameQuery.properties.filter }),
    answers: null,
    type: 'application/jsonl',
  },
  downloadCapture: {
    summary: 'The session as a capture file of its own',
    params: OfSession,
    answers: null,
    type: 'application/vnd.sqlite3',
  },
  comments: {
    summary: 'Comments and markers on the frames of a session',
    params: OfSession,
    answers: Shape({ comments: Type.Array(Comment) }),
  },
  addComment: { summary: 'Comment on a frame', params: OfSession, body: NewComment, answers: Comment },
  editComment: {
    summary: 'Change a comment',
    params: OfSession,
    body: Shape({ text: NewComment.properties.text, marker: NewComment.properties.marker }),
    answers: Comment,
  },
  dropComment: { summary: 'Remove a comment', params: OfSession, answers: Done },
  replays: { summary: 'Past replays, newest first', query: ReplayQuery, answers: ReplayPage },
  replay: { summary: 'What a replay came to', params: OfSession, answers: ReplayDetail },
  differences: {
    summary: 'A page of a replay’s differences, in the order of its verdict',
    params: OfSession,
    query: DifferenceQuery,
    answers: DifferencePage,
  },
  runningReplays: {
    summary: 'Replays that this server runs, or ran lately',
    answers: Shape({ replays: Type.Array(RunningReplay) }),
  },
  startReplay: { summary: 'Start a replay', body: NewReplay, answers: RunningReplay },
  cancelReplay: { summary: 'Cancel a replay', params: Shape({ run: Id }), answers: Done },
} as const satisfies Readonly<Record<RouteName, RouteSpec>>;

type Part<T, K extends string> =
  T extends Readonly<Record<K, infer S extends TSchema>> ? Static<S> : undefined;

export type Params<N extends RouteName> = Part<(typeof routes)[N], 'params'>;
export type Query<N extends RouteName> = Part<(typeof routes)[N], 'query'>;
export type Body<N extends RouteName> = Part<(typeof routes)[N], 'body'>;
export type Answer<N extends RouteName> = Part<(typeof routes)[N], 'answers'>;
export type Who = Static<typeof Who>;
