/**
 * Ends what has been silent for too long, of many things that say something all the time.
 *
 * The rule: to be heard of costs nothing but a note of the time, and moves no deadline. Who is first in a heap is asked
 * only when it would be due, and goes back to its new place if it was heard of since.
 */
import type { Millis } from '../types.ts';

export interface Audible {
  /** When it was heard of last. */
  heardAt: Millis;
  /** Its place in the heap, which alone changes it; -1 where it is in none. */
  place: number;
}

export class IdleEnds<T extends Audible> {
  readonly #duration: Millis;
  /** Each with when it would be due, as far as was known when it got its place. */
  readonly #heap: { readonly who: T; readonly due: Millis }[] = [];

  constructor(duration: Millis) {
    this.#duration = duration;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** When somebody may be due; Infinity where nobody is there. */
  get deadline(): Millis {
    return this.#heap[0]?.due ?? Infinity;
  }

  add(who: T): void {
    this.#rise(this.#heap.length, { who, due: who.heardAt + this.#duration });
  }

  remove(who: T): void {
    const { place } = who;
    if (place < 0) return;
    who.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last.who === who) return;
    this.#put(place, last);
  }

  /** Hands over each that has been silent for too long, and forgets it. */
  expire(now: Millis, onDue: (who: T) => void): void {
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      const due = first.who.heardAt + this.#duration;
      if (due > now) {
        this.#put(0, { who: first.who, due });
        continue;
      }
      this.remove(first.who);
      onDue(first.who);
    }
  }

  #put(place: number, entry: { readonly who: T; readonly due: Millis }): void {
    const parent = this.#heap[(place - 1) >> 1];
    if (place > 0 && parent !== undefined && parent.due > entry.due) this.#rise(place, entry);
    else this.#sink(place, entry);
  }

  #rise(from: number, entry: { readonly who: T; readonly due: Millis }): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above]!;
      if (parent.due <= entry.due) break;
      this.#set(place, parent);
      place = above;
    }
    this.#set(place, entry);
  }

  #sink(from: number, entry: { readonly who: T; readonly due: Millis }): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      const [left, right] = [this.#heap[below], this.#heap[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && right.due < left.due) below++;
      const child = this.#heap[below]!;
      if (child.due >= entry.due) break;
      this.#set(place, child);
      place = below;
    }
    this.#set(place, entry);
  }

  #set(place: number, entry: { readonly who: T; readonly due: Millis }): void {
    this.#heap[place] = entry;
    entry.who.place = place;
  }
}
