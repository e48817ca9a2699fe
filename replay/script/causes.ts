/**
 * What the relay did, because of what.
 *
 * The rule: what it does in the turn in which a client did something, it does because of that; all else its clock told
 * it. Where several did something in one turn, an end is the consequence of who is nearest to it: the connection
 * itself, its player, whoever decides on who may play with whom. Where the fault says of whom it came, that is looked
 * for however long ago it was: older relays recorded an end when the client had ended as well, seconds later.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import type { Fault, Millis, Protocol } from '../../protocol/types.ts';
import { type DeedStep, EndStep, type ScriptedClient, SendStep } from './steps.ts';

/** A consequence follows its cause in the same turn of the relay; this is a long turn. */
export const TURN_MS: Millis = 5;

/** Deeds of one turn that are remembered. */
const DEEDS_MAX = 64;

/** Its client said what it may not say. */
const faultsOfBytes: ReadonlySet<Fault> = new Set([
  CommonFault.malformed,
  CommonFault.tooLong,
  CommonFault.unexpected,
]);

export class RecentDeeds {
  #deeds: DeedStep[] = [];
  /** Who holds what a connection is known by, and by what it was taken from those who held it before. */
  readonly #holders = new Map<string, ScriptedClient>();
  readonly #replacedBy = new Map<ScriptedClient, DeedStep>();
  /** By pair: what one of its halves ended by. */
  readonly #partings = new Map<string, DeedStep>();

  add(step: DeedStep): void {
    if (this.#deeds.length >= 2 * DEEDS_MAX) this.#deeds = this.#deeds.slice(-DEEDS_MAX);
    this.#deeds.push(step);
    const { client } = step;
    if (step instanceof EndStep) this.#ended(client, step);
    else if (step instanceof SendStep && step.changes) this.#begins(client, step);
  }

  /** Of a frame of the relay's own: it has the time of the request, or comes right after an end in its protocol. */
  causeOfFrame(at: Millis, protocol: Protocol): DeedStep | null {
    for (let place = this.#deeds.length - 1; place >= 0; place--) {
      const deed = this.#deeds[place] as DeedStep;
      if (deed instanceof SendStep) {
        if (deed.at === at) return deed;
        // What a connection leaves behind is recorded with its end, and came before.
        if (deed.frameKind !== UNFRAMED) return null;
      } else if (deed instanceof EndStep && deed.client.protocol === protocol)
        return Math.abs(at - deed.at) <= TURN_MS ? deed : null;
    }
    return null;
  }

  /** Of the end of a connection by the relay. Asked once for each, in the order of the capture. */
  causeOfEnd(client: ScriptedClient, at: Millis, fault: Fault): DeedStep | null {
    const cause = this.#toldCause(client, fault) ?? this.#nearest(client, at);
    if (cause !== null) this.#ended(client, cause);
    return cause;
  }

  /** Whether it is known by what the other half of its pair ended. */
  hasParted(client: ScriptedClient): boolean {
    return this.#partings.has(pairOf(client));
  }

  #toldCause(client: ScriptedClient, fault: Fault): DeedStep | null {
    if (fault === CommonFault.replaced) return this.#replacedBy.get(client) ?? null;
    if (fault === CommonFault.partnerGone) return this.#partings.get(pairOf(client)) ?? null;
    // What was wrong may have waited long, until it was looked at.
    if (faultsOfBytes.has(fault)) return this.#deeds.findLast((deed) => deed.client === client) ?? null;
    return null;
  }

  #nearest(client: ScriptedClient, at: Millis): DeedStep | null {
    let found: DeedStep | null = null;
    let nearest = Infinity;
    for (let place = this.#deeds.length - 1; place >= 0; place--) {
      const deed = this.#deeds[place] as DeedStep;
      // What a connection leaves behind has the time at which it came, so that the times are not in order.
      if (at - deed.at > TURN_MS) continue;
      const distance = relations.findIndex((isNear) => isNear(client, deed));
      if (distance !== -1 && distance < nearest) {
        found = deed;
        nearest = distance;
      }
    }
    return found;
  }

  /** It said who it is, or in which group. */
  #begins(client: ScriptedClient, step: DeedStep): void {
    const { endpoint, toward, role } = client.party;
    if (endpoint === null) return;
    const name = [client.protocol.id, role, endpoint, toward].join(' ');
    const holder = this.#holders.get(name);
    if (holder === client) return;
    if (holder !== undefined) this.#replacedBy.set(holder, step);
    this.#holders.set(name, client);
    if (isHalf(client)) this.#partings.delete(pairOf(client));
  }

  #ended(client: ScriptedClient, cause: DeedStep): void {
    this.#replacedBy.delete(client);
    if (isHalf(client)) this.#partings.set(pairOf(client), cause);
  }
}

function isHalf({ party }: ScriptedClient): boolean {
  return (party.endpoint ?? '') !== '' && (party.toward ?? '') !== '';
}

function pairOf({ protocol, party }: ScriptedClient): string {
  return [protocol.id, ...[party.endpoint ?? '', party.toward ?? ''].sort()].join(' ');
}

/** The nearest first. */
const relations: readonly ((client: ScriptedClient, deed: DeedStep) => boolean)[] = [
  // Its own frame was a mistake, or is refused.
  (client, deed) => deed.client === client,
  // Who may play with whom is another. What players say to each other ends nobody else's connection.
  ({ player }, deed) => isControl(deed) && deed.client.player === player,
  (_client, deed) => isControl(deed),
];

/** It takes effect on others than its own connection. */
function isChange(deed: DeedStep): boolean {
  return deed instanceof EndStep || (deed instanceof SendStep && deed.changes);
}

function isControl(deed: DeedStep): boolean {
  return isChange(deed) && deed.client.protocol.groupNotice !== undefined;
}
