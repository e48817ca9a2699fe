/** What all who show frames have in common: the file, what is known of its sessions, and the searches in it. */
import { Connections } from '../../../analysis/connections.ts';
import { languageWith } from '../../../analysis/filter/language.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { CaptureFile } from '../../../recorder/captures.ts';
import type { Archive, KnownPayloads } from '../archive.ts';
import { Filters } from './asked.ts';
import { Downloads } from './downloads.ts';
import { type Facts, SessionFacts } from './facts.ts';
import { FramePages } from './pages.ts';
import { FrameRows } from './rows.ts';
import { Searches } from './searches.ts';

export interface FramesWorld {
  readonly archive: Archive;
  /** What is known of a session's payloads so far. */
  readonly payloadsOf: (session: number) => KnownPayloads;
  readonly clock: () => Millis;
}

/** Captures whose connections are remembered: as a rule there is one that all look at. */
export const CAPTURES_KEPT_MAX = 8;

export class FrameDesk {
  readonly file: string;
  readonly reader: CaptureFile;
  readonly clock: () => Millis;
  readonly filters: Filters;
  readonly facts: SessionFacts;
  readonly searches: Searches;
  readonly pages: FramePages;
  readonly downloads = new Downloads();
  readonly #connections = new Map<number, Connections>();
  /** By capture, of those that have names of their own. */
  readonly #named = new Map<number, Filters>();

  constructor({ archive, payloadsOf, clock }: FramesWorld, filters = new Filters()) {
    const { file, reader } = archive;
    this.file = file;
    this.reader = reader;
    this.clock = clock;
    this.filters = filters;
    this.facts = new SessionFacts(reader, payloadsOf, clock);
    const { facts, connectionsOf } = this;
    this.searches = new Searches({ reader, facts, connectionsOf, clock });
    this.pages = new FramePages(reader, this.searches, clock);
  }

  /** Of a capture; those who had not said who they are may have done so since. */
  readonly connectionsOf = (capture: number): Connections => {
    const connections = this.#connections.get(capture) ?? new Connections(this.reader, capture);
    this.#connections.delete(capture);
    this.#connections.set(capture, connections);
    if (this.#connections.size > CAPTURES_KEPT_MAX)
      this.#connections.delete(this.#connections.keys().next().value as number);
    connections.forgetUnfinished();
    return connections;
  };

  /** Filters as the capture of a session has its words: with the names that were given in it. */
  readonly filtersOf = (session: number): Filters => {
    const { captureId } = this.facts.of(session).session;
    const given = this.reader.givenNames(captureId);
    if (given.length === 0) return this.filters;
    const filters = this.#named.get(captureId) ?? new Filters(languageWith(given));
    this.#named.delete(captureId);
    this.#named.set(captureId, filters);
    if (this.#named.size > CAPTURES_KEPT_MAX) this.#named.delete(this.#named.keys().next().value as number);
    return filters;
  };

  /** What tells these frames, which are in order. `columns` are the names of fields. Failure code: `bad-columns`. */
  rows(
    { session: { captureId }, telling }: Facts,
    columns: string,
    frames: readonly { readonly sequence: number }[],
  ): FrameRows {
    const [first, last] = [frames[0]?.sequence, frames.at(-1)?.sequence];
    const comments =
      first === undefined || last === undefined
        ? new Map<number, number>()
        : this.reader.commentCounts(captureId, first, last);
    const fields = this.filters.columns(columns);
    return new FrameRows(this.connectionsOf(captureId), telling, fields, comments);
  }

  close(): void {
    this.searches.close();
    this.downloads.close();
  }
}
