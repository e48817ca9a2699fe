/**
 * What has to wait for what, so that a play comes out as it did.
 *
 * The rule: what two players do to each other keeps its order, and what they do not is free. What changes who is
 * where (an opening, a login, an end) must have taken effect before whatever came after it and concerns the same
 * player or the same address; and what reached nobody must have reached nobody before somebody takes that
 * address. Logins and groups have one order for all, because groups are what all members see.
 *
 * Who cannot tell senders apart hears them one at a time: what one says begins when what another said has come. So it is
 * known of all that comes whose it is, as long as nobody mixes what several say.
 */
import type { Protocol } from '../../protocol/types.ts';
import { type DeedStep, NOTHING, type ReceiveStep, type ScriptedPlayer, type Step } from './steps.ts';

/** Frames to addresses that nobody held; with more of them, those addresses are forgotten that came first. */
export const MISSES_MAX = 65_536;

export class Order {
  readonly #players = new Map<ScriptedPlayer, Doings>();
  /** The last step that changed something about an address, about a control server. */
  readonly #endpoints = new Map<string, Step>();
  readonly #controls = new Map<Protocol, Step>();
  /** By address: the last frame of each player that went there in vain. */
  readonly #misses = new Map<string, Map<ScriptedPlayer, Step>>();
  /** By address of who cannot tell senders apart: what has been begun last, and what was said last. */
  readonly #lines = new Map<string, Line>();
  #missed = 0;

  /** A step that changes who holds the address of its client, or which group its player is in. */
  change(step: Step): void {
    const { player, protocol } = step.client;
    const doings = this.#of(player);
    step.needs = pending([...doings.all(), ...this.#conflicts(step)], step);
    doings.change = step;
    doings.ends = [];
    if (protocol.groupNotice !== undefined) this.#controls.set(protocol, step);
  }

  /** A connection ends. Whoever leaves closes many at once. */
  end(step: Step): void {
    const { player, protocol } = step.client;
    const doings = this.#of(player);
    step.needs = pending([doings.change, ...this.#conflicts(step)], step);
    doings.ends = [...pending(doings.ends, step), step];
    if (protocol.groupNotice !== undefined) this.#controls.set(protocol, step);
  }

  /** A connection begins, and has said nothing yet; or somebody asks for what changes nothing, of whoever is at an address. */
  begin(step: DeedStep, address: string | null = null): void {
    step.needs = this.#of(step.client.player).pending(step);
    const holder = address === null ? undefined : this.#endpoints.get(address);
    if (holder !== undefined) step.needs = pending([...step.needs, holder], step);
  }

  /** The relay gives somebody the address under which others find it. */
  give(step: ReceiveStep): void {
    step.isGiving = true;
    const { endpoint } = step.client.party;
    if (endpoint) this.#endpoints.set(endpoint, step);
  }

  /** A frame from one player to another. */
  exchange(step: DeedStep, receiver: ScriptedPlayer): void {
    const own = this.#of(step.client.player).pending(step);
    const others = this.#of(receiver).pending(step);
    step.needs = own.length === 0 ? others : pending([...own, ...others], step);
  }

  /** A frame that reached nobody. */
  miss(step: DeedStep, address: string | null): void {
    const holder = address === null ? undefined : this.#endpoints.get(address);
    step.needs = pending([...this.#of(step.client.player).all(), holder], step);
    if (address === null) return;
    const misses = this.#misses.get(address) ?? new Map<ScriptedPlayer, Step>();
    if (!misses.has(step.client.player)) this.#missed++;
    this.#misses.set(address, misses);
    misses.set(step.client.player, step);
    for (const first of this.#misses.keys()) {
      if (this.#missed <= MISSES_MAX) break;
      this.#forget(first);
    }
  }

  /** It announces what its player says next to whoever holds this address. */
  announce(step: DeedStep, address: string | null): void {
    if (address === null || !this.#endpoints.has(address)) return;
    const line = this.#lineOf(address);
    step.needs = pending([...step.needs, saidByAnother(line, step), line.begun], step);
    line.begun = step;
  }

  /** It says something to one who cannot tell from whom it is. */
  say(step: DeedStep, delivery: ReceiveStep): void {
    delivery.isUnsigned = true;
    const line = this.#lineOf(delivery.client.party.endpoint ?? '');
    step.needs = pending([...step.needs, saidByAnother(line, step)], step);
    // That it was begun is seen by what is said.
    if (line.begun?.client.player === step.client.player) line.begun = undefined;
    if (!delivery.unit.isOptional) line.said = delivery;
  }

  #lineOf(address: string): Line {
    let line = this.#lines.get(address);
    if (line === undefined) this.#lines.set(address, (line = { begun: undefined, said: undefined }));
    return line;
  }

  #forget(address: string): void {
    this.#missed -= this.#misses.get(address)?.size ?? 0;
    this.#misses.delete(address);
  }

  /** What came before it of those who held, wanted or missed the same addresses; from now on it is the last. */
  #conflicts(step: Step): readonly (Step | undefined)[] {
    const { protocol, party } = step.client;
    const found = protocol.groupNotice === undefined ? [] : [this.#controls.get(protocol)];
    for (const address of [party.endpoint, party.toward]) {
      if (!address) continue;
      found.push(this.#endpoints.get(address), ...(this.#misses.get(address)?.values() ?? []));
      this.#forget(address);
      this.#endpoints.set(address, step);
    }
    return found;
  }

  #of(player: ScriptedPlayer): Doings {
    let doings = this.#players.get(player);
    if (doings === undefined) this.#players.set(player, (doings = new Doings()));
    return doings;
  }
}

interface Line {
  begun: DeedStep | undefined;
  said: ReceiveStep | undefined;
}

function saidByAnother({ said }: Line, { client }: DeedStep): ReceiveStep | undefined {
  return said?.cause?.client.player === client.player ? undefined : said;
}

/** What a player did last that others have to wait for. */
class Doings {
  change: Step | undefined;
  /** Connections of it that have ended since. */
  ends: readonly Step[] = [];

  all(): readonly (Step | undefined)[] {
    return [this.change, ...this.ends];
  }

  /** Of these, as `pending`. Of most frames there are none. */
  pending(self: Step): readonly Step[] {
    if (this.change?.isEffective === true) this.change = undefined;
    return this.change === undefined && this.ends.length === 0 ? NOTHING : pending(this.all(), self);
  }
}

/** Those that are still to take effect, each once. */
function pending(steps: readonly (Step | undefined)[], self: Step): readonly Step[] {
  const found: Step[] = [];
  for (const step of steps)
    if (step !== undefined && step !== self && !step.isEffective && !found.includes(step)) found.push(step);
  return found;
}
