/** Ascending numbers, as many as come, in memory that grows by halves: eight bytes each, and no object. */
const FIRST = 1_024;

export class Numbers {
  #values = new Float64Array(FIRST);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Memory that it holds. */
  get bytes(): number {
    return this.#values.byteLength;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(Math.ceil(this.#length * 1.5));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  at(index: number): number {
    return this.#values[index] as number;
  }

  slice(from: number, to = this.#length): number[] {
    return Array.from(this.#values.subarray(from, Math.min(to, this.#length)));
  }

  /** How many are not above it. */
  upTo(value: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
