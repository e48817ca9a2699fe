/**
 * What the relay is compared with: the same protocol as one writes it in an hour with Node's public
 * API. Strings for keys, `Buffer.concat` for what was cut, a write for each frame; nothing else.
 *
 * Not a strawman: it copies no frame that it need not copy, and sets TCP_NODELAY.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

const INIT_BYTES = 24;
const ADDRESS_BYTES = 10;
const PDP_HEADER_BYTES = 14;
const PTP_HEADER_BYTES = 4;

const InitType = { pdp: 0, listen: 1, connect: 2, accept: 3 } as const;

const datagramSessions = new Map<string, Socket>();
const listeners = new Map<string, Socket>();
/** Connectors that wait to be accepted, by both addresses. */
const connectors = new Map<string, (acceptor: Socket) => void>();

const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
  let pending: Buffer = Buffer.alloc(0);
  /** Takes one frame, and answers its length, or 0 if it is not all there. */
  let take: (bytes: Buffer) => number = (bytes) => {
    if (bytes.length < INIT_BYTES) return 0;
    take = open(socket, bytes.subarray(0, INIT_BYTES), () => read(Buffer.alloc(0)));
    return INIT_BYTES;
  };
  const read = (bytes: Buffer): void => {
    pending = pending.length > 0 ? Buffer.concat([pending, bytes]) : bytes;
    for (let taken = take(pending); taken > 0; taken = take(pending)) pending = pending.subarray(taken);
  };
  socket.on('data', read);
  socket.on('error', () => socket.destroy());
});

server.listen(0, '127.0.0.1', () => {
  const { address: host, port } = server.address() as AddressInfo;
  process.stdout.write(
    `${JSON.stringify({ listeners: { postoffice: { host, port } }, pid: process.pid })}\n`,
  );
});

/** Does what an init asks for; answers how the frames after it are taken. */
function open(socket: Socket, init: Buffer, goOn: () => void): (bytes: Buffer) => number {
  const address = Buffer.from(init.subarray(4, 14));
  const key = address.toString('hex');
  const toward = Buffer.from(init.subarray(14, 24));
  const towardKey = toward.toString('hex');
  switch (init.readInt32LE(0)) {
    case InitType.pdp:
      keep(datagramSessions, key, socket);
      return (bytes) => forwardDatagram(address, bytes);
    case InitType.listen:
      keep(listeners, key, socket);
      return (bytes) => bytes.length;
    case InitType.connect: {
      let peer: Socket | null = null;
      listeners.get(towardKey)?.write(address);
      connectors.set(key + towardKey, (acceptor) => {
        peer = acceptor;
        socket.write(toward);
        goOn();
      });
      return (bytes) => (peer === null ? 0 : forwardBlock(peer, bytes));
    }
    case InitType.accept: {
      const connector = connectors.get(towardKey + key);
      connectors.delete(towardKey + key);
      connector?.(socket);
      if (connector !== undefined) socket.write(toward);
      else socket.destroy();
      // No load sends from the acceptor, so there is no way back here.
      return (bytes) => bytes.length;
    }
    default:
      socket.destroy();
      return () => 0;
  }
}

function forwardDatagram(sender: Buffer, bytes: Buffer): number {
  if (bytes.length < PDP_HEADER_BYTES) return 0;
  const end = PDP_HEADER_BYTES + bytes.readUInt32LE(ADDRESS_BYTES);
  if (bytes.length < end) return 0;
  const target = datagramSessions.get(bytes.toString('hex', 0, ADDRESS_BYTES));
  sender.copy(bytes);
  target?.write(bytes.subarray(0, end));
  return end;
}

function forwardBlock(peer: Socket, bytes: Buffer): number {
  if (bytes.length < PTP_HEADER_BYTES) return 0;
  const end = PTP_HEADER_BYTES + bytes.readUInt32LE(0);
  if (bytes.length < end) return 0;
  peer.write(bytes.subarray(0, end));
  return end;
}

function keep(sessions: Map<string, Socket>, key: string, socket: Socket): void {
  sessions.get(key)?.destroy();
  sessions.set(key, socket);
  socket.on('close', () => {
    if (sessions.get(key) === socket) sessions.delete(key);
  });
}
