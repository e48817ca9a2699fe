/**
 * What the relay did, because of what.
 *
 * The rule: what it does in the turn in which a client did something, it does because of that; all else its clock told
 * it. Why a connection ended says where to look: at the other end of its pair, at whoever took its address, or at what
 * its own client did. An end may be recorded late: what is queued still leaves first, and its client has to take it.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import type { Fault, Millis, Protocol } from '../../protocol/types.ts';
import { type DeedStep, EndStep, type ScriptedClient, SendStep } from './steps.ts';

/** A consequence follows its cause in the same turn of the relay; this is a long turn. */
export const TURN_MS: Millis = 5;

/** As long as a relay waits for a goodbye, and then notes the end. */
const GOODBYE_MS: Millis = 5_000;

const NANOS_PER_MILLI = 1e6;

/** Deeds that are remembered, at least. */
export const DEEDS_MAX = 64;

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

  /** Of a frame of the relay's own: it has the time of the request, or comes right after an end in its protocol. */
  causeOfFrame(at: Millis, protocol: Protocol): DeedStep | null {
    for (let place = this.#deeds.length - 1; place >= 0; place--) {
      const deed = this.#deeds[place] as DeedStep;
      if (deed.client.protocol !== protocol) {
        if (deed instanceof SendStep) return null;
        continue;
      }
      if (deed instanceof SendStep) {
        if (deed.at === at) return deed;
        // What a connection leaves behind is recorded with its end, and came before.
        if (deed.frameKind !== UNFRAMED) return null;
      } else if (deed instanceof EndStep) return Math.abs(at - deed.at) <= TURN_MS ? deed : null;
    }
    return null;
  }

  causeOfEnd(client: ScriptedClient, fault: Fault, at: Millis): DeedStep | null {
    const end = fault === CommonFault.partnerGone ? this.endOfPartner(client) : null;
    if (end !== null) return end;
    for (const { isIt, withinMs } of clues.get(fault) ?? anyFault) {
      const found = this.#deeds.findLast((deed) => at - deed.at <= withinMs && isIt(client, deed));
      if (found !== undefined) return found;
    }
    return null;
  }

  /** The end of the other end of its pair; null where that has not been. */
  endOfPartner({ party: { endpoint, toward, opened } }: ScriptedClient): DeedStep | null {
    const end = toward ? this.#ends.get(`${toward} ${endpoint ?? ''}`) : undefined;
    return end !== undefined && end.at >= opened / NANOS_PER_MILLI ? end : null;
  }
}

/** What an end may come of, and how long before that it was, at the most. */
interface Clue {
  readonly withinMs: Millis;
  readonly isIt: (client: ScriptedClient, deed: DeedStep) => boolean;
}

const addressTaken: Clue = {
  withinMs: GOODBYE_MS,
  isIt: (client, deed) =>
    changes(deed) && deed.client !== client && deed.client.party.endpoint === client.party.endpoint,
};

/** Then the end of its other end came of that. */
const partnersAddressTaken: Clue = {
  withinMs: TURN_MS,
  isIt: ({ party }, deed) => changes(deed) && party.toward === deed.client.party.endpoint,
};

const ownDoing: Clue = { withinMs: TURN_MS, isIt: (client, deed) => deed.client === client };
const playersDoing: Clue = { withinMs: TURN_MS, isIt: ({ player }, { client }) => client.player === player };
const lastDoing: Clue = { withinMs: TURN_MS, isIt: () => true };

const anyFault: readonly Clue[] = [ownDoing, playersDoing, lastDoing];

/** The best first. */
const clues: ReadonlyMap<Fault, readonly Clue[]> = new Map([
  [CommonFault.partnerGone, [partnersAddressTaken, ...anyFault]],
  [CommonFault.replaced, [addressTaken, ...anyFault]],
]);

function changes(deed: DeedStep): boolean {
  return deed.kind === 'send' && deed.changes;
}
