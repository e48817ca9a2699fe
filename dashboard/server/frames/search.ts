/**
 * One search through a session's frames, for all who ask the same.
 *
 * The rule: it goes forward once, in pieces of some milliseconds, and then on as the session grows; whoever wants to know asks
 * how far it is. Where the session has come to hold other frames than before (two groups became one), it begins anew.
 */
import type { Millis } from '../../../protocol/types.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import type { Facts } from './facts.ts';
import type { Numbers } from './numbers.ts';
import { pieceMs } from '../leisure.ts';

/** How long one piece takes, more or less. */
export const PIECE_MS = 10;
/** Rows that one look goes through: as many as take a part of a piece. */
const ROWS_FIRST = 1_000;
const ROWS_MIN = 100;
const ROWS_MAX = 20_000;
/** How often it is told that rows which were told before have changed. */
export const REVISION_MS = 1_000;

/** What a search gathers. */
export interface Rows {
  readonly count: number;
  /** Memory that they hold. */
  readonly bytes: number;
  /** No more have room. */
  readonly isFull: boolean;
  /** Raised when rows have changed that were there before. */
  readonly revision: number;
  readonly miles: Numbers;
}

/** One way through the frames: what it has found is in `rows`. */
export interface Hunt<R extends Rows> {
  readonly rows: R;
  /** All frames up to this sequence number have been looked at. */
  readonly through: number;
  /** Goes on, through so many rows at most. */
  look(rows: number): void;
}

export class Search<R extends Rows> {
  readonly #factsNow: () => Facts;
  readonly #begin: (facts: Facts) => Hunt<R>;
  readonly #hasRoom: () => boolean;
  readonly #clock: () => Millis;
  #facts: Facts;
  #hunt: Hunt<R>;
  #rowsPerLook = ROWS_FIRST;
  #hasCaughtUp = false;
  /** How often it began anew. */
  #restarts = 0;
  #version = 0;
  #revision = 0;
  #revisedAt = -Infinity;
  /** Those who want it to go on. */
  holders = 0;

  /** `hasRoom` is asked before each piece: memory is shared with other searches. */
  constructor(
    factsNow: () => Facts,
    begin: (facts: Facts) => Hunt<R>,
    hasRoom: () => boolean,
    clock: () => Millis,
  ) {
    this.#factsNow = factsNow;
    this.#begin = begin;
    this.#hasRoom = hasRoom;
    this.#clock = clock;
    this.#facts = factsNow();
    this.#hunt = begin(this.#facts);
  }

  get rows(): R {
    return this.#hunt.rows;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get through(): number {
    return Math.max(this.#facts.after, Math.min(this.#hunt.through, this.#facts.last));
  }

  /** Frames that it has yet to look at, as far as it was told. */
  get backlog(): number {
    return this.isFull ? 0 : this.#facts.last - this.through;
  }

  /** All that is recorded was looked at, once at least. */
  get hasCaughtUp(): boolean {
    return this.#hasCaughtUp;
  }

  get isFull(): boolean {
    return this.#hunt.rows.isFull || !this.#hasRoom();
  }

  /** Frames looked at, and that there are; those of other sessions that lie between count as well. */
  get progress(): { readonly done: number; readonly of: number } {
    const { after, last } = this.#facts;
    return { done: this.through - after, of: last - after };
  }

  /** Raised when rows that were told before may be told better. */
  get version(): number {
    const { revision } = this.#hunt.rows;
    const now = this.#clock();
    if (revision !== this.#revision && now - this.#revisedAt >= REVISION_MS) {
      this.#revision = revision;
      this.#revisedAt = now;
      this.#version++;
    }
    return this.#version + this.#facts.telling.version;
  }

  /** Asks how far the session is by now. Failure code: `no-such-session`. */
  refresh(): void {
    const before = this.#facts;
    this.#facts = this.#factsNow();
    if (this.#facts.session === before.session) return;
    const through = this.#hunt.through;
    if (partsUpTo(before.session, through) === partsUpTo(this.#facts.session, through)) return;
    this.#hunt = this.#begin(this.#facts);
    this.#restarts++;
    this.#version++;
    this.#revision = 0;
    this.#hasCaughtUp = false;
  }

  /** One piece. */
  step(): void {
    const start = this.#clock();
    const mostMs = pieceMs(PIECE_MS);
    for (let now = start; this.backlog > 0 && now - start < mostMs;) {
      this.#hunt.look(this.#rowsPerLook);
      const before = now;
      now = this.#clock();
      this.#adapt(now - before, mostMs);
    }
    if (this.backlog === 0) this.#hasCaughtUp = true;
  }

  #adapt(tookMs: Millis, mostMs: Millis): void {
    if (tookMs > mostMs / 2) this.#rowsPerLook = Math.max(ROWS_MIN, this.#rowsPerLook >> 1);
    else if (tookMs < mostMs / 5) this.#rowsPerLook = Math.min(ROWS_MAX, this.#rowsPerLook * 2);
  }
}

/** Which connections took part from when to when, as far as that says which of the frames up to one are the session's. */
function partsUpTo({ players }: RecordedSession, through: number): string {
  return players
    .flatMap(({ connections }) => connections)
    .filter(({ first }) => first <= through)
    .map(({ conn, first, last }) => `${conn} ${first} ${Math.min(last ?? Infinity, through)}`)
    .sort()
    .join('\n');
}
