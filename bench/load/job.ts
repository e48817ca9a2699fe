/**
 * What a load process is asked for, and what it answers: one JSON value each way.
 *
 * All loads open their sessions and wait until the relay has answered each of them, run `warmMs`
 * without measuring, then measure for `measureMs`, then stop sending and wait until all has come.
 */
import type { Millis } from '../../protocol/types.ts';

interface Common {
  /** Where the relay listens on 127.0.0.1. */
  readonly port: number;
  /** Where players have to log in before they may play; null where they need not. */
  readonly controlPort: number | null;
  /** The relay's process, whose use of the machine is measured too. */
  readonly pid: number;
}

interface Timed {
  readonly warmMs: Millis;
  readonly measureMs: Millis;
}

/** Everybody in a game sends to everybody else in it, so many times a second. */
export interface RateLoad extends Timed {
  readonly kind: 'rate';
  readonly games: number;
  readonly players: number;
  readonly hz: number;
  readonly payloadBytes: number;
  /** What one player sends in one tick leaves in one write. */
  readonly together: boolean;
}

/** One datagram goes there and back, and only then the next. */
export interface RoundTripLoad extends Timed {
  readonly kind: 'round-trip';
  readonly payloadBytes: number;
}

/** As much as goes through, or so many frames a second in all. */
export interface FloodLoad extends Timed {
  readonly kind: 'flood';
  readonly over: 'pdp' | 'ptp';
  readonly flows: number;
  readonly payloadBytes: number;
  /** What a flow may have under way: less than what makes a relay close a slow reader. */
  readonly windowBytes: number;
  /** Of all flows together; null for as many as go through. */
  readonly framesPerSecond: number | null;
}

/** Sessions that are open and say nothing. */
export interface IdleLoad {
  readonly kind: 'idle';
  /** With so many, use of the processor is measured for `measureMs`... */
  readonly sessions: number;
  readonly measureMs: Millis;
  /** ...and with so many, memory. */
  readonly sessionsMax: number;
}

export type Load = RateLoad | RoundTripLoad | FloodLoad | IdleLoad;
export type Job = Load & Common;

/** By name; null where this system does not tell. */
export type Figures = Readonly<Record<string, number | null>>;

export interface Answer {
  readonly figures: Figures;
  /** Rows that a recording without gaps has of all this. */
  readonly rows: number;
}
