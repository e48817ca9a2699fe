/**
 * All searches: whoever asks the same shares one, which is kept for a while for those who ask again.
 *
 * The rule: a search goes on only while somebody holds it. The pieces of all that have work take turns, with a turn of the
 * event loop after each. What nobody holds is forgotten first, when searches are too many or hold too much.
 */
import type { Connections } from '../../../analysis/connections.ts';
import type { Filter } from '../../../analysis/filter/compile.ts';
import { Failure } from '../../../common/failure.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { Facts, SessionFacts } from './facts.ts';
import type { FoundFrames } from './found.ts';
import { frameHunt, type HuntReader } from './hunts.ts';
import { runHunt } from './run-hunt.ts';
import type { Runs } from './runs.ts';
import { type Hunt, type Rows, Search } from './search.ts';
import { pause } from '../leisure.ts';

/** Searches that are kept or going on. */
export const SEARCHES_MAX = 64;
/** Memory that all of them hold; one that would need more stops where it is. */
export const SEARCHES_BYTES_MAX = 96 * 1024 * 1024;
/** So little to look at is looked at at once, by whoever asks. */
const BACKLOG_SMALL = 2_000;

type AnySearch = Search<FoundFrames> | Search<Runs>;

export interface SearchesOptions {
  readonly reader: HuntReader;
  readonly facts: SessionFacts;
  readonly connectionsOf: (capture: number) => Connections;
  readonly clock: () => Millis;
  readonly searchesMax?: number;
  readonly bytesMax?: number;
}

/** A search that goes on until it is let go. */
export interface Held<S> {
  readonly search: S;
  /** It is brought up to date as far as that takes little time, and goes on beside. Throws what went wrong in it. */
  poll(): void;
  release(): void;
}

export class Searches {
  readonly #options: SearchesOptions;
  /** By what is searched for; the one that was asked for last at the end. */
  readonly #kept = new Map<string, AnySearch>();
  /** Those that have work, in the order of their turns. */
  readonly #active = new Set<AnySearch>();
  readonly #errors = new WeakMap<AnySearch, Error>();
  #isPausing = false;
  #isClosed = false;

  constructor(options: SearchesOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#kept.size;
  }

  /** Nothing is being looked for. */
  get isIdle(): boolean {
    return !this.#isPausing;
  }

  /** Frames that pass; all, where the filter is null. Failure codes: `no-such-session`, `too-many-searches`. */
  frames(session: number, filter: Filter | null): Held<Search<FoundFrames>> {
    const { reader } = this.#options;
    return this.#hold(frameKey(session, filter), session, (facts, connections) =>
      frameHunt(reader, facts, filter, connections),
    );
  }

  /** The same, folded. */
  runs(session: number, filter: Filter | null): Held<Search<Runs>> {
    const { reader } = this.#options;
    return this.#hold(`runs ${frameKey(session, filter)}`, session, (facts, connections) =>
      runHunt(reader, facts, filter, connections),
    );
  }

  /** What is known already of which frames pass. */
  known(session: number, filter: Filter | null): Search<FoundFrames> | null {
    const search = this.#kept.get(frameKey(session, filter)) as Search<FoundFrames> | undefined;
    search?.refresh();
    return search ?? null;
  }

  close(): void {
    this.#isClosed = true;
    this.#active.clear();
    this.#kept.clear();
  }

  #hold<R extends FoundFrames | Runs>(
    key: string,
    session: number,
    begin: (facts: Facts, connections: Connections) => Hunt<R>,
  ): Held<Search<R>> {
    const known = this.#kept.get(key) as Search<R> | undefined;
    const search = known ?? this.#make(session, begin);
    // A new one has first hits soon, if there are any.
    this.#wake(search, known === undefined);
    this.#kept.delete(key);
    this.#kept.set(key, search as AnySearch);
    search.holders++;
    let isHeld = true;
    return {
      search,
      poll: () => {
        const error = this.#errors.get(search as AnySearch);
        if (error !== undefined) throw error;
        this.#wake(search);
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        search.holders--;
        if (search.holders > 0) return;
        this.#active.delete(search as AnySearch);
        this.#forgetSome();
      },
    };
  }

  #make<R extends Rows>(
    session: number,
    begin: (facts: Facts, connections: Connections) => Hunt<R>,
  ): Search<R> {
    const { facts, clock, connectionsOf, searchesMax = SEARCHES_MAX } = this.#options;
    this.#forgetSome(1);
    if (this.#kept.size >= searchesMax)
      throw new Failure(
        'input',
        'too-many-searches',
        `no more than ${searchesMax} searches can go on at once`,
      );
    return new Search(
      () => facts.of(session),
      (now) => begin(now, connectionsOf(now.session.captureId)),
      () => this.#hasRoom(),
      clock,
    );
  }

  #wake(search: Search<Rows>, looksNow = false): void {
    search.refresh();
    if (looksNow || search.backlog <= BACKLOG_SMALL) search.step();
    if (search.backlog > 0) this.#activate(search as AnySearch);
  }

  #activate(search: AnySearch): void {
    this.#active.add(search);
    this.#goOn();
  }

  #goOn(): void {
    if (this.#isPausing || this.#isClosed) return;
    this.#isPausing = true;
    void pause().then(() => {
      this.#isPausing = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isClosed) return;
    const search = this.#active.values().next().value;
    if (search === undefined) return;
    this.#active.delete(search);
    try {
      search.step();
      if (search.backlog > 0) this.#active.add(search);
    } catch (error) {
      this.#errors.set(search, error as Error);
      this.#drop(search);
    }
    if (this.#active.size > 0) this.#goOn();
  }

  // Memory --------------------------------------------------------------------------------------------

  #hasRoom(): boolean {
    if (this.#bytes() < this.#bytesMax) return true;
    this.#forgetSome();
    return this.#bytes() < this.#bytesMax;
  }

  get #bytesMax(): number {
    return this.#options.bytesMax ?? SEARCHES_BYTES_MAX;
  }

  #bytes(): number {
    let bytes = 0;
    for (const { rows } of this.#kept.values()) bytes += rows.bytes;
    return bytes;
  }

  /** Of those that nobody holds, as many as there are too many, `more` to come. */
  #forgetSome(more = 0): void {
    const { searchesMax = SEARCHES_MAX } = this.#options;
    for (const search of [...this.#kept.values()]) {
      if (this.#kept.size + more <= searchesMax && this.#bytes() < this.#bytesMax) return;
      if (search.holders === 0) this.#drop(search);
    }
  }

  #drop(search: AnySearch): void {
    for (const [key, each] of this.#kept) if (each === search) this.#kept.delete(key);
  }
}

function frameKey(session: number, filter: Filter | null): string {
  return `${session} ${filter?.text ?? ''}`;
}
