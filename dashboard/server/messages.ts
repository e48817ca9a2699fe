/**
 * What the relay's thread and the HTTP thread tell each other.
 *
 * The rule: the relay's thread makes no JSON and waits for nobody. It answers with what it has, in the
 * form that costs it least, and the HTTP thread makes of it what was asked for.
 */
import type { FailureKind } from '../../common/failure.ts';
import type { ListedPlayer } from '../../protocol/guard-list.ts';
import type { Census, Figures } from './backend.ts';

/** What the thread is started with. */
export interface ThreadInput {
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  readonly listToken: string | null;
  readonly cookieKey: string;
  readonly version: string;
  /** This relay runs its own control server, so that no other may say who is logged in. */
  readonly hasControlServer: boolean;
  /** The capture file that the relay records into; null where nothing is recorded. */
  readonly file: string | null;
  /** The path of the program's own `main.js`. */
  readonly program: string;
}

export type Question = { readonly id: number } & (
  | { readonly asks: 'census' | 'figures' }
  | { readonly asks: 'list-players'; readonly players: readonly ListedPlayer[] }
);

/** Said to the thread: it ends in good order, and soon. */
export const STOP = 'stop';
export type Stop = typeof STOP;

export interface Answer {
  readonly id: number;
  /** Null where there is nothing to say but that it is done. */
  readonly census: Census | null;
  readonly figures: Figures | null;
}

export type ThreadNews =
  | { readonly news: 'listening'; readonly host: string; readonly port: number }
  | { readonly news: 'question'; readonly question: Question }
  /** A mistake in the server's own code; it goes on. */
  | { readonly news: 'mistake'; readonly text: string }
  | { readonly news: 'failed'; readonly kind: FailureKind; readonly code: string; readonly message: string };
