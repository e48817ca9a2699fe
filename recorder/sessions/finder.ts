/**
 * Finds the sessions of a capture from what happened in it, told in order: connections that open, say who
 * they are and close, and frames.
 *
 * Players who are logged in at a control server play in its groups. The others play with whomever they
 * exchange frames with, or try to: such a tally is kept of each of them from the start, and becomes a
 * session as soon as there is somebody else in it.
 *
 * The rule: what it answers depends on what it was told alone, never on when it was asked. So a relay that
 * records and a program that reads the recording find the same. What is over is forgotten.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { span as viewOf } from '../../protocol/memory.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { FrameView, GroupNotice, Identity, Protocol } from '../../protocol/types.ts';
import { Absences } from './absences.ts';
import { Connection, type Hop, isMulticast, keepEarly, Player, tallyOf } from './cast.ts';
import { Departures } from './departures.ts';
import { playerOf, type SessionEnd } from './session.ts';
import { Span, Tally } from './tally.ts';

/** Of how many frames that reached nobody a connection's first ones are asked for whom they were. */
export const ADDRESSEES_ASKED_MAX = 16;

/** Connections that have closed again in what is no session yet; with more, it starts over. */
export const CLOSED_SPANS_MAX = 1000;

/** How a session ended whose last connection ended so; null where that was the consequence of another end. */
const ends: ReadonlyMap<number, SessionEnd | null> = new Map<number, SessionEnd | null>([
  [CommonFault.none, 'left'],
  [CommonFault.replaced, 'left'],
  [CommonFault.shutdown, 'stopped'],
  [CommonFault.partnerGone, null],
  [CommonFault.loggedOut, null],
  [CommonFault.notInGroup, null],
]);

const reachedNobody: ReadonlySet<number> = new Set([Outcome.noTarget, Outcome.tooLarge, Outcome.refused]);

/** Outcomes of frames that were acted on. Those that may still become each other are all in here. */
const tookEffect: ReadonlySet<number> = new Set([
  Outcome.forwarded,
  Outcome.consumed,
  Outcome.originated,
  Outcome.undelivered,
]);

/** Outcomes of frames that may leave later than they are told. */
const mayDepart: ReadonlySet<number> = new Set([Outcome.forwarded, Outcome.originated]);

export interface Changes {
  /** Sessions of which something is not written yet. */
  readonly changed: readonly Tally[];
  /** Sessions that went into others. */
  readonly merged: readonly Tally[];
}

export class SessionFinder {
  readonly #connections = new Map<number, Connection>();
  readonly #players = new Map<string, Player>();
  readonly #absences = new Absences(({ name }) => void this.#players.delete(name));
  readonly #departures = new Departures();
  /** Departures are told later than their frames. */
  readonly #awaits: boolean;
  /** Where that is counted which must not be. */
  readonly #sink = new Tally(0, null);
  #changed: Tally[] = [];
  #merged: Tally[] = [];
  #made = 0;
  #found = 0;
  #named = 0;
  /** The latest time that it was told. */
  #now = 0;
  readonly #reads: { -readonly [K in keyof FrameView]: FrameView[K] } = {
    ...viewOf(new Uint8Array(0)),
    kind: 0,
    at: 0,
    end: 0,
  };

  /** `awaits`: that a frame has departed may be told later than the frame itself. */
  constructor(awaits: boolean) {
    this.#awaits = awaits;
  }

  /** How many connections, players and frames are remembered. For tests. */
  get size(): number {
    return this.#connections.size + this.#players.size + this.#departures.size;
  }

  /** What has changed since the last call. */
  take(): Changes {
    const changed: Tally[] = [];
    for (const tally of this.#changed) {
      tally.isChanged = false;
      if (tally.into === null && tally.number > 0) changed.push(tally);
    }
    const merged = this.#merged;
    this.#changed = [];
    this.#merged = [];
    return { changed, merged };
  }

  // What happens. `after` is the last sequence number that was given before ------------------------------

  opened(conn: number, protocol: Protocol | null, at: number, after: number): void {
    this.#pass(at);
    this.#connections.set(conn, new Connection(conn, protocol, at, after + 1));
  }

  identified(
    conn: number,
    { endpoint, toward, nickname, game, gameName }: Omit<Identity, 'role'>,
    after: number,
  ): void {
    const connection = this.#connections.get(conn);
    if (connection?.player !== null || endpoint === '') return;
    const player = this.#player(playerOf(endpoint));
    connection.player = player;
    if (nickname !== '') player.nickname = { text: nickname, order: ++this.#named };
    if (connection.protocol?.groupNotice !== undefined) {
      this.#leave(player, after, 'left', this.#now);
      if (player.login !== null) player.login.isLogin = false;
      player.login = connection;
      connection.isLogin = true;
      player.game = game;
      player.gameName = gameName;
    } else if (player.login === null) {
      player.tally ??= this.#newTally(null);
      this.#fill(player.tally.root, game, gameName);
    }
    player.connections.add(connection);
    this.#absences.returned(player);
    if (player.tally !== null) {
      const first = Math.max(connection.first, player.since);
      const since = first > connection.first ? this.#now : connection.opened;
      this.#attach(connection, first, since, after + 1);
    }
    connection.early = [];
    if (player.login === null && toward !== '') this.#edge(player, playerOf(toward), after + 1);
  }

  closed(conn: number, fault: number, at: number, after: number): void {
    this.#pass(at);
    this.#departures.forget(conn);
    const connection = this.#connections.get(conn);
    if (connection === undefined) return;
    this.#connections.delete(conn);
    const { player } = connection;
    if (player === null) return;
    const end = ends.get(fault);
    const cause = end === undefined ? 'lost' : end;
    if (player.login === connection) this.#leave(player, after, cause, at);
    else this.#detach(connection, after, cause, at);
    player.connections.delete(connection);
    if (player.login === connection) {
      player.login = null;
      player.since = after + 1;
      if (player.connections.size > 0) this.#startOver(player, after + 1);
    }
    if (player.connections.size === 0) this.#absences.left(player, at);
  }

  /** `from` and `to` are 0 for the relay; `departed` is null where the frame has not left, or never will. */
  frame(
    sequence: number,
    arrived: number,
    departed: number | null,
    from: number,
    to: number,
    kind: number,
    outcome: number,
    bytes: Uint8Array,
  ): void {
    if (arrived > this.#now) this.#now = arrived;
    const a = from === 0 ? null : (this.#connections.get(from) ?? null);
    const b = to === 0 ? null : (this.#connections.get(to) ?? null);
    const notice =
      a?.isLogin === true || b?.isLogin === true ? this.#notice(a, b, kind, outcome, bytes) : null;
    if (notice !== null) this.#changeGroup((a ?? b)?.player ?? null, notice, sequence, arrived);
    if (a !== null && b !== null) {
      if (a.tally !== b.tally) this.#meet(a.player, b.player, sequence);
    } else if (a !== null && a.asked < ADDRESSEES_ASKED_MAX && reachedNobody.has(outcome)) {
      this.#ask(a, kind, sequence, bytes);
    }

    let near = a === null ? null : tallyOf(a);
    let far = b === null ? null : tallyOf(b);
    if (near === null) {
      near = far;
      far = null;
    } else if (near === far) far = null;
    if (near !== null && far !== null) {
      const part = near.facing(far);
      far = far.facing(near);
      near = part;
    }
    if (near !== null) this.#count(near, sequence, arrived, bytes.length, departed);
    if (far !== null) this.#count(far, sequence, arrived, bytes.length, departed);

    const isEarly = (a !== null && a.player === null) || (b !== null && b.player === null);
    const isAwaited = this.#awaits && departed === null && to !== 0 && mayDepart.has(outcome);
    if (isEarly || (isAwaited && near !== null)) {
      const size = bytes.length;
      const hop: Hop = { sequence, arrived, bytes: size, departed, isUnfollowed: false, a: near, b: far, to };
      if (a?.player === null) keepEarly(a, hop, to);
      if (b?.player === null) keepEarly(b, hop, from);
      if (isAwaited && !this.#departures.await(hop)) {
        hop.isUnfollowed = true;
        near?.loseDelays();
        far?.loseDelays();
      }
    }
    if (notice?.does === 'leaves') this.#leavesGroup((a ?? b)?.player ?? null, sequence, arrived);
  }

  /** A frame that was told without it left at this time. */
  departed(sequence: number, at: number): void {
    const hop = this.#departures.settle(sequence);
    if (hop === null) return;
    hop.departed = at;
    for (const tally of [hop.a?.root, hop.b?.root]) {
      if (tally === undefined) continue;
      tally.delay(at - hop.arrived);
      this.#touch(tally);
    }
  }

  /** A frame that was told will never leave. */
  undelivered(sequence: number): void {
    this.#departures.settle(sequence);
  }

  /** The capture is over; `clean` is that the relay was stopped and not killed. */
  end(at: number, lastSequence: number, clean: boolean): void {
    for (const connection of this.#connections.values()) {
      this.#detach(connection, lastSequence, clean ? 'stopped' : 'unclean', at);
    }
  }

  // Players ----------------------------------------------------------------------------------------------

  /** Whoever has that name, unless who had it is over. */
  #find(name: string): Player | null {
    const player = this.#players.get(name);
    if (player === undefined) return null;
    if (!this.#absences.isOver(player, this.#now)) return player;
    this.#absences.forget(player);
    return null;
  }

  #player(name: string): Player {
    const known = this.#find(name);
    if (known !== null) return known;
    const player = new Player(name);
    this.#players.set(name, player);
    return player;
  }

  #pass(now: number): void {
    if (now > this.#now) this.#now = now;
    this.#absences.pass(this.#now);
  }

  /** The player's connections leave what they are in. */
  #leave(player: Player, last: number, cause: SessionEnd | null, at: number): void {
    for (const connection of player.connections) this.#detach(connection, last, cause, at);
    player.tally = null;
  }

  /** Gives a player without a control server a tally of its own, from now on. */
  #startOver(player: Player, first: number): void {
    player.tally = this.#newTally(null);
    player.since = first;
    for (const connection of player.connections) this.#attach(connection, first, this.#now, first);
  }

  // Connections in tallies -------------------------------------------------------------------------------

  /** Takes part from the frame `first` on, and since the time `since`; `next` is the number of the next frame. */
  #attach(connection: Connection, first: number, since: number, next: number): void {
    const player = connection.player as Player;
    const tally = (player.tally as Tally).root;
    if (tally.number === 0 && tally.spans.length - tally.open >= CLOSED_SPANS_MAX) {
      this.#leave(player, next - 1, 'left', this.#now);
      // One that waits for its group waits no longer.
      if (player.login === null) this.#startOver(player, next);
      return;
    }
    const span = new Span(connection.conn, player.name, first);
    connection.span = span;
    connection.tally = tally;
    tally.openSpan(span, since);
    tally.join(player.name, player.nickname, first);
    for (const hop of connection.early) {
      if (hop.sequence < first) continue;
      this.#count(tally, hop.sequence, hop.arrived, hop.bytes, hop.departed);
      if (hop.isUnfollowed) tally.loseDelays();
      if (hop.a === null) hop.a = tally;
      else hop.b = tally;
    }
    this.#touch(tally);
  }

  #detach(connection: Connection, last: number, cause: SessionEnd | null, at: number): void {
    const { span } = connection;
    const tally = tallyOf(connection);
    connection.span = null;
    connection.tally = null;
    if (span === null || tally === null) return;
    tally.closeSpan(span, last, cause, at);
    this.#touch(tally);
  }

  // Groups -----------------------------------------------------------------------------------------------

  #notice(
    a: Connection | null,
    b: Connection | null,
    kind: number,
    outcome: number,
    bytes: Uint8Array,
  ): GroupNotice | null {
    const connection = a ?? b;
    if (connection?.isLogin !== true || !tookEffect.has(outcome)) return null;
    const frame = this.#read(connection.protocol, kind, bytes);
    return frame === null ? null : (connection.protocol?.groupNotice?.(frame) ?? null);
  }

  #changeGroup(player: Player | null, notice: GroupNotice, sequence: number, arrived: number): void {
    if (player === null) return;
    if (notice.does === 'asks') this.#asks(player, notice.group, sequence, arrived);
    else if (notice.does === 'joins') this.#joins(player, playerOf(notice.leader), sequence, arrived);
  }

  #asks(player: Player, group: string, sequence: number, arrived: number): void {
    this.#leave(player, sequence - 1, 'left', arrived);
    const tally = this.#newTally(group);
    tally.isPending = true;
    this.#fill(tally, player.game, player.gameName);
    player.tally = tally;
    player.since = sequence;
    for (const connection of player.connections) this.#attach(connection, sequence, arrived, sequence);
  }

  #joins(player: Player, leader: string, sequence: number, arrived: number): void {
    const isLeader = leader === player.name;
    const other = isLeader ? null : this.#find(leader);
    const theirs = other?.login == null ? null : (other.tally?.root ?? null);
    if (player.tally?.root.isPending !== true) {
      // What it asked for is lost. A player who is in the group already is told nothing new.
      const present = player.tally?.root ?? null;
      if (present !== null && (isLeader || present === theirs)) return;
      this.#asks(player, '', sequence, arrived);
    }
    const tally = player.tally?.root;
    if (tally === undefined) return;
    if (theirs === null || theirs.isPending) {
      tally.settle(tally, this.#sink);
      this.#becomeSession(tally);
    } else {
      tally.settle(theirs, this.#sink);
      this.#merge(tally, theirs);
    }
  }

  #leavesGroup(player: Player | null, sequence: number, arrived: number): void {
    if (player !== null) this.#leave(player, sequence, 'left', arrived);
  }

  // Who plays with whom where no control server says so ----------------------------------------------------

  /** Two who exchange a frame play with each other. */
  #meet(player: Player | null, other: Player | null, sequence: number): void {
    if (player === null || other === null || player === other) return;
    if (player.login !== null || other.login !== null) return;
    if (player.tally?.root !== other.tally?.root) this.#edge(player, other.name, sequence);
  }

  /** Whom a frame was for that reached nobody. */
  #ask(connection: Connection, kind: number, sequence: number, bytes: Uint8Array): void {
    const { player, protocol } = connection;
    if (player?.login !== null || protocol?.addressee === undefined) return;
    connection.asked += 1;
    const frame = this.#read(protocol, kind, bytes);
    const addressee = frame === null ? null : protocol.addressee(frame);
    if (addressee !== null && addressee !== '') this.#edge(player, playerOf(addressee), sequence);
  }

  #edge(player: Player, name: string, sequence: number): void {
    if (name === player.name || isMulticast(name) || player.tally === null) return;
    const other = this.#player(name);
    if (other.login !== null) return;
    let tally = player.tally.root;
    const theirs = other.tally?.root ?? tally;
    if (theirs !== tally) tally = this.#unite(tally, theirs);
    other.tally = tally;
    if (other.connections.size === 0) {
      this.#absences.named(other, this.#now);
      tally.join(name, other.nickname, sequence);
    }
    this.#becomeSession(tally);
  }

  /** Of two sessions the older one stays; what is none yet goes into what is one. */
  #unite(one: Tally, two: Tally): Tally {
    const age = (tally: Tally) => (tally.number > 0 ? tally.number - this.#found - 1 : tally.born);
    const [kept, gone] = age(one) < age(two) ? [one, two] : [two, one];
    this.#merge(gone, kept);
    return kept;
  }

  // Tallies ----------------------------------------------------------------------------------------------

  #newTally(group: string | null): Tally {
    this.#made += 1;
    return new Tally(this.#made, group);
  }

  #merge(gone: Tally, kept: Tally): void {
    kept.absorb(gone);
    if (gone.number > 0) this.#merged.push(gone);
    this.#touch(kept);
  }

  #becomeSession(tally: Tally): void {
    if (tally.number === 0) tally.number = ++this.#found;
    this.#touch(tally);
  }

  #fill(tally: Tally, game: string, gameName: string): void {
    if (tally.game !== '') return;
    tally.game = game;
    tally.gameName = gameName;
  }

  #count(tally: Tally, sequence: number, arrived: number, bytes: number, departed: number | null): void {
    tally.add(sequence, arrived, bytes, departed);
    if (!tally.isChanged) this.#touch(tally);
  }

  #touch(tally: Tally): void {
    if (tally.isChanged) return;
    tally.isChanged = true;
    this.#changed.push(tally);
  }

  /** The frame for those who read it; null where it is none of this protocol, or damaged. */
  #read(protocol: Protocol | null, kind: number, bytes: Uint8Array): FrameView | null {
    const spec = protocol?.frames[kind];
    if (spec === undefined || bytes.length < spec.bytesMin) return null;
    const frame = this.#reads;
    Object.assign(frame, viewOf(bytes));
    frame.kind = kind;
    frame.end = bytes.length;
    return frame;
  }
}
