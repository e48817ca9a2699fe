/**
 * What each connection of GATE.PUNCH does: a caller says commands by TCP, a knocker shows its address by UDP.
 *
 * The rule: nothing is ever answered by UDP, because whoever sends there may say that he is somebody else.
 */
import { Outcome } from '../outcome.ts';
import type { FrameKind, FrameView, Identity, Millis, Outlet, Session } from '../types.ts';
import { utf8Bytes } from '../utf8.ts';
import { GatepunchFault } from './faults.ts';
import type { GatepunchHub } from './hub.ts';
import { Code, Kind, LINE_BYTES_MAX } from './layout.ts';
import { frameLines } from './lines.ts';
import { lobbyQuery } from './lobby.ts';
import { isAtLeast, VERSION, VERSION_MIN } from './version.ts';

type Role = 'server' | 'client';

/** Frames pass nobody here. */
const NO_STAMP = new Uint8Array(0);
/** By kind. */
const ROLES: Readonly<Record<FrameKind, Role>> = {
  [Kind.reg]: 'server',
  [Kind.reg2]: 'server',
  [Kind.connect]: 'client',
  [Kind.udpReg]: 'server',
  [Kind.udpRegHeaded]: 'server',
  [Kind.udpConnect]: 'client',
  [Kind.udpConnectHeaded]: 'client',
};

/** All that sessions have in common: where they come from, and what they are for as soon as they have said so. */
abstract class Visitor implements Session {
  readonly outlet: Outlet;
  readonly ip: string;
  protected readonly hub: GatepunchHub;
  protected isOver = false;
  #role: Role | null = null;

  constructor(hub: GatepunchHub, outlet: Outlet, ip: string) {
    this.hub = hub;
    this.outlet = outlet;
    this.ip = ip;
  }

  get label(): string {
    return `${this.#role ?? 'unknown'} ${this.ip}`;
  }

  abstract get state(): string;

  abstract act(frame: FrameView, now: Millis): Outcome;

  frame(frame: FrameView, now: Millis): Outcome {
    const role = ROLES[frame.kind];
    if (role !== undefined && this.#role === null) {
      this.#role = role;
      this.outlet.identify(identity(role, this.ip), NO_STAMP);
      this.hub.plays(this.ip);
    }
    return this.act(frame, now);
  }

  gone(_now: Millis): void {
    this.isOver = true;
    this.hub.left(this, this.ip, this.#role !== null);
  }
}

function identity(role: Role, endpoint: string): Identity {
  return { role, endpoint, toward: '', nickname: '', game: '', gameName: '' };
}

/** One who says commands by TCP. */
export class Caller extends Visitor {
  /** The address of the server to which it waits to be introduced. Changed by the hub alone. */
  wanted: string | null = null;

  get state(): string {
    return this.wanted === null ? 'may ask' : `waits for ${this.wanted}`;
  }

  /** Nothing, where it has been closed by what it was sent before. */
  hears(kind: FrameKind, bytes: Uint8Array): void {
    if (!this.isOver) this.outlet.send(kind, bytes);
  }

  act(frame: FrameView, now: Millis): Outcome {
    if (frame.kind === Kind.unknown) return Outcome.ignored;
    requests[frame.kind]?.(this.hub, this, frameLines(frame), now);
    return Outcome.consumed;
  }

  override gone(now: Millis): void {
    super.gone(now);
    this.hub.hungUp(this);
  }
}

type Request = (hub: GatepunchHub, caller: Caller, lines: readonly string[], now: Millis) => void;

/** By kind. A ping and what stands between commands ask for nothing. */
const requests: Readonly<Record<FrameKind, Request>> = {
  [Kind.reg]: (hub, caller) => hub.register(caller, []),
  [Kind.reg2]: (hub, caller, [, version = '', ...data]) => {
    if (isAtLeast(version, VERSION_MIN)) hub.register(caller, data);
    else caller.outlet.close(GatepunchFault.oldVersion);
  },
  [Kind.connect]: (hub, caller, [, ip = ''], now) => hub.connect(caller, ip, now),
  [Kind.lobby2]: (hub, caller, lines) => hub.list(caller, lobbyQuery(lines)),
  [Kind.version]: (_, caller) => caller.hears(Kind.versionText, said(Code.version, VERSION)),
  [Kind.istesting]: ({ settings }, caller) =>
    caller.hears(Kind.testing, Uint8Array.of(Code.testing, settings.testing ? 1 : 0)),
  [Kind.testinginfos]: ({ settings: { testing, name } }, caller) => {
    if (testing) caller.hears(Kind.testingInfos, said(Code.testingInfos, name, VERSION, VERSION_MIN));
    else caller.hears(Kind.noTesting, Uint8Array.of(Code.testingInfos, 0));
  },
};

function said(code: number, ...lines: readonly string[]): Uint8Array {
  return Uint8Array.of(
    code,
    ...lines.flatMap((line) => [...utf8Bytes(line).subarray(0, LINE_BYTES_MAX), 0x0a]),
  );
}

/** One address from which packets come by UDP. */
export class Knocker extends Visitor {
  readonly #port: number;

  constructor(hub: GatepunchHub, outlet: Outlet, ip: string, port: number) {
    super(hub, outlet, ip);
    this.#port = port;
  }

  get state(): string {
    return `sends from UDP port ${this.#port}`;
  }

  act({ kind }: FrameView, now: Millis): Outcome {
    const role = ROLES[kind];
    if (role === 'server') this.hub.heardServer(this.ip, this.#port, now);
    if (role === 'client') this.hub.heardClient(this.ip, this.#port, now);
    return Outcome.consumed;
  }
}
