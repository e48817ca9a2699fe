/**
 * The rows of a list, a hundred at a time: asked for when they are wanted, kept while there is room.
 *
 * The rule: what is shown is never taken away before there is something better. A block that may be told better now, or
 * that has grown, is shown as it was until the answer is there. What is not wanted any more is not waited for, and what
 * was not looked at for longest goes first.
 */

/** Blocks that are kept: forty screens. */
export const BLOCKS_MAX = 48;
/** Questions at a time: a browser has six connections to a server, and others want some. */
export const ASKED_MAX = 3;

/** One answer: rows that follow those before. */
export interface Page<R> {
  readonly rows: readonly R[];
  /** Where the next page of this block goes on. */
  readonly through: number;
  readonly more: boolean;
}

export interface Begun<R> {
  readonly rows: readonly R[];
  /** Null where nothing was asked yet. */
  readonly through: number | null;
}

export interface BlockSource<R> {
  /** One page of a block, after what there is of it. Null where it cannot be entered yet. */
  load(block: number, begun: Begun<R>, signal: AbortSignal): Promise<Page<R>> | null;
  /** How many rows a block has, as far as is known; null where it is not known. */
  expected(block: number): number | null;
  /** Rows have come. */
  changed(): void;
  failed(error: unknown): void;
}

interface Kept<R> {
  rows: readonly R[];
  through: number;
  more: boolean;
  version: number;
  /** How many rows it was known to have when it was asked last. */
  asked: number;
}

export class Blocks<R> {
  readonly #source: BlockSource<R>;
  /** In the order in which they were looked at. */
  readonly #kept = new Map<number, Kept<R>>();
  readonly #asking = new Map<number, AbortController>();
  #wanted: readonly number[] = [];
  #version = 0;
  #isClosed = false;

  constructor(source: BlockSource<R>) {
    this.#source = source;
  }

  rowsOf(block: number): readonly R[] | null {
    return this.#kept.get(block)?.rows ?? null;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Answers from before may be told better now. */
  refresh(): void {
    this.#version++;
    for (const asking of this.#asking.values()) asking.abort();
    this.#asking.clear();
    this.#ask();
  }

  /** What is looked at, the most important first. To be called again whenever more is known, too. */
  want(blocks: readonly number[]): void {
    this.#wanted = blocks.slice(0, BLOCKS_MAX);
    for (const [block, asking] of this.#asking) {
      if (this.#wanted.includes(block)) continue;
      asking.abort();
      this.#asking.delete(block);
    }
    for (const block of this.#wanted.toReversed()) {
      const kept = this.#kept.get(block);
      if (kept === undefined) continue;
      this.#kept.delete(block);
      this.#kept.set(block, kept);
    }
    this.#ask();
  }

  close(): void {
    this.#isClosed = true;
    this.#wanted = [];
    for (const asking of this.#asking.values()) asking.abort();
    this.#asking.clear();
    this.#kept.clear();
  }

  #ask(): void {
    for (const block of this.#wanted) {
      if (this.#isClosed || this.#asking.size >= ASKED_MAX) return;
      if (!this.#asking.has(block) && this.#lacks(block)) this.#load(block);
    }
  }

  #lacks(block: number): boolean {
    const kept = this.#kept.get(block);
    if (kept === undefined || kept.version < this.#version) return true;
    const expected = this.#source.expected(block);
    if (expected === null || kept.rows.length >= expected) return false;
    return kept.more || expected > kept.asked;
  }

  #load(block: number): void {
    const kept = this.#kept.get(block);
    const begun = kept?.version === this.#version ? kept : null;
    const version = this.#version;
    const asked = this.#source.expected(block) ?? 0;
    const asking = new AbortController();
    const answer = this.#source.load(
      block,
      { rows: begun?.rows ?? [], through: begun?.through ?? null },
      asking.signal,
    );
    if (answer === null) return;
    this.#asking.set(block, asking);
    answer.then(
      ({ rows, through, more }) => {
        if (asking.signal.aborted) return;
        this.#asking.delete(block);
        this.#keep(block, { rows: [...(begun?.rows ?? []), ...rows], through, more, version, asked });
        this.#source.changed();
        this.#ask();
      },
      (error: unknown) => {
        if (asking.signal.aborted) return;
        this.#asking.delete(block);
        this.#source.failed(error);
      },
    );
  }

  #keep(block: number, kept: Kept<R>): void {
    this.#kept.delete(block);
    this.#kept.set(block, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= BLOCKS_MAX) return;
      this.#kept.delete(oldest);
    }
  }
}
