/**
 * What the server says went on in a stretch of a session, kept up with what is looked at.
 *
 * The rule: one request at a time, the newest; who zooms quickly asks once. Until the answer comes, the picture before it
 * stays, since it can be stretched. Of a session that grows, a new picture is asked for once a second.
 */
import type { Timeline } from '../../../../../api/sessions.ts';
import { call } from '../../../lib/api.ts';
import type { TimeRange } from './range.ts';

/** After the last turn of the wheel. */
export const SETTLE_MS = 120;
export const GROW_MS = 1_000;

export interface Wanted {
  readonly session: number;
  /** Null for all. */
  readonly range: TimeRange | null;
  readonly buckets: number;
  /** Raised as the session grows. */
  readonly grown: number;
}

export class Traffic {
  timeline = $state.raw<Timeline | null>(null);
  error = $state<string | null>(null);
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #last: Wanted | null = null;

  want(wanted: Wanted): void {
    const last = this.#last;
    this.#last = wanted;
    if (last === null) {
      this.#ask(wanted);
      return;
    }
    const isSame =
      last.session === wanted.session &&
      last.buckets === wanted.buckets &&
      last.range?.from === wanted.range?.from &&
      last.range?.to === wanted.range?.to;
    if (!isSame) this.#later(wanted, SETTLE_MS);
    // A question that is under way, or will be put soon, tells of what has grown as well.
    else if (last.grown !== wanted.grown && this.#timer === null && this.#asking === null)
      this.#later(wanted, GROW_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#timer = this.#asking = this.#last = null;
  }

  #later(wanted: Wanted, ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#ask(wanted);
    }, ms);
  }

  #ask(wanted: Wanted): void {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const { session, range, buckets } = wanted;
    const query = { buckets, ...(range === null ? {} : { from: range.from, to: range.to }) };
    call('timeline', { params: { id: session }, query, signal: asking.signal }).then(
      (timeline) => {
        if (this.#asking !== asking) return;
        this.#asking = null;
        this.timeline = timeline;
        this.error = null;
        // Some of it has not been read yet.
        if (!timeline.complete && this.#timer === null) this.#later(wanted, GROW_MS);
      },
      (reason: unknown) => {
        if (this.#asking !== asking) return;
        this.#asking = null;
        this.error = reason instanceof Error ? reason.message : String(reason);
      },
    );
  }
}
