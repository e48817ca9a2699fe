/** What the HTTP server knows about the relay, and may ask of it. It does not know the relay itself. */
import type { ListedPlayer } from '../../protocol/guard-list.ts';
import type { LobbyGame } from '../../protocol/types.ts';

/** Who is there. */
export interface Census {
  readonly games: readonly LobbyGame[];
  /** The sockets of players, a line each: `ptp-listen 02:aa:bb:cc:dd:01/12345`. */
  readonly sockets: string;
}

/** Each rejects with `Unanswered` where the relay does not answer in time. */
export interface Backend {
  /** As it was less than a second ago. The same answer is the same object. */
  census(): Promise<Census>;
  /** Tells the guard who is logged in at a control server that is not ours. */
  listPlayers(players: readonly ListedPlayer[]): Promise<void>;
}

export class Unanswered extends Error {}
