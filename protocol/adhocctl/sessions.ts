/**
 * What each connection of adhocctl does.
 *
 *   Opening --login--> Player, which is in one group at most
 */
import { CommonFault } from '../fault.ts';
import type { Presence } from '../guard.ts';
import { Outcome } from '../outcome.ts';
import type { FrameKind, FrameView, Millis, Outlet, Session } from '../types.ts';
import { AdhocctlFault } from './faults.ts';
import { type Group, groupName } from './groups.ts';
import type { AdhocctlHub } from './hub.ts';
import { Kind, MESSAGE_BYTES, Opcode, OPCODE_BYTES } from './layout.ts';
import { Login } from './login.ts';

/** What the hub needs to know of a session. */
export interface Member extends Session {
  readonly outlet: Outlet;
}

/** Frames pass nobody unchanged here. */
const NO_STAMP = new Uint8Array(0);

/** Waits for its login, and then hands the connection to the player. */
export class Opening implements Member {
  readonly outlet: Outlet;
  readonly #hub: AdhocctlHub;
  /** The IP address of the client. */
  readonly #address: string;

  constructor(hub: AdhocctlHub, outlet: Outlet, address: string) {
    this.#hub = hub;
    this.outlet = outlet;
    this.#address = address;
  }

  get label(): string {
    return 'unknown';
  }

  get state(): string {
    return 'has not logged in yet';
  }

  frame(frame: FrameView, now: Millis): Outcome {
    this.#logIn(new Login(frame), now);
    return Outcome.consumed;
  }

  #logIn(login: Login, now: Millis): void {
    const { games, guard, tags } = this.#hub;
    const fault = login.fault ?? (tags.suits(this.#address) ? null : AdhocctlFault.notIpv4);
    if (fault !== null) {
      this.outlet.close(fault);
      return;
    }
    const { mac, endpoint, nickname, product } = login;
    const game = games.playsAs(product);
    this.outlet.identify(
      { role: 'player', endpoint, toward: '', nickname, game, gameName: games.name(product) },
      NO_STAMP,
    );
    if (!guard.mayLogIn(mac, this.#address)) {
      this.outlet.close(CommonFault.loggedInElsewhere);
      return;
    }
    const presence = guard.login(mac, this.#address, now);
    const player = new Player(this.#hub, this.outlet, login, game, presence, tags.take(this.#address));
    this.outlet.become(player);
    this.#hub.loggedIn(this, player, now);
  }

  gone(): void {
    this.#hub.forget(this);
  }
}

export class Player implements Member {
  readonly outlet: Outlet;
  /** The MAC address as one number, as people write it, and as it is. */
  readonly mac: number;
  readonly endpoint: string;
  readonly macBytes: Uint8Array;
  readonly nickname: string;
  /** The code that all releases of the game play as. */
  readonly game: string;
  readonly presence: Presence;
  readonly tag: Uint8Array;
  /** What others hear of it: that it is in their group, that it leads it, and that it has left. */
  readonly introduction: Uint8Array;
  readonly leadership: Uint8Array;
  readonly farewell: Uint8Array;
  /** Changed by `Groups` alone. */
  group: Group | null = null;
  readonly #hub: AdhocctlHub;
  readonly #nicknameBytes: Uint8Array;
  #over = false;

  constructor(
    hub: AdhocctlHub,
    outlet: Outlet,
    login: Login,
    game: string,
    presence: Presence,
    tag: Uint8Array,
  ) {
    const { macBytes, nicknameBytes } = login;
    this.#hub = hub;
    this.outlet = outlet;
    this.mac = login.mac;
    this.endpoint = login.endpoint;
    this.macBytes = macBytes;
    this.nickname = login.nickname;
    this.game = game;
    this.presence = presence;
    this.tag = tag;
    this.introduction = Uint8Array.of(Opcode.connect, ...nicknameBytes, ...macBytes, ...tag);
    this.leadership = Uint8Array.of(Opcode.connectBssid, ...macBytes);
    this.farewell = Uint8Array.of(Opcode.disconnect, ...tag);
    this.#nicknameBytes = nicknameBytes;
  }

  get label(): string {
    return `player ${this.endpoint}`;
  }

  get state(): string {
    return this.group === null ? 'is in no group' : `is in group ${JSON.stringify(this.group.name)}`;
  }

  /** Nothing, where it has been closed by what it was sent before. */
  hears(kind: FrameKind, bytes: Uint8Array): void {
    if (!this.#over) this.outlet.send(kind, bytes);
  }

  frame(frame: FrameView, now: Millis): Outcome {
    this.#hub.heardOf(this, now);
    requests[frame.kind]?.(this.#hub, this, frame, now);
    return Outcome.consumed;
  }

  /** In no group, it speaks to nobody. */
  says({ bytes, at }: FrameView): void {
    const end = at + OPCODE_BYTES + MESSAGE_BYTES;
    const spoken = Uint8Array.of(...bytes.subarray(at, end), ...this.#nicknameBytes);
    for (const member of this.group?.members ?? [])
      if (member !== this) member.hears(Kind.chatDelivered, spoken);
  }

  gone(now: Millis): void {
    this.#over = true;
    this.#hub.closed(this, now);
  }
}

type Request = (hub: AdhocctlHub, player: Player, frame: FrameView, now: Millis) => void;

/** By kind. A ping asks for nothing. */
const requests: Readonly<Record<FrameKind, Request>> = {
  [Kind.connect]: (hub, player, frame, now) =>
    hub.join(player, groupName(frame, frame.at + OPCODE_BYTES), now),
  [Kind.disconnect]: (hub, player, _, now) => hub.leave(player, now),
  [Kind.scan]: (hub, player) => hub.scan(player),
  [Kind.chat]: (_hub, player, frame) => player.says(frame),
};
