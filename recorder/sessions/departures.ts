/**
 * Frames of which it may still be told that they have left.
 *
 * The rule: one is awaited for as long as its target's connection is open, and there are never more than the limit.
 * Whoever counts one that would be too many knows its delays no longer; it knows all else.
 */
import type { Hop } from './cast.ts';

export const DEPARTURES_AWAITED_MAX = 1 << 18;

export class Departures {
  readonly #hops = new Map<number, Hop>();
  /** By their target's number: nothing else may be known of it. */
  readonly #byTarget = new Map<number, Set<Hop>>();

  get size(): number {
    return this.#hops.size;
  }

  /** False where it would be one too many. */
  await(hop: Hop): boolean {
    if (this.#hops.size >= DEPARTURES_AWAITED_MAX) return false;
    this.#hops.set(hop.sequence, hop);
    const others = this.#byTarget.get(hop.to);
    if (others === undefined) this.#byTarget.set(hop.to, new Set([hop]));
    else others.add(hop);
    return true;
  }

  /** Awaits the frame no longer; answers it, if it was awaited. */
  settle(sequence: number): Hop | null {
    const hop = this.#hops.get(sequence);
    if (hop === undefined) return null;
    this.#hops.delete(sequence);
    const others = this.#byTarget.get(hop.to);
    others?.delete(hop);
    if (others?.size === 0) this.#byTarget.delete(hop.to);
    return hop;
  }

  /** The connection is closed: what had not left by then never will. */
  forget(conn: number): void {
    for (const { sequence } of this.#byTarget.get(conn) ?? []) this.#hops.delete(sequence);
    this.#byTarget.delete(conn);
  }
}
