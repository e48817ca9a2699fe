/**
 * Sessions in memory, told by who does what and when, in seconds since the session's start.
 *
 *   const stage = new Stage();
 *   const [alice, bob] = stage.players('Alice', 'Bob');
 *   alice.pdp(1).sends(bob.pdp(1), { from: 0, to: 9 });
 *
 * Frames are numbered in the order of time, whatever the order in which they were told.
 */
import { describeFault } from '../../../protocol/fault.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import type { SessionView } from '../../../analysis/observe.ts';
import { findingObservers, type Finding } from '../../../analysis/findings/table.ts';
import type { RecordedConnection, RecordedFrame, RecordedGap } from '../../../recorder/captures.ts';
import type { SessionEnd } from '../../../recorder/sessions/session.ts';
import type { Protocol } from '../../../protocol/types.ts';
import * as wire from '../../kit/postoffice-wire.ts';
import { payload } from '../../kit/bytes.ts';
import { FIRST_SEQUENCE, frameOf, type Hop, moment, rowOf, viewOf, type Writable } from './rows.ts';
import { observe } from './walk.ts';

const DELAY_MS = 0.2;

interface Lacking {
  readonly from: number;
  readonly to: number;
  readonly events: number;
}

interface Flow {
  readonly from: number;
  readonly to: number;
  /** A second. */
  readonly rate?: number;
  readonly bytes?: number;
  readonly delayMs?: number;
  /** For frames that go no further. */
  readonly outcome?: Outcome;
}

export class Socket {
  readonly player: Player;
  readonly port: number;
  readonly row: Writable<RecordedConnection>;
  readonly #stage: Stage;

  constructor(stage: Stage, player: Player, port: number, row: Writable<RecordedConnection>) {
    this.#stage = stage;
    this.player = player;
    this.port = port;
    this.row = row;
  }

  get address(): wire.Address {
    return wire.address(this.player.mac.replaceAll(':', ''), this.port);
  }

  /** One frame every now and then, both ends included. */
  sends(to: Socket, { from, to: until, rate = 10, ...how }: Flow): this {
    const count = Math.round((until - from) * rate) + 1;
    for (let i = 0; i < count; i += 1) this.says(to, from + i / rate, how);
    return this;
  }

  says(to: Socket, at: number, how: Omit<Flow, 'from' | 'to' | 'rate'> = {}): this {
    const { bytes = 64, outcome = Outcome.forwarded, delayMs = DELAY_MS } = how;
    const isStream = this.row.role !== 'pdp';
    const body = payload(bytes);
    const arrives = outcome === Outcome.forwarded;
    this.#stage.hop(at, {
      from: this.row.conn,
      to: arrives || outcome === Outcome.undelivered ? to.row.conn : 0,
      kind: isStream ? 'ptp' : 'pdp',
      bytes: isStream ? wire.block(body) : wire.datagram(to.address, body),
      outcome,
      delayMs: arrives ? delayMs : null,
    });
    return this;
  }

  /** A message of the matching library. */
  matches(to: Socket, at: number, message: string, outcome: Outcome = Outcome.forwarded): this {
    const arrives = outcome === Outcome.forwarded;
    this.#stage.hop(at, {
      from: this.row.conn,
      to: arrives || outcome === Outcome.undelivered ? to.row.conn : 0,
      kind: 'pdp',
      bytes: wire.datagram(to.address, new TextEncoder().encode(`matching ${message}`)),
      outcome,
      delayMs: arrives ? DELAY_MS : null,
    });
    return this;
  }

  /** What was no frame when the connection ended. */
  leavesBytes(at: number, bytes: Uint8Array | string): this {
    const left = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    this.#stage.hop(at, {
      from: this.row.conn,
      to: 0,
      kind: 'unframed',
      bytes: left,
      outcome: Outcome.unframed,
    });
    return this;
  }

  /** The relay tells it that somebody asks for a stream, or that its stream stands. */
  isTold(at: number, kind: 'ptp-request' | 'ptp-ready', about: Socket): this {
    this.#stage.hop(at, {
      from: 0,
      to: this.row.conn,
      kind,
      bytes: wire.endpoint(about.address),
      outcome: Outcome.originated,
      delayMs: DELAY_MS,
    });
    return this;
  }

  ends(at: number, fault = 'ended'): this {
    this.row.closed = moment(at);
    this.row.fault = codeOf(this.row.protocol!, fault);
    return this;
  }
}

function codeOf(protocol: Protocol, fault: string): number {
  for (let code = 0; code < 64; code += 1) if (describeFault(protocol, code).name === fault) return code;
  throw new Error(`no fault is called ${fault}`);
}

export class Player {
  readonly mac: string;
  readonly nickname: string;
  readonly address: string;
  readonly #stage: Stage;

  constructor(stage: Stage, mac: string, nickname: string, address: string) {
    this.#stage = stage;
    this.mac = mac;
    this.nickname = nickname;
    this.address = address;
  }

  pdp(port: number, at = 0, address = this.address): Socket {
    return this.#open('pdp', port, at, null, address);
  }

  /** An address that others may write to, where no socket is. */
  unopened(port: number): Socket {
    return new Socket(this.#stage, this, port, rowOf(0, this.address, 0));
  }

  listens(port: number, at = 0): Socket {
    return this.#open('ptp-listen', port, at, null);
  }

  connects(port: number, to: Player, toPort: number, at: number): Socket {
    return this.#open('ptp-connect', port, at, `${to.mac}/${toPort}`);
  }

  accepts(port: number, from: Player, fromPort: number, at: number): Socket {
    return this.#open('ptp-accept', port, at, `${from.mac}/${fromPort}`);
  }

  /** Its connection to the lobby. */
  logsIn(at = 0, address = this.address): Socket {
    return this.#open('player', 0, at, null, address);
  }

  #open(role: string, port: number, at: number, toward: string | null, address = this.address): Socket {
    const endpoint = role === 'player' ? this.mac : `${this.mac}/${port}`;
    return this.#stage.open(this, role, port, at, endpoint, toward, address);
  }
}

export class Stage {
  readonly #connections: Writable<RecordedConnection>[] = [];
  readonly #players: Player[] = [];
  readonly #hops: { readonly at: number; readonly hop: Hop }[] = [];
  readonly #lacking: Lacking[] = [];
  ended: SessionEnd | null = 'left';
  group: string | null = null;
  /** When the session is over; by itself, with the last that happens. */
  over: number | null = null;

  /** With addresses 02:00:00:00:00:01 and 192.0.2.1, and so on. */
  players<Names extends string[]>(...names: Names): { [K in keyof Names]: Player } {
    return names.map((nickname) => {
      const number = this.#players.length + 1;
      const digits = number.toString(16).padStart(2, '0');
      const player = new Player(this, `02:00:00:00:00:${digits}`, nickname, `192.0.2.${number}`);
      this.#players.push(player);
      return player;
    }) as { [K in keyof Names]: Player };
  }

  open(
    player: Player,
    role: string,
    port: number,
    at: number,
    endpoint: string | null,
    toward: string | null,
    address: string,
  ): Socket {
    const conn = this.#connections.length + 1;
    const row = rowOf(conn, address, at);
    if (endpoint !== null) Object.assign(row, { role, endpoint, toward: toward ?? '' });
    this.#connections.push(row);
    const socket = new Socket(this, player, port, row);
    const kinds: Readonly<Record<string, string>> = { pdp: 'pdp-open', player: 'ignored' };
    if (endpoint !== null)
      this.hop(at, { from: conn, to: 0, kind: kinds[role] ?? role, bytes: new Uint8Array(24), outcome: 1 });
    return socket;
  }

  /** Somebody who never said who it is. */
  stranger(at: number): Socket {
    const nobody = this.outsider('', '192.0.2.66');
    return this.open(nobody, '', 0, at, null, null, nobody.address);
  }

  /** Somebody who is no player of this session. */
  outsider(mac: string, address = '192.0.2.99'): Player {
    return new Player(this, mac, '', address);
  }

  hop(at: number, hop: Hop): void {
    this.#hops.push({ at, hop });
  }

  /** The recorder kept nothing that happened meanwhile. */
  lacks(from: number, to: number, events = 0): void {
    this.#lacking.push({ from, to, events });
  }

  /** All frames, and what a reader is told before it reads them. */
  play(): { readonly view: SessionView; readonly frames: readonly RecordedFrame[] } {
    const inOrder = this.#hops
      .sort((a, b) => a.at - b.at)
      .map(({ at, hop }, i) => frameOf(FIRST_SEQUENCE + i, moment(at), hop));
    const isIn = ({ from, to }: Lacking, { arrived }: RecordedFrame) =>
      arrived >= moment(from) && arrived <= moment(to);
    const frames = inOrder.filter((frame) => !this.#lacking.some((gap) => isIn(gap, frame)));
    const gaps = this.#lacking.map((gap): RecordedGap => {
      const before = inOrder.filter(({ arrived }) => arrived < moment(gap.from)).length;
      return {
        firstSequence: FIRST_SEQUENCE + before,
        frames: inOrder.filter((frame) => isIn(gap, frame)).length,
        events: gap.events,
        noticed: moment(gap.to),
        reason: 'the writer could not keep up',
      };
    });
    const { ended, group, over } = this;
    const told = { ended, group, over: over === null ? null : moment(over) };
    return { frames, view: viewOf(this.#connections, this.#players, frames, gaps, told) };
  }

  findings(): readonly Finding[] {
    const { view, frames } = this.play();
    const observer = findingObservers(view);
    observe(view, frames, observer);
    return observer.end();
  }
}
