/**
 * A client of AlphaNET: one connection to the relay, one virtual IP address, and virtual sockets at it.
 *
 *     const client = await AlphanetClient.connect({ host, port });
 *     const listener = client.listen(80);
 *     const socket = await listener.accept();            // or: await client.connectTo('12.34.56.78', 80)
 *     await socket.send('Hello!');
 *     const piece = await socket.receive();              // null at the end
 *     await client.close();
 *
 * The rule: a virtual socket is there from the moment when the relay was told of it or told us, neither before nor after.
 */
import { connect as connectTcp } from 'node:net';
import { Failure } from '../../common/failure.ts';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { ipv4Of, NOT_IPV4 } from '../../protocol/alphanet/ipv4.ts';
import { Packet } from '../../protocol/alphanet/classes.ts';
import { KEY_BYTES, Kind } from '../../protocol/alphanet/layout.ts';
import type { Address, ObjectName, ObjectValues } from '../../protocol/alphanet/objects.ts';
import {
  addressOf,
  authAnswer,
  dataIn,
  endsIn,
  failedIn,
  objectIn,
  requestPacket,
  socketClosedPacket,
  socketConnectionStatusPacket,
  socketStatusResponsePacket,
} from '../../protocol/alphanet/packets.ts';
import type { FrameView } from '../../protocol/types.ts';
import { within, type Wait } from '../wait.ts';
import { VirtualListener } from './listener.ts';
import { Pace } from './pace.ts';
import { Questions } from './questions.ts';
import { type Carrier, STALL_MS, VirtualSocket } from './socket.ts';
import { CLOSE_MS, notAlphanet, Wire } from './wire.ts';

/** How long connecting takes at most, the key and the address included, unless told otherwise. */
export const CONNECT_MS = 10_000;
/** Virtual ports of one client that are listened at. */
export const LISTENERS_MAX = 1024;
/** Connections of one client, with those that are being asked for; the relay lets no client have more. */
export const SOCKETS_MAX = 1024;
/** From where virtual ports are taken for connections that we ask for, in turn. */
const OWN_PORT_MIN = 49_152;
const PORT_MAX = 65_535;

export interface AlphanetOptions extends Wait {
  /** Without it, this machine. */
  readonly host?: string;
  /** Without it, 27316. */
  readonly port?: number;
  /** What the relay asks for, where it does; 16 bytes at most. */
  readonly key?: string;
  /** How long a socket that is not received from may keep all others from being read. Without it, 10 s. */
  readonly stallMs?: number;
}

/** What is to be found at a virtual socket. */
export interface VirtualSocketStatus {
  /** It is in use. */
  readonly open: boolean;
  /** It takes connections. */
  readonly listening: boolean;
}

type Handler = (frame: FrameView) => void;

export class AlphanetClient {
  readonly #wire: Wire;
  readonly #key: string | undefined;
  readonly #where: string;
  readonly #pace: Pace;
  #isKeyAsked = false;
  readonly #statuses = new Questions<VirtualSocketStatus>();
  readonly #connections = new Questions<boolean>();
  readonly #listeners = new Map<number, VirtualListener>();
  /** By both ends: see `keyOf`. */
  readonly #sockets = new Map<string, VirtualSocket>();
  /** Ports of connections that we asked for. */
  readonly #ownPorts = new Set<number>();
  #nextPort = OWN_PORT_MIN;
  readonly #full = new Set<VirtualSocket>();
  readonly #carrier: Carrier;
  #address: string | null = null;
  /** Waits for the address. */
  #enter: { readonly resolve: () => void; readonly reject: (why: Failure) => void } | null = null;
  #closed: Promise<void> | null = null;
  #isOver: (why: Failure | null) => void = () => undefined;

  /** Fulfilled when the connection to the relay is over: with why, or with null where this side closed it. */
  readonly ended: Promise<Failure | null>;

  /**
   * Done when the relay has given the virtual address. Rejects with `Failure` `refused`, `turned-away`, `key-required`,
   * `wrong-key`, `bad-key`, `not-alphanet` or `timed-out`.
   */
  static async connect(options: AlphanetOptions = {}): Promise<AlphanetClient> {
    const { key, timeoutMs = CONNECT_MS, signal } = options;
    if (key !== undefined && Buffer.byteLength(key) > KEY_BYTES)
      throw new Failure('input', 'bad-key', `a key of AlphaNET has ${KEY_BYTES} bytes at most`);
    signal?.throwIfAborted();
    const client = new AlphanetClient(options);
    const entered = new Promise<void>((resolve, reject) => (client.#enter = { resolve, reject }));
    const late = `${client.#where} gave no virtual address in time`;
    await within(entered, { timeoutMs, ...(signal && { signal }) }, late, () => {
      client.#enter = null;
      client.#wire.fail(new Failure('outside', 'closed', 'connecting was given up'));
    });
    return client;
  }

  private constructor({
    host = '127.0.0.1',
    port = alphanet.port,
    key,
    stallMs = STALL_MS,
  }: AlphanetOptions) {
    this.#key = key;
    this.#where = `the relay at ${host} port ${port}`;
    this.ended = new Promise((resolve) => (this.#isOver = resolve));
    this.#wire = new Wire(connectTcp({ host, port }), {
      heard: (frame) => this.#heard(frame),
      drained: () => this.#pace.go(),
      over: (why) => this.#over(why),
    });
    this.#pace = new Pace(() => this.#wire.hasRoom);
    this.#carrier = {
      stallMs,
      carry: (bytes, isWanted) => this.#wire.send(bytes, isWanted),
      part: (bytes) => this.#say(() => this.#wire.say(bytes)),
      filled: (socket, isFull) => {
        if (isFull) this.#full.add(socket);
        else this.#full.delete(socket);
        this.#wire.hold(this.#full.size > 0);
      },
      forget: (socket) => this.#forget(socket),
    };
  }

  /** Its virtual IP address. */
  get address(): string {
    return this.#address as string;
  }

  /** What is to be found at a virtual socket; neither open nor listening where nobody is there. */
  status(ip: string, port: number, wait: Wait = {}): Promise<VirtualSocketStatus> {
    const wrong = wrongAddress(ip, port);
    if (wrong !== null) return Promise.reject(wrong);
    const local = { ip: this.address, port: 0 };
    return this.#statuses.ask(
      {
        say: () => this.#ask('socketStatusRequest', local, { ip, port }),
        heard: (status) => status,
        unheard: () => undefined,
      },
      wait,
      `nothing was said of ${ip}:${port} in time`,
    );
  }

  /** Takes connections at a virtual port from now on. Throws `bad-port`, `in-use`, `too-many-ports`, or why it is over. */
  listen(port: number): VirtualListener {
    if (!isPort(port)) throw badPort(port);
    if (this.#wire.over !== null) throw this.#wire.over;
    if (this.#listeners.has(port))
      throw new Failure('input', 'in-use', `virtual port ${port} is listened at already`);
    if (this.#listeners.size >= LISTENERS_MAX)
      throw new Failure('input', 'too-many-ports', `${LISTENERS_MAX} virtual ports are listened at already`);
    const listener = new VirtualListener(port, () => {
      if (this.#listeners.get(port) === listener) this.#listeners.delete(port);
    });
    this.#listeners.set(port, listener);
    return listener;
  }

  /** A connection to a virtual socket. Rejects with `refused` where nobody takes it. */
  connectTo(ip: string, port: number, wait: Wait = {}): Promise<VirtualSocket> {
    const wrong = wrongAddress(ip, port);
    if (wrong !== null) return Promise.reject(wrong);
    if (!this.#hasRoom)
      return Promise.reject(
        new Failure('input', 'too-many-sockets', `this client has ${SOCKETS_MAX} connections already`),
      );
    const local = { ip: this.address, port: this.#takePort() };
    const remote = { ip, port };
    return this.#connections.ask(
      {
        say: () => this.#ask('socketConnectionRequest', local, remote),
        heard: (isConnected) => {
          if (isConnected) return this.#open(local, remote, true);
          this.#ownPorts.delete(local.port);
          return new Failure('outside', 'refused', `nobody takes connections at ${ip}:${port}`);
        },
        unheard: (isConnected) => {
          this.#ownPorts.delete(local.port);
          if (isConnected === true) this.#carrier.part(socketClosedPacket(local, remote));
        },
      },
      wait,
      `nobody took a connection at ${ip}:${port} in time`,
    );
  }

  /** Ends all, after what is being sent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const ends = [...this.#listeners.values(), ...this.#sockets.values()].map((each) => each.close());
    // Who does not take what is being sent does not keep us.
    await within(Promise.all(ends), { timeoutMs: CLOSE_MS }, '').catch(() => undefined);
    await this.#wire.close(new Failure('outside', 'closed', 'this client has been closed'));
  }

  // What is said ------------------------------------------------------------------------------------

  /** Says something that the relay acts on, when it may be said. */
  #say(task: () => void): void {
    if (this.#wire.over !== null || this.#pace.run(task)) return;
    this.#wire.fail(new Failure('outside', 'flooded', 'the relay asks for more than it takes answers'));
  }

  #ask(name: 'socketStatusRequest' | 'socketConnectionRequest', source: Address, destination: Address): void {
    this.#say(() => this.#wire.say(requestPacket(name, source, destination)));
  }

  get #hasRoom(): boolean {
    return this.#sockets.size + this.#connections.size < SOCKETS_MAX;
  }

  #takePort(): number {
    while (this.#ownPorts.has(this.#nextPort) || this.#listeners.has(this.#nextPort)) this.#stepPort();
    const port = this.#nextPort;
    this.#ownPorts.add(port);
    this.#stepPort();
    return port;
  }

  #stepPort(): void {
    this.#nextPort = this.#nextPort === PORT_MAX ? OWN_PORT_MIN : this.#nextPort + 1;
  }

  #open(local: Address, remote: Address, isProven: boolean): VirtualSocket {
    const socket = new VirtualSocket(this.#carrier, local, remote, isProven);
    this.#sockets.set(keyOf(local, remote), socket);
    return socket;
  }

  #forget(socket: VirtualSocket): void {
    const key = keyOf(socket.local, socket.remote);
    if (this.#sockets.get(key) !== socket) return;
    this.#sockets.delete(key);
    this.#ownPorts.delete(socket.local.port);
  }

  // What is heard -----------------------------------------------------------------------------------

  #heard(frame: FrameView): void {
    const handlers = this.#address === null ? this.#beforeAddress : this.#withAddress;
    const handler = handlers[frame.kind];
    if (handler === undefined) this.#wire.fail(notAlphanet('a message came that has no place at this point'));
    else handler(frame);
  }

  /** By kind. */
  readonly #beforeAddress: Readonly<Partial<Record<number, Handler>>> = {
    [Kind.authRequired]: () => {
      if (this.#key === undefined)
        this.#wire.fail(new Failure('input', 'key-required', `${this.#where} asks for a key`));
      else if (this.#isKeyAsked) this.#wire.fail(notAlphanet('it asks for the key again'));
      else this.#wire.say(authAnswer(this.#key));
      this.#isKeyAsked = true;
    },
    [Kind.authSuccess]: () => undefined,
    [Kind.authFailure]: () =>
      this.#wire.fail(new Failure('input', 'wrong-key', `${this.#where} does not know the key`)),
    [Kind.virtualIp]: (frame) => {
      const values = this.#object('virtualIp', frame);
      if (values === null) return;
      this.#address = values['ip'] as string;
      this.#enter?.resolve();
    },
  };

  readonly #withAddress: Readonly<Partial<Record<number, Handler>>> = {
    [Kind.dataDelivered]: (frame) => {
      const { source, destination } = endsIn(frame);
      this.#find(destination, source)?.heard(dataIn(frame).slice());
    },
    [Kind.socketClosedDelivered]: (frame) => {
      const { source, destination } = endsIn(frame);
      this.#find(destination, source)?.ended();
    },
    [Kind.socketStatus]: (frame) => this.#isStatus('socketStatus', frame),
    // What the relay says itself, where nobody is there who could.
    [Kind.socketStatusResponseDelivered]: (frame) => this.#isStatus('socketStatusResponse', frame),
    [Kind.socketConnectionStatusDelivered]: (frame) => {
      const values = this.#object('socketConnectionStatus', frame);
      if (values !== null) this.#connections.answered(values['connected'] === 1);
    },
    [Kind.socketStatusRequestDelivered]: (frame) => {
      const values = this.#object('socketStatusRequest', frame);
      if (values !== null) this.#say(() => this.#tell(addressOf(values, 'destination').port));
    },
    [Kind.socketConnectionRequestDelivered]: (frame) => {
      const values = this.#object('socketConnectionRequest', frame);
      if (values === null) return;
      this.#say(() => this.#decide(addressOf(values, 'source'), addressOf(values, 'destination').port));
    },
    [Kind.requestFailedDelivered]: (frame) => this.#failed(frame),
  };

  #find(local: Address, remote: Address): VirtualSocket | undefined {
    return this.#sockets.get(keyOf(local, remote));
  }

  #isStatus(name: ObjectName, frame: FrameView): void {
    const values = this.#object(name, frame);
    if (values === null) return;
    this.#statuses.answered({ open: values['open'] === 1, listening: values['listening'] === 1 });
  }

  #tell(port: number): void {
    const isListening = this.#listeners.has(port);
    const isOpen = isListening || [...this.#sockets.values()].some(({ local }) => local.port === port);
    this.#wire.say(socketStatusResponsePacket(isOpen, isListening, { ip: this.address, port }));
  }

  /** Takes a connection where somebody listens and there is room for it. */
  #decide(remote: Address, port: number): void {
    const local = { ip: this.address, port };
    const listener = this.#listeners.get(port);
    const isTaken = listener?.hasRoom === true && this.#hasRoom && this.#find(local, remote) === undefined;
    this.#wire.say(socketConnectionStatusPacket(isTaken));
    if (isTaken) listener.takes(this.#open(local, remote, false));
  }

  /**
   * Whoever asks hears that it came to nothing in the answer already, and who was connected hears of the end before. What is left
   * is a connection that we took too late: the relay did not wait for it, and says so when data is sent.
   */
  #failed(frame: FrameView): void {
    const { failed, destination, reason } = failedIn(frame);
    if (failed !== Packet.data) return;
    for (const socket of [...this.#sockets.values()])
      if (!socket.isProven && socket.remote.ip === destination.ip && socket.remote.port === destination.port)
        socket.broke(new Failure('outside', 'not-connected', `the relay did not carry it: ${reason}`));
  }

  /** What an object says. Null where it is not what it must be, which ends the connection. */
  #object(name: ObjectName, frame: FrameView): ObjectValues | null {
    const values = objectIn(name, frame);
    if (typeof values !== 'string') return values;
    this.#wire.fail(notAlphanet(values));
    return null;
  }

  // The end -----------------------------------------------------------------------------------------

  #over(why: Failure): void {
    this.#pace.stop();
    this.#enter?.reject(this.#asRefusal(why));
    for (const socket of [...this.#sockets.values()]) socket.broke(why);
    for (const listener of this.#listeners.values()) listener.broke(why);
    this.#listeners.clear();
    this.#statuses.end(why);
    this.#connections.end(why);
    this.#isOver(why.code === 'closed' ? null : why);
  }

  /** What a lost connection means to whoever has no address yet. */
  #asRefusal(why: Failure): Failure {
    if (why.code !== 'lost') return why;
    const [code, what] = this.#wire.hasStood
      ? (['turned-away', 'ended the connection before it gave a virtual address'] as const)
      : (['refused', 'cannot be reached'] as const);
    return new Failure('outside', code, `${this.#where} ${what}: ${why.message}`, why);
  }
}

function keyOf(local: Address, remote: Address): string {
  return `${local.ip}:${local.port} ${remote.ip}:${remote.port}`;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= PORT_MAX;
}

function badPort(port: number): Failure {
  return new Failure('input', 'bad-port', `${port} is no virtual port`);
}

function wrongAddress(ip: string, port: number): Failure | null {
  if (ipv4Of(ip) === NOT_IPV4) return new Failure('input', 'bad-address', `${ip} is no IP address`);
  return isPort(port) ? null : badPort(port);
}
