/**
 * What is known of one session by reading its frames, and how it is kept up to date while the session goes on.
 *
 * The rule: frames that came are counted as they come; what needs to know how things ended is read again from the start, when the
 * session ended, and before that so seldom that it never takes more than a small part of the time. A step takes little time,
 * whatever the session holds.
 */
import { type SessionSource, viewingSession } from '../../../analysis/session-view.ts';
import type { SessionView } from '../../../analysis/observe.ts';
import { Failure } from '../../../common/failure.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import { Reading, type ReadingSource } from './reading.ts';

/** A session that goes on is read again from the start when so many times as long has passed as that took. */
export const REST_TIMES = 20;
/** And asked for news no more often than that. */
export const LOOK_MS = 250;

export type SurveySource = ReadingSource & SessionSource;

/** Frames that have been read, and that there are. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}

export class Survey {
  readonly id: number;
  readonly #source: SurveySource;
  /** Read to the end of what there was when it began, and going on. */
  #reading: Reading | null = null;
  /** What will take its place. */
  #next: Reading | null = null;
  #viewing: Generator<void, SessionView> | null = null;
  #session: RecordedSession;
  /** How long it took to read all, as far as that was work. */
  #costMs: Millis = 0;
  #spentMs: Millis = 0;
  #readAt: Millis = -Infinity;
  #lookedAt: Millis = -Infinity;
  /** What is being read again has more frames by now, and they are being counted. */
  #isExtending = false;
  #isGone = false;
  #version = 0;

  /** Failure code: `no-such-session`. */
  constructor(source: SurveySource, id: number) {
    this.id = id;
    this.#source = source;
    this.#session = source.session(id);
  }

  /** As it was when it was last looked at. */
  get session(): RecordedSession {
    return this.#session;
  }

  /** Null until it has been read once. */
  get reading(): Reading | null {
    return this.#reading;
  }

  /** Raised with each report. 0 where there is none. */
  get version(): number {
    return this.#version;
  }

  /** It is not in the file any more, as it was found to be a part of another. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Nothing will change it any more. */
  get isWhole(): boolean {
    return this.#isGone || (this.#reading !== null && this.#next === null && this.#isSettled(this.#reading));
  }

  get progress(): Progress {
    const { frames } = this.#session;
    if (this.#reading !== null) return { done: this.#reading.frames, of: this.#reading.frames };
    return { done: Math.min(this.#next?.frames ?? 0, Math.max(0, frames - 1)), of: frames };
  }

  /** What is known of the session's frames so far, also while they are read for the first time. */
  get latest(): Reading | null {
    return this.#reading ?? this.#next;
  }

  /** Whether there is something to do now. */
  isDue(now: Millis): boolean {
    if (this.isWhole) return false;
    return this.#viewing !== null || this.#next !== null || now - this.#lookedAt >= LOOK_MS;
  }

  /** Does a little. False where there is nothing more to do for now. `clock` tells how long it took. */
  step(clock: () => Millis): boolean {
    if (this.#isGone) return false;
    const began = clock();
    try {
      return this.#step(began);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'no-such-session') throw error;
      this.#isGone = true;
      return false;
    } finally {
      this.#spentMs += clock() - began;
    }
  }

  #step(now: Millis): boolean {
    // What is told of a session that goes on does not stand still while it is read again.
    if (this.#reading !== null && (this.#next !== null || this.#viewing !== null) && this.#isBehind(now)) {
      this.#isExtending = this.#reading.look(this.#session);
      return true;
    }
    if (this.#viewing !== null) {
      const { done, value } = this.#viewing.next();
      if (done !== true) return true;
      this.#viewing = null;
      if (this.#reading === null) this.#session = value.session;
      this.#next = new Reading(this.#source, value);
      return true;
    }
    if (this.#next !== null) {
      if (this.#next.look(this.#session)) return true;
      this.#reading = this.#next;
      this.#next = null;
      this.#isExtending = false;
      this.#version++;
      this.#readAt = now;
      this.#costMs = this.#spentMs;
      return this.#goOn(now);
    }
    if (this.#reading === null) return this.#begin();
    if (now - this.#lookedAt >= LOOK_MS) return this.#goOn(now);
    return this.#reading.look(this.#session);
  }

  /** Whether there may be frames that it has not counted yet. */
  #isBehind(now: Millis): boolean {
    if (this.#isExtending || now - this.#lookedAt < LOOK_MS) return this.#isExtending;
    this.#lookedAt = now;
    this.#session = this.#source.session(this.id);
    return true;
  }

  /** Looks what has become of the session. */
  #goOn(now: Millis): boolean {
    const reading = this.#reading as Reading;
    this.#lookedAt = now;
    this.#session = this.#source.session(this.id);
    if (this.#isSettled(reading)) return false;
    const hasChanged = this.#session.lastSequence > reading.view.session.lastSequence;
    const hasRested = now - this.#readAt >= this.#costMs * REST_TIMES;
    if (this.#session.ended !== null || (hasChanged && hasRested)) return this.#begin();
    return reading.look(this.#session);
  }

  #begin(): boolean {
    this.#spentMs = 0;
    this.#viewing = viewingSession(this.#source, this.id);
    return true;
  }

  /** It was read when the session was over. */
  #isSettled({ view }: Reading): boolean {
    return view.session.ended !== null && view.session.ended === this.#session.ended;
  }
}
