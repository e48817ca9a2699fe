/**
 * The contract between the wire and everything else.
 *
 * This folder is sans-I/O: no sockets, no clock, no randomness, no Node, no DOM. It compiles
 * against ES2023 alone, so that the relay, the browser, the replay engine and the fuzzers run one
 * codec. A protocol is three things: a layout (what a frame looks like, as data), a framing (buffered
 * bytes to a length, as pure functions) and a behaviour (a hub and its sessions, which act only
 * through an outlet and are told the time).
 */

import type { Guard } from './guard.ts';

// Vocabulary ----------------------------------------------------------------------------------

/** Milliseconds, with fractions, on a monotonic clock that the caller owns. Only ever compared and added to. */
export type Millis = number;

/** Index into `Protocol.frames`. Stored in captures, so a kind is never renumbered. */
export type FrameKind = number;

/** Which rule cuts the next bytes into frames. Private to each protocol. */
export type Mode = number;

/** Why a connection ended: a code of `fault.ts`, or `FAULTS_OWN` + an index into `Protocol.faults`. */
export type Fault = number;

/** What became of a frame: a code of `outcome.ts`. */
export type Outcome = number;

export const Direction = { toRelay: 0, toPeer: 1 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

export type Transport = 'tcp' | 'udp';

/** Where a connection comes from. IPv4 in its own notation, never as `::ffff:a.b.c.d`. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** TCP where nothing is said. What comes from one address by UDP counts as one connection, as long as it goes on. */
  readonly transport?: 'udp';
}

/** A stretch of memory, seen as bytes and as numbers: both start at the same place. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/**
 * One whole frame, borrowed: `bytes[at, end)`.
 *
 * A reader owns a single instance and overwrites it for the next frame, so it is valid only until
 * the call that was handed it returns. Copy the bytes to keep them.
 */
export interface FrameView extends Span {
  readonly kind: FrameKind;
  readonly at: number;
  readonly end: number;
}

// Layout: what a frame looks like, as data ------------------------------------------------------
// One table feeds the dissector, the docs, the fuzz generators, and the slow reference codec that
// the fast path is tested against.

export type FieldType =
  | 'u8'
  | 'u16le'
  | 'u32le'
  | 'i32le'
  | 'u16be'
  | 'u32be'
  | 'mac'
  /** Any number of MAC addresses, one after another. */
  | 'macs'
  | 'ascii'
  | 'utf8'
  /** Any bytes at all, as text that people can read and that says each of them: `escaped.ts`. */
  | 'escaped'
  /** A number in ASCII digits. */
  | 'decimal'
  /** A line of text, in which control characters mean nothing. */
  | 'line'
  | 'bytes'
  | 'padding';

export type FieldSize =
  /** Bytes. */
  | number
  /** What the earlier field of this name counts: bytes, or pieces of so many bytes. */
  | { readonly from: string; readonly times?: number }
  /** Up to the first byte of this value, which belongs to the field and not to its value; so many bytes before it, at most and at least. */
  | { readonly until: number; readonly max: number; readonly min?: number }
  /** As many control characters as there are. */
  | 'controls'
  /** All that is left. */
  | 'rest'
  /** Inside another field alone, which says where it ends: so many bytes at most. */
  | { readonly max: number };

export interface FieldSpec {
  readonly name: string;
  readonly type: FieldType;
  readonly size: FieldSize;
  /** Names of the values that have one. */
  readonly names?: Readonly<Record<number, string>>;
  /** The one value that this field has in every frame of this kind. */
  readonly always?: number | string;
  /** Of a number: the least and the greatest that it is in a frame of this kind. */
  readonly min?: number;
  readonly max?: number;
  /** It counts all bytes of the frame that come after it. */
  readonly countsRest?: true;
  /** What is in it, where that takes more than a table to say. */
  readonly inside?: Inside;
  /** The field before it that holds the address to which this port belongs. */
  readonly portOf?: string;
  /**
   * What the relay made up for somebody: the same wherever it means them, and another in the next run. A number in frames
   * of the relay's own alone; a text also in what clients say, and `given` in the frame by which the relay tells them.
   */
  readonly handle?: true | 'given';
  /** Of a number: people may name its values, which mean what a program of theirs says. One field of a protocol at most. */
  readonly isNamed?: true;
  readonly note?: string;
}

/** Names that people gave to values, by the field that has them. */
export type GivenNames = ReadonlyMap<string, Readonly<Record<number, string>>>;

/** The inside of a field that is written in a notation of its own. Both ways are pure. */
export interface Inside {
  /** What may be in it, each with a name that no other field of the frame has: for generators, filters and docs. */
  readonly fields: readonly FieldSpec[];
  /** Rows within `[at, end)`, in order; null where the bytes are not in this notation. */
  read(bytes: Uint8Array, at: number, end: number): readonly InsideRow[] | null;
  /** Takes a value for each field. */
  write(values: Readonly<Record<string, number | string | Uint8Array>>): Uint8Array;
}

export interface InsideRow {
  readonly name: string;
  readonly at: number;
  readonly size: number;
  readonly value: number | string | Uint8Array;
}

export interface FrameSpec {
  readonly name: string;
  readonly direction: Direction;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly fields: readonly FieldSpec[];
  readonly note?: string;
  /** The rule for the bytes after this frame, each way, where it changes. */
  readonly then?: { readonly toRelay?: Mode; readonly toPeer?: Mode };
  /** The kind as which a receiver sees this frame, where the relay forwards it. */
  readonly becomes?: FrameKind;
  /** Part of a stream that tolerates no loss: where its target is slow, its sender is slowed. */
  readonly lossless?: boolean;
  /**
   * Meant for the relay itself. Only such a frame, a new connection, an end or a wake-up may move a hub's deadline, and only
   * for such a frame may a session end a connection: it is recorded before its session sees it.
   */
  readonly forRelay?: boolean;
  /** Whatever bytes there are; where they are cut means nothing. */
  readonly pieces?: boolean;
  /**
   * After it come, before anything else, as many bytes as this field says: in frames of `kind`, which is in `pieces`. So
   * what is too long to be held is passed on as it comes.
   */
  readonly announces?: { readonly kind: FrameKind; readonly field: string };
  /** What no other kind of its mode fits. */
  readonly otherwise?: true;
}

export interface FaultSpec {
  readonly name: string;
  /** A sentence for people, without a full stop. */
  readonly text: string;
  /** It is the operator who can do something about it: logged as a warning. */
  readonly warn?: true;
}

// Framing: buffered bytes to a length -----------------------------------------------------------

export interface Framing {
  /** The rule for the first bytes of a connection, each way. */
  readonly start: { readonly toRelay: Mode; readonly toPeer: Mode };

  /** The rule for the bytes of each datagram, where the protocol has them too. */
  readonly datagram?: Mode;

  /**
   * The length of the frame that starts at `at`: positive once its header is known, even if its
   * body has not all arrived; 0 while the header is incomplete; `-fault` if it can never be valid.
   * Pure. Reads only `[at, end)`, which is never empty. More bytes never change a non-zero answer,
   * except for kinds with `pieces`, which take what is there. An over-long frame is refused from
   * its header, before its body is buffered.
   */
  measure(mode: Mode, view: DataView, at: number, end: number): number;

  /** The kind of the whole frame `[at, end)`. Called once for each. Pure. */
  classify(mode: Mode, view: DataView, at: number, end: number): FrameKind;

  /** How many bytes the whole frame `[at, end)`, of a kind that `announces`, says that come after it. Pure. */
  announced?(view: DataView, at: number, end: number): number;
}

// Behaviour: one hub per listener, one session per connection -----------------------------------

/** Who a connection speaks for, once it has said so. For captures, logs and screens. */
export interface Identity {
  /** What this connection is for, in the protocol's own word: `pdp`, `ptp-listen`, ... */
  readonly role: string;
  /** Its own address in the protocol: `02:aa:bb:cc:dd:01/12345`, a name, a virtual address. */
  readonly endpoint: string;
  /** The one endpoint that it talks to; empty where there may be many. */
  readonly toward: string;
  /** What its player is called; empty where it has not said so. */
  readonly nickname: string;
  /** The code of the game that is played, the same for all releases that play together; empty where it is not known. */
  readonly game: string;
  readonly gameName: string;
}

/** All that a session can do. The relay, the replay engine and the tests each implement it. */
export interface Outlet {
  /** Names this connection in captures and logs. */
  readonly id: number;

  /** Hands the connection to another session, which gets every later call, `gone` included. */
  become(session: Session): void;

  /**
   * Tells who this connection speaks for. Once, at most.
   * `stamp` (kept: it must not change after) is what is written over the start of every frame forwarded *from* this
   * connection: how PDP turns "to" into "from". Empty where frames pass unchanged.
   */
  identify(identity: Identity, stamp: Uint8Array): void;

  /**
   * Passes the frame in hand on to this connection, with the stamp of `from`, the connection it
   * came by. A frame is forwarded at most once, because the stamp is written in place.
   */
  forward(frame: FrameView, from: Outlet): void;

  /**
   * Sends a frame of the relay's own. The bytes are borrowed. By UDP nobody is sent more bytes in all than came from
   * there: what would be more is dropped.
   */
  send(kind: FrameKind, bytes: Uint8Array): void;

  /** Stops or restarts the delivery of this connection's frames; unread bytes wait, none is lost. */
  hold(on: boolean): void;

  /**
   * Stops the delivery of this connection's frames for as long as `target` has as much waiting as it may be given: as if
   * the frame in hand were lossless and had filled it. For whoever is about to begin what cannot be left half done.
   */
  awaitRoom(target: Outlet): void;

  /** Whether nothing is read from it for now, or was until just now, for whatever reason: who cannot be heard is not silent. */
  readonly isHeld: boolean;

  /**
   * From now on all bytes that either of the two gets go to the other as they come, and so does its end, be it of one
   * direction or of both, and its breaking. Frames are cut on the side, to be recorded: a session answers `forwarded` for
   * each without forwarding it, and bytes that are no frames go on all the same. For those who look on and are not to be
   * noticed. Nothing of either may have been read yet: its hub has held it from the start, and lets go after this.
   */
  join(other: Outlet): void;

  /**
   * Nothing may be sent after; what was sent before is still delivered. `gone` is called before this
   * returns. Closing what is closed is harmless. Where it is joined, the other is closed as well.
   */
  close(fault: Fault): void;
}

export interface Session {
  /** Who this is: for people, never for decisions. */
  readonly label: string;
  /** What it does or waits for: for people, never for decisions. */
  readonly state: string;
  /** It has said who it is, and is not believed yet. */
  readonly isPending?: boolean;
  /**
   * Takes one frame and says what became of it: forwarded (then `forward` was called), consumed, or
   * the reason for which it was dropped.
   */
  frame(frame: FrameView, now: Millis): Outcome;
  /** The connection that its hub dialled stands. */
  connected?(now: Millis): void;
  /**
   * The connection is over, whoever ended it. Called exactly once. One that was dialled and never stood never came about:
   * it was refused, or timed out.
   */
  gone(now: Millis): void;
}

/** People, each by what makes them one person in this protocol: the number of a MAC address, a name. */
export interface Players {
  readonly size: number;
  keys(): Iterable<number | string>;
}

/** A game that people play, with those who do. For status pages. */
export interface LobbyGame {
  /** Of the release that all count as, and then of the others. */
  readonly codes: readonly string[];
  readonly name: string;
  readonly players: readonly LobbyPlayer[];
}

export interface LobbyPlayer {
  /** As the player's connections name themselves, less their port. */
  readonly endpoint: string;
  readonly nickname: string;
  /** Null for one who is in none. */
  readonly group: string | null;
}

export interface Hub {
  /** The session for a new connection. It must not use the outlet before it is returned, but to hold it. */
  accept(outlet: Outlet, peer: Peer, now: Millis): Session;
  /** The same for what comes from one address by UDP, where the protocol has that too. */
  acceptDatagrams?(outlet: Outlet, peer: Peer, now: Millis): Session;
  /** When `wake` is due; Infinity for never. Moves only as `FrameSpec.forRelay` says, or as a guard changes. */
  readonly deadline: Millis;
  /** Early and repeated calls are harmless. */
  wake(now: Millis): void;
  /** Who plays, as well as this protocol can tell. */
  readonly players: Players;
  /** For inspection, never on the frame path. */
  sessions(): Iterable<Session>;
  /** What is played, where this protocol is how players find each other. Never on the frame path. */
  lobby?(): readonly LobbyGame[];
}

/** What a hub is made with. */
export interface HubContext {
  /** 32 bits that no client can guess: what keeps chosen addresses from slowing tables down. */
  readonly random: () => number;
  /** Who may play with whom. Shared by all hubs of a relay. */
  readonly guard: Guard;
  /**
   * Connects to somebody who listens elsewhere, by address or by name. `session` makes the session of this connection at
   * once; later it is told that the connection stands, or that it is gone. What both ends say is read as said to the relay.
   */
  readonly dial: (target: Peer, session: (outlet: Outlet) => Session) => void;
  /** Milliseconds since 1970, as the wall clock has it: to be told to people, never for decisions. */
  readonly unixMs: () => number;
  /** Nobody is sent away for saying nothing: who is logged in may stand still until somebody comes. */
  readonly isPatient?: boolean;
}

// The module: what protocol/<name>/index.ts exports ---------------------------------------------

export interface Protocol {
  /** Stored in every capture. Never reused. */
  readonly id: number;
  /** The folder's name, and its name in options, in the API and on screen. */
  readonly name: string;
  readonly title: string;
  /** Raised when recorded bytes would come to mean something else. */
  readonly revision: number;
  /** What it listens for, all on one port. */
  readonly transports: readonly Transport[];
  readonly port: number;
  /** Nobody listens for it unless asked to. */
  readonly isOptional?: true;
  /** Each of its listeners stands before somebody who listens elsewhere, and passes on to them. */
  readonly isProxy?: true;
  /** Why a capture of it cannot be replayed, where that is so. A sentence for people, without a full stop. */
  readonly noReplay?: string;
  /** What its tables cannot say, for its page in the docs: sentences, each a point of its own. */
  readonly about?: readonly string[];
  /** How long a frame that has begun may take to be whole, where that is limited, and why its connection is closed then. */
  readonly unfinished?: { readonly ms: Millis; readonly fault: Fault };
  readonly frames: readonly FrameSpec[];
  readonly faults: readonly FaultSpec[];
  /** Bytes that may wait for one slow reader before it is closed as too slow. */
  readonly outboxBytesMax: number;
  readonly framing: Framing;
  /** One line for the frame list, with the names that people gave to its numbers, if they did. */
  summarize(frame: FrameView, names?: GivenNames): string;
  createHub(context: HubContext): Hub;
  /** What a frame says about who plays with whom, where this protocol is how players find each other. Pure. */
  groupNotice?(frame: FrameView): GroupNotice | null;
  /** To which endpoint a frame was addressed that reached nobody; null where it names none. Pure. */
  addressee?(frame: FrameView): string | null;
  /**
   * From which endpoint a frame says that it comes, as its receiver sees it; null where it names none. Pure, and the same
   * for frames of a kind that agree in the fields of fixed size with which they begin, where they begin with such.
   */
  sender?(frame: FrameView): string | null;
}

/**
 * What happens to the player of the connection by which a frame came or went. Who asks for a group leaves
 * the one before, and is in the new one as soon as the relay has named the player who leads it.
 */
export type GroupNotice =
  | { readonly does: 'asks'; readonly group: string }
  /** `leader` is an endpoint: the player's own where the group is new. */
  | { readonly does: 'joins'; readonly leader: string }
  | { readonly does: 'leaves' };

// The tap: the only way by which frames reach a recorder ------------------------------------------

/** Names a hop until it has departed; negative where the hop was not kept. */
export type HopRef = number;

/** Stands for the relay itself where a hop has no connection at that end. */
export const RELAY = 0;

/**
 * Calls come in order, return at once, and never throw. Bytes are borrowed. `now` is the relay's
 * monotonic clock. Connections are numbered from 1; 0 (`RELAY`) stands for the relay itself.
 */
export interface Tap {
  opened(conn: number, protocol: Protocol, peer: Peer, now: Millis): void;
  identified(conn: number, identity: Identity, stamp: Uint8Array): void;
  /**
   * One frame on its way: arrived at `arrived` from `from`, on its way to `to`, its bytes as they
   * came in (before any stamp). Frames of the relay's own come from `RELAY`; frames that go no
   * further go to `RELAY`.
   */
  hop(
    from: number,
    to: number,
    kind: FrameKind,
    outcome: Outcome,
    bytes: Uint8Array,
    at: number,
    end: number,
    arrived: Millis,
  ): HopRef;
  /** The hop, recorded as consumed before its session saw it, came to something else. */
  amend(hop: HopRef, outcome: Outcome): void;
  /** The hop's last byte was handed to the system's socket. */
  departed(hop: HopRef, now: Millis): void;
  /** The hop was still waiting when its target's connection ended. */
  undelivered(hop: HopRef): void;
  closed(conn: number, fault: Fault, now: Millis): void;
  /** All writes of this turn have been made: whatever is full may be handed over now. */
  turned(): void;
  /**
   * Gives the tap a way to stop all reading while it cannot keep up, if its policy is to lose nothing.
   * It must have room left for the frame in hand and those that it sets off.
   */
  attach(hold: (on: boolean) => void): void;
}
