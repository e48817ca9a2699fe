/**
 * One walk through a session's frames, for all who want to say something about it.
 *
 * The rule: frames are read once, in order, and no observer keeps one. What an observer remembers is
 * bounded by the connections and conversations of the session, never by its frames.
 */
import { dissect } from '../protocol/layout.ts';
import type { FrameSpec } from '../protocol/types.ts';
import { type PayloadReading, PayloadReader } from '../protocol/payload.ts';
import type { CaptureSummary, RecordedConnection, RecordedFrame, RecordedGap } from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';
import { carriesPayload, conversationOf } from './payloads.ts';

/** All that is known of a session before its frames are read. */
export interface SessionView {
  readonly capture: CaptureSummary;
  readonly session: RecordedSession;
  /** By number: those of the session's players, and those that others were refused while it went on. */
  readonly connections: ReadonlyMap<number, RecordedConnection>;
  /** Within the session's first and last frame. */
  readonly gaps: readonly RecordedGap[];
}

/** A frame with what is known around it. Borrowed: valid until the observer returns. */
export interface SeenFrame {
  readonly frame: RecordedFrame;
  /** Null for the relay itself, and for a connection that the recording does not know. */
  readonly from: RecordedConnection | null;
  readonly to: RecordedConnection | null;
  /** Null where this version does not know the protocol, or its bytes are damaged. */
  readonly spec: FrameSpec | null;
  /** The game's own bytes, where the frame carries any. */
  readonly payload: Uint8Array | null;
  /** What those are, where they are of a protocol that this version can read. */
  readonly inner: PayloadReading | null;
}

export interface Observer<T> {
  frame(seen: SeenFrame): void;
  /** Called once, after the last frame. */
  end(): T;
}

/** Feeds every frame to every observer; `progress` hears of every frame. */
export function observe(
  view: SessionView,
  frames: Iterable<RecordedFrame>,
  observers: readonly Observer<unknown>[],
  progress: () => void = () => undefined,
): void {
  const inner = new PayloadReader();
  for (const frame of frames) {
    const seen = see(view.connections, frame, inner);
    for (const observer of observers) observer.frame(seen);
    progress();
  }
}

/** What knows of payloads what they are. */
export type PayloadReadings = Pick<PayloadReader, 'read'>;

export function see(
  connections: { get(conn: number): RecordedConnection | null | undefined },
  frame: RecordedFrame,
  inner: PayloadReadings,
): SeenFrame {
  const from = connections.get(frame.from) ?? null;
  const to = connections.get(frame.to) ?? null;
  const named = (from ?? to)?.protocol?.frames[frame.kind];
  if (named === undefined || frame.bytes.length < named.bytesMin)
    return { frame, from, to, spec: null, payload: null, inner: null };
  const payload = payloadOf(named, frame.bytes);
  const speaks = payload !== null && carriesPayload(named);
  const reading = speaks ? inner.read(conversationOf(from, to, frame), payload) : null;
  return { frame, from, to, spec: named, payload, inner: reading };
}

/** A stretch of a frame. */
export interface PayloadRange {
  readonly at: number;
  readonly size: number;
}

/** The field named `payload`, which is every layout's word for the game's own bytes. Borrowed from the frame. */
export function payloadOf(spec: FrameSpec, bytes: Uint8Array): Uint8Array | null {
  const range = payloadRange(spec, bytes);
  return range === null ? null : bytes.subarray(range.at, range.at + range.size);
}

/** Where the payload is. Null where the layout has none, or where this frame ends before it. */
export function payloadRange(spec: FrameSpec, bytes: Uint8Array): PayloadRange | null {
  let place = places.get(spec);
  if (place === undefined) places.set(spec, (place = payloadPlace(spec)));
  if (place === null || place > bytes.length) return null;
  return place >= 0 ? { at: place, size: bytes.length - place } : dissectedPayload(spec, bytes);
}

/** Where the payload starts if it is all that is left from there; otherwise it has to be looked for. */
const places = new WeakMap<FrameSpec, number | null>();
const ANYWHERE = -1;

function payloadPlace({ fields }: FrameSpec): number | null {
  const index = fields.findIndex(({ name }) => name === 'payload');
  if (index === -1) return null;
  let place = 0;
  for (const { size } of fields.slice(0, index)) {
    if (typeof size !== 'number') return ANYWHERE;
    place += size;
  }
  return index === fields.length - 1 ? place : ANYWHERE;
}

function dissectedPayload(spec: FrameSpec, bytes: Uint8Array): PayloadRange | null {
  const field = dissect(spec, bytes).find(({ name }) => name === 'payload');
  return field?.fault === null ? field : null;
}
