/**
 * What all conversations of a play may hold together, besides what each may hold alone.
 *
 * The rule: nobody is asked to let go of anything. Who finds that too much is held decides about what it holds itself,
 * so that memory is bounded however many conversations there are in which nothing comes as it should; and as long as
 * half of the room is left, who holds little need not pay for those who hold much.
 */
import type { Unit } from '../types.ts';

/** What a unit costs besides its bytes, about. */
export const UNIT_BYTES = 256;
/** Of the room: what is little. */
const LITTLE = 1 / 128;

export class Budget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = Infinity) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isOver(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  /** Whether somebody who holds so many units with so many bytes has to hold less. */
  isOverFor(units: number, bytes: number): boolean {
    if (units === 0 || this.#bytes <= this.#bytesMax / 2) return false;
    return this.isOver || bytes + units * UNIT_BYTES > this.#bytesMax * LITTLE;
  }

  take({ bytes }: Unit): void {
    this.#bytes += bytes.length + UNIT_BYTES;
  }

  giveBack({ bytes }: Unit): void {
    this.#bytes -= bytes.length + UNIT_BYTES;
  }
}
