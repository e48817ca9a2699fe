/**
 * The tunnel's own frames, inside the bytes that the relay passes on. `docs/protocols/tunnel.md` says the same in words.
 *
 * The rule: a head is right or it is refused by name, and nothing in it is believed that was not checked. Numbers are big-endian.
 */
import { DATA_BYTES_MAX } from './limits.ts';
import type { Violation } from './violations.ts';

/** `PRT` and the version. */
export const MAGIC = 0x50525401;
const MAGIC_MASK = 0xffff_ff00;

/** Where each field of the head lies. */
const At = { magic: 0, type: 4, reserved: 5, length: 6, stream: 8, sequence: 12, number: 16 } as const;
export const HEAD_BYTES = 24;
export const FRAME_BYTES_MAX = HEAD_BYTES + DATA_BYTES_MAX;

export const FrameType = {
  hello: 0,
  open: 1,
  accept: 2,
  refuse: 3,
  data: 4,
  credit: 5,
  end: 6,
  reset: 7,
  ping: 8,
  pong: 9,
  bye: 10,
  echo: 11,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

interface TypeSpec {
  readonly bytesMin: number;
  readonly bytesMax: number;
  /** It is about one stream. */
  readonly isOfStream: boolean;
}

const bare: TypeSpec = { bytesMin: 0, bytesMax: 0, isOfStream: false };
const ofStream: TypeSpec = { ...bare, isOfStream: true };

/** By type. */
const types: readonly TypeSpec[] = [
  { bytesMin: 12, bytesMax: 12, isOfStream: false }, // hello: the sender's number, and the window of new streams
  ofStream, // open
  ofStream, // accept
  { bytesMin: 1, bytesMax: 1, isOfStream: true }, // refuse: why
  { bytesMin: 1, bytesMax: DATA_BYTES_MAX, isOfStream: true }, // data
  { bytesMin: 4, bytesMax: 4, isOfStream: true }, // credit: how many bytes more
  ofStream, // end
  ofStream, // reset
  bare, // ping
  bare, // pong
  bare, // bye
  bare, // echo
];

/** Why the peer did not open what was asked for. Values are sent: append, never renumber. */
export const refusals = [
  'it was started without --forward',
  'nobody listens where it forwards to',
  'where it forwards to cannot be reached',
  'where it forwards to did not answer in time',
  'it has as many connections as it takes',
] as const;
export const Refusal = { noForward: 0, refused: 1, unreachable: 2, timeOut: 3, tooMany: 4 } as const;
export type Refusal = (typeof Refusal)[keyof typeof Refusal];

/** What makes a session this one: each end draws its own, and only who was told it can send frames to that end. */
export type SessionNumber = bigint;

export interface Head {
  readonly type: FrameType;
  /** Of the payload. */
  readonly length: number;
  /** 0 where the frame is about none. */
  readonly stream: number;
  readonly sequence: number;
  /** The receiver's; 0 in a hello to somebody whose number is not known yet. */
  readonly number: SessionNumber;
}

/** `bytes` holds a whole head. */
export function readHead(bytes: DataView, at: number): Head | Violation {
  const magic = bytes.getUint32(at + At.magic);
  if (magic !== MAGIC) return ((magic ^ MAGIC) & MAGIC_MASK) === 0 ? 'other-version' : 'foreign-bytes';
  const type = bytes.getUint8(at + At.type);
  const spec = types[type];
  if (spec === undefined || bytes.getUint8(at + At.reserved) !== 0) return 'unknown-type';
  const length = bytes.getUint16(at + At.length);
  if (length < spec.bytesMin || length > spec.bytesMax) return 'bad-length';
  const stream = bytes.getUint32(at + At.stream);
  if (spec.isOfStream !== stream > 0) return 'bad-stream';
  return {
    type: type as FrameType,
    length,
    stream,
    sequence: bytes.getUint32(at + At.sequence),
    number: bytes.getBigUint64(at + At.number),
  };
}

/** A head with room behind it for `room` bytes of payload; `length` says how long the payload is in all. */
export function writeHead({ type, length, stream, sequence, number }: Head, room = length): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + room);
  const view = new DataView(bytes.buffer);
  view.setUint32(At.magic, MAGIC);
  view.setUint8(At.type, type);
  view.setUint16(At.length, length);
  view.setUint32(At.stream, stream);
  view.setUint32(At.sequence, sequence);
  view.setBigUint64(At.number, number);
  return bytes;
}

export interface Hello {
  readonly number: SessionNumber;
  /** What the sender takes on a stream before it grants more. */
  readonly windowBytes: number;
}

const HELLO_BYTES = 12;

/** `to` is the number of whom it is for; 0 where that is not known. */
export function writeHello(hello: Hello, to: SessionNumber): Uint8Array {
  const bytes = writeHead({ type: FrameType.hello, length: HELLO_BYTES, stream: 0, sequence: 0, number: to });
  const view = new DataView(bytes.buffer);
  view.setBigUint64(HEAD_BYTES, hello.number);
  view.setUint32(HEAD_BYTES + 8, hello.windowBytes);
  return bytes;
}

export function readHello(payload: Uint8Array): Hello {
  const view = viewOf(payload);
  return { number: view.getBigUint64(0), windowBytes: view.getUint32(8) };
}

/** What one sends to oneself, to see whether the relay still passes anything on. */
export function writeEcho(own: SessionNumber): Uint8Array {
  return writeHead({ type: FrameType.echo, length: 0, stream: 0, sequence: 0, number: own });
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
