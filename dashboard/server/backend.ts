/** What the HTTP server knows about the relay, and may ask of it. It does not know the relay itself. */
import type { ListedPlayer } from '../../protocol/guard-list.ts';
import type { LobbyGame, Millis } from '../../protocol/types.ts';

/** Who is there. */
export interface Census {
  readonly games: readonly LobbyGame[];
  /** The sockets of players, a line each: `ptp-listen 02:aa:bb:cc:dd:01/12345`. */
  readonly sockets: string;
}

/** How the relay is: as it counts since its start, so that any two of them make a window of time. */
export interface Figures {
  readonly players: number;
  readonly connections: number;
  readonly connectionsRefused: number;
  /** That have left. */
  readonly frames: number;
  readonly bytes: number;
  /** Frames by outcome code. */
  readonly outcomes: Float64Array;
  /** Why connections ended, by the names of faults. */
  readonly faults: ReadonlyMap<string, number>;
  /** From arrival to departure: `Histogram.counts`. */
  readonly delays: Float64Array;
  /** Null where nothing is recorded. */
  readonly recorder: RecorderFigures | null;
}

export interface RecorderFigures {
  /** Its number in the file. */
  readonly capture: number;
  readonly framesRecorded: number;
  readonly framesLost: number;
  readonly lagMs: Millis;
  readonly bytesWaiting: number;
  readonly blocked: boolean;
  readonly trouble: string | null;
}

/** Each rejects with `Unanswered` where the relay does not answer in time. */
export interface Backend {
  /** As it was less than a second ago. The same answer is the same object. */
  census(): Promise<Census>;
  figures(): Promise<Figures>;
  /** Tells the guard who is logged in at a control server that is not ours. */
  listPlayers(players: readonly ListedPlayer[]): Promise<void>;
}

export class Unanswered extends Error {}
