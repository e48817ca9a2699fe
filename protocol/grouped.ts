/** Things by a number that several may share, such as the sessions of a MAC address. A number without any is forgotten. */
export class Grouped<T> {
  readonly #groups = new Map<number, Set<T>>();

  /** How many different numbers there are. */
  get size(): number {
    return this.#groups.size;
  }

  keys(): IterableIterator<number> {
    return this.#groups.keys();
  }

  add(key: number, item: T): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, new Set([item]));
    else group.add(item);
  }

  /** Harmless for what is not there. */
  delete(key: number, item: T): void {
    const group = this.#groups.get(key);
    if (group?.delete(item) === true && group.size === 0) this.#groups.delete(key);
  }

  /** As they are now: whoever goes through them may change them. */
  of(key: number): readonly T[] {
    const group = this.#groups.get(key);
    return group === undefined ? [] : [...group];
  }
}
