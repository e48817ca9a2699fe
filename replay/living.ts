/**
 * The player whom a living client plays: who that is, which of its connections stands for which of the recording's,
 * and what it sends.
 *
 * The rule: whoever is none of the recorded others is the living one. It is heard by the relay's tap, and nothing
 * that it does is waited for in vain: the engine asks what has happened, and is told when to ask again.
 */
import { span } from '../protocol/memory.ts';
import type { Identity, Millis, Protocol, Tap } from '../protocol/types.ts';
import { playerOf } from '../recorder/sessions/session.ts';
import { deliveredBytes, deliveredKind, type Hop, type Party } from './cast.ts';
import type { Comparison } from './compare/comparison.ts';
import type { External, Rewriting } from './engine/options.ts';
import type { Script } from './script/script.ts';
import type { DeedStep, ScriptedClient, ScriptedPlayer, SendStep } from './script/steps.ts';
import { Translation } from './translation.ts';
import { type Conversation, type Masks, RELAY_END, type Unit } from './types.ts';

const NOT_KEPT = -1;

/** Of others who come as well, so many are named. */
const STRANGERS_MAX = 10;

export interface LivingOptions {
  readonly script: Script;
  readonly player: ScriptedPlayer;
  readonly masks: Masks;
  readonly comparison: Comparison;
}

/** A connection to our relay, with the recording's addresses. */
interface LiveParty extends Party {
  readonly protocol: Protocol;
  readonly isLiving: boolean;
}

interface Said {
  readonly kind: number;
  readonly outcome: number;
  readonly bytes: Uint8Array;
  readonly arrived: Millis;
}

export class LivingPlayer implements External, Rewriting, Tap {
  readonly player: ScriptedPlayer;
  readonly notes: string[] = [];
  /** Told whenever something has happened that `happened` may speak of. */
  onHappened: () => void = () => undefined;
  isThere = false;
  readonly #script: Script;
  readonly #masks: Masks;
  readonly #comparison: Comparison;
  /** From the living addresses into the recorded ones. */
  readonly #translation = Translation.of();
  readonly #others: ReadonlySet<string>;
  readonly #protocols = new Map<number, Protocol>();
  readonly #parties = new Map<number, LiveParty>();
  /** The first frame of a connection, until it is known whose it is. */
  readonly #early = new Map<number, Said>();
  /** Recorded connections that have their living one. */
  readonly #played = new Set<ScriptedClient>();
  /** How often it has done what changes its group, and how often it was to. */
  readonly #notices = new Map<string, number>();
  readonly #noticesDue = new Map<DeedStep, { readonly key: string; readonly count: number }>();
  readonly #noticesRead = new Map<string, number>();
  readonly #strangers = new Set<string>();
  #livingName: string | null = null;

  constructor({ script, player, masks, comparison }: LivingOptions) {
    this.player = player;
    this.#script = script;
    this.#masks = masks;
    this.#comparison = comparison;
    this.#others = new Set(
      Array.from(script.clients.values(), (client) => client.player.name).filter(
        (name) => name !== player.name,
      ),
    );
  }

  // What the engine asks -----------------------------------------------------------------------------------

  happened(step: DeedStep): boolean {
    // Its sockets are known by what they say first, and nobody has to wait for it to leave.
    if (step.kind !== 'send' || !step.changes) return true;
    const key = this.#noticeKey(step.client.protocol, step.frameKind, step.bytes);
    if (key === null) return this.#played.has(step.client);
    let due = this.#noticesDue.get(step);
    if (due === undefined) {
      due = { key, count: (this.#noticesRead.get(key) ?? 0) + 1 };
      this.#noticesRead.set(key, due.count);
      this.#noticesDue.set(step, due);
    }
    return (this.#notices.get(key) ?? 0) >= due.count;
  }

  released(step: SendStep): void {
    this.#noticesDue.delete(step);
    const { client, sequence, at, frameKind, bytes, outcome, delivery } = step;
    if (!this.#isCompared(client.protocol, frameKind, bytes)) return;
    const to = delivery?.client.party ?? null;
    const hop = { from: client.conn, to: to?.conn ?? 0, kind: frameKind, outcome, bytes };
    this.#tell(hop, client.party, to, (conversation, unit) =>
      this.#comparison.lane(conversation).expect({ ...unit, sequence, at }),
    );
  }

  outgoing({ client, frameKind, bytes, delivery }: SendStep): Uint8Array {
    const { protocol } = client;
    const spec = protocol.frames[frameKind];
    if (spec === undefined) return bytes;
    const ranges = delivery === null ? [] : this.#masks.of(delivery.conversation, frameKind, bytes);
    return this.#translation.inverse().apply(spec, bytes, ranges);
  }

  incoming(protocol: Protocol, kind: number, bytes: Uint8Array): Uint8Array {
    return this.#translation.apply(protocol.frames[kind], bytes);
  }

  // What the relay's tap tells -----------------------------------------------------------------------------

  opened(conn: number, protocol: Protocol): void {
    this.#protocols.set(conn, protocol);
  }

  identified(conn: number, identity: Identity, stamp: Uint8Array): void {
    const protocol = this.#protocols.get(conn);
    if (protocol === undefined) return;
    const name = playerOf(identity.endpoint);
    const isLiving = !this.#others.has(name) && this.#isTheOne(name);
    if (isLiving) this.#findPart(protocol, identity);
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
    if (said !== undefined) this.#heard(party, 0, said.kind, said.outcome, said.bytes, said.arrived);
    this.onHappened();
  }

  hop(
    from: number,
    to: number,
    kind: number,
    outcome: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    arrived: Millis,
  ): number {
    const sender = this.#parties.get(from) ?? null;
    const protocol = this.#protocols.get(from);
    // Who has not said yet who it is says so with this frame.
    if (sender === null && protocol !== undefined && to === 0)
      this.#early.set(from, { kind, outcome, bytes: bytes.slice(at, end), arrived });
    else if (sender?.isLiving === true) this.#heard(sender, to, kind, outcome, bytes.slice(at, end), arrived);
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
    this.#protocols.delete(conn);
    this.#parties.delete(conn);
    this.#early.delete(conn);
  }

  turned(): void {
    // Nothing is gathered.
  }

  attach(): void {
    // Nothing is ever held.
  }

  // Its part -----------------------------------------------------------------------------------------------

  #heard(
    sender: LiveParty,
    to: number,
    kind: number,
    outcome: number,
    raw: Uint8Array,
    arrived: Millis,
  ): void {
    const { protocol, conn: from } = sender;
    const bytes = this.#translation.apply(protocol.frames[kind], raw);
    const key = this.#noticeKey(protocol, kind, bytes);
    if (key !== null) {
      this.#notices.set(key, (this.#notices.get(key) ?? 0) + 1);
      this.onHappened();
    }
    if (!this.#isCompared(protocol, kind, bytes)) return;
    this.#tell(
      { from, to, kind, outcome, bytes },
      sender,
      this.#parties.get(to) ?? null,
      (conversation, unit) => this.#comparison.lane(conversation).came({ ...unit, at: arrived }),
    );
  }

  /** The first who is none of the others. Whoever else comes is named, and left alone. */
  #isTheOne(name: string): boolean {
    if (this.#livingName === null) {
      this.#livingName = name;
      this.#translation.pair(name, this.player.name);
      this.isThere = true;
      if (name !== this.player.name) this.notes.push(`${this.player.name} was played by ${name}`);
    }
    if (name === this.#livingName) return true;
    if (!this.#strangers.has(name) && this.#strangers.size < STRANGERS_MAX) {
      this.#strangers.add(name);
      this.notes.push(`${name} came as well, and is no player of the recording`);
    }
    return false;
  }

  /** Which recorded connection this one stands for: of the same role and to the same target, at best on the same port. */
  #findPart(protocol: Protocol, { role, endpoint, toward }: Identity): void {
    const target = this.#translation.endpoint(toward);
    const parts = Array.from(this.#script.clients.values()).filter(
      (client) =>
        client.player === this.player &&
        client.protocol === protocol &&
        client.party.role === role &&
        (client.party.toward ?? '') === target &&
        !this.#played.has(client),
    );
    const here = this.#translation.endpoint(endpoint);
    const part = parts.find(({ party }) => party.endpoint === here) ?? parts[0];
    if (part === undefined) return;
    this.#played.add(part);
    const recorded = part.party.endpoint ?? '';
    if (recorded !== here && recorded.includes('/') && endpoint.includes('/'))
      this.#translation.pairEndpoints(endpoint, recorded);
  }

  /** What changes who is in which group, by what it does; null for all else. */
  #noticeKey(protocol: Protocol, kind: number, bytes: Uint8Array): string | null {
    const notice = protocol.groupNotice?.({ ...span(bytes), kind, at: 0, end: bytes.length }) ?? null;
    return notice === null ? null : `${protocol.name} ${notice.does}`;
  }

  /** Of what players say to a control server only what changes something: the rest goes by their clocks. */
  #isCompared(protocol: Protocol, kind: number, bytes: Uint8Array): boolean {
    return protocol.groupNotice === undefined || this.#noticeKey(protocol, kind, bytes) !== null;
  }

  #tell(
    hop: Hop,
    from: Party,
    to: Party | null,
    tell: (conversation: Conversation, unit: Unit) => void,
  ): void {
    const conversation = this.#script.cast.ofHop(hop, from, to);
    if (conversation === null || conversation.from === RELAY_END) return;
    const { protocol } = conversation;
    const isDelivered = to !== null;
    const bytes = isDelivered ? deliveredBytes(hop.bytes, this.#stampOf(from)) : hop.bytes;
    const kind = isDelivered ? deliveredKind(protocol, hop.kind) : hop.kind;
    tell(conversation, { kind, bytes, sequence: 0, at: 0, givenUp: false, isOptional: false });
  }

  /** Under the recorded addresses: the stamp that the recorded connection of this endpoint has. */
  #stampOf({ endpoint, stamp }: Party): Uint8Array | null {
    for (const { party } of this.#script.clients.values())
      if (party.endpoint === endpoint && (party.stamp?.length ?? 0) === (stamp?.length ?? 0))
        return party.stamp;
    return stamp;
  }
}
