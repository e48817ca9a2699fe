/**
 * Cuts what comes from the relay into frames, wherever it was cut on the way.
 *
 * The rule: it holds one frame at most, and once something was wrong it says so to whatever comes after.
 */
import { FRAME_BYTES_MAX, type Head, HEAD_BYTES, readHead, viewOf } from './frames.ts';
import type { Violation } from './violations.ts';

/** `payload` is lent: it is right for as long as the call lasts. */
export type TakeFrame = (head: Head, payload: Uint8Array) => Violation | null;

export class Cutter {
  readonly #take: TakeFrame;
  /** What is there of a frame that is not there whole. */
  #partial = new Uint8Array(0);
  #held = 0;
  #violation: Violation | null = null;

  constructor(take: TakeFrame) {
    this.#take = take;
  }

  /** Bytes of an unfinished frame. */
  get heldBytes(): number {
    return this.#held;
  }

  feed(bytes: Uint8Array): Violation | null {
    let at = 0;
    while (this.#violation === null && this.#held > 0 && at < bytes.length) at += this.#complete(bytes, at);
    while (this.#violation === null && at < bytes.length) {
      const end = this.#cut(bytes, at, bytes.length);
      if (end === at) {
        this.#keep(bytes, at, bytes.length);
        break;
      }
      at = end;
    }
    return this.#violation;
  }

  /** Adds to the unfinished frame what it still lacks, as far as that is known; how much that was. */
  #complete(bytes: Uint8Array, at: number): number {
    const head = this.#held < HEAD_BYTES ? null : readHead(viewOf(this.#partial), 0);
    // A wrong head was noticed when it became whole.
    const wanted = head === null || typeof head === 'string' ? HEAD_BYTES : HEAD_BYTES + head.length;
    const end = Math.min(at + wanted - this.#held, bytes.length);
    this.#keep(bytes, at, end);
    if (this.#held === wanted && this.#cut(this.#partial, 0, wanted) > 0) this.#held = 0;
    return end - at;
  }

  #keep(bytes: Uint8Array, at: number, end: number): void {
    // A peer that sends whole frames never needs it.
    if (this.#partial.length === 0) this.#partial = new Uint8Array(FRAME_BYTES_MAX);
    this.#partial.set(bytes.subarray(at, end), this.#held);
    this.#held += end - at;
  }

  /** Takes the frame that begins there. Where the next one begins; the same place if it is not there whole, and the end if it is none. */
  #cut(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < HEAD_BYTES) return at;
    const head = readHead(viewOf(bytes), at);
    if (typeof head === 'string') {
      this.#violation = head;
      return end;
    }
    const next = at + HEAD_BYTES + head.length;
    if (next > end) return at;
    this.#violation = this.#take(head, bytes.subarray(at + HEAD_BYTES, next));
    return next;
  }
}
