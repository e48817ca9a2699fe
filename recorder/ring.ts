/**
 * Who has which slab: the few shared numbers by which the two threads hand slabs to each other.
 *
 * The relay's thread takes free slabs and queues full ones; the writer takes them in order and frees
 * them. Neither ever waits for the other, except the writer for work. The lowest free slab is taken
 * first, so that a calm relay touches little of the memory.
 */
import { SLABS } from './slab.ts';

const QUEUED = 0; // how many slabs were ever queued
const DONE = 1; // how many of them the writer has finished
const CLOSING = 2;
const STARVED = 3; // the relay's thread waits for a free slab
const QUEUE = 4; // the queue itself: the slab and how many of its bytes are used
const STATE = QUEUE + 2 * SLABS; // by slab: 0 free
const CONTROL_INTS = STATE + SLABS;

const FREE = 0;
const TAKEN = 1;

export const Stat = {
  framesStored: 0,
  framesLost: 1,
  captureId: 2,
  endedAt: 3,
  /** The last sequence number that was given. */
  sequence: 4,
  /** Events that a writer has taken and not stored yet: lost with it if it dies. */
  owedEvents: 5,
} as const;
const STATS = 8;

export class SlabRing {
  readonly shared: { readonly control: SharedArrayBuffer; readonly stats: SharedArrayBuffer };
  /** Numbers about the capture that one side writes and the other reads: see `Stat`. */
  readonly stats: Float64Array;
  readonly #control: Int32Array;

  constructor(
    shared = {
      control: new SharedArrayBuffer(4 * CONTROL_INTS),
      stats: new SharedArrayBuffer(8 * STATS),
    },
  ) {
    this.shared = shared;
    this.#control = new Int32Array(shared.control);
    this.stats = new Float64Array(shared.stats);
  }

  // The relay's thread ------------------------------------------------------------------------------

  /** A free slab, taken; -1 if there is none. */
  take(): number {
    const control = this.#control;
    for (let slab = 0; slab < SLABS; slab++) {
      if (Atomics.load(control, STATE + slab) !== FREE) continue;
      Atomics.store(control, STATE + slab, TAKEN);
      return slab;
    }
    return -1;
  }

  queue(slab: number, bytes: number): void {
    const control = this.#control;
    const queued = Atomics.load(control, QUEUED);
    const place = QUEUE + 2 * (queued % SLABS);
    Atomics.store(control, place, slab);
    Atomics.store(control, place + 1, bytes);
    Atomics.store(control, QUEUED, queued + 1);
    Atomics.notify(control, QUEUED);
  }

  /** How many slabs the writer has finished with. */
  get done(): number {
    return Atomics.load(this.#control, DONE);
  }

  /** How many slabs are queued or being written. */
  get waiting(): number {
    return Atomics.load(this.#control, QUEUED) - Atomics.load(this.#control, DONE);
  }

  /** Asks the writer to tell, once, when a slab is free. */
  set starved(starved: boolean) {
    Atomics.store(this.#control, STARVED, starved ? 1 : 0);
  }

  get starved(): boolean {
    return Atomics.load(this.#control, STARVED) === 1;
  }

  /** Lets the writer finish what is queued and end. */
  close(): void {
    Atomics.store(this.#control, CLOSING, 1);
    Atomics.notify(this.#control, QUEUED);
  }

  // The writer's thread -----------------------------------------------------------------------------

  /** The number of the next slab in order, counted from 1: it stays the same until `finish`. */
  get number(): number {
    return Atomics.load(this.#control, DONE) + 1;
  }

  /** The next slab in order, or null after `waitMs` without one. */
  next(waitMs: number): { readonly slab: number; readonly bytes: number } | null {
    const control = this.#control;
    const done = Atomics.load(control, DONE);
    if (Atomics.load(control, QUEUED) === done && !this.closing) Atomics.wait(control, QUEUED, done, waitMs);
    if (Atomics.load(control, QUEUED) === done) return null;
    const place = QUEUE + 2 * (done % SLABS);
    return { slab: Atomics.load(control, place), bytes: Atomics.load(control, place + 1) };
  }

  get closing(): boolean {
    return Atomics.load(this.#control, CLOSING) === 1;
  }

  /** The slab that `next` answered is stored, and free. */
  finish(slab: number): void {
    Atomics.add(this.#control, DONE, 1);
    Atomics.store(this.#control, STATE + slab, FREE);
  }
}
