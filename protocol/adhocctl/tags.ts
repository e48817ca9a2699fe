/**
 * The four bytes by which clients tell players apart: a number that means nothing, or, where players
 * are to reach each other without the relay, the IPv4 address of each.
 */
import { TAG_BYTES } from './layout.ts';

export interface Tags {
  /** How many are taken. */
  readonly size: number;
  /** Whether there is a tag for a player from this IP address. */
  suits(address: string): boolean;
  take(address: string): Uint8Array;
  give(tag: Uint8Array): void;
}

/** As many as four bytes can tell apart. */
const NUMBERS = 2 ** 32;

/** Players never learn each other's addresses, and two behind one address stay apart. */
export class NumberTags implements Tags {
  readonly #taken = new Set<number>();
  /** How many there are. */
  readonly #numbers: number;
  #next = 0;

  constructor(numbers = NUMBERS) {
    this.#numbers = numbers;
  }

  get size(): number {
    return this.#taken.size;
  }

  suits(): boolean {
    return true;
  }

  /** The next that nobody has. Players are few beside numbers, so the search is short. */
  take(): Uint8Array {
    while (this.#taken.has(this.#next)) this.#step();
    const tag = new Uint8Array(TAG_BYTES);
    new DataView(tag.buffer).setUint32(0, this.#next, true);
    this.#taken.add(this.#next);
    this.#step();
    return tag;
  }

  give(tag: Uint8Array): void {
    this.#taken.delete(new DataView(tag.buffer, tag.byteOffset).getUint32(0, true));
  }

  #step(): void {
    this.#next = (this.#next + 1) % this.#numbers;
  }
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** In network order. Players behind one address have the same. */
export class AddressTags implements Tags {
  readonly size = 0;

  suits(address: string): boolean {
    return IPV4.test(address);
  }

  take(address: string): Uint8Array {
    return Uint8Array.from(address.split('.'), Number);
  }

  give(): void {
    // Addresses are not ours, so none is ever taken.
  }
}
