/**
 * A list of frames, or of runs, as the reader's filter has it: how many rows there are, and those that are looked at.
 *
 * The rule: rows stay on the server. Here are the numbers by which they are found, some blocks of them, and the last
 * ones while they are followed; the same few however many frames there are and come.
 */
import type { FrameRow, Run } from '../../../../../api/frames.ts';
import { ApiError, call } from '../../../lib/api.ts';
import { live } from '../../../lib/live.svelte.ts';
import { type Begun, Blocks, type Page } from './blocks.ts';
import { Edge } from './edge.ts';
import type { RowRange } from './geometry.ts';
import { BLOCK_ROWS, Miles } from './miles.ts';

/** After a jump, so long nothing is asked for: a thumb that is dragged passes by much. */
export const SETTLE_MS = 40;

export interface ListRow {
  readonly frame: FrameRow;
  /** What the row stands for where repeats are folded. */
  readonly run: Run | null;
}

export interface ListQuery {
  readonly session: number;
  readonly filter: string;
  readonly fold: boolean;
}

/** What is known of a session before anything is asked. */
export interface ListStart {
  readonly firstSequence: number;
  readonly frames: number;
}

export interface Located {
  readonly index: number;
  /** Whether it is that frame, and not the one after. */
  readonly isExact: boolean;
}

export class FrameList {
  readonly query: ListQuery;
  readonly #start: ListStart;
  readonly #miles = new Miles();
  readonly #blocks: Blocks<ListRow>;
  readonly #edge = new Edge();
  #columns: string;
  #version = 0;
  #wanted: readonly number[] = [];
  #settling: ReturnType<typeof setTimeout> | null = null;
  #stopSearch: (() => void) | null = null;
  #stopTail: (() => void) | null = null;
  /** The tail that is followed has told its first rows. */
  #isTailed = false;
  #edgeAsked: AbortController | null = null;
  #seeking: object | null = null;
  #looking: { readonly sequence: number; readonly found: (located: Located | null) => void } | null = null;

  total = $state(0);
  /** All that is recorded has been looked at. */
  exact = $state(false);
  /** There are more than a list may hold; these are the first ones. */
  isFull = $state(false);
  done = $state(0);
  of = $state(0);
  /** There are rows to show, or it is known that there are none. */
  isReady = $state(false);
  isStopped = $state(false);
  error = $state<string | null>(null);
  skipped = $state(0);
  dropped = $state(0);
  isFollowing = $state(false);
  /** Raised with every change of rows. */
  #tick = $state(0);

  constructor(query: ListQuery, columns: string, start: ListStart) {
    this.query = query;
    this.#columns = columns;
    this.#start = start;
    if (query.filter === '' && !query.fold) this.total = start.frames;
    this.#blocks = new Blocks<ListRow>({
      load: (block, begun, signal) => this.#load(block, begun, signal),
      expected: (block) => this.#expected(block),
      changed: () => this.#changed(),
      failed: (error) => (this.error = messageOf(error)),
    });
    this.search();
    this.#blocks.want([0]);
  }

  close(): void {
    this.#stopSearch?.();
    this.#stopTail?.();
    this.#edgeAsked?.abort();
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#looking?.found(null);
    this.#looking = null;
    this.#blocks.close();
  }

  /** Begins, or goes on after `stop`. */
  search(): void {
    this.isStopped = false;
    this.#stopSearch ??= live.watch({ watch: 'search', ...this.query }, (news) => {
      if (news.news === 'refused') {
        this.error = news.error;
        this.isReady = true;
        return;
      }
      this.#miles.add(news.miles);
      this.exact = news.exact;
      this.isFull = news.full;
      this.done = news.done;
      this.of = news.of;
      // Rows that the tail is about to bring need not be asked for.
      const ends = this.#isTailed ? this.#edge.end : 0;
      const count = this.#isTailed ? Math.min(news.count, ends) : news.count;
      this.total = news.exact ? Math.max(count, ends) : Math.max(this.total, count);
      if (news.exact && news.count === 0) this.isReady = true;
      if (news.version > this.#version) {
        this.#version = news.version;
        this.#blocks.refresh();
      }
      this.#blocks.want(this.#wanted.length === 0 ? [0] : this.#wanted);
      this.#look();
    });
  }

  /** What has been found stays. */
  stop(): void {
    this.#stopSearch?.();
    this.#stopSearch = null;
    this.isStopped = true;
  }

  set columns(columns: string) {
    if (columns === this.#columns) return;
    this.#columns = columns;
    this.#blocks.refresh();
    if (this.isFollowing) {
      this.follow(false);
      this.follow(true);
    }
  }

  /** Rows may read differently now: something was said about them. */
  refresh(): void {
    this.#blocks.refresh();
  }

  rowAt(index: number): ListRow | null {
    if (this.#tick < 0) return null;
    const row = this.#blocks.rowsOf(Math.floor(index / BLOCK_ROWS))?.[index % BLOCK_ROWS];
    if (row !== undefined) return row;
    const frame = this.#edge.rowAt(index);
    return frame === null ? null : { frame, run: null };
  }

  /** Says what is looked at, and which way the reader goes. */
  show(seen: RowRange, drawn: RowRange, direction: number, isJump: boolean): void {
    if (this.isFollowing && this.#edge.covers(seen.first, seen.end)) this.#wanted = [];
    else this.#wanted = blocksFor(seen, drawn, direction, this.total);
    if (this.#settling !== null) clearTimeout(this.#settling);
    this.#settling = null;
    if (isJump) this.#settling = setTimeout(() => this.#want(), SETTLE_MS);
    else this.#want();
  }

  /** The last rows, at once, where they can be had before the search has come to them. */
  showEnd(): void {
    const isKnown = this.#miles.known * BLOCK_ROWS >= this.total;
    if (isKnown || this.query.filter !== '' || this.query.fold || this.#edgeAsked !== null) return;
    const asking = new AbortController();
    this.#edgeAsked = asking;
    const query = { before: Number.MAX_SAFE_INTEGER, limit: BLOCK_ROWS, columns: this.#columns };
    call('frames', { params: { id: this.query.session }, query, signal: asking.signal }).then(
      ({ rows }) => {
        this.#edgeAsked = null;
        this.#edge.set(rows, this.total);
        this.#changed();
      },
      (error: unknown) => {
        this.#edgeAsked = null;
        if (!asking.signal.aborted) this.error = messageOf(error);
      },
    );
  }

  /** Rows at the end are told as they come. */
  follow(on: boolean): void {
    if (on === this.isFollowing) return;
    this.isFollowing = on;
    this.#stopTail?.();
    this.#stopTail = null;
    this.#isTailed = false;
    if (!on || this.query.fold) return;
    const { session, filter } = this.query;
    this.#edge.skipped = this.#edge.dropped = 0;
    this.#stopTail = live.watch({ watch: 'tail', session, filter, columns: this.#columns }, (news) => {
      if (news.news === 'refused') {
        this.error = news.error;
        return;
      }
      this.#edge.take(news);
      this.#isTailed = this.#edge.end > 0;
      this.skipped = this.#edge.skipped;
      this.dropped = this.#edge.dropped;
      this.total = Math.max(this.total, news.count);
      this.#changed();
    });
  }

  /** Where a frame is, or the one after it; null where there is none, or another one is looked for. */
  locate(sequence: number): Promise<Located | null> {
    this.#looking?.found(null);
    return new Promise((found) => {
      this.#looking = { sequence, found };
      this.#look();
    });
  }

  #look(): void {
    if (this.#looking === null) return;
    const { sequence, found } = this.#looking;
    const located = this.#find(sequence);
    if (located === undefined) return;
    this.#looking = null;
    found(located);
  }

  /** Undefined while it is not known. */
  #find(sequence: number): Located | null | undefined {
    const last = this.#edge.indexOf(sequence);
    if (last !== null) return { index: last, isExact: true };
    if (this.isStopped || (this.exact && this.total === 0)) return null;
    if (this.query.fold) {
      if (this.exact) void this.#seek(sequence);
      return undefined;
    }
    const block = this.#miles.blockOf(sequence);
    if (block === null) return undefined;
    const rows = this.#blocks.rowsOf(block);
    const at = rows?.findIndex(({ frame }) => frame.sequence >= sequence) ?? -1;
    if (at !== -1)
      return { index: block * BLOCK_ROWS + at, isExact: rows?.[at]?.frame.sequence === sequence };
    const isWhole = rows !== null && rows.length >= (this.#expected(block) ?? BLOCK_ROWS);
    const isLast = block === this.#miles.known - 1;
    if (isWhole && (!isLast || this.exact))
      return { index: Math.min(this.total - 1, (block + 1) * BLOCK_ROWS), isExact: false };
    if (!this.#wanted.includes(block)) this.#blocks.want([block, ...this.#wanted]);
    return undefined;
  }

  /** Of runs no miles are told: the row that a frame is in, or the last one that begins before it, is found by halves. */
  async #seek(sequence: number): Promise<void> {
    const looking = this.#looking;
    if (looking === null || this.#seeking === looking) return;
    this.#seeking = looking;
    const located = await this.#rowOfRun(sequence).catch(() => null);
    if (this.#looking !== looking) return;
    this.#looking = null;
    looking.found(located);
  }

  async #rowOfRun(sequence: number): Promise<Located> {
    const runsFrom = async (from: number, limit: number): Promise<readonly Run[]> => {
      const { session, filter } = this.query;
      return (await call('runs', { params: { id: session }, query: { from, limit, filter } })).runs;
    };
    let [low, high] = [0, Math.ceil(this.total / BLOCK_ROWS)];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      const [run] = await runsFrom(middle * BLOCK_ROWS, 1);
      if (run !== undefined && run.first.sequence <= sequence) low = middle;
      else high = middle;
    }
    const runs = await runsFrom(low * BLOCK_ROWS, BLOCK_ROWS);
    const begun = runs.filter(({ first }) => first.sequence <= sequence);
    const within = begun.findLastIndex(({ lastSequence }) => lastSequence >= sequence);
    const at = Math.max(0, within === -1 ? begun.length - 1 : within);
    return { index: low * BLOCK_ROWS + at, isExact: runs[at]?.first.sequence === sequence };
  }

  #want(): void {
    this.#blocks.want(this.#wanted);
    this.#look();
  }

  #changed(): void {
    this.#tick++;
    this.error = null;
    this.isReady = true;
    const first = this.#blocks.rowsOf(0)?.length ?? 0;
    if (first > this.total) this.total = first;
    this.#look();
  }

  #expected(block: number): number | null {
    // Before the search has said anything, a first page is as good as it gets.
    if (this.of === 0 && this.total <= BLOCK_ROWS && !this.exact) return null;
    return Math.min(BLOCK_ROWS, Math.max(0, this.total - block * BLOCK_ROWS));
  }

  #load(block: number, begun: Begun<ListRow>, signal: AbortSignal): Promise<Page<ListRow>> | null {
    return this.query.fold ? this.#loadRuns(block, begun, signal) : this.#loadFrames(block, begun, signal);
  }

  #loadFrames(block: number, begun: Begun<ListRow>, signal: AbortSignal): Promise<Page<ListRow>> | null {
    const start = block === 0 ? Math.max(0, this.#start.firstSequence - 1) : null;
    const after = begun.through ?? this.#miles.before(block) ?? start;
    if (after === null) return null;
    const { session, filter } = this.query;
    const limit = BLOCK_ROWS - begun.rows.length;
    const query = { after, limit, filter, columns: this.#columns };
    return call('frames', { params: { id: session }, query, signal }).then(({ rows, through, more }) => ({
      rows: rows.map((frame) => ({ frame, run: null })),
      through,
      more,
    }));
  }

  #loadRuns(block: number, begun: Begun<ListRow>, signal: AbortSignal): Promise<Page<ListRow>> {
    const { session, filter } = this.query;
    const from = block * BLOCK_ROWS + begun.rows.length;
    const query = { from, limit: BLOCK_ROWS - begun.rows.length, filter };
    return call('runs', { params: { id: session }, query, signal }).then(({ runs, through, count }) => ({
      rows: runs.map((run) => ({ frame: run.first, run })),
      through,
      more: runs.length > 0 && from + runs.length < count,
    }));
  }
}

/** What can be seen first, then what is drawn around it, then the block that comes next. */
export function blocksFor(
  seen: RowRange,
  drawn: RowRange,
  direction: number,
  total: number,
): readonly number[] {
  const blocks: number[] = [];
  const last = Math.floor(Math.max(0, total - 1) / BLOCK_ROWS);
  const add = ({ first, end }: RowRange) => {
    for (let block = Math.floor(first / BLOCK_ROWS); block * BLOCK_ROWS < end; block++)
      if (!blocks.includes(block)) blocks.push(block);
  };
  add(seen);
  add(drawn);
  const next =
    direction < 0 ? Math.floor(drawn.first / BLOCK_ROWS) - 1 : Math.floor(drawn.end / BLOCK_ROWS) + 1;
  if (direction !== 0 && next >= 0 && next <= last && !blocks.includes(next)) blocks.push(next);
  return blocks;
}

function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'the page could not read the answer';
}
