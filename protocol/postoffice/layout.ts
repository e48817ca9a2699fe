/** What the frames of the postoffice look like. Kinds are stored in captures: append, never renumber. */
import type { FieldSpec, FrameSpec } from '../types.ts';
import { Direction } from '../types.ts';

export const Kind = {
  pdpOpen: 0,
  ptpListen: 1,
  ptpConnect: 2,
  ptpAccept: 3,
  pdp: 4,
  ptp: 5,
  ignored: 6,
  pdpDelivered: 7,
  ptpDelivered: 8,
  ptpRequest: 9,
  ptpReady: 10,
} as const;

/** Which rule cuts the next bytes. */
export const Mode = {
  init: 0,
  pdp: 1,
  ptp: 2,
  listen: 3,
  // From the relay to its client:
  silent: 4,
  pdpDelivered: 5,
  ptpDelivered: 6,
  requests: 7,
  ready: 8,
} as const;

export const INIT_BYTES = 24;
export const PDP_HEADER_BYTES = 14;
export const PTP_HEADER_BYTES = 4;
/** A MAC address, its padding and a port: the start of a PDP frame, and all of a request. */
export const ADDRESS_BYTES = 10;

/** The most that a client survives receiving. */
export const PDP_DELIVERED_MAX = 10_240;
/** The most that may be announced before the session is closed. */
export const PDP_ANNOUNCED_MAX = 20_480;
export const PTP_ANNOUNCED_MAX = 102_400;

const initTypes = {
  0: 'PDP',
  1: 'PTP_LISTEN',
  2: 'PTP_CONNECT',
  3: 'PTP_ACCEPT',
  4: 'PDP_UNRELIABLE',
} as const;

function address(mac: string, port: string, note: string): readonly FieldSpec[] {
  return [
    { name: mac, type: 'mac', size: 6, note },
    {
      name: `${mac}_padding`,
      type: 'padding',
      size: 2,
      note: 'not always zero: some clients leave it unset',
    },
    { name: port, type: 'u16le', size: 2, portOf: mac },
  ];
}

function init(
  name: string,
  type: keyof typeof initTypes,
  note: string,
  then: FrameSpec['then'] & object,
): FrameSpec {
  const toward = type === 0 || type === 1 ? 'ignored' : 'the other end of the pair';
  return {
    name,
    direction: Direction.toRelay,
    bytesMin: INIT_BYTES,
    bytesMax: INIT_BYTES,
    note,
    forRelay: true,
    fields: [
      { name: 'init_type', type: 'i32le', size: 4, names: initTypes, always: type },
      ...address('src_addr', 'sport', 'who opens this connection'),
      ...address('dst_addr', 'dport', toward),
    ],
    then,
  };
}

function pdp(name: string, direction: Direction, note: string): FrameSpec {
  return {
    name,
    direction,
    bytesMin: PDP_HEADER_BYTES,
    bytesMax: PDP_HEADER_BYTES + (direction === Direction.toRelay ? PDP_ANNOUNCED_MAX : PDP_DELIVERED_MAX),
    note,
    fields: [
      ...address('addr', 'port', direction === Direction.toRelay ? 'to whom' : 'from whom'),
      { name: 'size', type: 'u32le', size: 4, note: 'bytes of the payload' },
      { name: 'payload', type: 'bytes', size: { from: 'size' } },
    ],
  };
}

function ptp(name: string, direction: Direction, note: string): FrameSpec {
  return {
    name,
    direction,
    bytesMin: PTP_HEADER_BYTES,
    bytesMax: PTP_HEADER_BYTES + PTP_ANNOUNCED_MAX,
    note,
    lossless: true,
    fields: [
      { name: 'size', type: 'u32le', size: 4, note: 'bytes of the payload' },
      { name: 'payload', type: 'bytes', size: { from: 'size' } },
    ],
  };
}

/** By kind. */
export const frames: readonly FrameSpec[] = [
  init('pdp-open', 0, 'Opens a datagram socket.', { toRelay: Mode.pdp, toPeer: Mode.pdpDelivered }),
  init('ptp-listen', 1, 'Opens a listening stream socket.', { toRelay: Mode.listen, toPeer: Mode.requests }),
  init('ptp-connect', 2, 'Asks a listener for a stream.', { toRelay: Mode.ptp, toPeer: Mode.ready }),
  init('ptp-accept', 3, 'Takes a stream that was asked for.', { toRelay: Mode.ptp, toPeer: Mode.ready }),
  { ...pdp('pdp', Direction.toRelay, 'A datagram, addressed to its receiver.'), becomes: Kind.pdpDelivered },
  { ...ptp('ptp', Direction.toRelay, 'A block of a stream.'), becomes: Kind.ptpDelivered },
  {
    name: 'ignored',
    direction: Direction.toRelay,
    bytesMin: 1,
    bytesMax: Number.MAX_SAFE_INTEGER,
    note: 'What a client sends on its listening connection: recorded, and otherwise ignored.',
    pieces: true,
    fields: [{ name: 'data', type: 'bytes', size: 'rest' }],
  },
  pdp(
    'pdp-delivered',
    Direction.toPeer,
    'A datagram as its receiver gets it, with its sender in place of its receiver.',
  ),
  ptp('ptp-delivered', Direction.toPeer, 'A block of a stream, unchanged.'),
  {
    name: 'ptp-request',
    direction: Direction.toPeer,
    bytesMin: ADDRESS_BYTES,
    bytesMax: ADDRESS_BYTES,
    note: 'Tells a listener who asks for a stream.',
    fields: address('addr', 'port', 'the connector'),
  },
  {
    name: 'ptp-ready',
    direction: Direction.toPeer,
    bytesMin: ADDRESS_BYTES,
    bytesMax: ADDRESS_BYTES,
    note: 'Tells both ends of a pair that the stream stands.',
    fields: address('addr', 'port', 'the other end'),
    then: { toPeer: Mode.ptpDelivered },
  },
];
