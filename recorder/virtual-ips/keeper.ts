/**
 * Writes down what was given away, some at a time, and tries again for as long as that fails.
 *
 * The rule: what is not in the file waits here, and nothing is dropped before the keeper is closed.
 */
import type { Given } from './store.ts';

export interface Written {
  write(given: readonly Given[]): void;
}

export interface KeeperEvents {
  readonly trouble: (text: string) => void;
  readonly recovered: () => void;
}

/** How long to wait before what could not be written is tried again. */
export const RETRY_MS = 1000;

export class Keeper {
  readonly #store: Written;
  readonly #events: KeeperEvents;
  readonly #later: (what: () => void) => void;
  #waiting: Given[] = [];
  #isInTrouble = false;

  /** `later` calls back after `RETRY_MS`. */
  constructor(store: Written, events: KeeperEvents, later: (what: () => void) => void) {
    this.#store = store;
    this.#events = events;
    this.#later = later;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  keep(given: readonly Given[]): void {
    this.#waiting.push(...given);
    // In trouble, the next attempt is on its way.
    if (!this.#isInTrouble) this.#flush();
  }

  /** The last attempt. Answers how many were not written. */
  close(): number {
    this.#attempt();
    return this.#waiting.length;
  }

  #flush(): void {
    if (this.#attempt()) return;
    this.#later(() => this.#flush());
  }

  #attempt(): boolean {
    if (this.#waiting.length === 0) return true;
    try {
      this.#store.write(this.#waiting);
    } catch (error) {
      if (!this.#isInTrouble) this.#events.trouble((error as Error).message);
      this.#isInTrouble = true;
      return false;
    }
    this.#waiting = [];
    if (this.#isInTrouble) this.#events.recovered();
    this.#isInTrouble = false;
    return true;
  }
}
