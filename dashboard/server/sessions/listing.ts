/**
 * The list of all sessions, newest first, a page at a time.
 *
 * The rule: a session's place in it never changes, so that pages have neither holes nor doubles while others are recorded:
 * newer captures come first, and in one those that were found later. Those that go on are told beside it, on the first page.
 * All of it is looked at in pieces, with turns of the event loop between, however many sessions there are.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '../../../common/failure.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { CaptureFile, CaptureSummary } from '../../../recorder/captures.ts';
import type { ListedSession, SessionPlace } from '../../../recorder/sessions/session.ts';
import type { SessionPage, SessionQuery, SessionRow } from '../../api/sessions.ts';
import { Census } from './census.ts';
import { hasText, isWanted, type Search } from './matching.ts';
import { sessionRow } from './rows.ts';
import type { Surveys } from './surveys.ts';
import type { VerdictCounts } from './verdicts.ts';

const SESSIONS_PER_PAGE = 50;
/** Rows that one look at the file goes through: as many as take some milliseconds. */
export const LOOK = 200;
const LOOK_MAX = 2_000;
const LOOK_MS = 5;
/** Sessions that are read between two turns of the event loop. */
const FEW = 100;
/** Numbers of sessions among which those are looked for that go on, between two turns. */
const OPEN_LOOK = 5_000;
/** The newest of those that go on are shown on top. */
export const LIVE_MAX = 200;
/** Captures without sessions that are named. */
export const UNINDEXED_MAX = 200;
/** Counts of so many searches are kept. */
export const CENSUSES_MAX = 16;
/** Counts of a file that changes are counted again when they are so old, */
export const FRESH_MS = 5_000;
/** and so many times as old as it took to count them, so that counting never takes more than a small part of the time. */
export const REST_TIMES = 20;
/** How long a page waits for its counts: then it has what has been counted so far. */
export const WAIT_MS = 150;

export type ListingSource = Pick<
  CaptureFile,
  'captures' | 'listSessions' | 'lookForSessions' | 'listedSessions' | 'openSessions' | 'dataVersion'
>;

interface Counted {
  readonly text: string;
  census: Census;
  /** Of the file, when it was begun. */
  version: number;
  begunAt: Millis;
  tookMs: Millis;
  isDone: boolean;
  done: Promise<void>;
}

export class Listing {
  readonly #reader: ListingSource;
  readonly #verdicts: VerdictCounts;
  readonly #surveys: Pick<Surveys, 'countsOf' | 'list'>;
  readonly #clock: () => Millis;
  readonly #counted = new Map<string, Counted>();
  #isClosed = false;

  constructor(
    reader: ListingSource,
    verdicts: VerdictCounts,
    surveys: Pick<Surveys, 'countsOf' | 'list'>,
    clock: () => Millis,
  ) {
    this.#reader = reader;
    this.#verdicts = verdicts;
    this.#surveys = surveys;
    this.#clock = clock;
  }

  async page(query: SessionQuery, signal: AbortSignal): Promise<SessionPage> {
    const { after, limit = SESSIONS_PER_PAGE, ...search } = query;
    const before = after === undefined ? null : this.#placeOf(after);
    await this.#readVerdicts();
    const captures = this.#captures();
    const { rows, more } = await this.#find(search, before, limit, captures, signal);
    const live = after === undefined ? await this.#live(search, captures, signal) : null;
    const counted = await this.#count(search, signal);
    this.#surveys.list([...(live ?? []), ...rows].map(({ id }) => id));
    return {
      sessions: rows,
      live,
      unindexed: after === undefined ? unindexed(captures) : null,
      more,
      total: { count: counted.census.total, exact: counted.isDone },
      facets: after === undefined ? counted.census.facets() : null,
    };
  }

  /** What is known of a session beside what the file says of it. */
  row(session: ListedSession, capture: CaptureSummary): SessionRow {
    const { id } = session;
    return sessionRow(session, capture, this.#verdicts.of(id), this.#surveys.countsOf(id));
  }

  close(): void {
    this.#isClosed = true;
  }

  async #find(
    search: Search,
    from: SessionPlace | null,
    limit: number,
    captures: ReadonlyMap<number, CaptureSummary>,
    signal: AbortSignal,
  ): Promise<{ readonly rows: SessionRow[]; readonly more: boolean }> {
    const rows: SessionRow[] = [];
    for await (const sessions of this.#look(search, from, search.capture ?? null)) {
      const found = this.#rows(sessions, captures);
      rows.push(...found.filter((row) => hasText(row, search.text) && isWanted(row, search)));
      if (rows.length > limit || signal.aborted) break;
    }
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }

  /**
   * Sessions before a place, newest first, a few at a time with turns between: all that the file lets through, where the file
   * can tell, and some that are to be looked at more closely.
   */
  async *#look(
    { text, game, player, ended }: Search,
    from: SessionPlace | null,
    capture: number | null,
  ): AsyncGenerator<readonly ListedSession[], void> {
    const search = {
      text: text === undefined || text === '' ? null : text,
      game: game ?? null,
      player: player ?? null,
      ended: ended ?? null,
    };
    let rows = LOOK;
    for (let before = from, more = true; more && !this.#isClosed;) {
      const start = this.#clock();
      const look = this.#reader.lookForSessions({ before, capture, search, rows });
      const tookMs = this.#clock() - start;
      if (tookMs > LOOK_MS) rows = Math.max(LOOK, rows >> 1);
      else if (tookMs < LOOK_MS / 2) rows = Math.min(rows * 2, LOOK_MAX);
      for (let at = 0; at < look.ids.length && !this.#isClosed; at += FEW) {
        yield this.#reader.listedSessions(look.ids.slice(at, at + FEW));
        await turn();
      }
      ({ through: before, more } = look);
      await turn();
    }
  }

  /** Only of a capture that is being recorded. */
  async #live(
    search: Search,
    captures: ReadonlyMap<number, CaptureSummary>,
    signal: AbortSignal,
  ): Promise<SessionRow[]> {
    const found: SessionRow[] = [];
    for (const { id, ended } of captures.values()) {
      if (ended !== 'recording') continue;
      const [newest] = this.#reader.listSessions({ before: null, capture: id, limit: 1 });
      for (let last = newest?.number ?? 0; last > 0 && found.length < LIVE_MAX; last -= OPEN_LOOK) {
        const open = this.#reader.openSessions(id, Math.max(0, last - OPEN_LOOK), last);
        for (let at = 0; at < open.length && found.length < LIVE_MAX; at += LOOK) {
          const sessions = this.#reader.listedSessions(open.slice(at, at + LOOK));
          const rows = this.#rows(sessions, captures).filter((row) => row.ended === null);
          found.push(...rows.filter((row) => hasText(row, search.text) && isWanted(row, search)));
          await turn();
        }
        if (signal.aborted) return found;
      }
    }
    return found.slice(0, LIVE_MAX);
  }

  #rows(sessions: readonly ListedSession[], captures: ReadonlyMap<number, CaptureSummary>): SessionRow[] {
    return sessions.flatMap((session) => {
      // One that began a moment ago is told of the next time.
      const capture = captures.get(session.captureId);
      return capture === undefined ? [] : [this.row(session, capture)];
    });
  }

  #captures(): ReadonlyMap<number, CaptureSummary> {
    return new Map(this.#reader.captures().map((capture) => [capture.id, capture]));
  }

  async #readVerdicts(): Promise<void> {
    while (this.#verdicts.read().more) await turn();
  }

  // Counting ------------------------------------------------------------------------------------------

  async #count(search: Search, signal: AbortSignal): Promise<Counted> {
    const key = JSON.stringify([
      search.text?.toLowerCase() ?? '',
      search.game,
      search.player,
      search.ended,
      search.verdict,
      search.capture,
    ]);
    const known = this.#counted.get(key);
    const version = this.#reader.dataVersion;
    const isFresh =
      known !== undefined &&
      (!known.isDone ||
        known.version === version ||
        this.#clock() - known.begunAt < Math.max(FRESH_MS, known.tookMs * REST_TIMES));
    const counted = isFresh ? known : this.#begin(search, version);
    this.#counted.delete(key);
    this.#counted.set(key, counted);
    for (const oldest of this.#counted.keys()) {
      if (this.#counted.size <= CENSUSES_MAX) break;
      this.#counted.delete(oldest);
    }
    const until = this.#clock() + WAIT_MS;
    while (!counted.isDone && this.#clock() < until && !signal.aborted) await turn();
    return counted;
  }

  #begin(search: Search, version: number): Counted {
    const counted: Counted = {
      text: search.text ?? '',
      census: new Census(search),
      version,
      begunAt: this.#clock(),
      tookMs: 0,
      isDone: false,
      done: Promise.resolve(),
    };
    counted.done = this.#walk(counted);
    return counted;
  }

  async #walk(counted: Counted): Promise<void> {
    const captures = this.#captures();
    // Of what it may be narrowed to, all is counted that matches the text.
    for await (const sessions of this.#look({ text: counted.text }, null, null)) {
      for (const row of this.#rows(sessions, captures))
        counted.census.add(row, captures.get(row.capture)?.startedAt ?? '');
    }
    counted.tookMs = this.#clock() - counted.begunAt;
    counted.isDone = true;
  }

  #placeOf(id: number): SessionPlace {
    const [found] = this.#reader.listedSessions([id]);
    if (found !== undefined) return found;
    throw new Failure(
      'input',
      'no-such-session',
      `there is no session ${id} any more: start from the first page`,
    );
  }
}

function unindexed(captures: ReadonlyMap<number, CaptureSummary>): NonNullable<SessionPage['unindexed']> {
  return [...captures.values()]
    .filter(({ hasSessions }) => !hasSessions)
    .reverse()
    .slice(0, UNINDEXED_MAX)
    .map(({ id: capture, startedAt, frames }) => ({ capture, startedAt, frames }));
}
