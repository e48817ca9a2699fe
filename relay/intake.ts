/**
 * Gets accepted connections as sockets that all read into one buffer of ours.
 *
 * Node's way gives every read a buffer of its own, which costs more than forwarding the frames in
 * it. Its public `onread` option avoids that, but only for sockets that a program makes itself. So
 * we take the bare connection from the server before it makes a socket, and make ours; that needs
 * the server's private `_handle`. All that leans on it is in this file. Where it is missing, sockets
 * come and are read in Node's ordinary way: slower, and otherwise the same.
 */
import { type Server, Socket } from 'node:net';
import { span } from '../protocol/memory.ts';
import type { Peer, Span } from '../protocol/types.ts';

/** Who has a socket: it is told what happens to it. */
export interface SocketOwner {
  /** Takes `[0, end)` of the chunk, borrowed; answers whether more is wanted now. */
  received(chunk: Span, end: number): boolean;
  /** The client has said its last word. */
  ended(): void;
  failed(error: Error): void;
  closed(): void;
}

/** A socket that has just been accepted. It must be given an owner at once. */
export class ClientSocket extends Socket {
  owner: SocketOwner | null = null;
}

// Shared by all sockets: closures for each would be a third of what an idle one costs.
function onEnd(this: Socket): void {
  (this as ClientSocket).owner?.ended();
}
function onError(this: Socket, error: Error): void {
  (this as ClientSocket).owner?.failed(error);
}
function onClose(this: Socket): void {
  (this as ClientSocket).owner?.closed();
}

function watch(socket: Socket): ClientSocket {
  return socket.on('end', onEnd).on('error', onError).on('close', onClose) as ClientSocket;
}

/** A socket of our own that connects to somebody, and reads into the same buffer. It must be given an owner at once. */
export function dial({ address, port }: Peer, shared: Span): ClientSocket {
  const options = {
    allowHalfOpen: true,
    onread: {
      buffer: shared.bytes,
      callback: (end: number) => socket.owner?.received(shared, end) ?? false,
    },
  };
  const socket: ClientSocket = new ClientSocket(options);
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  return watch(socket.connect(port, address));
}

interface Internals {
  readonly _handle?: { onconnection?: unknown } | null;
}

/** Whether this Node lets bare connections be taken from a listening server. */
export function canTakeBare(server: Server): boolean {
  return typeof (server as unknown as Internals)._handle?.onconnection === 'function';
}

/** From now on, hands over every connection of a listening server. Answers whether it is the fast way. */
export function accept(server: Server, shared: Span, onAccepted: (socket: ClientSocket) => void): boolean {
  if (!canTakeBare(server)) {
    acceptOrdinary(server, onAccepted);
    return false;
  }
  const handle = (server as unknown as Internals)._handle as { onconnection: unknown };
  handle.onconnection = (status: number, bare?: object): void => {
    // The system could not give it to us (too many open files, say); the next one may succeed.
    if (status !== 0 || bare === undefined) {
      server.emit('drop');
      return;
    }
    const options = {
      handle: bare,
      allowHalfOpen: true,
      onread: {
        buffer: shared.bytes,
        callback: (end: number) => socket.owner?.received(shared, end) ?? false,
      },
    };
    const socket: ClientSocket = new ClientSocket(options);
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    onAccepted(watch(socket));
  };
  return true;
}

/** The ordinary way, for a server with `noDelay`, `keepAlive` and `allowHalfOpen`. */
export function acceptOrdinary(server: Server, onAccepted: (socket: ClientSocket) => void): void {
  server.on('connection', (accepted: Socket) => {
    const socket = watch(accepted);
    onAccepted(socket);
    socket.on('data', (bytes: Buffer) => {
      if (socket.owner?.received(span(bytes), bytes.length) !== true) socket.pause();
    });
  });
}
