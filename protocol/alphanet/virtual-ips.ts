/**
 * Which real IP address has which virtual ones, for good.
 *
 * The rule: a virtual IP address is given away once, and whoever keeps these pairs keeps all of them.
 */
import { ipv4Text } from './ipv4.ts';

/** What a hub asks of whoever keeps the pairs. Virtual IPs are numbers, as `ipv4.ts` has them. */
export interface VirtualIps {
  readonly size: number;
  /** Those of a real IP address, in the order in which it was given them. */
  of(realIp: string): readonly number[];
  isGiven(virtualIp: number): boolean;
  /** One that is not given yet. Returns at once. */
  give(realIp: string, virtualIp: number): void;
}

/** In all: more clients than any server has seen, in some 200 MB. */
export const VIRTUAL_IPS_MAX = 1_000_000;
/** Of one real IP address: a large party behind one router. */
export const VIRTUAL_IPS_PER_REAL_MAX = 256;

const NONE: readonly number[] = [];

/** Keeps them for as long as it lives, and tells whoever keeps them for longer. */
export class RememberedVirtualIps implements VirtualIps {
  readonly #byReal = new Map<string, number[]>();
  readonly #given = new Set<number>();
  readonly #onGiven: (realIp: string, virtualIp: number) => void;

  constructor(onGiven: (realIp: string, virtualIp: number) => void = () => undefined) {
    this.#onGiven = onGiven;
  }

  get size(): number {
    return this.#given.size;
  }

  of(realIp: string): readonly number[] {
    return this.#byReal.get(realIp) ?? NONE;
  }

  isGiven(virtualIp: number): boolean {
    return this.#given.has(virtualIp);
  }

  give(realIp: string, virtualIp: number): void {
    this.remember(realIp, virtualIp);
    this.#onGiven(realIp, virtualIp);
  }

  /** One that was given before. */
  remember(realIp: string, virtualIp: number): void {
    if (this.#given.has(virtualIp)) throw new RangeError(`${ipv4Text(virtualIp)} is given already`);
    this.#given.add(virtualIp);
    const own = this.#byReal.get(realIp);
    if (own === undefined) this.#byReal.set(realIp, [virtualIp]);
    else own.push(virtualIp);
  }
}

/** How often a number is drawn before the next free one after it is taken: where most are given, that is faster. */
const DRAWS_MAX = 16;
const ADDRESSES = 2 ** 32;

/** Whether a client may have it: never 0.x, 127.x, or 224.x and up. */
export function isDrawable(virtualIp: number): boolean {
  const first = virtualIp >>> 24;
  return first > 0 && first !== 127 && first < 224;
}

/** One that nobody was given. There must be one: see `VIRTUAL_IPS_MAX`. */
export function drawVirtualIp(given: VirtualIps, random: () => number): number {
  const isFree = (ip: number) => isDrawable(ip) && !given.isGiven(ip);
  let drawn = 0;
  for (let i = 0; i < DRAWS_MAX; i++) {
    drawn = random() >>> 0;
    if (isFree(drawn)) return drawn;
  }
  while (!isFree(drawn)) drawn = isDrawable(drawn) ? (drawn + 1) % ADDRESSES : nextDrawable(drawn);
  return drawn;
}

/** The first after one that nobody may have. */
function nextDrawable(ip: number): number {
  return ip >>> 24 === 127 ? 128 * 2 ** 24 : 2 ** 24;
}
