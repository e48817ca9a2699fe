/**
 * Play sessions made in memory, for whoever says something about them.
 *
 *     const game = new MadeSession({ group: 'ROOM' });
 *     const ann = game.pdp('02:aa:bb:cc:dd:01', 100);         // opens a socket, now: a connection's number
 *     const bob = game.pdp('02:aa:bb:cc:dd:02', 100);
 *     game.at(2.5).datagram(ann, bob, [1, 2, 3]);              // 2.5 s after the capture's start
 *     game.at(3).datagram(ann, '02:aa:bb:cc:dd:09/7', [1], { outcome: Outcome.noTarget });
 *     game.at(9).close(ann, CommonFault.lost);
 *     observe(game.view(), game.frames, [observer]);
 *
 * Time stands still until `at` or `after` moves it. Sequence numbers count from 1; `game.last` is that of the
 * newest frame. Players are made of the endpoints that connect; `nickname` names them. `login`, `asks`, `joins` and
 * `leaves` speak `control`, a protocol with as much as any has in which players find each other.
 */
import { Outcome } from '../../protocol/outcome.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { Direction, type FrameSpec, type FrameView, type Protocol } from '../../protocol/types.ts';
import type { SessionView } from '../../analysis/observe.ts';
import type { SessionSource } from '../../analysis/session-view.ts';
import { Failure } from '../../common/failure.ts';
import type {
  CaptureSummary,
  RecordedConnection,
  RecordedFrame,
  RecordedGap,
} from '../../recorder/captures.ts';
import { playerOf, type RecordedSession } from '../../recorder/sessions/session.ts';
import {
  accept,
  address,
  block,
  connect,
  datagram,
  listen,
  pdpOpen,
  type Address,
} from './postoffice-wire.ts';

export const NANOS = 1e9;

// A protocol by which players find each other ------------------------------------------------------

export const ControlKind = { login: 0, ping: 1, asks: 2, leaves: 3, joined: 4 } as const;

function controlFrame(name: string, direction: Direction): FrameSpec {
  const fields = [{ name: 'text', type: 'utf8', size: 'rest' }] as const;
  return { name, direction, bytesMin: 0, bytesMax: 100, fields, ...(direction === 0 && { forRelay: true }) };
}

function textOf({ bytes, at, end }: FrameView): string {
  return Buffer.from(bytes.subarray(at, end)).toString();
}

function unused(): never {
  throw new Error('control is only ever read');
}

/** Each frame is nothing but a text: the group that is asked for, or the player who leads it. */
export const control: Protocol = {
  id: 98,
  name: 'control',
  title: 'Control',
  revision: 1,
  transports: ['tcp'],
  port: 1,
  outboxBytesMax: 1,
  faults: [],
  frames: [
    controlFrame('login', Direction.toRelay),
    controlFrame('ping', Direction.toRelay),
    controlFrame('asks', Direction.toRelay),
    controlFrame('leaves', Direction.toRelay),
    controlFrame('joined', Direction.toPeer),
  ],
  framing: { start: { toRelay: 0, toPeer: 0 }, measure: unused, classify: unused },
  createHub: unused,
  summarize: (frame) => ['logs in', 'pings', 'asks', 'leaves', 'joined'][frame.kind] ?? '',
  groupNotice(frame) {
    if (frame.kind === ControlKind.asks) return { does: 'asks', group: textOf(frame) };
    if (frame.kind === ControlKind.joined) return { does: 'joins', leader: textOf(frame) };
    return frame.kind === ControlKind.leaves ? { does: 'leaves' } : null;
  },
};

// Sessions ----------------------------------------------------------------------------------------

export interface Fate {
  readonly outcome?: number;
  /** In the relay; null where it never left. */
  readonly delayMs?: number | null;
}

export interface HowToOpen {
  readonly protocol?: Protocol | null;
  readonly toward?: string;
}

type Open = { -readonly [K in keyof RecordedConnection]: RecordedConnection[K] };
type Payload = readonly number[] | Uint8Array;

export class MadeSession {
  readonly frames: RecordedFrame[] = [];
  readonly connections = new Map<number, RecordedConnection>();
  readonly gaps: RecordedGap[] = [];
  readonly #overrides: Partial<RecordedSession>;
  readonly #nicknames = new Map<string, string>();
  /** Connections of nobody in this session. */
  readonly #strangers = new Set<number>();
  #now = 0;
  #sequence = 0;

  constructor(overrides: Partial<RecordedSession> = {}) {
    this.#overrides = overrides;
  }

  /** Seconds since the capture's start. */
  at(seconds: number): this {
    this.#now = Math.round(seconds * NANOS);
    return this;
  }

  after(seconds: number): this {
    this.#now += Math.round(seconds * NANOS);
    return this;
  }

  /** The sequence number of the newest frame. */
  get last(): number {
    return this.#sequence;
  }

  nickname(mac: string, nickname: string): this {
    this.#nicknames.set(mac, nickname);
    return this;
  }

  // Connections

  open(role: string | null, endpoint: string | null, how: HowToOpen = {}): number {
    const { protocol = postoffice, toward = '' } = how;
    const conn = this.connections.size + 1;
    this.connections.set(conn, {
      conn,
      protocol,
      protocolId: protocol?.id ?? 250,
      revision: 1,
      remoteAddress: `192.0.2.${conn}`,
      remotePort: 40_000 + conn,
      transport: null,
      opened: this.#now,
      closed: null,
      fault: null,
      role,
      endpoint,
      toward: role === null ? null : toward,
      nickname: endpoint === null ? null : (this.#nicknames.get(playerOf(endpoint)) ?? ''),
      game: role === null ? null : '',
      gameName: role === null ? null : '',
      stamp: null,
    });
    return conn;
  }

  close(conn: number, fault = 0): void {
    const connection = this.connections.get(conn) as Open;
    connection.closed = this.#now;
    connection.fault = fault;
  }

  /** The connection is no player's of this session, as where a guard turned it away. */
  stranger(conn: number): number {
    this.#strangers.add(conn);
    return conn;
  }

  /** Opens a datagram socket. */
  pdp(mac: string, port: number): number {
    const conn = this.open('pdp', `${mac}/${port}`);
    this.frame(conn, 0, Kind.pdpOpen, pdpOpen(wire(`${mac}/${port}`)), {
      outcome: Outcome.consumed,
      delayMs: null,
    });
    return conn;
  }

  listen(mac: string, port: number): number {
    const conn = this.open('ptp-listen', `${mac}/${port}`);
    this.frame(conn, 0, Kind.ptpListen, listen(wire(`${mac}/${port}`)), {
      outcome: Outcome.consumed,
      delayMs: null,
    });
    return conn;
  }

  connect(self: string, to: string): number {
    const conn = this.open('ptp-connect', self, { toward: to });
    const bytes = connect(wire(self), wire(to));
    this.frame(conn, 0, Kind.ptpConnect, bytes, { outcome: Outcome.consumed, delayMs: null });
    return conn;
  }

  accept(self: string, from: string): number {
    const conn = this.open('ptp-accept', self, { toward: from });
    const bytes = accept(wire(self), wire(from));
    this.frame(conn, 0, Kind.ptpAccept, bytes, { outcome: Outcome.consumed, delayMs: null });
    return conn;
  }

  // Frames

  frame(
    from: number,
    to: number,
    kind: number,
    bytes: Uint8Array,
    { outcome = 0, delayMs = 0.1 }: Fate = {},
  ): void {
    const departed = delayMs === null ? null : this.#now + Math.round(delayMs * 1e6);
    const common = { sequence: ++this.#sequence, arrived: this.#now, departed, from, to, kind, outcome };
    this.frames.push({ ...common, bytes: Buffer.from(bytes) });
  }

  /** To a connection; or to an endpoint, which nobody holds. */
  datagram(from: number, to: number | string, payload: Payload, fate: Fate = {}): void {
    const endpoint = typeof to === 'string' ? to : this.connections.get(to)!.endpoint!;
    const nobody: Fate = { outcome: Outcome.noTarget, delayMs: null };
    const how = typeof to === 'string' ? { ...nobody, ...fate } : fate;
    const bytes = datagram(wire(endpoint), Uint8Array.from(payload));
    this.frame(from, typeof to === 'string' ? 0 : to, Kind.pdp, bytes, how);
  }

  block(from: number, to: number, payload: Payload, fate: Fate = {}): void {
    this.frame(from, to, Kind.ptp, block(Uint8Array.from(payload)), fate);
  }

  gap(frames: number, reason = 'recorder was full'): void {
    const firstSequence = this.#sequence + 1;
    this.gaps.push({ firstSequence, frames, events: 0, noticed: this.#now, reason });
    this.#sequence += frames;
  }

  // Control

  login(mac: string, nickname: string): number {
    this.nickname(mac, nickname);
    const conn = this.open('player', mac, { protocol: control });
    this.say(conn, ControlKind.login, nickname);
    return conn;
  }

  say(conn: number, kind: number, text = ''): void {
    const fate = { outcome: Outcome.consumed, delayMs: null };
    const toPeer = control.frames[kind]?.direction === Direction.toPeer;
    if (toPeer) this.frame(0, conn, kind, Buffer.from(text), { outcome: Outcome.originated });
    else this.frame(conn, 0, kind, Buffer.from(text), fate);
  }

  // What is known of it

  session(): RecordedSession {
    const players = new Map<string, number[]>();
    for (const { conn, endpoint } of this.connections.values()) {
      if (endpoint === null || this.#strangers.has(conn)) continue;
      const conns = players.get(playerOf(endpoint)) ?? [];
      players.set(playerOf(endpoint), [...conns, conn]);
    }
    return {
      id: 1,
      captureId: 1,
      started: Math.min(...this.frames.map(({ arrived }) => arrived)),
      lastSeen: this.#now,
      ended: 'left',
      game: '',
      gameName: '',
      group: null,
      firstSequence: 1,
      lastSequence: this.#sequence,
      frames: this.frames.length,
      bytes: this.frames.reduce((sum, { bytes }) => sum + bytes.length, 0),
      delayP50: null,
      delayP99: null,
      delayMax: null,
      players: [...players].map(([player, conns]) => ({
        player,
        nickname: this.#nicknames.get(player) ?? '',
        connections: conns.map((conn) => ({ conn, first: 1, last: this.#sequence })),
      })),
      ...this.#overrides,
    };
  }

  capture(): CaptureSummary {
    return {
      id: 1,
      startedAt: '2023-11-14T22:13:20.123Z',
      endedAt: '2023-11-14T23:13:20.123Z',
      ended: 'clean',
      connections: this.connections.size,
      frames: this.frames.length,
      bytes: 0,
      gaps: 0,
      trouble: null,
      lastSequence: this.#sequence,
      lasted: this.#now,
      hasSessions: true,
    };
  }

  view(): SessionView {
    return {
      capture: this.capture(),
      session: this.session(),
      connections: this.connections,
      gaps: this.gaps,
    };
  }

  /** As a file would answer that holds this session alone. */
  source(): SessionSource {
    return {
      session: (id) => {
        if (id === this.session().id) return this.session();
        throw new Failure('input', 'no-such-session', `some.db has no session ${id}`);
      },
      sessionFrames: (_, { after = 0, limit = Infinity } = {}) =>
        this.frames.filter(({ sequence }) => sequence > after).slice(0, limit),
      capture: () => this.capture(),
      connection: (_, conn) => this.connections.get(conn) ?? null,
      connectionsBetween: (_, from, to) =>
        [...this.connections.values()].filter(
          ({ opened, closed }) => opened <= to && (closed === null || closed >= from),
        ),
      gaps: () => this.gaps,
    };
  }
}

/** `02:aa:bb:cc:dd:01/100` as the wire has it. */
function wire(endpoint: string): Address {
  return address(playerOf(endpoint).replaceAll(':', ''), Number(endpoint.split('/')[1]));
}
