/**
 * What each connection of the TCP relay does.
 *
 *   Opening --name--> Client, which sends one message after the other, and is sent one at a time
 */
import { escapedText } from '../escaped.ts';
import { Outcome } from '../outcome.ts';
import type { FrameView, Millis, Outlet, Session } from '../types.ts';
import { TcpRelayFault } from './faults.ts';
import { sizeOf } from './framing.ts';
import type { TcpRelayHub } from './hub.ts';
import { Inbox, type Sender } from './inbox.ts';
import { BAR, Kind } from './layout.ts';
import { nameEndpoint, nameKey } from './names.ts';

/** Frames pass nobody but as they are. */
const NO_STAMP = new Uint8Array(0);

/** Waits for its name, and then hands the connection to the client. */
export class Opening implements Session {
  readonly outlet: Outlet;
  readonly #hub: TcpRelayHub;

  constructor(hub: TcpRelayHub, outlet: Outlet) {
    this.#hub = hub;
    this.outlet = outlet;
  }

  get label(): string {
    return 'unknown';
  }

  get state(): string {
    return 'has not said its name yet';
  }

  frame({ bytes, at, end }: FrameView, now: Millis): Outcome {
    const name = bytes.slice(at, end - 1);
    if (this.#hub.find(name, 0, name.length) !== null) {
      this.outlet.close(TcpRelayFault.nameInUse);
      return Outcome.consumed;
    }
    const client = new Client(this.#hub, this.outlet, name, now);
    this.outlet.identify(
      {
        role: 'client',
        endpoint: client.endpoint,
        toward: '',
        nickname: escapedText(name, 0, name.length),
        game: '',
        gameName: '',
      },
      NO_STAMP,
    );
    this.outlet.become(client);
    this.#hub.named(this, client);
    return Outcome.consumed;
  }

  gone(): void {
    this.#hub.forget(this);
  }
}

export class Client implements Session, Sender {
  readonly outlet: Outlet;
  readonly name: Uint8Array;
  /** The name in a form for tables, and in one for people. */
  readonly key: string;
  readonly endpoint: string;
  /** When the last of its frames arrived, or when it was last known that none could. */
  heardAt: Millis;
  /** Who may write to it. */
  readonly inbox: Inbox;
  readonly #hub: TcpRelayHub;
  /** To whom the message in hand goes, or is to go once it is its turn; null where it goes nowhere, and between messages. */
  #receiver: Client | null = null;
  /** What becomes of its bytes where it goes nowhere. */
  #fate: Outcome = Outcome.noTarget;
  /** Bytes of it that have not come yet. */
  #left = 0;
  /** Whether some of it are with the receiver. */
  #isBegun = false;
  /** Most messages go where the one before went: this spares them the search. */
  #last: Client | null = null;
  #isOver = false;

  constructor(hub: TcpRelayHub, outlet: Outlet, name: Uint8Array, now: Millis) {
    this.#hub = hub;
    this.outlet = outlet;
    this.name = name;
    this.key = nameKey(name, 0, name.length);
    this.endpoint = nameEndpoint(name, 0, name.length);
    this.heardAt = now;
    this.inbox = new Inbox(outlet, hub.errands);
  }

  get label(): string {
    return `client ${this.endpoint}`;
  }

  get state(): string {
    if (this.#left === 0) return 'open';
    const whither = this.#receiver === null ? 'nobody' : this.#receiver.endpoint;
    return `in a message to ${whither}, of which ${this.#left} bytes are to come`;
  }

  frame(frame: FrameView, now: Millis): Outcome {
    // What waited arrived before now, and is heard now.
    if (now > this.heardAt) this.heardAt = now;
    return frame.kind === Kind.message ? this.#begin(frame) : this.#goOn(frame);
  }

  orphaned(): void {
    this.#receiver = null;
    this.#fate = Outcome.undelivered;
  }

  gone(): void {
    this.#isOver = true;
    this.#last = null;
    this.#hub.closed(this);
    this.inbox.close();
    const receiver = this.#receiver;
    this.#receiver = null;
    if (receiver === null) return;
    if (!this.#isBegun) receiver.inbox.leave(this);
    // It stays in the inbox, so that nobody else's bytes come behind half a message.
    else this.#hub.errands.run(() => receiver.outlet.close(TcpRelayFault.cutOff));
  }

  #begin(frame: FrameView): Outcome {
    const size = sizeOf(frame.view, frame.at, frame.end);
    const receiver = this.#find(frame);
    this.#left = size;
    this.#fate = Outcome.noTarget;
    if (receiver === null) return Outcome.noTarget;
    if (size === 0) return Outcome.consumed;
    this.#receiver = receiver;
    this.#isBegun = false;
    receiver.inbox.enter(this);
    return Outcome.consumed;
  }

  #goOn(frame: FrameView): Outcome {
    this.#left -= frame.end - frame.at;
    if (this.#receiver === null) return this.#fate;
    this.#isBegun = true;
    this.#receiver.outlet.forward(frame, this.outlet);
    if (this.#left === 0) this.#end();
    return Outcome.forwarded;
  }

  #end(): void {
    // Being sent the last of it may have ended the receiver.
    const receiver = this.#receiver;
    this.#receiver = null;
    receiver?.inbox.leave(this);
  }

  #find({ bytes, at, end }: FrameView): Client | null {
    const last = this.#last;
    if (last?.isNamed(bytes, at) === true) return last;
    return (this.#last = this.#hub.find(bytes, at, bytes.subarray(at, end).indexOf(BAR) + at));
  }

  /** Whether it is here, and its name is what stands at `at`, with a bar behind it. */
  isNamed(bytes: Uint8Array, at: number): boolean {
    const { name } = this;
    if (this.#isOver || bytes[at + name.length] !== BAR) return false;
    for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
    return true;
  }
}
