/**
 * What the relay did, because of what.
 *
 * The rule: what it does in the turn in which a client did something, it does because of that; all else its clock told
 * it. Why a connection ended says where to look: at the other end of its pair, at whoever took its address, or at what
 * its own client did.
 */
import { CommonFault } from '../../protocol/fault.ts';
import type { Fault, Millis } from '../../protocol/types.ts';
import { type DeedStep, EndStep, type ScriptedClient, SendStep } from './steps.ts';

/** A consequence follows its cause in the same turn of the relay; this is a long turn. */
export const TURN_MS: Millis = 5;

/** Deeds that are remembered. */
export const DEEDS_MAX = 64;

export class RecentDeeds {
  #deeds: DeedStep[] = [];

  add(step: DeedStep): void {
    if (this.#deeds.length >= 2 * DEEDS_MAX) this.#deeds = this.#deeds.slice(-DEEDS_MAX);
    this.#deeds.push(step);
  }

  /** Of a frame of the relay's own: it has the time of the request, or comes right after an end. */
  causeOfFrame(at: Millis): DeedStep | null {
    const last = this.#deeds.at(-1);
    if (last === undefined) return null;
    if (last instanceof SendStep) return last.at === at ? last : null;
    return last instanceof EndStep && Math.abs(at - last.at) <= TURN_MS ? last : null;
  }

  /** The relay may have noted an end when the client had said goodbye, which some take their time for. */
  causeOfEnd(client: ScriptedClient, fault: Fault, at: Millis): DeedStep | null {
    for (const { isIt, withinMs } of clues.get(fault) ?? anyFault)
      for (let place = this.#deeds.length - 1; place >= 0; place--) {
        const deed = this.#deeds[place] as DeedStep;
        if (at - deed.at <= withinMs && isIt(client, deed)) return deed;
      }
    return null;
  }
}

/** What may be the cause of an end, and how long before that it was, at the most. */
interface Clue {
  readonly withinMs: Millis;
  readonly isIt: (client: ScriptedClient, deed: DeedStep) => boolean;
}

/** As long as a relay waits for a goodbye. */
const GOODBYE_MS: Millis = 5_000;

const partnerEnded: Clue = {
  withinMs: GOODBYE_MS,
  isIt: ({ party }, { client, kind }) => kind === 'end' && isPair(party, client.party),
};

const addressTaken: Clue = {
  withinMs: GOODBYE_MS,
  isIt: (client, deed) =>
    changes(deed) && deed.client !== client && deed.client.party.endpoint === client.party.endpoint,
};

/** Then its partner's end came of that. */
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
  [CommonFault.partnerGone, [partnerEnded, partnersAddressTaken, ...anyFault]],
  [CommonFault.replaced, [addressTaken, ...anyFault]],
]);

type Ends = ScriptedClient['party'];

/** Whether the two are the ends of one stream. */
export function isPair(one: Ends, other: Ends): boolean {
  return (one.toward ?? '') !== '' && one.toward === other.endpoint && one.endpoint === other.toward;
}

function changes(deed: DeedStep): boolean {
  return deed.kind === 'send' && deed.changes;
}
