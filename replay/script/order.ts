/**
 * What has to wait for what, so that a play comes out as it did.
 *
 * The rule: what two players do to each other keeps its order, and what they do not is free. What changes who is
 * where (an opening, a login, an end) must have taken effect before whatever came after it and concerns the same
 * player or the same address; and what reached nobody must have reached nobody before somebody takes that
 * address. Logins and groups have one order for all, because groups are what all members see.
 */
import type { Protocol } from '../../protocol/types.ts';
import type { DeedStep, ScriptedPlayer, Step } from './steps.ts';

/** Addresses that nobody held; with more of them, those are forgotten that came first. */
export const MISSES_MAX = 65_536;

export class Order {
  /** The last step that changed something about a player, about an address, about a control server. */
  readonly #players = new Map<ScriptedPlayer, Step>();
  readonly #endpoints = new Map<string, Step>();
  readonly #controls = new Map<Protocol, Step>();
  /** By address: the last frame of each player that went there in vain. */
  readonly #misses = new Map<string, Map<ScriptedPlayer, Step>>();

  /** A step that changes who holds the address of its client, or which group its player is in. */
  change(step: Step): void {
    const { player, protocol, party } = step.client;
    const { endpoint, toward } = party;
    const needs = [this.#players.get(player)];
    if (protocol.groupNotice !== undefined) {
      needs.push(this.#controls.get(protocol));
      this.#controls.set(protocol, step);
    }
    for (const address of [endpoint, toward]) {
      if (!address) continue;
      needs.push(this.#endpoints.get(address), ...(this.#misses.get(address)?.values() ?? []));
      this.#misses.delete(address);
      this.#endpoints.set(address, step);
    }
    this.#players.set(player, step);
    step.needs = pending(needs, step);
  }

  /** A connection begins: it has said nothing yet. */
  open(step: DeedStep): void {
    step.needs = pending([this.#players.get(step.client.player)], step);
  }

  /** A request that changes nothing. */
  ask(step: DeedStep): void {
    step.needs = pending([this.#players.get(step.client.player)], step);
  }

  /** A frame from one player to another. */
  exchange(step: DeedStep, receiver: ScriptedPlayer): void {
    step.needs = pending([this.#players.get(step.client.player), this.#players.get(receiver)], step);
  }

  /** A frame that reached nobody. */
  miss(step: DeedStep, address: string | null): void {
    const holder = address === null ? undefined : this.#endpoints.get(address);
    step.needs = pending([this.#players.get(step.client.player), holder], step);
    if (address === null) return;
    let misses = this.#misses.get(address);
    if (misses === undefined) {
      if (this.#misses.size >= MISSES_MAX) {
        for (const first of this.#misses.keys()) {
          this.#misses.delete(first);
          break;
        }
      }
      this.#misses.set(address, (misses = new Map<ScriptedPlayer, Step>()));
    }
    misses.set(step.client.player, step);
  }
}

/** Those that are still to take effect, each once. */
function pending(steps: readonly (Step | undefined)[], self: Step): readonly Step[] {
  const found: Step[] = [];
  for (const step of steps)
    if (step !== undefined && step !== self && !step.isEffective && !found.includes(step)) found.push(step);
  return found;
}
