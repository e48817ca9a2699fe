/**
 * What the relay did, because of what.
 *
 * The rule: what it does in the turn in which a client did something, it does because of that; all else its clock told
 * it. Where several did something in one turn, an end is the consequence of who is nearest to it: the connection
 * itself, whoever took its address. Of a pair, one end follows from the other however much later it is recorded: what
 * is queued still leaves first, and its client has to take it.
 */
import type { Millis } from '../../protocol/types.ts';
import { type DeedStep, EndStep, type ScriptedClient, SendStep } from './steps.ts';

/** A consequence follows its cause in the same turn of the relay; this is a long turn. */
export const TURN_MS: Millis = 5;

const NANOS_PER_MILLI = 1e6;

/** Deeds of one turn that are remembered. */
const DEEDS_MAX = 64;

export class RecentDeeds {
  #deeds: DeedStep[] = [];
  /** Of pairs whose one end has ended: the last time that it did. At most one for each connection. */
  readonly #ends = new Map<string, EndStep>();

  add(step: DeedStep): void {
    if (this.#deeds.length >= 2 * DEEDS_MAX) this.#deeds = this.#deeds.slice(-DEEDS_MAX);
    this.#deeds.push(step);
    const { endpoint, toward } = step.client.party;
    if (step instanceof EndStep && toward) this.#ends.set(`${endpoint ?? ''} ${toward}`, step);
  }

  /** Of a frame of the relay's own: it has the time of the request, or comes right after an end. */
  causeOfFrame(at: Millis): DeedStep | null {
    const last = this.#deeds.at(-1);
    if (last === undefined) return null;
    if (last instanceof SendStep) return last.at === at ? last : null;
    return last instanceof EndStep && Math.abs(at - last.at) <= TURN_MS ? last : null;
  }

  causeOfEnd(client: ScriptedClient, at: Millis): DeedStep | null {
    const { endpoint, toward, opened } = client.party;
    const other = toward ? this.#ends.get(`${toward} ${endpoint ?? ''}`) : undefined;
    if (other !== undefined && other.at >= opened / NANOS_PER_MILLI) return other;
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
  // Somebody took its address.
  (client, deed) => deed.client !== client && client.party.endpoint === deed.client.party.endpoint,
  // Its own frame was a mistake.
  (client, deed) => deed.client === client,
  ({ player }, { client }) => client.player === player,
  () => true,
];
