/**
 * One turn of the event loop: what all connections read in it leaves at its end, one write for each target.
 *
 * It also holds the run: frames that lie side by side in the read buffer and go to the same target
 * are copied together, at the latest before the buffer is used again.
 */
import type { Millis, Span, Tap } from '../protocol/types.ts';
import type { Connected } from './connected.ts';
import type { Connection } from './connection.ts';
import type { Outbox } from './outbox.ts';

export class Turn {
  /** When the bytes in hand arrived. */
  arrived: Millis = 0;
  /** Whose frame a session has in hand that is not in the record yet. */
  inHand: Connection | null = null;
  readonly #tap: Tap | null;
  readonly #atEnd: () => void;
  readonly #end = (): void => this.#finish();
  #dirty: Outbox[] = [];
  #spare: Outbox[] = [];
  #scheduled = false;
  /** The read buffer; frames in any other memory are copied at once. */
  readonly #chunk: Span;
  #runTarget: Connection | null = null;
  #runFrom: Connected | null = null;
  #runAt = 0;
  #runEnd = 0;

  constructor(chunk: Span, tap: Tap | null, atEnd: () => void) {
    this.#chunk = chunk;
    this.#tap = tap;
    this.#atEnd = atEnd;
  }

  /** Sees to it that the turn has an end. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#end);
  }

  dirty(outbox: Outbox): void {
    this.#dirty.push(outbox);
    this.schedule();
  }

  /** Whether `[at, ...)` of `bytes` goes on where the open run stops, to the same target. */
  continuesRun(target: Connection, bytes: Uint8Array, at: number): boolean {
    return this.#runTarget === target && this.#runEnd === at && bytes === this.#chunk.bytes;
  }

  extendRun(end: number): void {
    this.#runEnd = end;
  }

  /** Opens a run, or copies at once where the bytes are not in the read buffer. */
  beginRun(target: Connection, from: Connected | null, bytes: Uint8Array, at: number, end: number): void {
    if (bytes !== this.#chunk.bytes) {
      target.append(bytes, at, end, from);
      return;
    }
    this.#runTarget = target;
    this.#runFrom = from;
    this.#runAt = at;
    this.#runEnd = end;
  }

  endRun(): void {
    const target = this.#runTarget;
    if (target === null) return;
    this.#runTarget = null;
    target.append(this.#chunk.bytes, this.#runAt, this.#runEnd, this.#runFrom);
  }

  #finish(): void {
    this.#scheduled = false;
    const outboxes = this.#dirty;
    this.#dirty = this.#spare;
    for (const outbox of outboxes) outbox.flush();
    outboxes.length = 0;
    this.#spare = outboxes;
    this.#tap?.turned();
    this.#atEnd();
  }
}
