/** What the frames of the TCP relay look like. Kinds are stored in captures: append, never renumber. */
import type { FieldSpec, FrameSpec } from '../types.ts';
import { Direction } from '../types.ts';

export const Kind = {
  name: 0,
  message: 1,
  body: 2,
  delivered: 3,
} as const;

/** Which rule cuts the next bytes. */
export const Mode = {
  name: 0,
  messages: 1,
  // From the relay to its client:
  silent: 2,
  delivered: 3,
} as const;

/** What ends a name, and a number. */
export const BAR = 0x7c;
export const NAME_BYTES_MAX = 64;
/** Zeros may stand before a number, so that there may be more digits than the greatest has. */
export const SIZE_DIGITS_MAX = 15;
export const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

function name(field: string, note: string): FieldSpec {
  return { name: field, type: 'escaped', size: { until: BAR, max: NAME_BYTES_MAX, min: 1 }, note };
}

const size: FieldSpec = {
  name: 'size',
  type: 'decimal',
  size: { until: BAR, max: SIZE_DIGITS_MAX },
  min: 0,
  max: MESSAGE_BYTES_MAX,
  note: 'bytes that follow; zeros before it mean nothing',
};

/** Bytes as they come: where they are cut means nothing, so that none of them has to be held. */
function piece(kind: string, direction: Direction, note: string): FrameSpec {
  return {
    name: kind,
    direction,
    bytesMin: 1,
    bytesMax: MESSAGE_BYTES_MAX,
    note,
    pieces: true,
    lossless: true,
    fields: [{ name: 'payload', type: 'bytes', size: 'rest' }],
  };
}

/** By kind. */
export const frames: readonly FrameSpec[] = [
  {
    name: 'name',
    direction: Direction.toRelay,
    bytesMin: 2,
    bytesMax: NAME_BYTES_MAX + 1,
    note: 'Says what the client is called. Comes first, and once.',
    forRelay: true,
    then: { toRelay: Mode.messages, toPeer: Mode.delivered },
    fields: [name('name', 'of the client: any bytes but |, compared as bytes')],
  },
  {
    name: 'message',
    direction: Direction.toRelay,
    bytesMin: 4,
    bytesMax: NAME_BYTES_MAX + 1 + SIZE_DIGITS_MAX + 1,
    note: 'Begins a message: for whom it is, and how long. With no bytes to come, it says that the client is still there.',
    announces: { kind: Kind.body, field: 'size' },
    fields: [name('dest', 'the name of the receiver, which may be the client itself'), size],
  },
  {
    ...piece('body', Direction.toRelay, 'A part of the message that was begun, or all of it.'),
    becomes: Kind.delivered,
  },
  piece('delivered', Direction.toPeer, 'Bytes of messages, as they were sent, with nothing around them.'),
];
