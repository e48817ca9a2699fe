/**
 * A queue that is also read in its middle.
 *
 * The rule: putting in at the end and taking from the front cost the same however long it is, and what has been
 * taken is not held on to. It is as long as its owner lets it become.
 */
/** There are many rings, and most of them hold next to nothing. */
const SLOTS_MIN = 2;
/** With more of them, an empty one is small again. */
const SLOTS_KEPT = 256;

export class Ring<T> {
  /** A power of two of them, so that places wrap by a mask. */
  #slots: (T | undefined)[] = slots(SLOTS_MIN);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[this.#slot(this.#length++)] = item;
  }

  /** The one at the front; undefined where there is none. */
  get head(): T | undefined {
    return this.#slots[this.#head];
  }

  /** Counted from the front. */
  at(index: number): T {
    return this.#slots[this.#slot(this.#checked(index))] as T;
  }

  set(index: number, item: T): void {
    this.#slots[this.#slot(this.#checked(index))] = item;
  }

  shift(): T {
    const item = this.at(0);
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#length--;
    if (this.#length === 0 && this.#slots.length > SLOTS_KEPT) {
      this.#slots = slots(SLOTS_MIN);
      this.#head = 0;
    }
    return item;
  }

  /** As slow as the place is far from the front. */
  remove(index: number): T {
    const item = this.at(index);
    for (let i = index; i > 0; i--) this.set(i, this.at(i - 1));
    this.shift();
    return item;
  }

  #slot(index: number): number {
    return (this.#head + index) & (this.#slots.length - 1);
  }

  #checked(index: number): number {
    if (index < 0 || index >= this.#length) throw new RangeError(`no item ${index} of ${this.#length}`);
    return index;
  }

  #grow(): void {
    const { length } = this.#slots;
    const ordered = this.#slots.slice(this.#head).concat(this.#slots.slice(0, this.#head));
    this.#slots = ordered.concat(slots(length));
    this.#head = 0;
  }
}

function slots<T>(count: number): (T | undefined)[] {
  return new Array<T | undefined>(count).fill(undefined);
}
