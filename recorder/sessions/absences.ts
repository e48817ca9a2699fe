/**
 * Players without a connection, for as long as they would still be the same ones.
 *
 * The rule: whoever had connections among others is one of them until none of them has had any for 30 s.
 * Whoever was only named, or was among nobody, stays for 30 s after that. `isOver` is exact; who is over is forgotten
 * some time after, which changes no answer, and before that, the longest absent first, where there are too many.
 */
import type { Player } from './cast.ts';
import type { Tally } from './tally.ts';

export const ABSENCE_NS = 30e9;

/** Players who have gone while those whom they played with may be there. */
export const AWAY_MAX = 1 << 16;

/** Players who are but names. They have a limit of their own, because names can be made up. */
export const NAMED_MAX = 1 << 16;

/** More than can go away between two calls of `pass`. */
const SWEPT_PER_PASS = 8;

export class Absences {
  readonly #forget: (player: Player) => void;
  /** Since when: the longest first. */
  readonly #named = new Map<Player, number>();
  /** The longest absent first. */
  readonly #away = new Set<Player>();
  #sweep = this.#away.values();

  /** `forget` is called with whoever is not remembered any more. */
  constructor(forget: (player: Player) => void) {
    this.#forget = forget;
  }

  /** The player's last connection has closed. */
  left(player: Player, at: number): void {
    if (player.tally === null) {
      this.named(player, at);
      return;
    }
    this.#away.add(player);
    if (this.#away.size > AWAY_MAX) this.#drop(this.#away);
  }

  /** Somebody tries to reach the player, who has no connection. */
  named(player: Player, at: number): void {
    if (this.#away.has(player)) return;
    this.#named.delete(player);
    this.#named.set(player, at);
    if (this.#named.size > NAMED_MAX) this.#drop(this.#named.keys());
  }

  returned(player: Player): void {
    this.#named.delete(player);
    this.#away.delete(player);
  }

  isOver(player: Player, now: number): boolean {
    const since = this.#named.get(player);
    if (since !== undefined) return now - since >= ABSENCE_NS;
    if (!this.#away.has(player)) return false;
    const { open, lastClosed } = (player.tally as Tally).root;
    return open === 0 && now - lastClosed >= ABSENCE_NS;
  }

  /** Forgets some of those who are over. */
  pass(now: number): void {
    for (const player of this.#named.keys()) {
      if (!this.isOver(player, now)) break;
      this.forget(player);
    }
    for (let swept = 0; swept < SWEPT_PER_PASS; swept++) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = this.#away.values();
        return;
      }
      if (this.isOver(next.value, now)) this.forget(next.value);
    }
  }

  forget(player: Player): void {
    this.returned(player);
    this.#forget(player);
  }

  #drop(players: Iterable<Player>): void {
    for (const player of players) {
      this.forget(player);
      return;
    }
  }
}
