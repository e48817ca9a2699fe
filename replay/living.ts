/**
 * The player whom a living client plays: who that is, which of its connections stands for which of the recording's,
 * and what it sends.
 *
 * The rule: whoever comes and is none of our own clients is the living one; its addresses are not those of the
 * recording until they are translated, in headers everywhere, and in payloads where a mask says that they are there.
 * It is heard by the relay's tap, so that what it sends is judged as it came, whoever it reached.
 *
 * Of what it says to a control server only what changes its group is compared: how often it asks who is there, or says
 * that it is there itself, goes by its clock and by its player's patience, and what it is called may be another name.
 * Likewise of what announces that nothing comes: so a client says that it is still there.
 */
import { UNFRAMED } from '../protocol/kind.ts';
import { span } from '../protocol/memory.ts';
import type { FrameKind, Identity, Millis, Peer, Protocol, Tap } from '../protocol/types.ts';
import { playerOf } from '../recorder/sessions/session.ts';
import { AddressHints } from './address-hints.ts';
import { deliveredBytes, deliveredKind, type Hop, type Party } from './cast.ts';
import type { Comparison } from './compare/comparison.ts';
import type { External, Rewriting } from './engine/options.ts';
import { Parts } from './living-parts.ts';
import type { Script } from './script/script.ts';
import type { DeedStep, ScriptedPlayer, SendStep } from './script/steps.ts';
import { Translation } from './translation.ts';
import { type Conversation, type Masks, RELAY_END, type Unit } from './types.ts';

const NOT_KEPT = -1;

/** Of others who come as well, so many are named. */
export const STRANGERS_MAX = 10;
/** Frames that are due and have not come. With more of one conversation, the first of them are forgotten. */
export const DUE_MAX = 20_000;

/**
 * Of the patience, for one who has been given up on and has said nothing since, and the most that this may be; the
 * next time half of it, and so on, so that the rest of a long play does not take for ever.
 */
const GIVEN_UP_SHARE = 0.1;
const GIVEN_UP_MS_MAX: Millis = 2000;
/** For one who has no connection at all: what it sent before it left may still be on its way. */
const AWAY_MS: Millis = 2000;

export interface LivingOptions {
  readonly script: Script;
  readonly player: ScriptedPlayer;
  readonly masks: Masks;
  readonly comparison: Comparison;
}

/** A connection to our relay, with the recording's addresses. */
interface LiveParty extends Party {
  readonly protocol: Protocol;
  readonly stamp: Uint8Array;
  readonly isLiving: boolean;
}

interface Sent {
  readonly conversation: Conversation;
  readonly kind: FrameKind;
  /** From one player to another. */
  readonly isPassedOn: boolean;
}

interface Said {
  readonly kind: FrameKind;
  readonly outcome: number;
  readonly bytes: Uint8Array;
  readonly arrived: Millis;
}

export class LivingPlayer implements External, Rewriting, Tap {
  readonly player: ScriptedPlayer;
  readonly notes: string[] = [];
  /** When the replay began, by the relay's clock. */
  start: Millis = 0;
  /** Told whenever something has happened that `happened` may speak of. */
  onHappened: () => void = () => undefined;
  /** Told of what it sent that reached nobody. */
  onMissed: (conversation: Conversation, unit: Unit) => void = () => undefined;
  /** Told once, when nothing goes on without it. */
  onAwaited: () => void = () => undefined;
  /** Told once, when it is there, and what it calls itself. */
  onThere: (name: string) => void = () => undefined;
  readonly #script: Script;
  readonly #masks: Masks;
  readonly #comparison: Comparison;
  /** From the living addresses into the recorded ones. */
  readonly #translation = Translation.of();
  readonly #parts: Parts;
  /** What the others are called, and from where those of them come that are ours. */
  readonly #others: ReadonlySet<string>;
  readonly #otherPeers = new Set<string>();
  /** By connection, for as long as it is open. */
  readonly #opened = new Map<number, { readonly protocol: Protocol; readonly peer: Peer }>();
  readonly #parties = new Map<number, LiveParty>();
  /** The first frame of a connection, until it is known whose it is. */
  readonly #early = new Map<number, Said>();
  /** How often it has done what changes its group, and how often it was to. */
  readonly #notices = new Map<string, number>();
  readonly #noticesRead = new Map<string, number>();
  /** Of the one step that it is awaited to do. */
  #noticeDue: { readonly step: DeedStep; readonly key: string; readonly count: number } | null = null;
  readonly #due = new Map<Conversation, Unit[]>();
  readonly #strangers = new Set<string>();
  /** Null as long as its address is that of the recording. */
  #hints: AddressHints | null = null;
  #name: string | null = null;
  #open = 0;
  #isAwaited = false;
  /** How often in a row it was waited for in vain. */
  #givenUp = 0;

  constructor({ script, player, masks, comparison }: LivingOptions) {
    this.player = player;
    this.#script = script;
    this.#masks = masks;
    this.#comparison = comparison;
    const clients = [...script.clients.values()];
    this.#parts = new Parts(clients.filter((client) => client.player === player));
    this.#others = new Set(
      clients.map((client) => client.player.name).filter((name) => name !== player.name),
    );
  }

  /** The play was stopped: nobody is to blame for what has not come yet. */
  stopped(): void {
    for (const units of this.#due.values()) for (const unit of units) unit.isOptional = true;
  }

  // What the engine asks -----------------------------------------------------------------------------------

  get isThere(): boolean {
    return this.#name !== null;
  }

  awaited(): void {
    if (this.#isAwaited || this.isThere) return;
    this.#isAwaited = true;
    this.onAwaited();
  }

  happened(step: DeedStep): boolean {
    // Its sockets are known by what they say first; what it says to others, those wait for who get it.
    if (step.kind !== 'send' || !step.changes || step.frameKind === UNFRAMED) return true;
    const key = this.#noticeKey(step.client.protocol, step.frameKind, step.bytes);
    if (key === null) return this.#parts.of(step.client) !== null;
    if (this.#noticeDue?.step !== step) {
      const count = (this.#noticesRead.get(key) ?? 0) + 1;
      this.#noticesRead.set(key, count);
      this.#noticeDue = { step, key, count };
    }
    return (this.#notices.get(key) ?? 0) >= this.#noticeDue.count;
  }

  /** What was never begun needs no end. */
  hasEnded({ client }: DeedStep): boolean {
    return this.#parts.of(client)?.isOver !== false;
  }

  released(step: DeedStep): void {
    if (step.kind !== 'send') return;
    const { client, sequence, at, frameKind, bytes, outcome, delivery } = step;
    if (!this.#isCompared(client.protocol, frameKind, bytes)) return;
    const part = this.#parts.of(client);
    if (part?.isDue(sequence) === false && !part.isTold) {
      part.isTold = true;
      this.#tellEnd('closed-early', step, (part.nextDue ?? sequence) - 1, 'the game closed it, or was lost');
    }
    if (delivery !== null) {
      this.#expect(delivery.conversation, delivery.unit);
      return;
    }
    const sent = this.#sent(
      { from: client.conn, to: 0, kind: frameKind, outcome, bytes },
      client.party,
      null,
    );
    if (sent === null) return;
    const { conversation, kind, isPassedOn } = sent;
    const told = isPassedOn ? deliveredBytes(bytes, client.party.stamp) : bytes;
    this.#expect(conversation, { kind, bytes: told, sequence, at, givenUp: false, isOptional: false });
  }

  gaveUp(step: DeedStep): void {
    this.#givenUp++;
    const part = step.kind === 'end' ? this.#parts.of(step.client) : null;
    if (part === null || part.isTold || part.isOver) return;
    part.isTold = true;
    this.#tellEnd('closed-late', step, step.sequence, 'the game left it open');
  }

  patienceOf(patienceMs: Millis): Millis {
    if (this.#givenUp > 0)
      return Math.min(patienceMs * GIVEN_UP_SHARE, GIVEN_UP_MS_MAX) / 2 ** (this.#givenUp - 1);
    return this.isThere && this.#open === 0 ? Math.min(patienceMs, AWAY_MS) : patienceMs;
  }

  metOther(peer: Peer): void {
    this.#otherPeers.add(peerText(peer));
  }

  outgoing({ client, frameKind, bytes, delivery }: SendStep): Uint8Array {
    const spec = client.protocol.frames[frameKind];
    const ranges = delivery === null ? [] : this.#addressesIn(delivery.conversation, delivery.unit);
    if (delivery !== null) this.#hints?.look(delivery.conversation, delivery.unit, ranges);
    return this.#translation.inverse().apply(spec, bytes, ranges);
  }

  incoming(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): Uint8Array {
    return this.#translation.apply(protocol.frames[kind], bytes);
  }

  // What the relay's tap tells -----------------------------------------------------------------------------

  opened(conn: number, protocol: Protocol, peer: Peer): void {
    this.#opened.set(conn, { protocol, peer });
  }

  identified(conn: number, identity: Identity, stamp: Uint8Array): void {
    const opened = this.#opened.get(conn);
    if (opened === undefined) return;
    const { protocol, peer } = opened;
    const isLiving = !this.#otherPeers.has(peerText(peer)) && this.#isTheOne(playerOf(identity.endpoint));
    if (isLiving) this.#begins(conn, protocol, identity);
    const party: LiveParty = {
      conn,
      protocol,
      endpoint: this.#translation.endpoint(identity.endpoint),
      toward: this.#translation.endpoint(identity.toward),
      stamp,
      isLiving,
    };
    this.#parties.set(conn, party);
    const said = this.#early.get(conn);
    this.#early.delete(conn);
    if (!isLiving) return;
    if (said !== undefined) this.#heard(party, 0, said);
    this.onHappened();
  }

  hop(
    from: number,
    to: number,
    kind: FrameKind,
    outcome: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    arrived: Millis,
  ): number {
    const sender = this.#parties.get(from);
    // Who has not said yet who it is says so with this frame.
    const isEarly = sender === undefined && this.#opened.has(from);
    if (!isEarly && sender?.isLiving !== true) return NOT_KEPT;
    const said = { kind, outcome, bytes: bytes.slice(at, end), arrived };
    if (sender === undefined) this.#early.set(from, said);
    else this.#heard(sender, to, said);
    return NOT_KEPT;
  }

  amend(): void {
    // What is kept of a request is that it was made.
  }

  departed(): void {
    // Nothing that the living player gets is under test.
  }

  undelivered(): void {
    // Likewise.
  }

  closed(conn: number): void {
    const peer = this.#opened.get(conn)?.peer;
    if (peer !== undefined) this.#otherPeers.delete(peerText(peer));
    const isLiving = this.#parties.get(conn)?.isLiving === true;
    this.#opened.delete(conn);
    this.#parties.delete(conn);
    this.#early.delete(conn);
    if (!isLiving) return;
    this.#open--;
    const part = this.#parts.by(conn);
    if (part !== null) part.isOver = true;
    this.onHappened();
  }

  turned(): void {
    // Nothing is gathered.
  }

  attach(): void {
    // Nothing is ever held.
  }

  // Who it is ----------------------------------------------------------------------------------------------

  /** The first who is none of the others. Whoever else comes is named, and left alone. */
  #isTheOne(name: string): boolean {
    if (name === this.#name) return true;
    if (this.#name === null && !this.#others.has(name)) {
      this.#name = name;
      this.#translation.pair(name, this.player.name);
      if (name !== this.player.name) {
        this.#hints = new AddressHints([name, this.player.name], this.notes);
        this.notes.push(`${this.player.name} was played by ${name}`);
      }
      this.onThere(name);
      return true;
    }
    if (this.#strangers.has(name) || this.#strangers.size >= STRANGERS_MAX) return false;
    this.#strangers.add(name);
    this.notes.push(
      this.#others.has(name)
        ? `somebody came as ${name}, whom the replay plays itself: a game under test must have another address`
        : `${name} came as well, and is no player of the recording`,
    );
    return false;
  }

  /** One more of its connections: which one is it? */
  #begins(conn: number, protocol: Protocol, { role, endpoint, toward }: Identity): void {
    this.#open++;
    const here = this.#translation.endpoint(endpoint);
    const opening = { protocol, role, endpoint: here, toward: this.#translation.endpoint(toward) };
    const recorded = this.#parts.take(conn, opening)?.client.party.endpoint ?? '';
    if (recorded !== here && recorded.includes('/') && endpoint.includes('/'))
      this.#translation.pairEndpoints(endpoint, recorded);
  }

  // What it says -------------------------------------------------------------------------------------------

  #heard(sender: LiveParty, to: number, { kind, outcome, bytes: raw, arrived }: Said): void {
    const { protocol, conn } = sender;
    this.#givenUp = 0;
    const key = this.#noticeKey(protocol, kind, raw);
    if (key !== null) this.#notices.set(key, (this.#notices.get(key) ?? 0) + 1);
    if (key !== null) this.onHappened();
    if (!this.#isCompared(protocol, kind, raw)) return;
    this.#parts.by(conn)?.came();
    const bytes = this.#translation.apply(protocol.frames[kind], raw);
    const sent = this.#sent({ from: conn, to, kind, outcome, bytes }, sender, this.#parties.get(to) ?? null);
    if (sent === null) return;
    const { conversation } = sent;
    const told = this.#told(sent, sent.isPassedOn ? deliveredBytes(raw, sender.stamp) : raw);
    this.#due.get(conversation)?.shift();
    const at = arrived - this.start;
    const unit = { kind: sent.kind, bytes: told, sequence: 0, at, givenUp: false, isOptional: false };
    this.#comparison.lane(conversation).came(unit);
    if (sent.isPassedOn && to === 0) this.onMissed(conversation, unit);
  }

  /**
   * What a frame is part of. Whether it reaches somebody depends on when the others are there, and is not under test:
   * what is passed on between players is compared as if it always did.
   */
  #sent(hop: Hop, sender: Party, receiver: Party | null): Sent | null {
    const { cast } = this.#script;
    const conversation = cast.ofHop(hop, sender, receiver);
    if (conversation === null) return null;
    const { protocol, from, to } = conversation;
    const kind = deliveredKind(protocol, hop.kind);
    const isPassedOn = receiver !== null || (to !== RELAY_END && kind !== hop.kind);
    if (!isPassedOn) return { conversation, kind: hop.kind, isPassedOn };
    return { conversation: cast.conversation(protocol, from, to, kind), kind, isPassedOn };
  }

  /** In the recording's addresses, those in its payload included. */
  #told({ conversation, kind }: Sent, raw: Uint8Array): Uint8Array {
    const spec = conversation.protocol.frames[kind];
    const bytes = this.#translation.apply(spec, raw);
    const ranges = this.#addressesIn(conversation, { kind, bytes });
    this.#hints?.look(conversation, { kind, bytes: raw }, ranges);
    return ranges.length === 0 ? bytes : this.#translation.apply(spec, raw, ranges);
  }

  #expect(conversation: Conversation, unit: Unit): void {
    const due = this.#due.get(conversation) ?? [];
    this.#due.set(conversation, due);
    if (due.length >= DUE_MAX) due.shift();
    due.push(unit);
    this.#comparison.lane(conversation).expect(unit);
  }

  #tellEnd(
    what: 'closed-early' | 'closed-late',
    { client, at }: DeedStep,
    sequence: number,
    how: string,
  ): void {
    const { protocol, party } = client;
    const conversation = this.#script.cast.delivered(protocol, null, party, 0);
    this.#comparison.ended({ class: what, conversation, sequence, at, how });
  }

  /** What changes who is in which group, by what it does; null for all else. */
  #noticeKey(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): string | null {
    const notice = protocol.groupNotice?.({ ...span(bytes), kind, at: 0, end: bytes.length }) ?? null;
    return notice === null ? null : `${protocol.name} ${notice.does}`;
  }

  #isCompared(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): boolean {
    if (protocol.groupNotice !== undefined) return this.#noticeKey(protocol, kind, bytes) !== null;
    return !announcesNothing(protocol, kind, bytes);
  }

  #addressesIn(conversation: Conversation, { kind, bytes }: Pick<Unit, 'kind' | 'bytes'>) {
    if (this.#hints === null) return [];
    return this.#masks.of(conversation, kind, bytes).filter(({ means }) => means === 'address');
  }
}

function announcesNothing({ frames, framing }: Protocol, kind: FrameKind, bytes: Uint8Array): boolean {
  if (frames[kind]?.announces === undefined) return false;
  return framing.announced?.(span(bytes).view, 0, bytes.length) === 0;
}

function peerText({ address, port }: Peer): string {
  return `${address} ${port}`;
}
