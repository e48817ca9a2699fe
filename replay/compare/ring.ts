/**
 * A queue that is also read in its middle.
 *
 * The rule: putting in at the end and taking from the front cost the same however long it is, and what has been
 * taken is not held on to. It is as long as its owner lets it become.
 */
const SLOTS_MIN = 16;

export class Ring<T> {
  /** A power of two of them, so that places wrap by a mask. */
  #slots: (T | undefined)[] = new Array<T | undefined>(SLOTS_MIN).fill(undefined);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[this.#slot(this.#length++)] = item;
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
    this.#slots = ordered.concat(new Array<T | undefined>(length).fill(undefined));
    this.#head = 0;
  }
}
