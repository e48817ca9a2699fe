/** A play session, as captures keep it and as commands and screens show it. */

/**
 * How a session ended: everybody left in good order; the last one was lost; the relay was stopped; the
 * recording broke off. Null while it goes on.
 */
export type SessionEnd = 'left' | 'lost' | 'stopped' | 'unclean';

/** From one sequence number to another, both included; open at the end while it goes on. */
export interface SessionSpan {
  /** The connection's number in the capture. */
  readonly conn: number;
  readonly first: number;
  readonly last: number | null;
}

export interface SessionPlayer {
  /** What makes connections one player: their endpoint up to the port. */
  readonly player: string;
  /** Empty where it is not known. */
  readonly nickname: string;
  readonly connections: readonly SessionSpan[];
}

/** Times in nanoseconds since the capture's start. */
export interface RecordedSession {
  /** Unique in the file. */
  readonly id: number;
  readonly captureId: number;
  readonly started: number;
  /** When it ended; while it goes on, the latest time that is known of it. */
  readonly lastSeen: number;
  readonly ended: SessionEnd | null;
  /** Empty where it is not known. */
  readonly game: string;
  readonly gameName: string;
  /** Null where it was found by who exchanged frames with whom. */
  readonly group: string | null;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly frames: number;
  readonly bytes: number;
  /** In the relay; null where no frame left it, or where the recorder could not follow them all. */
  readonly delayP50: number | null;
  readonly delayP99: number | null;
  readonly delayMax: number | null;
  /** In the order in which they came. */
  readonly players: readonly SessionPlayer[];
}

/** Where a session stands among all of a file, for good: a newer one has a newer capture, or a greater number in the same. */
export interface SessionPlace {
  readonly captureId: number;
  readonly number: number;
}

/** As lists have it: without the connections of its players, and with some of them. */
export interface ListedSession extends Omit<RecordedSession, 'players'>, SessionPlace {
  /** The first of them, in the order in which they came. */
  readonly players: readonly Omit<SessionPlayer, 'connections'>[];
  /** All of them. */
  readonly playerCount: number;
}

/** Who an endpoint belongs to: what stands before its port. */
export function playerOf(endpoint: string): string {
  const end = endpoint.indexOf('/');
  return end === -1 ? endpoint : endpoint.slice(0, end);
}
