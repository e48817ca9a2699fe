/**
 * Every route of the API: method and path, for both sides. What goes in and comes out is in `routes.ts`.
 *
 * This file is all of the API that a browser loads; of the rest it takes types alone.
 */

export interface RoutePath {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With `:name` for what is filled in. */
  readonly path: `/api/${string}`;
  /** It changes something: only for the page's own origin, and off loopback for those who name the token. */
  readonly changes?: true;
}

export const paths = {
  who: { method: 'GET', path: '/api/who' },
  login: { method: 'POST', path: '/api/login' },
  logout: { method: 'POST', path: '/api/logout' },
  now: { method: 'GET', path: '/api/now' },
  sessions: { method: 'GET', path: '/api/sessions' },
  session: { method: 'GET', path: '/api/sessions/:id' },
  report: { method: 'GET', path: '/api/sessions/:id/report' },
  timeline: { method: 'GET', path: '/api/sessions/:id/timeline' },
  frames: { method: 'GET', path: '/api/sessions/:id/frames' },
  frame: { method: 'GET', path: '/api/sessions/:id/frames/:sequence' },
  runs: { method: 'GET', path: '/api/sessions/:id/runs' },
  downloadFrames: { method: 'GET', path: '/api/sessions/:id/frames.jsonl' },
  downloadCapture: { method: 'GET', path: '/api/sessions/:id/capture.db' },
  comments: { method: 'GET', path: '/api/sessions/:id/comments' },
  addComment: { method: 'POST', path: '/api/sessions/:id/comments', changes: true },
  editComment: { method: 'PUT', path: '/api/comments/:id', changes: true },
  dropComment: { method: 'DELETE', path: '/api/comments/:id', changes: true },
  replays: { method: 'GET', path: '/api/replays' },
  replay: { method: 'GET', path: '/api/replays/:id' },
  differences: { method: 'GET', path: '/api/replays/:id/differences' },
  runningReplays: { method: 'GET', path: '/api/running' },
  startReplay: { method: 'POST', path: '/api/running', changes: true },
  cancelReplay: { method: 'DELETE', path: '/api/running/:run', changes: true },
} as const satisfies Readonly<Record<string, RoutePath>>;

export type RouteName = keyof typeof paths;

/** Where the WebSocket is. Its messages are in `live.ts`. */
export const LIVE_PATH = '/api/live';
export const OPENAPI_PATH = '/api/openapi.json';
