/**
 * Surveys of sessions, made in the background: the one first that somebody looks at, then those that were listed.
 *
 * The rule: one step of one survey at a time, and a turn of the event loop after each few milliseconds of it, so that whoever asks
 * for something else has an answer at once. What is kept, and what waits, is bounded.
 */
import type { Finding } from '../../../analysis/findings/finding.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { SessionRow } from '../../api/sessions.ts';
import type { KnownPayloads } from '../archive.ts';
import { Survey, type SurveySource } from './survey.ts';
import { pause, pieceMs } from '../leisure.ts';

/** Surveys that are kept, those that were used last. */
export const SURVEYS_MAX = 8;
/** Sessions that wait to be read because they were listed. */
export const WAITING_MAX = 200;
/** Sessions whose findings are counted. */
export const COUNTS_MAX = 10_000;
/** Work between two turns of the event loop. */
export const SLICE_MS = 5;
/** A session that somebody looked at so long ago is not kept up to date any more. */
export const LOOKED_MS = 10_000;

export type FindingCounts = NonNullable<SessionRow['findings']>;

/** A session's findings have been read, anew perhaps. */
export type SurveyListener = (session: number) => void;

interface Kept {
  readonly survey: Survey;
  version: number;
  lookedAt: Millis;
}

export class Surveys {
  readonly #source: SurveySource;
  readonly #clock: () => Millis;
  readonly #onMistake: (error: Error) => void;
  /** Those used last at the end. */
  readonly #kept = new Map<number, Kept>();
  /** Newest request last. */
  readonly #waiting = new Set<number>();
  readonly #counts = new Map<number, { readonly counts: FindingCounts; readonly isFinal: boolean }>();
  readonly #listeners = new Set<SurveyListener>();
  #isWorking = false;
  #isClosed = false;

  constructor(source: SurveySource, clock: () => Millis, onMistake: (error: Error) => void) {
    this.#source = source;
    this.#clock = clock;
    this.#onMistake = onMistake;
  }

  /** Of a session that somebody looks at: it is read first, and kept up to date. Failure code: `no-such-session`. */
  look(id: number): Survey {
    const kept = this.#keep(id);
    kept.lookedAt = this.#clock();
    this.#start();
    return kept.survey;
  }

  /** What is known of the payloads of a session so far, now and later. Never throws. */
  payloadsOf(id: number): KnownPayloads {
    try {
      this.look(id);
    } catch {
      // Whoever asks for a session that is not there is told so by others.
    }
    const latest = () => this.#kept.get(id)?.survey.latest ?? null;
    return {
      get through() {
        return latest()?.through ?? 0;
      },
      protocolOf: (conversation) => latest()?.protocolOf(conversation),
    };
  }

  /** Null where it has not been read. */
  countsOf(id: number): FindingCounts | null {
    return this.#counts.get(id)?.counts ?? null;
  }

  /** These were shown, the first of them on top: those that have not been read are read as soon as there is time. */
  list(ids: readonly number[]): void {
    for (const id of [...ids].reverse()) {
      this.#waiting.delete(id);
      if (this.#counts.get(id)?.isFinal === true) continue;
      this.#waiting.add(id);
      if (this.#waiting.size > WAITING_MAX) this.#waiting.delete(first(this.#waiting));
    }
    this.#start();
  }

  /** Told of each report. Answers how to be told no more. */
  onRead(listener: SurveyListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends what is being read. */
  close(): void {
    this.#isClosed = true;
    this.#kept.clear();
    this.#waiting.clear();
  }

  #keep(id: number): Kept {
    const known = this.#kept.get(id);
    const kept = known?.survey.isGone === false ? known : null;
    const made = kept ?? { survey: new Survey(this.#source, id), version: 0, lookedAt: -Infinity };
    this.#kept.delete(id);
    this.#kept.set(id, made);
    if (this.#kept.size > SURVEYS_MAX) this.#forgetOne();
    return made;
  }

  /** Of those at which nobody looked, where there are some. The newest stays. */
  #forgetOne(): void {
    const older = [...this.#kept.keys()].slice(0, -1);
    const unseen = older.find((id) => this.#kept.get(id)?.lookedAt === -Infinity);
    this.#kept.delete(unseen ?? (older[0] as number));
  }

  #start(): void {
    if (this.#isWorking || this.#isClosed) return;
    this.#isWorking = true;
    this.#work()
      .catch((error: unknown) => this.#onMistake(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (this.#isWorking = false));
  }

  async #work(): Promise<void> {
    await pause();
    for (let kept = this.#pick(); kept !== null; kept = this.#pick()) {
      const until = this.#clock() + pieceMs(SLICE_MS);
      try {
        let more = true;
        while (more && this.#clock() < until) more = kept.survey.step(this.#clock);
        if (!more) this.#waiting.delete(kept.survey.id);
      } catch (error) {
        // It is read no further, and the others are.
        this.#kept.delete(kept.survey.id);
        this.#waiting.delete(kept.survey.id);
        throw error;
      }
      this.#tell(kept);
      await pause();
    }
  }

  /** The one to go on with. */
  #pick(): Kept | null {
    if (this.#isClosed) return null;
    const now = this.#clock();
    let looked: Kept | null = null;
    for (const kept of this.#kept.values()) {
      if (now - kept.lookedAt > LOOKED_MS || !kept.survey.isDue(now)) continue;
      if (looked === null || kept.lookedAt >= looked.lookedAt) looked = kept;
    }
    return looked ?? this.#pickWaiting(now);
  }

  #pickWaiting(now: Millis): Kept | null {
    for (const id of [...this.#waiting].reverse()) {
      try {
        const kept = this.#keep(id);
        if (kept.survey.isDue(now)) return kept;
      } catch {
        // It is not in the file any more.
      }
      this.#waiting.delete(id);
    }
    return null;
  }

  #tell(kept: Kept): void {
    const { survey } = kept;
    if (survey.version === kept.version) return;
    kept.version = survey.version;
    const report = survey.reading?.report ?? null;
    if (report === null) return;
    this.#counts.delete(survey.id);
    this.#counts.set(survey.id, {
      counts: countsOf(report.findings),
      isFinal: report.view.session.ended !== null,
    });
    if (this.#counts.size > COUNTS_MAX) this.#counts.delete(first(this.#counts.keys()));
    for (const listener of this.#listeners) listener(survey.id);
  }
}

function countsOf(findings: readonly Finding[]): FindingCounts {
  const counts: FindingCounts = { problem: 0, warning: 0, note: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

function first<T>(values: Iterable<T>): T {
  for (const value of values) return value;
  throw new Error('there is none');
}
