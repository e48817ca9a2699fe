/**
 * Those who must be heard of from time to time, at an interval that is the same for all.
 *
 * The rule: to hear of somebody costs nothing here. Whoever is due is asked then when it was last heard of, and waits on
 * if that is not long ago; so nobody is asked more than about twice in an interval.
 */
import type { Millis } from './types.ts';

export interface Heard {
  /** Never goes back. */
  readonly heardAt: Millis;
}

interface Entry<T> {
  readonly who: T;
  due: Millis;
  /** In the heap. */
  place: number;
}

export class Silence<T extends Heard> {
  readonly duration: Millis;
  readonly #entries = new Map<T, Entry<T>>();
  /** Each is due no later than the two at twice its place. The first place is 0. */
  readonly #heap: Entry<T>[] = [];

  constructor(duration: Millis) {
    this.duration = duration;
  }

  get size(): number {
    return this.#heap.length;
  }

  start(who: T): void {
    this.cancel(who);
    const entry = { who, due: who.heardAt + this.duration, place: this.#heap.length };
    this.#entries.set(who, entry);
    this.#heap.push(entry);
    this.#rise(entry);
  }

  cancel(who: T): void {
    const entry = this.#entries.get(who);
    if (entry === undefined) return;
    this.#entries.delete(who);
    const last = this.#heap.pop() as Entry<T>;
    if (last === entry) return;
    this.#put(last, entry.place);
    this.#rise(last);
    this.#sink(last);
  }

  /** When somebody is to be asked next; Infinity if there is nobody. */
  get deadline(): Millis {
    return this.#heap[0]?.due ?? Infinity;
  }

  /** Hands over each who has not been heard of for so long, and forgets it. */
  expire(now: Millis, onSilent: (who: T) => void): void {
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      const due = first.who.heardAt + this.duration;
      if (due > now) {
        first.due = due;
        this.#sink(first);
      } else {
        this.cancel(first.who);
        onSilent(first.who);
      }
    }
  }

  #put(entry: Entry<T>, place: number): void {
    entry.place = place;
    this.#heap[place] = entry;
  }

  #rise(entry: Entry<T>): void {
    while (entry.place > 0) {
      const above = this.#heap[(entry.place - 1) >> 1] as Entry<T>;
      if (above.due <= entry.due) return;
      const { place } = above;
      this.#put(above, entry.place);
      this.#put(entry, place);
    }
  }

  #sink(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const below = right !== undefined && left !== undefined && right.due < left.due ? right : left;
      if (below === undefined || below.due >= entry.due) return;
      const { place } = below;
      this.#put(below, entry.place);
      this.#put(entry, place);
    }
  }
}
