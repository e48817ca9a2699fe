/** A map that stops growing: what comes when it is full is not followed, and so never spoken of. */

/** Conversations, and things said about them, that one finding follows. */
export const CONVERSATIONS_MAX = 10_000;

export class Bounded<K, V> {
  readonly #max: number;
  readonly #values = new Map<K, V>();

  constructor(max = CONVERSATIONS_MAX) {
    this.#max = max;
  }

  get(key: K): V | undefined {
    return this.#values.get(key);
  }

  /** Null where there is no room for one more. */
  take(key: K, make: () => V): V | null {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= this.#max) return null;
    const made = make();
    this.#values.set(key, made);
    return made;
  }

  delete(key: K): void {
    this.#values.delete(key);
  }

  clear(): void {
    this.#values.clear();
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#values.entries();
  }

  get size(): number {
    return this.#values.size;
  }
}
