/**
 * Reads a recording as steps: who opened, sent, got and ended what, in the order of the capture.
 *
 * Of a session, the connections of its players take part, from their beginnings: what they said to be let in comes
 * before the session itself. Memory is bounded by the connections, not by the frames.
 */
import { Failure } from '../../common/failure.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import { span } from '../../protocol/memory.ts';
import type { FrameView, Millis, Protocol } from '../../protocol/types.ts';
import type {
  CaptureFile,
  CaptureSummary,
  ConnectionPlaces,
  RecordedConnection,
  RecordedFrame,
} from '../../recorder/captures.ts';
import { playerOf, type RecordedSession } from '../../recorder/sessions/session.ts';
import { Cast, castOf } from '../cast.ts';
import { own } from '../own.ts';
import { unitOf } from '../recorded.ts';
import { givenName } from '../text-handles.ts';
import { RecentDeeds, TURN_MS } from './causes.ts';
import { Order } from './order.ts';
import {
  type DeedStep,
  EndedStep,
  EndStep,
  OpenStep,
  ReceiveStep,
  type ScriptedClient,
  type ScriptedPlayer,
  SendStep,
  type Step,
} from './steps.ts';

const NANOS_PER_MILLI = 1e6;

/** The client ended it, in order or not. */
const endsOfClients: ReadonlySet<number> = new Set([CommonFault.none, CommonFault.lost]);

/** Ends that came of the recorded evening and not of what was said: a replay ends such a connection itself. */
const circumstances: ReadonlyMap<number, string> = new Map([
  [CommonFault.tooSlow, 'a client that read too slowly'],
  [CommonFault.overLimit, 'a client that was one too many'],
  [CommonFault.flood, 'a client that flooded the relay with requests'],
  [CommonFault.shutdown, ''],
]);

/** Why connections take no part, beside what their protocol says itself. */
export const NO_TARGET = 'no target is given for them';
const UNKNOWN = 'this version does not know them';

/** So many ends may be on their way when a frame tells of one. */
const EVENTS_BEHIND_MAX = 256;

export interface ScriptOptions {
  /** Null for all of the capture. */
  readonly session: RecordedSession | null;
  /** Why its connections are left out, beside what it says itself; null where they take part. */
  readonly whyNot: (protocol: Protocol) => string | null;
}

interface Event {
  readonly stage: 'opened' | 'closed';
  readonly after: number;
  readonly order: number;
  readonly client: ScriptedClient;
}

export class Script {
  readonly cast: Cast;
  readonly capture: CaptureSummary;
  readonly session: RecordedSession | null;
  /** An upper bound of the frames that are read, for progress. */
  readonly frames: number;
  /** What cannot be replayed, in sentences. Complete once all steps have been read. */
  readonly notes: string[] = [];
  /** Of the steps that were given out last. */
  framesRead = 0;
  readonly clients: ReadonlyMap<number, ScriptedClient>;
  readonly #reader: CaptureFile;
  readonly #events: readonly Event[];
  readonly #spans: ReadonlyMap<number, readonly Span[]>;
  readonly #order = new Order();
  readonly #recent = new RecentDeeds();
  #lastDeed: DeedStep | null = null;
  /** Frames whose other end is not part of the play. */
  #fromOutside = 0;
  readonly #identifiedAfter: ReadonlyMap<number, number | null>;

  /** Failure codes: `not-indexed`, `nothing-to-replay`. */
  constructor(reader: CaptureFile, capture: CaptureSummary, { session, whyNot }: ScriptOptions) {
    this.#reader = reader;
    this.capture = capture;
    this.session = session;
    this.frames = session === null ? capture.frames : session.frames;
    const places = new Map(reader.places(capture.id).map((each) => [each.conn, each]));
    const spans = session === null ? null : spansOf(session);
    const clients = new Map<number, ScriptedClient>();
    const players = new Map<string, ScriptedPlayer>();
    const leftOut = new Map<string, string>();
    const parties: RecordedConnection[] = [];
    for (const party of partiesOf(reader, capture.id, spans)) {
      const { conn, protocol, protocolId, endpoint } = party;
      if (protocol?.revision !== party.revision) {
        leftOut.set(protocol?.name ?? `protocol ${protocolId}`, UNKNOWN);
        continue;
      }
      const why = protocol.noReplay ?? whyNot(protocol);
      if (why !== null) {
        leftOut.set(protocol.name, why);
        parties.push(party);
        continue;
      }
      const name = endpoint ? playerOf(endpoint) : `connection ${conn}`;
      const player = players.get(name) ?? { name };
      players.set(name, player);
      clients.set(conn, { conn, protocol, party, player });
      parties.push(party);
    }
    this.#identifiedAfter = new Map(
      [...clients.keys()].map((conn) => [conn, places.get(conn)?.identifiedAfter ?? null]),
    );
    if (clients.size === 0)
      throw new Failure('input', 'nothing-to-replay', nothingToReplay(session, leftOut));
    for (const [name, why] of leftOut) this.notes.push(`connections of ${name} were left out: ${why}`);
    this.cast = session === null ? castOf(parties) : new Cast(session.players);
    this.clients = clients;
    this.#spans = spans ?? new Map();
    this.#events = eventsOf(places, clients);
    if (this.#events.length === 0)
      throw new Failure(
        'input',
        'not-indexed',
        `it is not known where the connections of capture ${capture.id} begin: postreel index says it to the file`,
      );
    this.notes.push(...gapNotes(reader, capture, session));
  }

  /** In the order of the capture. A deed is given out before its consequences, and sealed when they have all been. */
  *steps(): IterableIterator<Step> {
    const first = Math.min(...this.#events.map(({ after }) => after));
    const last = this.session?.lastSequence ?? this.capture.lastSequence;
    let next = 0;
    const early = new Set<Event>();
    for (const frame of this.#reader.frames(this.capture.id, { after: Math.max(first, 0), last })) {
      for (; (this.#events[next]?.after ?? Infinity) < frame.sequence; next++)
        yield* this.#eventInPlace(next, early);
      yield* this.#early(this.#endBehind(frame, next, early), early);
      const step = this.#frameStep(frame);
      if (step === null) continue;
      const delivery = step.kind === 'send' ? step.delivery : null;
      yield step;
      if (delivery !== null) yield delivery;
    }
    for (; (this.#events[next]?.after ?? Infinity) <= last; next++) yield* this.#eventInPlace(next, early);
    if (this.#lastDeed !== null) this.#lastDeed.isSealed = true;
    if (this.#fromOutside > 0)
      this.notes.push(`${this.#fromOutside} frames from or to connections that take no part were left out`);
  }

  *#eventInPlace(place: number, early: Set<Event>): IterableIterator<Step> {
    const event = this.#events[place] as Event;
    if (early.delete(event)) return;
    yield* this.#early(this.#partnerBehind(event, place, early), early);
    yield* this.#eventSteps(event);
  }

  *#early(event: Event | null, early: Set<Event>): IterableIterator<Step> {
    if (event === null) return;
    early.add(event);
    yield* this.#eventSteps(event);
  }

  /**
   * Some relays recorded an end when the connection was gone, and by then had told others of it. The end that this
   * frame tells of comes before it; null where it tells of none.
   */
  #endBehind(frame: RecordedFrame, next: number, early: ReadonlySet<Event>): Event | null {
    const protocol = frame.from === 0 ? this.clients.get(frame.to)?.protocol : undefined;
    if (protocol === undefined) return null;
    const at = frame.arrived / NANOS_PER_MILLI;
    if (this.#recent.causeOfFrame(at, protocol) !== null) return null;
    for (const event of this.#endsOfClients(next, early)) {
      const ended = (event.client.party.closed ?? 0) / NANOS_PER_MILLI;
      if (ended > at + TURN_MS) return null;
      if (ended >= at && event.client.protocol === protocol) return event;
    }
    return null;
  }

  /** Likewise of the end that this one follows from, because the two are a pair. */
  #partnerBehind({ client, stage }: Event, place: number, early: ReadonlySet<Event>): Event | null {
    const isLeft = stage === 'closed' && client.party.fault === CommonFault.partnerGone;
    if (!isLeft || this.#recent.hasParted(client)) return null;
    const { endpoint, toward } = client.party;
    for (const event of this.#endsOfClients(place + 1, early)) {
      const { party } = event.client;
      if (party.endpoint === toward && party.toward === endpoint) return event;
    }
    return null;
  }

  /** Of the next events. */
  *#endsOfClients(from: number, early: ReadonlySet<Event>): IterableIterator<Event> {
    for (const event of this.#events.slice(from, from + EVENTS_BEHIND_MAX))
      if (event.stage === 'closed' && isEndOfClient(event.client.party.fault) && !early.has(event))
        yield event;
  }

  *#eventSteps({ stage, after, client }: Event): IterableIterator<Step> {
    const { party } = client;
    if (stage === 'opened') {
      const step = new OpenStep(client, after, party.opened / NANOS_PER_MILLI);
      this.#order.begin(step);
      yield this.#deed(step);
      return;
    }
    const at = (party.closed ?? 0) / NANOS_PER_MILLI;
    const fault = party.fault ?? CommonFault.none;
    const circumstance = circumstances.get(fault);
    if (isEndOfClient(fault)) {
      const step = new EndStep(client, after, at, fault === CommonFault.lost);
      if (circumstance)
        this.notes.push(`connection ${client.conn} ended as that of ${circumstance}: not replayed`);
      this.#order.end(step);
      yield this.#deed(step);
      return;
    }
    const cause = this.#recent.causeOfEnd(client, at, fault);
    const step = new EndedStep(client, after, at, fault, cause);
    this.#order.end(step);
    step.needs = [];
    // One that comes later than that is no sign by which others may know that they can go on.
    if (cause !== null && at - cause.at <= TURN_MS) echo(cause);
    yield step;
  }

  /** What is sent, with its delivery, or what the relay itself says. Null where nothing of it is part of the play. */
  #frameStep(frame: RecordedFrame): SendStep | ReceiveStep | null {
    const from = this.clients.get(frame.from) ?? null;
    const to = this.clients.get(frame.to) ?? null;
    if (from === null && to === null) return null;
    if (!this.#takesPart(frame, from, to)) return null;
    this.framesRead++;
    if ((from === null && frame.from !== 0) || (to === null && frame.to !== 0)) {
      this.#fromOutside++;
      return null;
    }
    const at = frame.arrived / NANOS_PER_MILLI;
    if (from !== null) {
      const step = this.#deed(this.#send(frame, from, to, at));
      if (to !== null) step.delivery = this.#receive(frame, from, to, at, step);
      if (to !== null && step.delivery !== null && this.#isUnsigned(to, step.delivery))
        this.#order.say(step, step.delivery);
      return step;
    }
    return to === null
      ? null
      : this.#receive(frame, null, to, at, this.#recent.causeOfFrame(at, to.protocol));
  }

  #send(frame: RecordedFrame, from: ScriptedClient, to: ScriptedClient | null, at: Millis): SendStep {
    const { sequence, kind, bytes } = frame;
    const { protocol } = from;
    const isRequest = kind === UNFRAMED || protocol.frames[kind]?.forRelay === true;
    const changes = isRequest && this.#changes(frame, from);
    const step = new SendStep(from, sequence, at, kind, own(bytes), frame.outcome, isRequest, changes);
    if (changes) this.#order.change(step);
    else if (isRequest) this.#order.begin(step, protocol.addressee?.(viewOf(frame)) ?? null);
    else if (to !== null) this.#order.exchange(step, to.player);
    else this.#miss(step, frame, protocol);
    return step;
  }

  /** It went no further than the relay; what it announces may. */
  #miss(step: SendStep, frame: RecordedFrame, protocol: Protocol): void {
    const address = protocol.addressee?.(viewOf(frame)) ?? null;
    this.#order.miss(step, address);
    if (protocol.frames[frame.kind]?.announces !== undefined) this.#order.announce(step, address);
  }

  #isUnsigned({ protocol, party }: ScriptedClient, { unit, conversation }: ReceiveStep): boolean {
    return conversation.isStream && this.cast.isUnsigned(protocol, party, unit.kind, unit.bytes);
  }

  /** Whether a request may change what the relay does with others: by it the client said who it is, or in which group. */
  #changes(frame: RecordedFrame, { protocol, conn }: ScriptedClient): boolean {
    if (frame.kind === UNFRAMED) return true;
    const identifiedAfter = this.#identifiedAfter.get(conn) ?? null;
    return identifiedAfter === frame.sequence || protocol.groupNotice?.(viewOf(frame)) != null;
  }

  #receive(
    frame: RecordedFrame,
    from: ScriptedClient | null,
    to: ScriptedClient,
    at: Millis,
    cause: DeedStep | null,
  ): ReceiveStep | null {
    const conversation = this.cast.ofHop(frame, from?.party ?? null, to.party);
    if (conversation === null) return null;
    const unit = unitOf(frame, from?.party ?? null, to.party);
    const step = new ReceiveStep(to, frame.sequence, at, conversation, unit, cause);
    if (from === null && cause !== null && !unit.isOptional) echo(cause);
    const spec = from === null ? to.protocol.frames[unit.kind] : undefined;
    if (spec !== undefined && givenName(spec, unit.bytes) !== null) this.#order.give(step);
    return step;
  }

  #deed<T extends DeedStep>(step: T): T {
    if (this.#lastDeed !== null) this.#lastDeed.isSealed = true;
    this.#lastDeed = step;
    this.#recent.add(step);
    return step;
  }

  #takesPart(frame: RecordedFrame, from: ScriptedClient | null, to: ScriptedClient | null): boolean {
    if (this.session === null) return true;
    return [from, to].some((client) => client !== null && this.#isPartOf(frame, client));
  }

  /** Within the session; or before it, what let the client in: requests, and what the relay said to them. */
  #isPartOf({ sequence, from, to, kind }: RecordedFrame, { conn, protocol }: ScriptedClient): boolean {
    const spans = this.#spans.get(conn) ?? [];
    if (spans.some(({ first, last }) => sequence >= first && sequence <= last)) return true;
    if (sequence >= (spans[0]?.first ?? 0)) return false;
    if (protocol.groupNotice !== undefined) return sequence <= (this.#identifiedAfter.get(conn) ?? 0);
    return from === 0 || (to === 0 && protocol.frames[kind]?.forRelay === true);
  }
}

function isEndOfClient(fault: number | null): boolean {
  const code = fault ?? CommonFault.none;
  return endsOfClients.has(code) || circumstances.has(code);
}

/**
 * One more consequence by which one sees that it took effect; unless others have done something since, who may have had to
 * wait for that before this could come.
 */
function echo(cause: DeedStep): void {
  if (cause.isSealed) return;
  cause.echoes++;
  cause.hadEchoes = true;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** When each connection takes part in the session, by sequence numbers. */
function spansOf({ players, lastSequence }: RecordedSession): Map<number, Span[]> {
  const spans = new Map<number, Span[]>();
  for (const { conn, first, last } of players.flatMap(({ connections }) => connections))
    spans.set(conn, [...(spans.get(conn) ?? []), { first, last: last ?? lastSequence }]);
  return spans;
}

function partiesOf(
  reader: CaptureFile,
  captureId: number,
  spans: ReadonlyMap<number, unknown> | null,
): RecordedConnection[] {
  if (spans === null) return [...reader.connections(captureId).values()];
  return [...spans.keys()].sort((a, b) => a - b).flatMap((conn) => reader.connection(captureId, conn) ?? []);
}

function eventsOf(
  places: ReadonlyMap<number, ConnectionPlaces>,
  clients: ReadonlyMap<number, ScriptedClient>,
): Event[] {
  const events: Event[] = [];
  for (const client of clients.values()) {
    const { openedAfter, openedEvent, closedAfter, closedEvent } = places.get(client.conn) ?? NOWHERE;
    if (openedAfter !== null && openedEvent !== null)
      events.push({ stage: 'opened', after: openedAfter, order: openedEvent, client });
    if (closedAfter !== null && closedEvent !== null)
      events.push({ stage: 'closed', after: closedAfter, order: closedEvent, client });
  }
  return events.sort((one, two) => one.order - two.order);
}

const NOWHERE = { openedAfter: null, openedEvent: null, closedAfter: null, closedEvent: null } as const;

function gapNotes(reader: CaptureFile, capture: CaptureSummary, session: RecordedSession | null): string[] {
  const first = session?.firstSequence ?? 0;
  const last = session?.lastSequence ?? Infinity;
  return reader
    .gaps(capture.id)
    .filter((gap) => gap.firstSequence <= last && gap.firstSequence + Math.max(gap.frames, 1) > first)
    .map(
      ({ firstSequence, frames, events, reason }) =>
        `the capture lacks ${frames} frames and ${events} connection events from ${firstSequence} on (${reason}), which were not replayed`,
    );
}

function nothingToReplay(session: RecordedSession | null, leftOut: ReadonlyMap<string, string>): string {
  const where = session === null ? 'the capture' : `session ${session.id}`;
  if (leftOut.size === 0) return `${where} has no connections`;
  const whys = Array.from(leftOut, ([name, why]) => `${name} (${why})`);
  return `${where} has only connections that cannot be replayed: ${whys.join('; ')}`;
}

function viewOf({ bytes, kind }: RecordedFrame): FrameView {
  return { ...span(bytes), kind, at: 0, end: bytes.length };
}
