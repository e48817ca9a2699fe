/**
 * What is known of the sessions that viewers look at, kept for a moment: lists and searches ask for it with every step.
 *
 * The rule: no fact is older than `FACTS_MS`. One that goes on grows, and may come to hold other frames than before.
 */
import type { Millis } from '../../../protocol/types.ts';
import { sessionRange, type CaptureFile } from '../../../recorder/captures.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import type { KnownPayloads } from '../archive.ts';
import { Telling } from './telling.ts';

/** How long they hold. */
export const FACTS_MS = 500;
/** Sessions that are remembered; more than there may be searches. */
export const SESSIONS_KEPT_MAX = 256;

export interface Facts {
  readonly session: RecordedSession;
  /** Sequence numbers before its first frame, and of its last so far. */
  readonly after: number;
  readonly last: number;
  readonly telling: Telling;
}

export type FactsReader = Pick<CaptureFile, 'session' | 'lastSequence'>;

export class SessionFacts {
  readonly #reader: FactsReader;
  readonly #payloadsOf: (session: number) => KnownPayloads;
  readonly #clock: () => Millis;
  /** The one that was asked for last at the end. */
  readonly #known = new Map<number, { readonly facts: Facts; readonly at: Millis }>();

  constructor(reader: FactsReader, payloadsOf: (session: number) => KnownPayloads, clock: () => Millis) {
    this.#reader = reader;
    this.#payloadsOf = payloadsOf;
    this.#clock = clock;
  }

  /** Failure code: `no-such-session`. */
  of(id: number): Facts {
    const known = this.#known.get(id);
    const now = this.#clock();
    this.#known.delete(id);
    const isFresh = known !== undefined && now - known.at < FACTS_MS;
    const facts = isFresh ? grown(this.#reader, known.facts) : this.#read(id, known?.facts);
    this.#known.set(id, { facts, at: isFresh ? known.at : now });
    if (this.#known.size > SESSIONS_KEPT_MAX) this.#known.delete(this.#known.keys().next().value as number);
    return facts;
  }

  #read(id: number, before: Facts | undefined): Facts {
    const session = this.#reader.session(id);
    const { after = 0, last = 0 } = sessionRange(session);
    // Asked for every time, so that whoever reads them knows that somebody still looks on.
    const known = this.#payloadsOf(id);
    const telling = before?.telling ?? new Telling(known);
    return grown(this.#reader, { session, after, last, telling });
  }
}

/** How far a session goes on that has not ended is asked for every time: it costs next to nothing. */
function grown(reader: FactsReader, facts: Facts): Facts {
  if (facts.session.ended !== null) return facts;
  const last = reader.lastSequence(facts.session.captureId);
  return last === facts.last ? facts : { ...facts, last };
}
