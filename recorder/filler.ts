/**
 * The relay's side of the ring: the slab that is being filled, those that are full and wait for the end
 * of the turn, and when and how large those were that are with the writer.
 */
import { monotonic } from '../common/clock.ts';
import type { Millis } from '../protocol/types.ts';
import type { SlabRing } from './ring.ts';
import { SLAB_BYTES, SLABS } from './slab.ts';

interface Filled {
  readonly slab: number;
  readonly bytes: number;
  readonly begun: Millis;
}

export class SlabFiller {
  /** Where the next record goes, from the start of the memory, and where the slab ends. Equal while there is none. */
  at = 0;
  limit = 0;
  readonly #ring: SlabRing;
  /** -1 while there is none. */
  #slab = -1;
  #start = 0;
  #slabBegun: Millis = 0;
  readonly #parked: Filled[] = [];
  /** Of those that were queued, by their number. */
  readonly #begun = new Float64Array(SLABS);
  readonly #sizes = new Float64Array(SLABS);
  #queued = 0;

  constructor(ring: SlabRing) {
    this.#ring = ring;
  }

  get hasSlab(): boolean {
    return this.#slab >= 0;
  }

  get hasParked(): boolean {
    return this.#parked.length > 0;
  }

  /** How many slabs are neither full nor with the writer. */
  get spare(): number {
    return SLABS - this.#ring.waiting - this.#parked.length;
  }

  /** Bytes that are not stored yet. */
  get waitingBytes(): number {
    let bytes = this.at - this.#start;
    for (let place = this.#ring.done; place < this.#queued; place++)
      bytes += this.#sizes[place % SLABS] as number;
    return bytes;
  }

  /** How old the oldest record is that is not stored yet. */
  lagMs(now: Millis): Millis {
    const done = this.#ring.done;
    if (done < this.#queued) return now - (this.#begun[done % SLABS] as number);
    return this.hasSlab ? now - this.#slabBegun : 0;
  }

  /** Begins a slab, if one is free. */
  take(): boolean {
    const slab = this.#ring.take();
    if (slab < 0) return false;
    this.#slab = slab;
    this.#start = this.at = slab * SLAB_BYTES;
    this.limit = this.#start + SLAB_BYTES;
    this.#slabBegun = monotonic();
    return true;
  }

  /** Sets the slab aside until the turn has ended: what is in it may still be amended. */
  park(): void {
    if (this.hasSlab) this.#parked.push(this.#leave());
  }

  /** Gives the writer what was set aside. */
  queueParked(): void {
    for (const filled of this.#parked) this.#queue(filled);
    this.#parked.length = 0;
  }

  /** Gives the writer the slab that is being filled; answers whether there was anything in it. */
  queueSlab(): boolean {
    if (!this.hasSlab || this.at === this.#start) return false;
    this.#queue(this.#leave());
    return true;
  }

  #leave(): Filled {
    const filled = { slab: this.#slab, bytes: this.at - this.#start, begun: this.#slabBegun };
    this.#slab = -1;
    this.at = this.#start = this.limit = 0;
    return filled;
  }

  #queue({ slab, bytes, begun }: Filled): void {
    this.#sizes[this.#queued % SLABS] = bytes;
    this.#begun[this.#queued++ % SLABS] = begun;
    this.#ring.queue(slab, bytes);
  }
}
