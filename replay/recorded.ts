/**
 * A recorded session as units to compare: every frame once, as its receiver got it, or as it came where it
 * reached nobody.
 *
 * The rule: what a play is told in another's words is translated before anybody asks whose conversation it is.
 */
import { Connections, CONNECTIONS_KEPT_MAX } from '../analysis/connections.ts';
import { viewSession, type SessionSource } from '../analysis/session-view.ts';
import { Outcome } from '../protocol/outcome.ts';
import type { Protocol } from '../protocol/types.ts';
import type { CaptureSummary, RecordedConnection, RecordedFrame, RecordedGap } from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';
import { Cast, deliveredBytes, deliveredKind, type Party } from './cast.ts';
import { own } from './own.ts';
import { Translation } from './translation.ts';
import type { Conversation, Masks, Unit } from './types.ts';

const NANOS_PER_MILLI = 1e6;

export interface RecordedUnit {
  readonly conversation: Conversation;
  readonly unit: Unit;
}

export interface PlacedUnit extends RecordedUnit {
  /** The numbers of the connections by which it came and went, in its capture; 0 is the relay. */
  readonly from: number;
  readonly to: number;
}

/** In whose words a play is told. */
export interface Telling {
  readonly cast: Cast;
  readonly translation: Translation;
  /** Which tell where addresses are inside payloads. */
  readonly masks: Pick<Masks, 'of'> | null;
}

export class RecordedPlay {
  readonly cast: Cast;
  readonly session: RecordedSession;
  readonly capture: CaptureSummary;
  /** Of the capture, among the frames of the session. */
  readonly gaps: readonly RecordedGap[];
  /** Of the session's players, in the order in which they were opened. */
  readonly connections: readonly RecordedConnection[];
  /** Frames that were left out of `units`, because nothing is known of their protocol or of an end of theirs. */
  unknown = 0;
  readonly #source: SessionSource;
  readonly #connections: Connections;

  /** Failure code: `no-such-session`. */
  constructor(source: SessionSource, sessionId: number) {
    const { session, capture, gaps, connections } = viewSession(source, sessionId);
    const own = new Set(session.players.flatMap((player) => player.connections.map(({ conn }) => conn)));
    this.#source = source;
    this.session = session;
    this.capture = capture;
    this.gaps = gaps;
    this.connections = [...connections.values()]
      .filter(({ conn }) => own.has(conn))
      .sort((one, other) => one.conn - other.conn);
    this.cast = new Cast(session.players);
    this.#connections = new Connections(source, session.captureId);
  }

  /** The protocols that its players spoke and that this version knows. */
  get protocols(): ReadonlySet<Protocol> {
    return new Set(this.connections.flatMap(({ protocol }) => protocol ?? []));
  }

  connection(conn: number): RecordedConnection | null {
    return this.#connections.get(conn);
  }

  /** In the order of their sequence numbers, as far as the session had come when this was made. */
  *units(telling: Telling = inOwnWords(this.cast)): IterableIterator<PlacedUnit> {
    const { cast, translation, masks } = telling;
    const renamed = new Map<RecordedConnection, Party>();
    this.unknown = 0;
    for (const frame of this.#source.sessionFrames(this.session, { last: this.session.lastSequence })) {
      const from = this.connection(frame.from);
      const to = this.connection(frame.to);
      const protocol = (from ?? to)?.protocol ?? null;
      const isOrphan = (from === null && frame.from !== 0) || (to === null && frame.to !== 0);
      if (protocol === null || isOrphan) {
        this.unknown += 1;
        continue;
      }
      let unit = unitOf(frame, from, to);
      const spec = protocol.frames[unit.kind];
      const bytes = translation.apply(spec, unit.bytes);
      const conversation = cast.ofHop(
        { ...frame, bytes },
        rename(from, translation, renamed),
        rename(to, translation, renamed),
      );
      if (conversation === null) continue;
      const ranges = masks?.of(conversation, unit.kind, bytes) ?? [];
      const isInside = ranges.some(({ means }) => means === 'address');
      const told = isInside ? translation.apply(spec, unit.bytes, ranges) : bytes;
      if (told !== unit.bytes) unit = { ...unit, bytes: told };
      yield { conversation, unit, from: frame.from, to: frame.to };
    }
  }
}

function inOwnWords(cast: Cast): Telling {
  return { cast, translation: Translation.of(), masks: null };
}

/** Connections under the names that they have in the other play. */
function rename(
  connection: RecordedConnection | null,
  translation: Translation,
  known: Map<RecordedConnection, Party>,
): Party | null {
  if (connection === null) return null;
  let party = known.get(connection);
  if (party === undefined) {
    const { endpoint, toward } = connection;
    party = {
      ...connection,
      endpoint: endpoint === null ? null : translation.endpoint(endpoint),
      toward: toward === null ? null : translation.endpoint(toward),
    };
    if (known.size >= CONNECTIONS_KEPT_MAX) known.clear();
    known.set(connection, party);
  }
  return party;
}

/** A recorded frame as its receiver got it. */
export function unitOf(frame: RecordedFrame, from: Party | null, to: Party | null): Unit {
  const protocol = (from ?? to)?.protocol ?? null;
  const isDelivered = to !== null && protocol !== null;
  return {
    kind: isDelivered ? deliveredKind(protocol, frame.kind) : frame.kind,
    bytes: isDelivered ? deliveredBytes(frame.bytes, from?.stamp ?? null) : own(frame.bytes),
    sequence: frame.sequence,
    at: frame.arrived / NANOS_PER_MILLI,
    givenUp: false,
    isOptional: frame.outcome === Outcome.undelivered,
  };
}
