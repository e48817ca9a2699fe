/**
 * How records lie in the shared memory between the relay's thread and the writer's.
 *
 * The memory is a number of slabs. The relay's thread fills one at a time and hands it over whole; the
 * writer stores it in one transaction. Records start at multiples of 8, so that numbers can be read
 * and written through typed arrays, and none crosses the end of its slab.
 */

export const SLAB_BYTES = 2 * 1024 * 1024;
export const SLABS = 24;

/** What a record is. */
export const Record = {
  frame: 1,
  departed: 2,
  undelivered: 3,
  gap: 4,
  opened: 5,
  identified: 6,
  closed: 7,
} as const;

// A frame, in 8-byte words: [type | size][sequence][arrived][departed or NaN][from | to][kind | outcome] bytes...
// Times are nanoseconds since the capture's anchor.
export const FRAME_HEADER_BYTES = 48;
export const WORD = { sequence: 1, arrived: 2, departed: 3 } as const;
/** In 4-byte halves. */
export const HALF = { type: 0, size: 1, from: 8, to: 9, kind: 10, outcome: 11 } as const;

/** A larger frame cannot be recorded; it is declared lost. */
export const FRAME_BYTES_MAX = SLAB_BYTES - FRAME_HEADER_BYTES;

/** The slabs as bytes, as 4-byte and as 8-byte numbers. */
export class SlabMemory {
  readonly shared: SharedArrayBuffer;
  readonly bytes: Uint8Array;
  readonly halves: Uint32Array;
  readonly words: Float64Array;

  constructor(shared = new SharedArrayBuffer(SLABS * SLAB_BYTES)) {
    this.shared = shared;
    this.bytes = new Uint8Array(shared);
    this.halves = new Uint32Array(shared);
    this.words = new Float64Array(shared);
  }
}

/** The bytes that a record with `size` bytes behind a header takes. */
export function recordBytes(headerBytes: number, size: number): number {
  return (headerBytes + size + 7) & ~7;
}

// Events are few, so they are made as small buffers of their own: easy to keep while no slab is free.
// [type | size] then [conn] [number] [port] [how many] [time] [texts or bytes, each with its length in 4 bytes]...

export interface EventRecord {
  readonly type: number;
  readonly conn: number;
  /** A protocol, a fault, or nothing. */
  readonly code: number;
  readonly port: number;
  readonly at: number;
  readonly texts: readonly string[];
  readonly stamp: Uint8Array;
}

const EVENT_HEADER_BYTES = 32;

export function encodeEvent(event: EventRecord): Uint8Array {
  const parts = [...event.texts.map((text) => Buffer.from(text)), event.stamp];
  const size = EVENT_HEADER_BYTES + parts.reduce((sum, part) => sum + 4 + part.length, 0);
  const bytes = new Uint8Array(recordBytes(0, size));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, event.type, true);
  view.setUint32(4, bytes.length, true);
  view.setUint32(8, event.conn, true);
  view.setUint32(12, event.code, true);
  view.setUint32(16, event.port, true);
  view.setUint32(20, parts.length, true);
  view.setFloat64(24, event.at, true);
  let at = EVENT_HEADER_BYTES;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

export function decodeEvent(bytes: Uint8Array, at: number): EventRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const parts: Buffer[] = [];
  let next = EVENT_HEADER_BYTES;
  for (let i = view.getUint32(20, true); i > 0; i--) {
    const size = view.getUint32(next, true);
    // A copy: shared memory is written again as soon as it has been handed back.
    parts.push(Buffer.from(bytes.slice(at + next + 4, at + next + 4 + size)));
    next += 4 + size;
  }
  const stamp = parts.pop() ?? Buffer.alloc(0);
  return {
    type: view.getUint32(0, true),
    conn: view.getUint32(8, true),
    code: view.getUint32(12, true),
    port: view.getUint32(16, true),
    at: view.getFloat64(24, true),
    texts: parts.map((part) => part.toString()),
    stamp,
  };
}

/** [type | size] [sequence] and, where it departed, [time]. */
export const LATE_BYTES = 24;
/** [type | size] [first sequence] [frames] [events] [time] [reason]. */
export const GAP_BYTES = 48;

export const GapReason = { full: 0, tooLarge: 1, writeFailed: 2, writerLost: 3 } as const;

/** By code, for people. */
export const gapReasons: readonly string[] = [
  'the recorder could not keep up',
  'a frame was larger than the recorder takes',
  'the capture could not be written to',
  'the recorder had stopped working',
];
