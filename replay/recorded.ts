/**
 * A recorded session as units to compare: every frame once, as its receiver got it, or as it came where it
 * reached nobody.
 */
import { Connections } from '../analysis/connections.ts';
import type { CaptureFile, RecordedFrame } from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';
import { Cast, deliveredBytes, deliveredKind, type Party } from './cast.ts';
import type { Conversation, Unit } from './types.ts';

const NANOS_PER_MILLI = 1e6;

export interface RecordedUnit {
  readonly conversation: Conversation;
  readonly unit: Unit;
}

export class RecordedPlay {
  readonly cast: Cast;
  readonly session: RecordedSession;
  readonly #reader: CaptureFile;
  readonly #connections: Connections;

  /** Failure code: `no-such-session`. */
  constructor(reader: CaptureFile, sessionId: number) {
    this.#reader = reader;
    this.session = reader.session(sessionId);
    this.cast = new Cast(this.session.players);
    this.#connections = new Connections(reader, this.session.captureId);
  }

  /** In the order of their sequence numbers. Frames of protocols that this version does not know are left out. */
  *units(): IterableIterator<RecordedUnit> {
    for (const frame of this.#reader.sessionFrames(this.session)) {
      const from = this.#connections.get(frame.from);
      const to = this.#connections.get(frame.to);
      const conversation = this.cast.ofHop(frame, from, to);
      if (conversation !== null) yield { conversation, unit: unitOf(frame, from, to) };
    }
  }
}

/** A recorded frame as its receiver got it. */
export function unitOf(frame: RecordedFrame, from: Party | null, to: Party | null): Unit {
  const protocol = (from ?? to)?.protocol ?? null;
  const isDelivered = to !== null && protocol !== null;
  return {
    kind: isDelivered ? deliveredKind(protocol, frame.kind) : frame.kind,
    bytes: isDelivered ? deliveredBytes(frame.bytes, from?.stamp ?? null) : frame.bytes,
    sequence: frame.sequence,
    at: frame.arrived / NANOS_PER_MILLI,
    givenUp: false,
    isOptional: false,
  };
}
