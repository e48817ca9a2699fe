/**
 * What the relay did, because of what.
 *
 * The rule: what it does in the turn in which a client did something, it does because of that; all else its clock told
 * it. Where several did something in one turn, an end is the consequence of who is nearest to it: the connection
 * itself, the other end of its pair, whoever took its address.
 */
import type { Millis, Protocol } from '../../protocol/types.ts';
import { type DeedStep, EndStep, type ScriptedClient, SendStep } from './steps.ts';

/** A consequence follows its cause in the same turn of the relay; this is a long turn. */
export const TURN_MS: Millis = 5;

/** Deeds of one turn that are remembered. */
const DEEDS_MAX = 64;

export class RecentDeeds {
  #deeds: DeedStep[] = [];

  add(step: DeedStep): void {
    if (this.#deeds.length >= 2 * DEEDS_MAX) this.#deeds = this.#deeds.slice(-DEEDS_MAX);
    this.#deeds.push(step);
  }

  /** Of a frame of the relay's own: it has the time of the request, or comes right after an end in its protocol. */
  causeOfFrame(at: Millis, protocol: Protocol): DeedStep | null {
    for (let place = this.#deeds.length - 1; place >= 0; place--) {
      const deed = this.#deeds[place] as DeedStep;
      if (deed instanceof SendStep) return deed.at === at && place === this.#deeds.length - 1 ? deed : null;
      if (!(deed instanceof EndStep) || Math.abs(at - deed.at) > TURN_MS) return null;
      if (deed.client.protocol === protocol) return deed;
    }
    return null;
  }

  causeOfEnd(client: ScriptedClient, at: Millis): DeedStep | null {
    let found: DeedStep | null = null;
    let nearest = Infinity;
    for (let place = this.#deeds.length - 1; place >= 0; place--) {
      const deed = this.#deeds[place] as DeedStep;
      if (at - deed.at > TURN_MS) break;
      const distance = relations.findIndex((isNear) => isNear(client, deed));
      if (distance < nearest) {
        found = deed;
        nearest = distance;
      }
    }
    return found;
  }
}

/** The nearest first. */
const relations: readonly ((client: ScriptedClient, deed: DeedStep) => boolean)[] = [
  // The other end of its pair ended.
  ({ party }, { client: { party: other }, kind }) =>
    kind === 'end' &&
    (party.toward ?? '') !== '' &&
    party.toward === other.endpoint &&
    party.endpoint === other.toward,
  // Somebody took its address.
  (client, deed) => deed.client !== client && client.party.endpoint === deed.client.party.endpoint,
  // Its own frame was a mistake.
  (client, deed) => deed.client === client,
  ({ player }, { client }) => client.player === player,
  () => true,
];
