/**
 * Which sessions of the list are new, have changed, or are gone.
 *
 * The rule: it looks at the file no more often than twice a second, whoever asks, and at so many sessions at most: the newest, and those
 * that go on. Each change has a number, so that everybody is told once of what is new since they were last told.
 */
import type { Millis } from '../../../protocol/types.ts';
import type { CaptureFile } from '../../../recorder/captures.ts';
import type { ListedSession } from '../../../recorder/sessions/session.ts';
import type { SessionRow } from '../../api/sessions.ts';
import type { Listing } from './listing.ts';
import type { VerdictCounts } from './verdicts.ts';

export const LOOK_MS = 500;
/** The newest sessions, of which each is looked at. */
export const NEWEST = 50;
/** Sessions that are remembered: of more, those that changed longest ago are forgotten. */
export const KNOWN_MAX = 500;

export interface RecentNews {
  readonly changed: readonly SessionRow[];
  readonly gone: readonly number[];
}

interface Known {
  /** Null where it is gone. */
  readonly row: SessionRow | null;
  readonly text: string;
  readonly change: number;
}

type Reader = Pick<CaptureFile, 'captures' | 'listSessions' | 'listedSessions' | 'dataVersion'>;

export class Recent {
  readonly #reader: Reader;
  readonly #listing: Pick<Listing, 'row'>;
  readonly #verdicts: VerdictCounts;
  /** Those that changed last at the end. */
  readonly #known = new Map<number, Known>();
  /** Sessions of which something else was learned than the file says. */
  readonly #touched = new Set<number>();
  #changes = 0;
  #version = -1;
  #lookedAt: Millis = -Infinity;
  #isFirst = true;

  constructor(reader: Reader, listing: Pick<Listing, 'row'>, verdicts: VerdictCounts) {
    this.#reader = reader;
    this.#listing = listing;
    this.#verdicts = verdicts;
  }

  /** The number of the latest change. */
  get changes(): number {
    return this.#changes;
  }

  /** Its findings are known now, or others than before. */
  touch(id: number): void {
    if (this.#touched.size < KNOWN_MAX) this.#touched.add(id);
  }

  look(now: Millis): void {
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    const { dataVersion } = this.#reader;
    if (dataVersion === this.#version && this.#touched.size === 0) return;
    this.#version = dataVersion;
    for (const id of this.#verdicts.read().changed) this.touch(id);
    const captures = new Map(this.#reader.captures().map((capture) => [capture.id, capture]));
    const newest = this.#reader.listSessions({ before: null, capture: null, limit: NEWEST });
    const listed = new Set(newest.map(({ id }) => id));
    const others = [...this.#touched, ...this.#unfinished()].filter((id) => !listed.has(id));
    const asked = [...new Set(others)].slice(-KNOWN_MAX);
    this.#touched.clear();
    const found = this.#reader.listedSessions(asked);
    for (const session of [...found, ...newest.reverse()]) {
      const capture = captures.get(session.captureId);
      if (capture !== undefined) this.#put(session, this.#listing.row(session, capture));
    }
    const there = new Set(found.map(({ id }) => id));
    for (const id of asked) if (!there.has(id) && this.#known.get(id)?.row !== null) this.#drop(id);
    this.#isFirst = false;
  }

  /** What has changed since this change; as much as is remembered. */
  since(change: number): RecentNews {
    const changed: SessionRow[] = [];
    const gone: number[] = [];
    for (const [id, known] of this.#known) {
      if (known.change <= change) continue;
      if (known.row === null) gone.push(id);
      else changed.push(known.row);
    }
    return { changed, gone };
  }

  *#unfinished(): Iterable<number> {
    // One that has ended may go on if somebody comes back, and is among the newest for so long as a rule.
    for (const [id, { row }] of this.#known) if (row !== null && row.ended === null) yield id;
  }

  #put({ id }: ListedSession, row: SessionRow): void {
    const text = JSON.stringify(row);
    if (this.#known.get(id)?.text === text) return;
    this.#remember(id, { row, text, change: this.#isFirst ? this.#changes : ++this.#changes });
  }

  #drop(id: number): void {
    this.#remember(id, { row: null, text: '', change: ++this.#changes });
  }

  #remember(id: number, known: Known): void {
    this.#known.delete(id);
    this.#known.set(id, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
  }
}
