/**
 * A page of frames from wherever a viewer stands, forwards or backwards.
 *
 * The rule: what a search has found already is taken from it. From there on it looks itself, some milliseconds at a time with
 * turns of the event loop between, and ends when it is full, or has taken as long as a reader may wait: then it says how far
 * it came. What depends on all frames before is left to a search, which is waited for.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Connections } from '../../../analysis/connections.ts';
import type { Filter } from '../../../analysis/filter/compile.ts';
import { filteredBack, FilteredFrames } from '../../../analysis/filtered-frames.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { CaptureFile, FrameLook, RecordedFrame } from '../../../recorder/captures.ts';
import type { Facts } from './facts.ts';
import type { FoundFrames } from './found.ts';
import type { Search } from './search.ts';
import type { Searches } from './searches.ts';

/** Rows that a look goes through: for some milliseconds, whatever they hold. */
export const ROWS_PER_LOOK = 5_000;
/** How long one page may take. */
export const PAGE_MS = 250;

export type PageReader = Pick<CaptureFile, 'look' | 'lookBack' | 'connection' | 'framesAt'>;

export interface PageAsk {
  readonly facts: Facts;
  /** All frames, if null. */
  readonly filter: Filter | null;
  readonly limit: number;
  readonly connections: Connections;
  readonly signal: AbortSignal;
}

export class FramePages {
  readonly #reader: PageReader;
  readonly #searches: Searches;
  readonly #clock: () => Millis;

  constructor(reader: PageReader, searches: Searches, clock: () => Millis) {
    this.#reader = reader;
    this.#searches = searches;
    this.#clock = clock;
  }

  /** Frames after a sequence number. */
  async after(after: number, ask: PageAsk): Promise<FrameLook> {
    const { facts, filter, limit, signal } = ask;
    const found = await this.#found(ask, (search) => {
      return search.through >= facts.last || (search.rows.after(after, limit)?.length ?? limit) === limit;
    });
    const frames = this.#at(facts, found?.rows.after(after, limit) ?? []);
    const from = Math.max(after, found?.through ?? 0);
    if (frames.length === limit)
      return { frames, through: lastOf(frames), more: lastOf(frames) < facts.last };
    if (filter?.follows === true || from >= facts.last || signal.aborted)
      return { frames, through: from, more: from < facts.last && found?.isFull !== true };
    const next = filter === null ? this.#plain(ask, from) : this.#filtered(ask, filter, from);
    const { through, more } = await this.#gather(ask, () => {
      const look = next(limit - frames.length);
      frames.push(...look.frames);
      return { ...look, isFull: frames.length >= limit };
    });
    return { frames, through, more: more && through < facts.last };
  }

  /** The last frames before a sequence number, in ascending order. */
  async before(before: number, ask: PageAsk): Promise<FrameLook> {
    const { facts, filter, limit } = ask;
    const until = Math.min(before - 1, facts.last);
    const found = await this.#found(ask, (search) => search.through >= until);
    const known = found !== null && found.through >= until ? found.rows.before(before, limit) : null;
    if (known !== null) {
      const frames = this.#at(facts, known.sequences);
      const isFull = frames.length === limit;
      return { frames, through: isFull ? firstOf(frames) : facts.after + 1, more: known.more };
    }
    if (filter?.follows === true) return { frames: [], through: before, more: found?.isFull !== true };
    const pages: (readonly RecordedFrame[])[] = [];
    let count = 0;
    let from = before;
    const look = await this.#gather(ask, () => {
      const next = this.#back(ask, from, limit - count);
      pages.push(next.frames);
      count += next.frames.length;
      from = next.through;
      return { ...next, isFull: count >= limit };
    });
    return { frames: pages.reverse().flat(), through: look.through, more: look.more };
  }

  /** The search that knows which frames pass; one is made, and waited for until it knows enough, where it must. */
  async #found(
    { facts: { session }, filter, signal }: PageAsk,
    isEnough: (search: Search<FoundFrames>) => boolean,
  ): Promise<Search<FoundFrames> | null> {
    if (filter === null) return null;
    if (!filter.follows) return this.#searches.known(session.id, filter);
    const held = this.#searches.frames(session.id, filter);
    try {
      const start = this.#clock();
      while (!isEnough(held.search) && !signal.aborted && !held.search.isFull) {
        if (this.#clock() - start >= PAGE_MS) break;
        await turn();
        held.poll();
      }
      return held.search;
    } finally {
      held.release();
    }
  }

  #at({ session }: Facts, sequences: readonly number[]): RecordedFrame[] {
    return sequences.length === 0 ? [] : this.#reader.framesAt(session.captureId, sequences);
  }

  /** Looks until there is no more, the page is full, time is up, or nobody waits. */
  async #gather(
    { signal }: PageAsk,
    look: () => FrameLook & { readonly isFull: boolean },
  ): Promise<Omit<FrameLook, 'frames'>> {
    const start = this.#clock();
    for (;;) {
      const { through, more, isFull } = look();
      if (!more || isFull || signal.aborted || this.#clock() - start >= PAGE_MS) return { through, more };
      await turn();
    }
  }

  #plain({ facts: { session, after: first, last } }: PageAsk, from: number): (limit: number) => FrameLook {
    let after = Math.max(from, first);
    return (limit) => {
      const range = { session: session.id, after, last, limit, rows: ROWS_PER_LOOK };
      const look = this.#reader.look(session.captureId, range);
      after = look.through;
      return look;
    };
  }

  #filtered({ facts: { session }, connections }: PageAsk, filter: Filter, after: number) {
    const search = new FilteredFrames(this.#reader, session.captureId, filter, {
      session,
      after,
      connections,
    });
    return (limit: number): FrameLook => {
      const { frames, more } = search.look(limit, ROWS_PER_LOOK);
      return { frames, more, through: Math.max(after, search.through) };
    };
  }

  #back(
    { facts: { session, after, last }, filter, connections }: PageAsk,
    before: number,
    limit: number,
  ): FrameLook {
    const rows = ROWS_PER_LOOK;
    if (filter === null) {
      const range = {
        session: session.id,
        first: after + 1,
        before: Math.min(before, last + 1),
        limit,
        rows,
      };
      return this.#reader.lookBack(session.captureId, range);
    }
    const look = filteredBack(this.#reader, filter, { session, before, limit, rows, connections });
    if (look === null) throw new Error('a filter that follows conversations is not read backwards');
    return look;
  }
}

function firstOf(frames: readonly RecordedFrame[]): number {
  return (frames[0] as RecordedFrame).sequence;
}

function lastOf(frames: readonly RecordedFrame[]): number {
  return (frames.at(-1) as RecordedFrame).sequence;
}
