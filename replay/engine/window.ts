/**
 * What is on its way, to one receiver or to all of them: only so much of it at a time.
 *
 * The rule: whoever finds it full waits, and is told once half of it has come, and not of each frame that does.
 */
import type { Actor } from './actor.ts';

export interface WindowLimits {
  readonly framesMax: number;
  readonly bytesMax: number;
}

/** To one receiver: relays close readers that let half a megabyte gather. */
export const receiverLimits: WindowLimits = { framesMax: 1024, bytesMax: 128 * 1024 };
/** To all of them: what the target does not hand on at once is held here, and by the target as well. */
export const playLimits: WindowLimits = { framesMax: 4096, bytesMax: 2 * 1024 * 1024 };

/** Connections that the target has had no time to take yet: some take one in each of their turns. */
export const openingLimits: WindowLimits = { framesMax: 128, bytesMax: Infinity };

const NOBODY: readonly Actor[] = [];

export class Window {
  readonly #limits: WindowLimits;
  #frames = 0;
  #bytes = 0;
  #waiting: Set<Actor> | null = null;
  /** Some of it was given up, and nothing has come since. */
  isSilent = false;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#frames >= this.#limits.framesMax || this.#bytes >= this.#limits.bytesMax;
  }

  add(bytes: number): void {
    this.#frames++;
    this.#bytes += bytes;
  }

  remove(bytes: number, isGivenUp: boolean): void {
    this.isSilent = isGivenUp;
    this.#frames--;
    this.#bytes -= bytes;
  }

  await(actor: Actor): void {
    this.#waiting ??= new Set();
    this.#waiting.add(actor);
  }

  /** Those who waited and may go on; nobody while there is no room. */
  admitted(): Iterable<Actor> {
    const { framesMax, bytesMax } = this.#limits;
    const hasRoom = this.#frames <= framesMax / 2 && this.#bytes <= bytesMax / 2;
    return hasRoom ? this.everybody() : NOBODY;
  }

  /** All who waited: they have nothing to wait for any more. */
  everybody(): Iterable<Actor> {
    const waiting = this.#waiting ?? NOBODY;
    this.#waiting = null;
    return waiting;
  }
}
