/** What is told live of frames: how far a search is, and the newest rows of a session. */
import type { FrameRow } from '../../api/frames.ts';
import { TAIL_ROWS_MAX } from '../../api/live.ts';
import type { NewsAbout, Topics, Watching } from '../watching.ts';
import type { FrameDesk } from './desk.ts';
import type { FoundFrames } from './found.ts';
import { checkFoldable } from './run-rows.ts';
import type { Rows, Search } from './search.ts';
import type { Held } from './searches.ts';

export function frameTopics(desk: FrameDesk): Pick<Topics, 'search' | 'tail'> {
  const { filtersOf, searches, facts, reader } = desk;
  return {
    search({ session, filter: text, fold }) {
      const filters = filtersOf(session);
      const filter = filters.read(text);
      if (!fold) return new SearchWatching(searches.frames(session, filter));
      checkFoldable(filters, text);
      return new SearchWatching(searches.runs(session, filter));
    },

    tail({ session, filter, columns }) {
      const filters = filtersOf(session);
      // So that wrong ones are refused at once.
      filters.columns(columns);
      return new TailWatching(searches.frames(session, filters.read(filter)), (sequences) => {
        const of = facts.of(session);
        const frames = reader.framesAt(of.session.captureId, sequences);
        const rows = desk.rows(of, columns, frames);
        return frames.map((frame) => rows.row(frame));
      });
    },
  };
}

/** Miles in one message: of two million rows. */
export const MILES_PER_NEWS_MAX = 20_000;

type SearchNews = Extract<NewsAbout<'search'>, { readonly news: 'search' }>;

export class SearchWatching implements Watching<'search'> {
  readonly #held: Held<Search<Rows>>;
  #milesTold = 0;
  #restarts: number;
  #told = '';

  constructor(held: Held<Search<Rows>>) {
    this.#held = held;
    this.#restarts = held.search.restarts;
  }

  take(): NewsAbout<'search'> | null {
    this.#held.poll();
    const { search } = this.#held;
    if (search.restarts !== this.#restarts) {
      this.#restarts = search.restarts;
      this.#milesTold = 0;
    }
    const { rows, backlog, isFull, version, progress } = search;
    const miles = rows.miles.slice(this.#milesTold, this.#milesTold + MILES_PER_NEWS_MAX);
    this.#milesTold += miles.length;
    const figures = {
      count: rows.count,
      exact: backlog === 0 && !isFull,
      full: isFull,
      ...progress,
      version,
    };
    const told = JSON.stringify(figures);
    if (told === this.#told && miles.length === 0) return null;
    this.#told = told;
    return { news: 'search', ...figures, miles } satisfies SearchNews;
  }

  close(): void {
    this.#held.release();
  }
}

export class TailWatching implements Watching<'tail'> {
  readonly #held: Held<Search<FoundFrames>>;
  readonly #rowsOf: (sequences: readonly number[]) => readonly FrameRow[];
  /** How many were told, or passed over. Null before the first message, which begins with what is there. */
  #seen: number | null = null;
  #restarts: number;

  constructor(
    held: Held<Search<FoundFrames>>,
    rowsOf: (sequences: readonly number[]) => readonly FrameRow[],
  ) {
    this.#held = held;
    this.#rowsOf = rowsOf;
    this.#restarts = held.search.restarts;
  }

  take(missed: number): NewsAbout<'tail'> | null {
    this.#held.poll();
    const { search } = this.#held;
    if (!search.hasCaughtUp) return null;
    if (search.isFull) return { news: 'refused', error: 'more frames pass this filter than can be followed' };
    const { rows } = search;
    const isAnew = this.#seen === null || search.restarts !== this.#restarts;
    const fresh = isAnew ? Math.min(rows.count, TAIL_ROWS_MAX) : rows.count - (this.#seen ?? 0);
    if (fresh === 0 && !isAnew) return null;
    this.#restarts = search.restarts;
    this.#seen = rows.count;
    const shown = this.#rowsOf(rows.latest(Math.min(fresh, TAIL_ROWS_MAX)));
    const skipped = Math.max(0, fresh - TAIL_ROWS_MAX);
    // With each message that could be told, as many more rows would have been.
    const dropped = Math.min(skipped, missed * TAIL_ROWS_MAX);
    return { news: 'tail', rows: [...shown], count: rows.count, skipped, dropped };
  }

  close(): void {
    this.#held.release();
  }
}
