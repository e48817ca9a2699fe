/**
 * A page of frames from wherever a viewer stands, forwards or backwards.
 *
 * The rule: it goes on from a sequence number, in looks of some milliseconds with turns of the event loop between them, and
 * ends when it is full, or has taken as long as a reader may wait: then it says how far it came.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Connections } from '../../../analysis/connections.ts';
import type { Filter } from '../../../analysis/filter/compile.ts';
import { filteredBack, FilteredFrames } from '../../../analysis/filtered-frames.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { CaptureFile, FrameLook, RecordedFrame } from '../../../recorder/captures.ts';
import type { Facts } from './facts.ts';

/** Rows that a look goes through: for some milliseconds, whatever they hold. */
export const ROWS_PER_LOOK = 5_000;
/** How long one page may take. */
export const PAGE_MS = 250;

export type PageReader = Pick<CaptureFile, 'look' | 'lookBack' | 'connection'>;

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
  readonly #clock: () => Millis;

  constructor(reader: PageReader, clock: () => Millis) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** Frames after a sequence number. */
  async after(after: number, ask: PageAsk): Promise<FrameLook> {
    const { facts, filter, limit } = ask;
    const next = filter === null ? this.#plain(ask, after) : this.#filtered(ask, filter, after);
    const frames: RecordedFrame[] = [];
    const look = await this.#gather(ask, () => {
      const found = next(limit - frames.length);
      frames.push(...found.frames);
      return { ...found, isFull: frames.length >= limit };
    });
    return { frames, through: look.through, more: look.more && look.through < facts.last };
  }

  /** The last frames before a sequence number, in ascending order. The filter is not one that follows conversations. */
  async before(before: number, ask: PageAsk): Promise<FrameLook> {
    const { limit } = ask;
    const pages: (readonly RecordedFrame[])[] = [];
    let count = 0;
    let from = before;
    const look = await this.#gather(ask, () => {
      const found = this.#back(ask, from, limit - count);
      pages.push(found.frames);
      count += found.frames.length;
      from = found.through;
      return { ...found, isFull: count >= limit };
    });
    return { frames: pages.reverse().flat(), through: look.through, more: look.more };
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
