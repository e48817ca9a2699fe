/**
 * Who is who: the roles of a play, and which conversation each of its frames is part of.
 *
 * The rule: what is delivered belongs to the conversation from its sender to its receiver; what the relay says
 * itself, to the one from the relay; what goes no further than the relay, to the one to it, or to whom it was
 * meant for. One function says so for recorded frames and for those that arrive.
 */
import { kindName, UNFRAMED } from '../protocol/kind.ts';
import { span } from '../protocol/memory.ts';
import { Outcome } from '../protocol/outcome.ts';
import { Direction, type FrameKind, type Protocol } from '../protocol/types.ts';
import type { RecordedConnection } from '../recorder/captures.ts';
import { playerOf } from '../recorder/sessions/session.ts';
import { own } from './own.ts';
import { Senders } from './senders.ts';
import { textHandles } from './text-handles.ts';
import { type Conversation, type End, RELAY_END, type Role } from './types.ts';

/** What is known of a connection, recorded or live. */
export type Party = Pick<RecordedConnection, 'conn' | 'protocol' | 'endpoint' | 'toward' | 'stamp'>;

/** A frame between two connections, with its bytes as they came; 0 is the relay. */
export interface Hop {
  readonly from: number;
  readonly to: number;
  readonly kind: FrameKind;
  readonly outcome: number;
  readonly bytes: Uint8Array;
}

export class Cast {
  readonly roles: readonly Role[];
  readonly #byPlayer: ReadonlyMap<string, Role>;
  readonly #ends = new Map<string, End>();
  /** By their ends, which are the same objects for the same endpoints; few are between the same two. */
  readonly #conversations = new Map<End, Map<End, Conversation[]>>();
  readonly #senders = new Senders();

  /** In the order in which they came; nicknames are empty where none is known. */
  constructor(players: readonly Pick<Role, 'player' | 'nickname'>[]) {
    this.roles = players.map(({ player, nickname }, i) => ({ name: `P${i + 1}`, player, nickname }));
    this.#byPlayer = new Map(this.roles.map((role) => [role.player, role]));
  }

  /** By its name, or as people call the player: `P2`, a nickname, an address. Null where it is not one alone. */
  find(word: string): Role | null {
    const wanted = word.toLowerCase();
    for (const key of ['name', 'player', 'nickname'] as const) {
      const found = this.roles.filter((role) => role[key].toLowerCase() === wanted);
      if (found.length === 1) return found[0] ?? null;
    }
    return null;
  }

  roleOf(endpoint: string): Role | null {
    return this.#byPlayer.get(playerOf(endpoint)) ?? null;
  }

  end(endpoint: string): End {
    let end = this.#ends.get(endpoint);
    if (end === undefined) {
      end = { role: this.roleOf(endpoint)?.name ?? '?', endpoint };
      this.#ends.set(endpoint, end);
    }
    return end;
  }

  /** The same object for the same conversation. */
  conversation(protocol: Protocol, from: End, to: End, kind: FrameKind | null): Conversation {
    const between = this.#between(from, to);
    for (const each of between) if (each.kind === kind && each.protocol === protocol) return each;
    const spec = kind === null ? undefined : protocol.frames[kind];
    // What names who it is for is no block of a stream between two.
    const isStream = spec?.lossless === true && textHandles(spec).length === 0;
    const conversation = { protocol, from, to, kind, isStream };
    between.push(conversation);
    return conversation;
  }

  #between(from: End, to: End): Conversation[] {
    let others = this.#conversations.get(from);
    if (others === undefined) this.#conversations.set(from, (others = new Map<End, Conversation[]>()));
    let between = others.get(to);
    if (between === undefined) others.set(to, (between = []));
    return between;
  }

  /** Of a frame as `to` gets it. `from` is null for the relay. */
  delivered(protocol: Protocol, from: End | null, to: Party, kind: FrameKind): Conversation {
    const receiver = this.end(endpointOf(to));
    return from === null
      ? this.conversation(protocol, RELAY_END, receiver, null)
      : this.conversation(protocol, from, receiver, kind);
  }

  /** Of what arrives at the client of `to`, who must find out who sent it. */
  arriving(protocol: Protocol, to: Party, kind: FrameKind, bytes: Uint8Array): Conversation {
    if (isRelaysOwn(protocol, kind)) return this.delivered(protocol, null, to, kind);
    const sender = this.#senderOf(protocol, to, kind, bytes);
    // Where nobody is named, it is the relay who said it.
    return this.delivered(protocol, sender === '' ? null : this.end(sender), to, kind);
  }

  /** Whether `to` cannot find out from whom this is that somebody else sent it. */
  isUnsigned(protocol: Protocol, to: Party, kind: FrameKind, bytes: Uint8Array): boolean {
    return !isRelaysOwn(protocol, kind) && this.#senderOf(protocol, to, kind, bytes) === '';
  }

  /** Empty where nobody is named. */
  #senderOf(protocol: Protocol, to: Party, kind: FrameKind, bytes: Uint8Array): string {
    return this.#senders.of(protocol, kind, bytes) ?? to.toward ?? '';
  }

  /** Of any hop. Null where its protocol is not known, so that nothing can be said of it. */
  ofHop(hop: Hop, from: Party | null, to: Party | null): Conversation | null {
    const protocol = (from ?? to)?.protocol ?? null;
    if (protocol === null) return null;
    if (to !== null) {
      const sender = from === null ? null : this.end(endpointOf(from));
      return this.delivered(protocol, sender, to, deliveredKind(protocol, hop.kind));
    }
    if (from === null) return null;
    const sender = this.end(endpointOf(from));
    // What the relay takes for itself has one order, whatever its kinds.
    if (hop.outcome === Outcome.consumed || hop.kind === UNFRAMED)
      return this.conversation(protocol, sender, RELAY_END, null);
    const view = { ...span(hop.bytes), kind: hop.kind, at: 0, end: hop.bytes.length };
    const addressee = protocol.addressee?.(view) ?? from.toward ?? '';
    const receiver = addressee === '' ? RELAY_END : this.end(addressee);
    return this.conversation(protocol, sender, receiver, hop.kind);
  }
}

/** Of the players of a session, or of whoever opened connections, in the order in which they did. */
export function castOf(parties: Iterable<Pick<RecordedConnection, 'endpoint' | 'nickname'>>): Cast {
  const players = new Map<string, string>();
  for (const { endpoint, nickname } of parties) {
    if (endpoint === null || endpoint === '') continue;
    const player = playerOf(endpoint);
    players.set(player, (players.get(player) ?? '') || (nickname ?? ''));
  }
  return new Cast(Array.from(players, ([player, nickname]) => ({ player, nickname })));
}

export function endpointOf({ conn, endpoint }: Pick<Party, 'conn' | 'endpoint'>): string {
  return endpoint === null || endpoint === '' ? `connection ${conn}` : endpoint;
}

/** The kind as which a receiver sees a frame of this one. */
export function deliveredKind(protocol: Protocol, kind: FrameKind): FrameKind {
  return protocol.frames[kind]?.becomes ?? kind;
}

/** A copy of a frame's bytes as its receiver got them: the sender's stamp over their start. */
export function deliveredBytes(bytes: Uint8Array, stamp: Uint8Array | null): Uint8Array {
  const delivered = own(bytes);
  if (stamp !== null)
    delivered.set(stamp.length > delivered.length ? stamp.subarray(0, delivered.length) : stamp);
  return delivered;
}

const relaysOwn = new WeakMap<Protocol, ReadonlySet<FrameKind>>();

/** Whether clients get frames of this kind from the relay itself, and never from each other. */
export function isRelaysOwn(protocol: Protocol, kind: FrameKind): boolean {
  let own = relaysOwn.get(protocol);
  if (own === undefined) {
    const passedOn = new Set(protocol.frames.map(({ becomes }) => becomes));
    own = new Set(
      protocol.frames.flatMap(({ direction }, each) =>
        direction === Direction.toPeer && !passedOn.has(each) ? [each] : [],
      ),
    );
    relaysOwn.set(protocol, own);
  }
  return own.has(kind);
}

/** The frame kinds of a conversation, for people. */
export function conversationKind({ protocol, kind }: Conversation): string {
  return kind === null ? 'control' : kindName(protocol, kind);
}
