/**
 * The list of sessions as it is known so far: pages that were loaded, and what was told since.
 *
 * The rule: a session is one row, live ones on top. A page is asked for after the last row that is known, so that nothing
 * comes twice and nothing is left out, whatever is recorded in between.
 */
import type { SessionPage, SessionQuery, SessionRow } from '../../../../api/sessions.ts';
import { call } from '../../lib/api.ts';

const PAGE_ROWS = 100;
/** Sessions that are new may come many at once. */
export const ANEW_MS = 500;

type Head = Pick<SessionPage, 'total' | 'facets' | 'unindexed'>;

export class SessionList {
  /** All, at their places. */
  #placed = $state.raw<readonly SessionRow[]>([]);
  #live = $state.raw<readonly SessionRow[]>([]);
  readonly rows: readonly SessionRow[] = $derived.by(() => {
    const live = new Set(this.#live.map(({ id }) => id));
    return [...this.#live, ...this.#placed.filter(({ id }) => !live.has(id))];
  });
  head = $state.raw<Head | null>(null);
  more = $state(false);
  isWaiting = $state(false);
  error = $state.raw<Error | null>(null);
  #query: SessionQuery = {};
  #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** From the first page on. What is shown stays until that is there. */
  async show(query: SessionQuery): Promise<void> {
    this.#query = query;
    await this.#first(false);
  }

  /** The next page, if there is one. */
  async loadMore(): Promise<void> {
    const after = this.#placed.at(-1)?.id;
    if (!this.more || this.isWaiting || after === undefined) return;
    const page = await this.#ask({ ...this.#query, after, limit: PAGE_ROWS });
    if (page === null) return;
    this.#placed = [...this.#placed, ...page.sessions];
    this.more = page.more;
  }

  /** Sessions have changed, or are gone. */
  told(changed: readonly SessionRow[], gone: readonly number[]): void {
    const rows = new Map(changed.map((row) => [row.id, row]));
    const lost = new Set(gone);
    const known = new Set(this.rows.map(({ id }) => id));
    const renew = (list: readonly SessionRow[]) =>
      list.filter(({ id }) => !lost.has(id)).map((row) => rows.get(row.id) ?? row);
    this.#placed = renew(this.#placed);
    this.#live = renew(this.#live).filter(({ ended }) => ended === null);
    // Whether a new one is to be shown is for the server to say.
    if (changed.some(({ id }) => !known.has(id)))
      this.#timer ??= setTimeout(() => void this.#anew(), ANEW_MS);
  }

  close(): void {
    this.#controller.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #anew(): Promise<void> {
    this.#timer = null;
    await this.#first(true);
  }

  async #first(keepsRest: boolean): Promise<void> {
    const page = await this.#ask({ ...this.#query, limit: PAGE_ROWS });
    if (page === null) return;
    const { sessions, live, more, total, facets, unindexed } = page;
    const last = this.#placed.findIndex(({ id }) => id === sessions.at(-1)?.id);
    const rest = keepsRest && last >= 0 ? this.#placed.slice(last + 1) : [];
    this.#placed = [...sessions, ...rest];
    this.#live = live ?? [];
    if (rest.length === 0) this.more = more;
    this.head = { total, facets, unindexed };
  }

  /** Null where it was taken back, or failed. */
  async #ask(query: SessionQuery): Promise<SessionPage | null> {
    this.#controller.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.isWaiting = true;
    try {
      const page = await call('sessions', { query, signal: controller.signal });
      if (controller.signal.aborted) return null;
      this.error = null;
      return page;
    } catch (error) {
      if (!controller.signal.aborted) this.error = error as Error;
      return null;
    } finally {
      if (this.#controller === controller) this.isWaiting = false;
    }
  }
}
