/**
 * One recorded client, played on a real socket: it says what it said then, and hears what the target says now.
 *
 * All sockets read into one buffer, and whoever hears of a frame copies what is to be kept.
 */
import { connect, type Socket } from 'node:net';
import { heap, span } from '../../protocol/memory.ts';
import { Reader } from '../../protocol/reader.ts';
import { Direction, type FrameKind, type FrameView, type Millis, type Peer } from '../../protocol/types.ts';
import type { ScriptedClient } from '../script/steps.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Who hears what happens to a client. */
export interface ClientOwner {
  connected(client: VirtualClient): void;
  /** Borrowed until this returns. */
  frame(client: VirtualClient, frame: FrameView): void;
  /** Bytes that can be no frame, or were none when the connection ended. Borrowed. */
  unframed(client: VirtualClient, bytes: Uint8Array): void;
  /** The target has read nothing of what this client sent for too long. */
  unread(client: VirtualClient): void;
  /** The target will say nothing more. Called once, unless the client ended first. */
  ended(client: VirtualClient, error: NodeJS.ErrnoException | null): void;
}

const READ_BYTES = 512 * 1024;
const shared = span(Buffer.allocUnsafeSlow(READ_BYTES));

/** Bytes that wait for the target; with more, nothing more is sent until it has read. */
export const WAITING_BYTES_MAX = 1024 * 1024;

export class VirtualClient {
  readonly scripted: ScriptedClient;
  readonly #owner: ClientOwner;
  readonly #reader: Reader;
  #socket: Socket | null = null;
  /** What has been said since the last `flush`. */
  #said: Uint8Array[] = [];
  #saidBytes = 0;
  isConnected = false;
  /** The target has said its last word. */
  isOver = false;
  /** We have said ours. */
  hasEnded = false;

  constructor(scripted: ScriptedClient, owner: ClientOwner) {
    this.scripted = scripted;
    this.#owner = owner;
    this.#reader = new Reader(scripted.protocol, Direction.toPeer, heap, {
      frame: (frame) => owner.frame(this, frame),
      fault: () => undefined,
      leftover: (bytes) => owner.unframed(this, bytes),
    });
  }

  /** A target that does not take the connection in time does not take it. */
  open(target: Address, patienceMs: Millis): void {
    const socket = connect({
      ...target,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: shared.bytes,
        callback: (bytes) => {
          if (!this.isOver) this.#reader.push(shared, 0, bytes);
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('it did not take the connection in time')));
    socket.on('connect', () => {
      socket.setTimeout(0);
      this.isConnected = true;
      this.#owner.connected(this);
    });
    socket.on('end', () => this.#over(null));
    socket.on('error', (error) => this.#over(error));
    socket.on('close', () => this.#over(null));
  }

  /** From where the target sees it come, once it is connected. */
  get origin(): Peer {
    const { localAddress = '', localPort = 0 } = this.#socket ?? {};
    return { address: localAddress, port: localPort };
  }

  /** There is too much on its way to the target already. */
  get isFull(): boolean {
    return this.#saidBytes + (this.#socket?.writableLength ?? 0) > WAITING_BYTES_MAX;
  }

  /** Takes the bytes for good; `flush` writes all that has been sent since the last one, in one piece. */
  send(kind: FrameKind, bytes: Uint8Array): void {
    const mode = this.scripted.protocol.frames[kind]?.then?.toPeer;
    if (mode !== undefined) this.#reader.mode = mode;
    this.#said.push(bytes);
    this.#saidBytes += bytes.length;
  }

  flush(): void {
    if (this.#said.length === 0) return;
    // The system takes one piece in a fraction of the time that it takes for many small ones.
    this.#socket?.write(this.#said.length === 1 ? (this.#said[0] as Uint8Array) : Buffer.concat(this.#said));
    this.#said = [];
    this.#saidBytes = 0;
  }

  /** Says that it has said its last word, and still listens. */
  end(): void {
    this.flush();
    this.hasEnded = true;
    this.#socket?.end();
  }

  /** Breaks the connection off. */
  reset(): void {
    this.flush();
    this.hasEnded = true;
    this.#leave();
    this.#socket?.resetAndDestroy();
  }

  /** Whatever it is in the middle of. */
  destroy(): void {
    this.hasEnded = true;
    this.#leave();
    this.#socket?.destroy();
  }

  #over(error: NodeJS.ErrnoException | null): void {
    if (this.isOver) return;
    this.#leave();
    this.#owner.ended(this, error);
    // A client that was left says goodbye as well.
    if (!this.hasEnded) this.#socket?.end();
  }

  #leave(): void {
    if (this.isOver) return;
    this.#reader.stop();
    this.isOver = true;
  }
}
