/**
 * Finds the holder of an endpoint (MAC address and port) without making a key object.
 *
 * An endpoint is two 32-bit numbers: `a` is the first four bytes of the address, `b` the last two and
 * the port. Open addressing, linear probing, deletion by moving later entries back, so that a table
 * that lives for months does not silt up with tombstones.
 */
const CAPACITY_MIN = 16;

export class EndpointTable<T> {
  #capacity = CAPACITY_MIN;
  #keys = new Int32Array(2 * CAPACITY_MIN);
  #holders: (T | null)[] = new Array<T | null>(CAPACITY_MIN).fill(null);
  #size = 0;
  /** Odd multipliers that no client can guess, so that none can choose addresses that all meet in one place. */
  readonly #factorA: number;
  readonly #factorB: number;
  /** The highest bits of a product are the ones that all bits of the key have a say in. */
  #shift = 32 - Math.log2(CAPACITY_MIN);

  constructor(random: () => number) {
    this.#factorA = random() | 1;
    this.#factorB = random() | 1;
  }

  get size(): number {
    return this.#size;
  }

  get(a: number, b: number): T | null {
    return this.#holders[this.#slot(a, b)] ?? null;
  }

  /** Answers who held it before. */
  set(a: number, b: number, holder: T): T | null {
    let slot = this.#slot(a, b);
    const before = this.#holders[slot] ?? null;
    if (before === null) {
      if (2 * (this.#size + 1) > this.#capacity) {
        this.#grow();
        slot = this.#slot(a, b);
      }
      this.#size++;
      this.#keys[2 * slot] = a;
      this.#keys[2 * slot + 1] = b;
    }
    this.#holders[slot] = holder;
    return before;
  }

  /** Removes the entry, if `holder` is who holds it. */
  delete(a: number, b: number, holder: T): void {
    const mask = this.#capacity - 1;
    let hole = this.#slot(a, b);
    if (this.#holders[hole] !== holder) return;
    this.#size--;
    for (let slot = (hole + 1) & mask; this.#holders[slot] !== null; slot = (slot + 1) & mask) {
      const home = this.#home(this.#keys[2 * slot] as number, this.#keys[2 * slot + 1] as number);
      // An entry may move back into the hole only if that is not before its home.
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#keys.copyWithin(2 * hole, 2 * slot, 2 * slot + 2);
      this.#holders[hole] = this.#holders[slot] as T;
      hole = slot;
    }
    this.#holders[hole] = null;
  }

  *values(): IterableIterator<T> {
    for (const holder of this.#holders) if (holder !== null) yield holder;
  }

  #home(a: number, b: number): number {
    return (Math.imul(a, this.#factorA) + Math.imul(b, this.#factorB)) >>> this.#shift;
  }

  /** Where the entry is, or the free place where it would go. */
  #slot(a: number, b: number): number {
    const keys = this.#keys;
    const holders = this.#holders;
    const mask = this.#capacity - 1;
    // Keys are kept as int32; `| 0` makes an unsigned argument compare equal.
    const x = a | 0;
    const y = b | 0;
    let slot = this.#home(x, y);
    while (holders[slot] !== null && (keys[2 * slot] !== x || keys[2 * slot + 1] !== y))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const keys = this.#keys;
    const holders = this.#holders;
    this.#capacity *= 2;
    this.#shift--;
    this.#keys = new Int32Array(2 * this.#capacity);
    this.#holders = new Array<T | null>(this.#capacity).fill(null);
    for (const [i, holder] of holders.entries()) {
      if (holder === null) continue;
      const slot = this.#slot(keys[2 * i] as number, keys[2 * i + 1] as number);
      this.#keys[2 * slot] = keys[2 * i] as number;
      this.#keys[2 * slot + 1] = keys[2 * i + 1] as number;
      this.#holders[slot] = holder;
    }
  }
}
