/**
 * Ends of connections in two recordings of a play: who ended each, and whether that was too early or too late.
 *
 * The rule: that a recording ends says nothing about a connection that was open by then, and which of the two ends
 * of a pair went first is up to the players. What the relay does on its own account is compared.
 */
import { CommonFault, describeFault } from '../protocol/fault.ts';
import type { RecordedConnection } from '../recorder/captures.ts';
import { endpointOf, type Cast } from './cast.ts';
import type { EndDifference } from './compare/comparison.ts';
import type { Pair } from './pairing.ts';
import type { RecordedPlay } from './recorded.ts';
import { RELAY_END } from './types.ts';

/** Frames of one connection by which the first recording is read ahead of the second, at most. */
export const AHEAD_MAX = 10_000;

/** A connection may end a little after the session that its end ended. */
const ENDS_WITHIN_NS = 1e9;
const NANOS_PER_MILLI = 1e6;

/** By what a connection ended. */
type Ender = 'nobody' | 'client' | 'partner' | 'relay';

const enders: ReadonlyMap<number | null, Ender> = new Map([
  [null, 'nobody'],
  [CommonFault.shutdown, 'nobody'],
  [CommonFault.none, 'client'],
  [CommonFault.lost, 'client'],
  [CommonFault.partnerGone, 'partner'],
]);

interface End {
  readonly fault: number | null;
  readonly by: Ender;
  /** How long it was open, as far as is known. */
  readonly lasted: number;
  /** Since its capture's start. */
  readonly at: number;
}

type EndClass = EndDifference['class'];

/** What a pair of ends comes to: null where nothing can be said. By who ended it in the first and in the second. */
const classes: Readonly<
  Record<Ender, Readonly<Record<Ender, (first: End, second: End) => EndClass | null>>>
> = {
  nobody: { nobody: fine, client: fine, partner: fine, relay: early },
  client: { nobody: fine, client: fine, partner: fine, relay: early },
  partner: { nobody: late, client: fine, partner: fine, relay: early },
  relay: { nobody: late, client: earlyOrLate, partner: earlyOrLate, relay: otherwise },
};

function fine(): null {
  return null;
}

function early(): EndClass {
  return 'closed-early';
}

/** Nobody knows how a connection would have ended whose recording is shorter. */
function late(first: End, second: End): EndClass | null {
  return second.lasted > first.lasted ? 'closed-late' : null;
}

function earlyOrLate(first: End, second: End): EndClass {
  return second.lasted > first.lasted ? 'closed-late' : 'closed-early';
}

function otherwise(first: End, second: End): EndClass | null {
  return first.fault === second.fault ? null : earlyOrLate(first, second);
}

/** One connection that did not end as recorded, and how many frames it carried by then. */
class WatchedEnd {
  readonly #pair: Pair<RecordedConnection>;
  readonly #class: EndClass;
  readonly #ends: Pair<End>;
  /** Of the first recording's frames, those of which the second's have not come yet. */
  #ahead: number[] = [];
  #expected = 0;
  #came = 0;
  /** The first recording's frame that is as far as the second came. */
  #sequence = 0;

  constructor(pair: Pair<RecordedConnection>, ends: Pair<End>, what: EndClass) {
    this.#pair = pair;
    this.#ends = ends;
    this.#class = what;
  }

  expect(sequence: number): void {
    this.#expected += 1;
    if (this.#expected <= this.#came) this.#sequence = sequence;
    else if (this.#ahead.length < AHEAD_MAX) this.#ahead.push(sequence);
  }

  came(): void {
    this.#came += 1;
    this.#sequence = this.#ahead.shift() ?? this.#sequence;
  }

  difference(cast: Cast): EndDifference | null {
    const { first, second } = this.#pair;
    if (first.protocol === null) return null;
    const left = this.#expected - this.#came;
    const missed =
      this.#class === 'closed-late' || left <= 0
        ? ''
        : `, while ${left === 1 ? '1 frame was' : `${left} frames were`} still to come`;
    return {
      class: this.#class,
      conversation: cast.conversation(first.protocol, RELAY_END, cast.end(endpointOf(first)), null),
      sequence: this.#sequence,
      at: this.#ends.second.at / NANOS_PER_MILLI,
      how: `${reason(second, this.#ends.second)}${missed}; in the first recording ${reason(first, this.#ends.first)}`,
    };
  }
}

function reason({ protocol }: RecordedConnection, { fault, by }: End): string {
  if (by === 'nobody' || fault === null) return 'it stayed open';
  return describeFault(protocol, fault).text;
}

/** Told of all frames of both plays, by the connections that they are of. */
export class RecordedEnds {
  readonly #watched: readonly WatchedEnd[];
  readonly #ofFirst = new Map<number, WatchedEnd>();
  readonly #ofSecond = new Map<number, WatchedEnd>();

  constructor(first: RecordedPlay, second: RecordedPlay, connections: readonly Pair<RecordedConnection>[]) {
    this.#watched = connections.flatMap((pair) => {
      const ends = { first: endOf(pair.first, first), second: endOf(pair.second, second) };
      const what = classes[ends.first.by][ends.second.by](ends.first, ends.second);
      if (what === null) return [];
      const watched = new WatchedEnd(pair, ends, what);
      this.#ofFirst.set(pair.first.conn, watched);
      this.#ofSecond.set(pair.second.conn, watched);
      return [watched];
    });
  }

  expect(conn: number, sequence: number): void {
    this.#ofFirst.get(conn)?.expect(sequence);
  }

  came(conn: number): void {
    this.#ofSecond.get(conn)?.came();
  }

  differences(cast: Cast): readonly EndDifference[] {
    return this.#watched.flatMap((watched) => watched.difference(cast) ?? []);
  }
}

function endOf({ opened, closed, fault }: RecordedConnection, { session }: RecordedPlay): End {
  const isOfSession =
    closed !== null && (session.ended === null || closed <= session.lastSeen + ENDS_WITHIN_NS);
  if (!isOfSession) {
    const at = session.lastSeen;
    return { fault: null, by: 'nobody', lasted: at - opened, at };
  }
  return { fault, by: enders.get(fault) ?? 'relay', lasted: closed - opened, at: closed };
}
