/**
 * Counts wrong tokens, so that nobody finds the right one by trying.
 *
 * The rule: who has named too many is not heard for a while, whatever it names then. Counted are clients as `networkOf`
 * tells them apart, the latest ones alone.
 */
import type { Millis } from '../../protocol/types.ts';
import { networkOf } from './ip-address.ts';
import { CLIENTS_KEPT_MAX, GUESSES_MAX, GUESSES_MS } from './limits.ts';
import type { Refusal } from './permission.ts';

const REFUSED: Refusal = { status: 429, error: 'too many wrong tokens came from there: wait a minute' };

export class Guesses {
  readonly #clock: () => Millis;
  readonly #byNetwork = new Map<string, { count: number; readonly since: Millis }>();

  constructor(clock: () => Millis) {
    this.#clock = clock;
  }

  /** Whether a token was right, of one who named one. Null for one who is heard. */
  heard(address: string, isRight: boolean): Refusal | null {
    const network = networkOf(address);
    const now = this.#clock();
    const known = this.#byNetwork.get(network);
    const guesses = known !== undefined && now - known.since < GUESSES_MS ? known : { count: 0, since: now };
    if (guesses.count >= GUESSES_MAX) return REFUSED;
    if (isRight) return null;
    guesses.count++;
    this.#byNetwork.delete(network);
    this.#byNetwork.set(network, guesses);
    const [oldest] = this.#byNetwork.keys();
    if (this.#byNetwork.size > CLIENTS_KEPT_MAX && oldest !== undefined) this.#byNetwork.delete(oldest);
    return null;
  }
}
