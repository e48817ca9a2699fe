/** What the frames of AlphaNET look like. Kinds are stored in captures: append, never renumber. */
import type { FieldSpec, FrameSpec } from '../types.ts';
import { Direction } from '../types.ts';
import { IP_BYTES_MAX, Packet } from './classes.ts';
import { OBJECT_BYTES_MAX } from './nrbf.ts';
import { insideOf, type ObjectName } from './objects.ts';

export const Kind = {
  authAnswer: 0,
  socketStatusRequest: 1,
  socketConnectionRequest: 2,
  socketConnectionStatus: 3,
  data: 4,
  socketStatusResponse: 5,
  socketClosed: 6,
  requestFailed: 7,
  authRequired: 8,
  authSuccess: 9,
  authFailure: 10,
  virtualIp: 11,
  socketStatus: 12,
  socketStatusResponseDelivered: 13,
  socketStatusRequestDelivered: 14,
  socketConnectionRequestDelivered: 15,
  socketConnectionStatusDelivered: 16,
  dataDelivered: 17,
  socketClosedDelivered: 18,
  requestFailedDelivered: 19,
} as const;

/** Which rule cuts the next bytes: one each way. */
export const Mode = { toRelay: 0, toPeer: 1 } as const;

export const Status = {
  normal: 0,
  success: 1,
  failure: 2,
  authRequired: 3,
  authRequested: 4,
  authSuccess: 5,
  authFailure: 6,
} as const;

/** The first four bytes of the bitmap of header fields. */
export const Header = { status: 0x4000_0000, keyAndStatus: 0xc000_0000 } as const;

/** What may be announced at all: the header and what follows it. */
export const MESSAGE_BYTES_MAX = 1_048_576;
export const DATA_BYTES_MAX = 65_535;
export const AUTH_TEXT_BYTES_MAX = 1_024;
export const REASON_BYTES_MAX = 255;

export const LENGTH_DIGITS_MAX = 7;
export const COLON = 0x3a;
export const BITMAP_BYTES = 8;
export const KEY_BYTES = 16;
export const STATUS_BYTES = 4;
/** What stands before the type of the packet, and before what a message without a packet says. */
export const HEADER_BYTES = BITMAP_BYTES + STATUS_BYTES;
export const TYPE_BYTES = 1;
export const BODY_AT = HEADER_BYTES + TYPE_BYTES;
/** An address without its text: the length of that, and the port. */
export const ADDRESS_BYTES_MIN = 3;
export const ADDRESS_BYTES_MAX = ADDRESS_BYTES_MIN + IP_BYTES_MAX;
/** No message has fewer than ten bytes. */
const LENGTH_DIGITS_MIN = 2;
const LENGTH_BYTES_MIN = LENGTH_DIGITS_MIN + 1;
const LENGTH_BYTES_MAX = LENGTH_DIGITS_MAX + 1;

export const packetNames = {
  [Packet.socketStatusRequest]: 'SocketStatusRequest',
  [Packet.socketStatus]: 'SocketStatus',
  [Packet.socketConnectionRequest]: 'SocketConnectionRequest',
  [Packet.socketConnectionStatus]: 'SocketConnectionStatus',
  [Packet.data]: 'ArbitraryData',
  [Packet.virtualIp]: 'VirtualIP',
  [Packet.socketStatusResponse]: 'SocketStatusResponse',
  [Packet.socketClosed]: 'SocketClosed',
  [Packet.requestFailed]: 'RequestFailed',
} as const;

function head(flags: number, status: number, ...between: readonly FieldSpec[]): readonly FieldSpec[] {
  return [
    {
      name: 'length',
      type: 'decimal',
      size: { until: COLON, max: LENGTH_DIGITS_MAX, min: LENGTH_DIGITS_MIN },
      max: MESSAGE_BYTES_MAX,
      countsRest: true,
      note: 'bytes after the colon',
    },
    {
      name: 'header_fields',
      type: 'u32be',
      size: 4,
      always: flags,
      names: { [Header.status]: 'status', [Header.keyAndStatus]: 'key, status' },
      note: 'a bit for each field of the header, the first in the highest bit',
    },
    { name: 'more_header_fields', type: 'u32be', size: 4, always: 0, note: 'there are none' },
    ...between,
    {
      name: 'status',
      type: 'ascii',
      size: STATUS_BYTES,
      always: String(status).padStart(STATUS_BYTES, '0'),
      note: 'four digits: 0 normal, 3 authentication required, 4 requested, 5 success, 6 failure',
    },
  ];
}

function packetType(type: keyof typeof packetNames): FieldSpec {
  return { name: 'packet', type: 'u8', size: TYPE_BYTES, names: packetNames, always: type };
}

const text: FieldSpec = { name: 'text', type: 'escaped', size: 'rest', note: 'any text: it means nothing' };

function words(name: string, direction: Direction, status: number, note: string): FrameSpec {
  return {
    name,
    direction,
    bytesMin: LENGTH_BYTES_MIN + HEADER_BYTES,
    bytesMax: LENGTH_BYTES_MAX + HEADER_BYTES + AUTH_TEXT_BYTES_MAX,
    note,
    fields: [...head(Header.status, status), text],
  };
}

const isForRelay = { forRelay: true } as const;

function object(
  name: string,
  direction: Direction,
  type: keyof typeof packetNames,
  what: ObjectName,
  note: string,
): FrameSpec {
  return {
    name,
    direction,
    bytesMin: LENGTH_BYTES_MIN + BODY_AT,
    bytesMax: LENGTH_BYTES_MAX + BODY_AT + OBJECT_BYTES_MAX,
    note,
    fields: [
      ...head(Header.status, Status.normal),
      packetType(type),
      {
        name: 'object',
        type: 'bytes',
        size: 'rest',
        inside: insideOf(what),
        note: 'of .NET, in its binary format',
      },
    ],
    ...(direction === Direction.toRelay && isForRelay),
  };
}

function address(name: string, note: string): readonly FieldSpec[] {
  return [
    { name: `${name}_size`, type: 'u8', size: 1, max: IP_BYTES_MAX },
    { name, type: 'utf8', size: { from: `${name}_size` }, handle: true, note },
    { name: `${name}_port`, type: 'u16le', size: 2 },
  ];
}

function plain(
  name: string,
  direction: Direction,
  type: keyof typeof packetNames,
  note: string,
  bytes: readonly [min: number, max: number],
  ...fields: readonly FieldSpec[]
): FrameSpec {
  return {
    name,
    direction,
    bytesMin: LENGTH_BYTES_MIN + BODY_AT + bytes[0],
    bytesMax: LENGTH_BYTES_MAX + BODY_AT + bytes[1],
    note,
    fields: [...head(Header.status, Status.normal), packetType(type), ...fields],
  };
}

const bothAddresses = [2 * ADDRESS_BYTES_MIN, 2 * ADDRESS_BYTES_MAX] as const;

function data(name: string, direction: Direction, note: string): FrameSpec {
  const [min, max] = [bothAddresses[0] + 2, bothAddresses[1] + 2 + DATA_BYTES_MAX];
  return {
    ...plain(
      name,
      direction,
      Packet.data,
      note,
      [min, max],
      ...address('source', 'who says it'),
      ...address('destination', 'to whom'),
      { name: 'payload_size', type: 'u16le', size: 2 },
      { name: 'payload', type: 'bytes', size: { from: 'payload_size' } },
    ),
    lossless: true,
  };
}

function closed(name: string, direction: Direction, note: string): FrameSpec {
  return {
    ...plain(
      name,
      direction,
      Packet.socketClosed,
      note,
      bothAddresses,
      ...address('source', 'whose end is closed'),
      ...address('destination', 'who is told'),
    ),
    ...(direction === Direction.toRelay && isForRelay),
  };
}

function failed(name: string, direction: Direction, note: string): FrameSpec {
  return {
    ...plain(
      name,
      direction,
      Packet.requestFailed,
      note,
      [1 + ADDRESS_BYTES_MIN + 1, 1 + ADDRESS_BYTES_MAX + 1 + REASON_BYTES_MAX],
      { name: 'failed', type: 'u8', size: 1, names: packetNames, note: 'the packet that asked for it' },
      ...address('destination', 'the virtual socket that it was about'),
      { name: 'reason_size', type: 'u8', size: 1 },
      { name: 'reason', type: 'utf8', size: { from: 'reason_size' }, note: 'for people' },
    ),
    ...(direction === Direction.toRelay && isForRelay),
  };
}

const { toRelay, toPeer } = Direction;

/** By kind. */
export const frames: readonly FrameSpec[] = [
  {
    name: 'auth-answer',
    direction: toRelay,
    bytesMin: LENGTH_BYTES_MIN + HEADER_BYTES + KEY_BYTES,
    bytesMax: LENGTH_BYTES_MAX + HEADER_BYTES + KEY_BYTES + AUTH_TEXT_BYTES_MAX,
    note: 'The key that was asked for.',
    fields: [
      ...head(Header.keyAndStatus, Status.authRequested, {
        name: 'key',
        type: 'bytes',
        size: KEY_BYTES,
        note: 'padded with blanks',
      }),
      text,
    ],
    forRelay: true,
  },
  object(
    'socket-status-request',
    toRelay,
    Packet.socketStatusRequest,
    'socketStatusRequest',
    'Asks what is to be found at a virtual socket.',
  ),
  object(
    'socket-connection-request',
    toRelay,
    Packet.socketConnectionRequest,
    'socketConnectionRequest',
    'Asks a virtual socket for a connection.',
  ),
  object(
    'socket-connection-status',
    toRelay,
    Packet.socketConnectionStatus,
    'socketConnectionStatus',
    'Takes the connection that was asked for, or does not: of those that were not answered yet, the first.',
  ),
  { ...data('data', toRelay, 'Bytes for the other end of a connection.'), becomes: Kind.dataDelivered },
  object(
    'socket-status-response',
    toRelay,
    Packet.socketStatusResponse,
    'socketStatusResponse',
    'Says what is to be found at a virtual socket of the client.',
  ),
  closed('socket-closed', toRelay, 'Ends a connection.'),
  failed('request-failed', toRelay, 'Says that a request to a virtual socket of the client came to nothing.'),
  words('auth-required', toPeer, Status.authRequired, 'Asks for the key, where there is one.'),
  words('auth-success', toPeer, Status.authSuccess, 'The key was right.'),
  words('auth-failure', toPeer, Status.authFailure, 'The key was wrong, and the connection ends.'),
  object('virtual-ip', toPeer, Packet.virtualIp, 'virtualIp', 'Tells a client its virtual IP address.'),
  object(
    'socket-status',
    toPeer,
    Packet.socketStatus,
    'socketStatus',
    'What its client has said of a virtual socket.',
  ),
  object(
    'socket-status-response-delivered',
    toPeer,
    Packet.socketStatusResponse,
    'socketStatusResponse',
    'There is nobody who could say what is to be found at a virtual socket.',
  ),
  object(
    'socket-status-request-delivered',
    toPeer,
    Packet.socketStatusRequest,
    'socketStatusRequest',
    'Asks a client what is to be found at a virtual socket of it.',
  ),
  object(
    'socket-connection-request-delivered',
    toPeer,
    Packet.socketConnectionRequest,
    'socketConnectionRequest',
    'Asks a client for a connection to a virtual socket of it.',
  ),
  object(
    'socket-connection-status-delivered',
    toPeer,
    Packet.socketConnectionStatus,
    'socketConnectionStatus',
    'The connection that was asked for stands, or does not.',
  ),
  data('data-delivered', toPeer, 'Bytes from the other end of a connection, unchanged.'),
  closed('socket-closed-delivered', toPeer, 'A connection has ended.'),
  failed('request-failed-delivered', toPeer, 'A request, or data, came to nothing.'),
];
