/**
 * The memory of GATE.PUNCH: which servers there are, from which UDP ports packets came, and who waits for one.
 *
 * The rules: a server is listed for as long as the connection is open by which it registered last, under its IP
 * address, so that two games behind one address collide, as they always have. Packets by UDP and commands by TCP come
 * in any order: who asks is answered as soon as all is known, and at the latest after a second.
 */
import { Timeouts } from '../timeouts.ts';
import type { Hub, HubContext, Millis, Outlet, Peer, Players, Session } from '../types.ts';
import { utf8Bytes } from '../utf8.ts';
import { GatepunchFault } from './faults.ts';
import { Code, Kind } from './layout.ts';
import { type Listing, listing, lobbyAnswer, type LobbyQuery, search } from './lobby.ts';
import { Ports } from './ports.ts';
import { Caller, Knocker } from './sessions.ts';

/** How long who asks for a server waits for packets by UDP: they race with commands by TCP. */
export const WAIT_MS: Millis = 1_000;
/** Who asks while so many wait is told that there is no such server. */
export const WAITING_MAX = 1_000;
export const SERVERS_MAX = 2_000;

export interface GatepunchSettings {
  /** Whether it tells which servers there are. */
  readonly lobby: boolean;
  readonly testing: boolean;
  /** What it is called, where it is for tests. */
  readonly name: string;
}

interface Server {
  readonly caller: Caller;
  readonly listing: Listing;
  /** Null as long as no packet has come by UDP. */
  readonly port: number | null;
}

const usual: GatepunchSettings = { lobby: true, testing: false, name: 'Postreel' };

const NOT_FOUND = Uint8Array.of(Code.notFound);

function introduction(ip: string, port: number): Uint8Array {
  return Uint8Array.of(Code.introduced, ...utf8Bytes(`${ip}\0${port}\0`));
}

export class GatepunchHub implements Hub {
  readonly settings: GatepunchSettings;
  readonly #unixMs: () => number;
  readonly #sessions = new Set<Session>();
  /** How many connections of each address have said what they are for. */
  readonly #players = new Map<string, number>();
  /** By IP address, the oldest registration first. */
  readonly #servers = new Map<string, Server>();
  /** Of servers whose registration by TCP is still to come. */
  readonly #serverPorts = new Ports();
  readonly #clientPorts = new Ports();
  readonly #waiting = new Timeouts<Caller>(WAIT_MS);
  /** Those who wait, by their own address, and by that of the server that they want. */
  readonly #waitingFrom = new Map<string, Set<Caller>>();
  readonly #waitingFor = new Map<string, Set<Caller>>();

  constructor({ unixMs }: HubContext, settings = usual) {
    this.#unixMs = unixMs;
    this.settings = settings;
  }

  accept(outlet: Outlet, { address }: Peer): Session {
    return this.#known(new Caller(this, outlet, address));
  }

  acceptDatagrams(outlet: Outlet, { address, port }: Peer): Session {
    return this.#known(new Knocker(this, outlet, address, port));
  }

  #known(session: Session): Session {
    this.#sessions.add(session);
    return session;
  }

  get deadline(): Millis {
    return Math.min(this.#waiting.deadline, this.#serverPorts.deadline, this.#clientPorts.deadline);
  }

  wake(now: Millis): void {
    this.#serverPorts.expire(now);
    this.#clientPorts.expire(now);
    this.#waiting.expire(now, (late) => this.#refuse(late));
  }

  get players(): Players {
    return this.#players;
  }

  sessions(): Iterable<Session> {
    return this.#sessions;
  }

  // Who is there ------------------------------------------------------------------------------------

  plays(ip: string): void {
    this.#players.set(ip, (this.#players.get(ip) ?? 0) + 1);
  }

  /** `played` where it had said what it is for. */
  left(session: Session, ip: string, played: boolean): void {
    this.#sessions.delete(session);
    if (!played) return;
    const others = (this.#players.get(ip) ?? 1) - 1;
    if (others === 0) this.#players.delete(ip);
    else this.#players.set(ip, others);
  }

  /** Whoever called is gone: with it go its server, if that has not registered anew elsewhere, and its question. */
  hungUp(caller: Caller): void {
    this.#stopWaiting(caller);
    if (this.#servers.get(caller.ip)?.caller !== caller) return;
    this.#servers.delete(caller.ip);
    for (const waiting of [...(this.#waitingFor.get(caller.ip) ?? [])])
      if (waiting.wanted !== null) this.#refuse(waiting);
  }

  // Servers -----------------------------------------------------------------------------------------

  register(caller: Caller, data: readonly string[]): void {
    const { ip } = caller;
    const before = this.#servers.get(ip);
    if (before === undefined && this.#servers.size >= SERVERS_MAX) {
      caller.outlet.close(GatepunchFault.lobbyFull);
      return;
    }
    if (before?.caller === caller) {
      const told = listing(ip, data, before.listing.createdTime);
      this.#servers.set(ip, { ...before, listing: told });
      return;
    }
    // What another game behind this address has sent by UDP is not this one's.
    const told = listing(ip, data, Math.floor(this.#unixMs() / 1000));
    this.#servers.delete(ip);
    this.#servers.set(ip, { caller, listing: told, port: this.#serverPorts.of(ip) });
    this.#serverPorts.forget(ip);
    this.#introduceAll(this.#waitingFor.get(ip));
  }

  /** A server’s packet: of the one that is registered, or of one that is about to be. */
  heardServer(ip: string, port: number, now: Millis): void {
    const server = this.#servers.get(ip);
    if (server !== undefined) this.#servers.set(ip, { ...server, port });
    // What comes once more may already be the next game's.
    if (server?.port !== null) this.#serverPorts.hear(ip, port, now);
    this.#introduceAll(this.#waitingFor.get(ip));
  }

  /** Tells which servers there are; none, where that is turned off. */
  list(caller: Caller, query: LobbyQuery): void {
    const all = this.settings.lobby ? Array.from(this.#servers.values(), (server) => server.listing) : [];
    caller.hears(Kind.lobby, lobbyAnswer(search(all, query)));
  }

  // Introductions -----------------------------------------------------------------------------------

  heardClient(ip: string, port: number, now: Millis): void {
    this.#clientPorts.hear(ip, port, now);
    this.#introduceAll(this.#waitingFrom.get(ip));
  }

  /** Who asks again while it waits has thought better of what it asked before. */
  connect(caller: Caller, wanted: string, now: Millis): void {
    this.#stopWaiting(caller);
    caller.wanted = wanted;
    if (this.#introduce(caller)) return;
    if (!this.#servers.has(wanted) || this.#waiting.size >= WAITING_MAX) {
      this.#refuse(caller);
      return;
    }
    this.#waiting.start(caller, now);
    put(this.#waitingFrom, caller.ip, caller);
    put(this.#waitingFor, wanted, caller);
  }

  #introduceAll(waiting: ReadonlySet<Caller> | undefined): void {
    for (const caller of [...(waiting ?? [])]) if (caller.wanted !== null) this.#introduce(caller);
  }

  /** Answers whether all was known that it takes. */
  #introduce(caller: Caller): boolean {
    const server = this.#servers.get(caller.wanted ?? '');
    const port = this.#clientPorts.of(caller.ip);
    if (server === undefined || server.port === null || port === null) return false;
    this.#answered(caller);
    caller.hears(Kind.introduced, introduction(server.caller.ip, server.port));
    server.caller.hears(Kind.introduced, introduction(caller.ip, port));
    return true;
  }

  #refuse(caller: Caller): void {
    this.#answered(caller);
    caller.hears(Kind.notFound, NOT_FOUND);
  }

  /** A client is forgotten with its question. */
  #answered(caller: Caller): void {
    this.#stopWaiting(caller);
    this.#clientPorts.forget(caller.ip);
  }

  #stopWaiting(caller: Caller): void {
    if (caller.wanted === null) return;
    this.#waiting.cancel(caller);
    take(this.#waitingFrom, caller.ip, caller);
    take(this.#waitingFor, caller.wanted, caller);
    caller.wanted = null;
  }
}

function put(callers: Map<string, Set<Caller>>, key: string, caller: Caller): void {
  callers.set(key, (callers.get(key) ?? new Set()).add(caller));
}

function take(callers: Map<string, Set<Caller>>, key: string, caller: Caller): void {
  const there = callers.get(key);
  there?.delete(caller);
  if (there?.size === 0) callers.delete(key);
}
