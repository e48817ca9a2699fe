/**
 * Recorded frames as filters see them: with the connections at both ends, and dissected where they are asked to be.
 *
 * It takes frames and connections by shape, so that a browser can bring its own.
 */
import { dissect, type Field } from '../../protocol/layout.ts';
import { type PayloadProtocol, PayloadReader, type PayloadReading } from '../../protocol/payload.ts';
import type { FrameSpec, Protocol } from '../../protocol/types.ts';
import { carriesPayload, conversationOf } from '../payloads.ts';

/** Times in nanoseconds since the capture's start. */
export interface FilterFrame {
  readonly sequence: number;
  readonly arrived: number;
  readonly departed: number | null;
  /** Numbers of connections; 0 for the relay itself. */
  readonly from: number;
  readonly to: number;
  readonly kind: number;
  readonly outcome: number;
  readonly bytes: Uint8Array;
}

/** What a connection has not said is null. */
export interface FilterConnection {
  /** Null where this version does not know it. */
  readonly protocol: Protocol | null;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly role: string | null;
  readonly endpoint: string | null;
  readonly nickname: string | null;
}

const NO_FIELDS: readonly Field[] = [];

export class DecodedFrame {
  readonly frame: FilterFrame;
  /** Null for the relay itself, and for a connection of which the recording knows nothing. */
  readonly source: FilterConnection | null;
  readonly target: FilterConnection | null;
  readonly protocol: Protocol | null;
  /** Null where this version does not know the kind. */
  readonly spec: FrameSpec | null;
  /** What the payload is, where a decoder that reads payloads says so. */
  reading: PayloadReading | null = null;
  #fields: readonly Field[] | null = null;
  #payloadFields: readonly Field[] | null = null;

  constructor(frame: FilterFrame, source: FilterConnection | null, target: FilterConnection | null) {
    this.frame = frame;
    this.source = source;
    this.target = target;
    this.protocol = (source ?? target)?.protocol ?? null;
    this.spec = this.protocol?.frames[frame.kind] ?? null;
  }

  /** By the frame's own layout. */
  get fields(): readonly Field[] {
    if (this.spec === null) return NO_FIELDS;
    return (this.#fields ??= dissect(this.spec, this.frame.bytes));
  }

  get payload(): Uint8Array | null {
    const field = this.fields.find(({ name }) => name === 'payload');
    return field === undefined || isCutShort(field) ? null : (field.value as Uint8Array);
  }

  /** By the layout of the protocol inside the payload. */
  get payloadFields(): readonly Field[] {
    const spec = this.reading?.protocol.frames[this.reading.kind];
    const payload = spec === undefined ? null : this.payload;
    if (spec === undefined || payload === null) return NO_FIELDS;
    return (this.#payloadFields ??= dissect(spec, payload));
  }
}

/** A field of which bytes are missing holds those that are there, whatever its type. */
export function isCutShort({ isCut }: Field): boolean {
  return isCut === true;
}

/** Decodes the frames of one capture. One that reads payloads must be given all that carry any, in order. */
export class Decoder {
  /** Knows what the payloads are that were decoded so far; null if none is read. */
  readonly reader: PayloadReader | null;

  constructor(payloads: readonly PayloadProtocol[]) {
    this.reader = payloads.length === 0 ? null : new PayloadReader(payloads);
  }

  decode(frame: FilterFrame, source: FilterConnection | null, target: FilterConnection | null): DecodedFrame {
    const decoded = new DecodedFrame(frame, source, target);
    if (this.reader === null || decoded.spec === null || !carriesPayload(decoded.spec)) return decoded;
    const { payload } = decoded;
    if (payload !== null) decoded.reading = this.reader.read(conversationOf(source, target, frame), payload);
    return decoded;
  }
}
