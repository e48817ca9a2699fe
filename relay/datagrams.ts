/**
 * The UDP socket of a listener, on the same address and port as its TCP server, and all that something comes from.
 *
 * The rule: what comes by UDP has limits of its own, so that made-up senders take nobody's place among the connections
 * by TCP. What is too much is dropped and counted.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { monotonic } from '../common/clock.ts';
import { CommonFault } from '../protocol/fault.ts';
import type { Hub, Peer } from '../protocol/types.ts';
import { Alarm } from './alarm.ts';
import { asIpv4, Hold } from './connected.ts';
import { DATAGRAM_BYTES_MAX, UDP_IDLE_MS, UDP_SOURCES_MAX, UDP_SPARED_MS } from './limits.ts';
import type { ListenerContext, RelayContext } from './listener.ts';
import { type SendDatagram, UdpSource } from './udp-source.ts';

export class Datagrams {
  readonly #relay: RelayContext;
  readonly #context: ListenerContext;
  readonly #hub: Hub;
  /** By address and port, those that are deaf included. */
  readonly #sources = new Map<string, UdpSource>();
  readonly #idle = new Alarm<string>(UDP_IDLE_MS, (key) => this.#forget(key));
  #socket: Socket | null = null;
  #isReading = false;

  constructor(relay: RelayContext, context: ListenerContext, hub: Hub) {
    this.#relay = relay;
    this.#context = context;
    this.#hub = hub;
  }

  /** Rejects with the system's error. */
  bind({ address, port, family }: AddressInfo): Promise<void> {
    const type = family === 'IPv6' ? 'udp6' : 'udp4';
    // Senders are known by their addresses, so nothing is ever to be looked up.
    const socket = createSocket({
      type,
      lookup: (host, _options, done) => done(null, host, type === 'udp6' ? 6 : 4),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', (error) => {
        socket.close();
        reject(error);
      });
      socket.bind({ address, port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        const { protocol } = this.#context;
        socket.on('error', (error) => this.#relay.onServerError(protocol, error));
        socket.on('message', (bytes, from) => this.#received(bytes, from));
        this.#socket = socket;
        this.#isReading = true;
        resolve();
      });
    });
  }

  get sources(): Iterable<UdpSource> {
    return this.#sources.values();
  }

  /** Takes nothing more; what is sent still leaves. */
  stopReading(): void {
    this.#isReading = false;
  }

  close(): void {
    this.stopReading();
    this.#idle.stop();
    this.#socket?.close();
    this.#socket = null;
  }

  #received(bytes: Uint8Array, from: RemoteInfo): void {
    if (!this.#isReading) return;
    const now = monotonic();
    const key = `${from.address} ${from.port}`;
    // Port 0 is that of somebody who wants no answer, and the system sends none there.
    const isUsable = bytes.length <= DATAGRAM_BYTES_MAX && from.port !== 0;
    const source = isUsable ? this.#sourceOf(key, from, now) : undefined;
    if (source === undefined) {
      this.#context.metrics.datagramsDropped++;
      return;
    }
    this.#idle.start(key, now);
    source.received(bytes, now);
  }

  /** Undefined for a newcomer for whom there is no room. */
  #sourceOf(key: string, from: RemoteInfo, now: number): UdpSource | undefined {
    const known = this.#sources.get(key);
    if (known !== undefined || !this.#hasRoom(now)) return known;
    const [relay, hub] = [this.#relay, this.#hub];
    const { metrics, tap, turn, protocol } = this.#context;
    const peer: Peer = { address: asIpv4(from.address), port: from.port, transport: 'udp' };
    const source = new UdpSource(relay.nextConnectionId(), peer, this.#context, this.#sender(from));
    this.#sources.set(key, source);
    metrics.connections++;
    metrics.connectionsTotal++;
    tap?.opened(source.id, protocol, peer, now);
    turn.arrived = now;
    source.start(() => hub.acceptDatagrams?.(source, peer, now) ?? hub.accept(source, peer, now));
    relay.onOpened(source);
    this.#context.hubMoved();
    if (relay.held()) source.setHold(Hold.recorder, true);
    return source;
  }

  /** Whether there is a place, be it that of the one that has been quiet for longest. */
  #hasRoom(now: number): boolean {
    if (this.#sources.size < UDP_SOURCES_MAX) return true;
    const quiet = this.#idle.oldest(now - UDP_SPARED_MS);
    if (quiet === undefined) return false;
    this.#idle.cancel(quiet);
    this.#forget(quiet);
    return this.#sources.size < UDP_SOURCES_MAX;
  }

  #sender({ address, port }: RemoteInfo): SendDatagram {
    return (bytes, onSent) => {
      if (this.#socket === null) onSent(new Error('the socket is closed'));
      else this.#socket.send(bytes, port, address, onSent);
    };
  }

  #forget(key: string): void {
    const source = this.#sources.get(key);
    if (source === undefined) return;
    const now = monotonic();
    // Who cannot be heard is not silent.
    if (source.isOpen && source.isHeld) {
      this.#idle.start(key, now);
      return;
    }
    this.#sources.delete(key);
    this.#context.turn.arrived = now;
    source.close(CommonFault.none);
  }
}
