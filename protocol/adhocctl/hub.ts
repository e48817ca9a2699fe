/**
 * The memory of adhocctl: who is logged in, who is together, and who has not been heard of for too long.
 *
 * The rule: each MAC address has one player, the newest; the older one is closed. Everybody in a group
 * knows everybody else in it: whoever joins is told of all, and all are told of whoever joins or leaves.
 */
import { CommonFault } from '../fault.ts';
import type { Guard } from '../guard.ts';
import { Timeouts } from '../timeouts.ts';
import type {
  Hub,
  HubContext,
  LobbyGame,
  LobbyPlayer,
  Millis,
  Outlet,
  Peer,
  Players,
  Session,
} from '../types.ts';
import { AdhocctlFault } from './faults.ts';
import { type GameTable, noGames } from './games.ts';
import { Groups } from './groups.ts';
import { Kind, Opcode } from './layout.ts';
import { type Member, Opening, type Player } from './sessions.ts';
import { AddressTags, NumberTags, type Tags } from './tags.ts';

/** The login must be whole by then. */
export const LOGIN_TIMEOUT_MS: Millis = 5_000;
/** Clients say something every 2 s. Who says nothing for this long is not there any more. */
export const SILENCE_TIMEOUT_MS: Millis = 30_000;
/**
 * More than any game has seats. It bounds what a newcomer is told, what one message costs, and how deep
 * the ends of members who do not read can set each other off.
 */
export const GROUP_MEMBERS_MAX = 256;
/** Of more groups than these a SCAN tells the oldest, so that its answer fits into an outbox. */
export const SCAN_GROUPS_MAX = 4_096;

export interface AdhocctlSettings {
  readonly games: GameTable;
  /** What players are told of each other: a number each, or their real IPv4 addresses, which lets them meet without the relay. */
  readonly addresses: 'numbers' | 'real';
  /** `SILENCE_TIMEOUT_MS`, unless it says otherwise: Infinity where players stand still until somebody comes. */
  readonly silenceMs?: Millis;
}

const ALL_SCANNED = Uint8Array.of(Opcode.scanComplete);
const usual: AdhocctlSettings = { games: noGames, addresses: 'numbers' };

export class AdhocctlHub implements Hub {
  readonly guard: Guard;
  readonly games: GameTable;
  readonly tags: Tags;
  readonly groups = new Groups();
  readonly #members = new Set<Member>();
  /** By MAC address. */
  readonly #players = new Map<number, Player>();
  readonly #opening = new Timeouts<Opening>(LOGIN_TIMEOUT_MS);
  readonly #silent: Timeouts<Player>;

  constructor({ guard }: HubContext, settings = usual) {
    const { games, addresses, silenceMs = SILENCE_TIMEOUT_MS } = settings;
    this.#silent = new Timeouts(silenceMs);
    this.guard = guard;
    this.games = games;
    this.tags = addresses === 'real' ? new AddressTags() : new NumberTags();
  }

  accept(outlet: Outlet, peer: Peer, now: Millis): Session {
    const session = new Opening(this, outlet, peer.address);
    this.#members.add(session);
    this.#opening.start(session, now);
    return session;
  }

  get deadline(): Millis {
    return Math.min(this.#opening.deadline, this.#silent.deadline);
  }

  wake(now: Millis): void {
    this.#opening.expire(now, (late) => late.outlet.close(CommonFault.timedOut));
    this.#silent.expire(now, (late) => late.outlet.close(AdhocctlFault.silent));
  }

  get players(): Players {
    return this.#players;
  }

  sessions(): Iterable<Session> {
    return this.#members;
  }

  lobby(): readonly LobbyGame[] {
    const games = new Map<string, LobbyPlayer[]>();
    for (const { game, endpoint, nickname, group } of this.#players.values()) {
      const players = games.get(game) ?? [];
      games.set(game, players);
      players.push({ endpoint, nickname, group: group?.name ?? null });
    }
    return Array.from(games, ([game, players]) => ({
      codes: this.games.releases(game),
      name: this.games.name(game),
      players,
    }));
  }

  // Coming and going --------------------------------------------------------------------------------

  /** `player` takes the place of the session that waited for its login, and of whoever had its MAC address. */
  loggedIn(opening: Opening, player: Player, now: Millis): void {
    this.forget(opening);
    this.#members.add(player);
    const older = this.#players.get(player.mac);
    // It is the newer one's by now, so that the end of the older one does not log it out.
    this.#players.set(player.mac, player);
    this.heardOf(player, now);
    older?.outlet.close(CommonFault.replaced);
  }

  forget(opening: Opening): void {
    this.#opening.cancel(opening);
    this.#members.delete(opening);
  }

  heardOf(player: Player, now: Millis): void {
    this.#silent.start(player, now);
  }

  closed(player: Player, now: Millis): void {
    this.#silent.cancel(player);
    this.#members.delete(player);
    if (this.#players.get(player.mac) === player) {
      this.#players.delete(player.mac);
      this.guard.logout(player.presence, now);
    }
    this.#part(player);
    this.tags.give(player.tag);
  }

  // Groups ------------------------------------------------------------------------------------------
  // Whoever does not read may be closed by what it is sent, which takes it out of its group, of which the
  // others are told at once. Sets do not mind that while they are walked through.

  /** Also where it is the group that the player is in: it leaves, and comes back as the youngest member. */
  join(player: Player, name: string, now: Millis): void {
    this.#part(player);
    const there = this.groups.find(player.game, name)?.members ?? new Set();
    if (there.size >= GROUP_MEMBERS_MAX) {
      player.outlet.close(AdhocctlFault.groupFull);
      return;
    }
    for (const member of there) member.hears(Kind.peerConnected, player.introduction);
    const group = this.groups.enter(player, name);
    this.guard.join(player.presence, group.party, now);
    for (const member of group.members)
      if (member !== player) player.hears(Kind.peerConnected, member.introduction);
    if (group.founder !== null) player.hears(Kind.connectBssid, group.founder.leadership);
  }

  leave(player: Player, now: Millis): void {
    // One byte asks for it, and the guard would have all sessions looked at: only where something changes.
    if (player.group === null) return;
    this.#part(player);
    this.guard.join(player.presence, null, now);
  }

  /** Leaves the group, if it is in one, and lets the guard know nothing: it may be on its way to the next. */
  #part(player: Player): void {
    const left = this.groups.leave(player);
    for (const member of left?.members ?? []) member.hears(Kind.peerDisconnected, player.farewell);
  }

  scan(player: Player): void {
    let told = 0;
    for (const group of this.groups.of(player.game)) {
      if (++told > SCAN_GROUPS_MAX) break;
      player.hears(Kind.scanResult, group.scanned());
    }
    player.hears(Kind.scanComplete, ALL_SCANNED);
  }
}
