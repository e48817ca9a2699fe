/**
 * Conversations with a hub, written down as they happen: what goes in, and what comes out, in order.
 *
 *   test('...', () => transcript(postoffice, ({ client, at }) => {
 *     const ann = client('ann'), bob = client('bob');
 *     ann.sends(...);          // one segment
 *     bob.hears(...);          // exactly these bytes, and nothing before them
 *     at(20);                  // twenty seconds after the start
 *     ann.isClosed('timed-out');
 *   }));
 *
 * The rule: nothing comes out unmentioned. Whatever was not expected fails at the next thing that
 * goes in, or at the end, when all clients leave and the hub must have forgotten them.
 */
import { CommonFault, describeFault } from '../../protocol/fault.ts';
import { Guard, type GuardMode, Party, type Presence } from '../../protocol/guard.ts';
import { outcomes } from '../../protocol/outcome.ts';
import type { Fault, Protocol } from '../../protocol/types.ts';
import { BENCH_ADDRESS, BenchTop, type BenchConnection, type Happening } from './bench-top.ts';
import { bytesText, join, sameBytes } from './bytes.ts';

export class Transcript {
  readonly top: BenchTop;
  readonly #lines: string[] = [];
  #heard = 0;

  constructor(top: BenchTop) {
    this.top = top;
  }

  /** Notes what goes in, when all that came out before has been mentioned. */
  note(line: string): void {
    this.nothing();
    this.#lines.push(`${this.#time()} ${line}`);
  }

  /** The next thing that came out is this. */
  expect(wanted: string, isWanted: (happening: Happening) => boolean): void {
    const next = this.top.happenings[this.#heard++];
    if (next === undefined) this.fail(`${wanted}, but nothing came out`);
    if (!isWanted(next)) this.fail(`${wanted}, but ${this.#text(next)}`);
    this.#lines.push(`${this.#time()}   ${this.#text(next)}`);
  }

  nothing(): void {
    const next = this.top.happenings[this.#heard];
    if (next !== undefined) this.fail(`nothing, but ${this.#text(next)}`);
  }

  fail(expected: string): never {
    throw new Error(`expected ${expected}\n${this.#lines.join('\n')}`);
  }

  #time(): string {
    return `${(this.top.elapsedMs / 1000).toFixed(3).padStart(8)} s`;
  }

  #text(happening: Happening): string {
    const { name } = happening.to;
    if (happening.what === 'closed')
      return `${name} is closed: ${describeFault(this.top.protocol, happening.fault).name}`;
    if (happening.what === 'dialled') return `${name} is dialled`;
    if (happening.what === 'passed') return `${name} hears ${bytesText(happening.bytes)}`;
    if (happening.what !== 'sent') return `${name} is ${happening.what}`;
    return `${name} hears ${this.top.protocol.frames[happening.kind]?.name}: ${bytesText(happening.bytes)}`;
  }
}

export class Client {
  readonly connection: BenchConnection;
  readonly #transcript: Transcript;

  constructor(transcript: Transcript, connection: BenchConnection) {
    this.#transcript = transcript;
    this.connection = connection;
  }

  get #name(): string {
    return this.connection.name;
  }

  /** All in one segment. */
  sends(...parts: readonly Uint8Array[]): this {
    const bytes = join(parts);
    this.#transcript.note(`${this.#name} sends ${bytesText(bytes)}`);
    this.connection.push(bytes);
    return this;
  }

  /** Each byte in a segment of its own. */
  trickles(...parts: readonly Uint8Array[]): this {
    const bytes = join(parts);
    this.#transcript.note(`${this.#name} trickles ${bytesText(bytes)}`);
    for (let i = 0; i < bytes.length; i++) this.connection.push(bytes.slice(i, i + 1));
    return this;
  }

  ends(): void {
    this.#transcript.note(`${this.#name} ends`);
    this.connection.end(CommonFault.none);
  }

  breaks(): void {
    this.#transcript.note(`${this.#name} breaks`);
    this.connection.end(CommonFault.lost);
  }

  stopsReading(): void {
    this.#transcript.note(`${this.#name} stops reading`);
    this.connection.stopReading();
  }

  /** The connection that the hub dialled stands. */
  answers(): void {
    this.#transcript.note(`${this.#name} answers`);
    this.connection.stands();
  }

  /** It never will. */
  refuses(): void {
    this.#transcript.note(`${this.#name} refuses`);
    this.connection.end(CommonFault.lost);
  }

  /** The other one of the pair has said its last word. */
  hearsEnd(): void {
    this.#expect('hear an end', 'ended');
  }

  /** The other one of the pair was broken. */
  isBroken(): void {
    this.#expect('be broken', 'broken');
  }

  #expect(wanted: string, what: 'ended' | 'broken'): void {
    this.#transcript.expect(
      `${this.#name} to ${wanted}`,
      (next) => next.what === what && next.to === this.connection,
    );
  }

  /** Frames, one after the other, and none to anybody else between them. */
  hears(...frames: readonly Uint8Array[]): this {
    for (const bytes of frames) {
      this.#transcript.expect(
        `${this.#name} to hear ${bytesText(bytes)}`,
        (next) =>
          (next.what === 'sent' || next.what === 'passed') &&
          next.to === this.connection &&
          sameBytes(next.bytes, bytes),
      );
    }
    return this;
  }

  isClosed(fault: string): void {
    this.#transcript.expect(
      `${this.#name} to be closed: ${fault}`,
      (next) =>
        next.what === 'closed' && next.to === this.connection && this.#faultName(next.fault) === fault,
    );
  }

  /** What became of this client's last frames. */
  saw(...names: readonly string[]): void {
    const last = this.connection.outcomes
      .slice(-names.length)
      .map((outcome) => outcomes[outcome]?.name ?? '');
    if (last.join() !== names.join())
      this.#transcript.fail(`outcomes ${names.join()}, but they were ${last.join()}`);
  }

  isKnownAs(role: string, endpoint: string, toward: string): void {
    const known = this.connection.identity;
    const same = known?.role === role && known.endpoint === endpoint && known.toward === toward;
    if (!same) this.#transcript.fail(`${role} ${endpoint} ${toward}, but it is ${JSON.stringify(known)}`);
  }

  #faultName(fault: Fault): string {
    return describeFault(this.#transcript.top.protocol, fault).name;
  }
}

export interface Script {
  client(name: string, address?: string): Client;
  /** The hub has just dialled this one: `127.0.0.1:5001`. */
  dialled(target: string): Client;
  /** Somebody from whom datagrams come: each `sends` is one. */
  datagrams(name: string, address?: string, port?: number): Client;
  /** What control servers tell the guard. */
  readonly guard: GuardScript;
  /** For what transcripts have no words for. */
  readonly top: BenchTop;
  /** Seconds since the start. */
  at(seconds: number): void;
  /** Nothing came out that has not been mentioned. */
  nothing(): void;
  players(count: number): void;
}

/** Players by their MAC address in twelve digits, as on the wire. */
export interface GuardScript {
  logsIn(mac: string, address?: string): void;
  /** An empty name for none. */
  joins(mac: string, group: string): void;
  logsOut(mac: string): void;
}

function guardScript(written: Transcript): GuardScript {
  const { top } = written;
  const presences = new Map<string, Presence>();
  const parties = new Map<string, Party>();
  const present = (mac: string): Presence => presences.get(mac) ?? written.fail(`${mac} to be logged in`);
  return {
    logsIn(mac, address = BENCH_ADDRESS) {
      written.note(`${mac} logs in from ${address}`);
      top.moves++;
      presences.set(mac, top.guard.login(Number.parseInt(mac, 16), address, top.now));
    },
    joins(mac, group) {
      written.note(`${mac} joins ${group || 'nobody'}`);
      top.moves++;
      const party = group === '' ? null : (parties.get(group) ?? new Party(group));
      if (party !== null) parties.set(group, party);
      top.guard.join(present(mac), party, top.now);
    },
    logsOut(mac) {
      written.note(`${mac} logs out`);
      top.moves++;
      top.guard.logout(present(mac), top.now);
    },
  };
}

export interface Setting {
  readonly guard?: GuardMode;
  /** Bytes that may wait for a client that does not read. */
  readonly outboxBytesMax?: number;
}

export function transcript(protocol: Protocol, play: (script: Script) => void, setting: Setting = {}): void {
  const top = new BenchTop(protocol, setting.outboxBytesMax, new Guard(setting.guard ?? 'off'));
  const written = new Transcript(top);
  play({
    client(name, address) {
      written.note(`${name} connects${address === undefined ? '' : ` from ${address}`}`);
      return new Client(written, top.connect(name, address));
    },
    dialled(target) {
      let found: BenchConnection | null = null;
      written.expect(`a dial to ${target}`, (next) => {
        if (next.what !== 'dialled' || next.to.name !== target) return false;
        found = next.to;
        return true;
      });
      return new Client(written, found ?? written.fail(`a dial to ${target}`));
    },
    datagrams(name, address, port) {
      written.note(`${name} is heard by UDP${address === undefined ? '' : ` from ${address}`}`);
      return new Client(written, top.connectDatagrams(name, address, port));
    },
    guard: guardScript(written),
    top,
    at(seconds) {
      written.note(`at ${seconds} s`);
      top.advanceTo(1000 * seconds);
    },
    nothing: () => written.nothing(),
    players(count) {
      if (top.hub.players.size !== count)
        written.fail(`${count} players, but there are ${top.hub.players.size}`);
    },
  });
  written.nothing();
  top.endAll();
}
