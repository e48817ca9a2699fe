/**
 * How streams came about: what was asked for, offered to a listener, accepted and confirmed, from one connection to another.
 *
 * It works from what protocols say of their frames and from what connections say of themselves (`forRelay`, `toward`), and knows
 * no protocol by name: what is meant for the relay, by a connection that talks to one endpoint alone, is about that stream; and so
 * is what the relay itself tells a connection of a protocol with streams. Memory is bounded by the limits below.
 */
import { describeFault, FAULTS_OWN, refusals } from '../protocol/fault.ts';
import { outcomes } from '../protocol/outcome.ts';
import type { Protocol } from '../protocol/types.ts';
import type { RecordedConnection } from '../recorder/captures.ts';
import { namedEndpoint } from './named-endpoint.ts';
import type { SeenFrame } from './observe.ts';

/** Those that come first are kept, and others counted. */
export const ARROWS_MAX = 4_000;
/** Connections of which it is known where they stand. */
export const PLACES_MAX = 10_000;

export interface Arrow {
  /** Nanoseconds since the capture's start. */
  readonly at: number;
  readonly sequence: number;
  /** Connections. 0 where it comes from nobody who is known, or reached nobody. */
  readonly from: number;
  readonly to: number;
  /** The kind of the frame. */
  readonly what: string;
  readonly outcome: number;
  /** Who asked: whose end tells whether it was refused. */
  readonly asker: number;
}

export class ArrowTally {
  readonly #arrows: Arrow[] = [];
  #beyond = 0;
  /** Connections by where they are, and whom they talk to. */
  readonly #places = new Map<string, RecordedConnection>();
  readonly #known = new Set<number>();

  add(seen: SeenFrame): void {
    const { frame, from, to, spec, payload } = seen;
    if (from !== null) this.#place(from);
    if (to !== null) this.#place(to);
    if (spec === null || payload !== null) return;
    const isAsked = from !== null && spec.forRelay === true && hasPartner(from) && hasStreams(from.protocol);
    if (isAsked) {
      const partner = this.#partnerOf(from, frame.arrived);
      this.#keep(seen, frame.from, partner, frame.from);
    } else if (to !== null && frame.from === 0 && hasStreams(to.protocol)) {
      this.#keep(seen, this.#namedPartner(seen) || this.#partnerOf(to, frame.arrived), frame.to, 0);
    }
  }

  /** Those within a stretch of time, at most so many; and how many others there are, those included that were not kept. */
  told(
    from: number,
    to: number,
    most: number,
  ): { readonly arrows: readonly Arrow[]; readonly beyond: number } {
    const within = this.#arrows.filter(({ at }) => at >= from && at <= to);
    const last = this.#arrows.at(-1);
    const unkept = last !== undefined && to >= last.at ? this.#beyond : 0;
    return { arrows: within.slice(0, most), beyond: Math.max(0, within.length - most) + unkept };
  }

  #keep({ frame, spec }: SeenFrame, from: number, to: number, asker: number): void {
    if (this.#arrows.length >= ARROWS_MAX) {
      this.#beyond++;
      return;
    }
    const { arrived: at, sequence, outcome } = frame;
    this.#arrows.push({ at, sequence, from, to, what: spec?.name ?? '', outcome, asker });
  }

  #place(connection: RecordedConnection): void {
    const { conn, endpoint, toward } = connection;
    if (endpoint === null || this.#known.has(conn)) return;
    if (this.#known.size >= PLACES_MAX) {
      this.#known.clear();
      this.#places.clear();
    }
    this.#known.add(conn);
    // Of two at one place, the newer one holds it.
    this.#places.set(placeOf(endpoint, toward ?? ''), connection);
  }

  /** The other end, if it is there already; else whoever takes all that come there. */
  #partnerOf({ endpoint, toward }: RecordedConnection, at: number): number {
    const there = toward ?? '';
    return there === '' ? 0 : this.#holder(there, endpoint ?? '', at) || this.#holder(there, '', at);
  }

  /** Whom the relay speaks of to this connection. */
  #namedPartner({ spec, frame, to }: SeenFrame): number {
    const named = spec === null ? null : namedEndpoint(spec, frame.bytes);
    return named === null ? 0 : this.#holder(named.endpoint, to?.endpoint ?? '', frame.arrived);
  }

  /** 0 where nobody does at this time. */
  #holder(endpoint: string, toward: string, at: number): number {
    const held = this.#places.get(placeOf(endpoint, toward));
    return held === undefined || (held.closed !== null && held.closed < at) ? 0 : held.conn;
  }
}

/** What became of it: where the one who asked was turned away for that, why. */
export function outcomeText({ outcome }: Arrow, asker: RecordedConnection | null): string {
  const fault = asker?.fault ?? null;
  if (fault !== null && (fault >= FAULTS_OWN || refusals.has(fault)))
    return describeFault(asker?.protocol ?? null, fault).name;
  return outcomes[outcome]?.name ?? `outcome-${outcome}`;
}

function hasPartner({ toward }: RecordedConnection): boolean {
  return toward !== null && toward !== '';
}

const streams = new WeakMap<Protocol, boolean>();

function hasStreams(protocol: Protocol | null): boolean {
  if (protocol === null) return false;
  let known = streams.get(protocol);
  if (known === undefined)
    streams.set(protocol, (known = protocol.frames.some(({ lossless }) => lossless === true)));
  return known;
}

function placeOf(endpoint: string, toward: string): string {
  return `${endpoint} ${toward}`;
}
