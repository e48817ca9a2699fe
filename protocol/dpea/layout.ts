/** What the packets of dpea look like, the same in both directions. Kinds are stored in captures: append, never renumber. */
import type { FieldSpec, FrameKind, FrameSpec, Mode as ModeNumber } from '../types.ts';
import { Direction } from '../types.ts';

export const Kind = {
  packet: 0,
  packetStart: 1,
  packetPart: 2,
  rawStart: 3,
  raw: 4,
  packetDelivered: 5,
  packetStartDelivered: 6,
  packetPartDelivered: 7,
  rawStartDelivered: 8,
  rawDelivered: 9,
} as const;

/** Which rule cuts the next bytes. */
export const Mode = {
  packets: 0,
  raw: 1,
  // As the other end gets them:
  packetsDelivered: 2,
  rawDelivered: 3,
} as const;

export const HEADER_BYTES = 8;
/** Where the header says how many bytes follow it. */
export const LENGTH_AT = 4;

/** A packet with a longer payload is not put together, but recorded in parts, as they come. */
export const PAYLOAD_WHOLE_MAX = 256 * 1024;
/** No packet announces more. */
export const PAYLOAD_MAX = 64 * 1024 * 1024;

const type: FieldSpec = {
  name: 'type',
  type: 'u32le',
  size: 4,
  isNamed: true,
  note: 'from an enum that both ends share and nobody else knows',
};

function length(min: number | null, max: number | null): FieldSpec {
  return {
    name: 'length',
    type: 'u32le',
    size: 4,
    ...(min !== null && { min }),
    ...(max !== null && { max }),
    note: 'bytes that follow',
  };
}

/** All kinds of one direction. */
function directed(
  direction: Direction,
  then: (mode: ModeNumber) => NonNullable<FrameSpec['then']>,
): readonly FrameSpec[] {
  const isSaid = direction === Direction.toRelay;
  const suffix = isSaid ? '' : '-delivered';
  const becomes = (kind: FrameKind) => (isSaid ? { becomes: kind, lossless: true } : {});
  return [
    {
      name: `packet${suffix}`,
      direction,
      bytesMin: HEADER_BYTES,
      bytesMax: HEADER_BYTES + PAYLOAD_WHOLE_MAX,
      note: 'One packet.',
      ...becomes(Kind.packetDelivered),
      fields: [
        type,
        length(null, PAYLOAD_WHOLE_MAX),
        { name: 'payload', type: 'bytes', size: { from: 'length' } },
      ],
    },
    {
      name: `packet-start${suffix}`,
      direction,
      bytesMin: HEADER_BYTES,
      bytesMax: HEADER_BYTES,
      note: 'The header of a long packet, whose payload follows in parts.',
      ...becomes(Kind.packetStartDelivered),
      announces: { kind: isSaid ? Kind.packetPart : Kind.packetPartDelivered, field: 'length' },
      fields: [type, length(PAYLOAD_WHOLE_MAX + 1, PAYLOAD_MAX)],
    },
    {
      name: `packet-part${suffix}`,
      direction,
      bytesMin: 1,
      bytesMax: Number.MAX_SAFE_INTEGER,
      note: 'A part of the payload of a long packet, as it came.',
      pieces: true,
      ...becomes(Kind.packetPartDelivered),
      fields: [{ name: 'payload', type: 'bytes', size: 'rest' }],
    },
    {
      name: `raw-start${suffix}`,
      direction,
      bytesMin: HEADER_BYTES,
      bytesMax: HEADER_BYTES,
      note: 'Where a header would be, but with a length that no packet has: this cannot be dpea. It is passed on all the same.',
      ...becomes(Kind.rawStartDelivered),
      then: then(isSaid ? Mode.raw : Mode.rawDelivered),
      fields: [type, length(PAYLOAD_MAX + 1, null)],
    },
    {
      name: `raw${suffix}`,
      direction,
      bytesMin: 1,
      bytesMax: Number.MAX_SAFE_INTEGER,
      note: 'What comes after what cannot be dpea, as it came.',
      pieces: true,
      ...becomes(Kind.rawDelivered),
      fields: [{ name: 'data', type: 'bytes', size: 'rest' }],
    },
  ];
}

/** By kind. */
export const frames: readonly FrameSpec[] = [
  ...directed(Direction.toRelay, (toRelay) => ({ toRelay })),
  ...directed(Direction.toPeer, (toPeer) => ({ toPeer })),
];
