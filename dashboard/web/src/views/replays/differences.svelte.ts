/**
 * The differences of one replay, page by page from the first on.
 *
 * The rule: they are in the order of the verdict and without holes, so that what is folded is folded under what is there.
 */
import type { Difference } from '../../../../api/replays.ts';
import { call } from '../../lib/api.ts';

export const PAGE_DIFFERENCES = 200;

export class Differences {
  readonly #replay: number;
  readonly #controller = new AbortController();
  list = $state.raw<readonly Difference[]>([]);
  more = $state(true);
  isWaiting = $state(false);
  error = $state.raw<Error | null>(null);

  constructor(replay: number) {
    this.#replay = replay;
  }

  /** Until there are more than so many, or all. */
  async load(wanted = this.list.length + 1): Promise<void> {
    if (this.isWaiting || this.#controller.signal.aborted) return;
    this.isWaiting = true;
    this.error = null;
    try {
      while (this.more && this.list.length < wanted) {
        const page = await call('differences', {
          params: { id: this.#replay },
          query: { after: this.list.at(-1)?.place ?? -1, limit: PAGE_DIFFERENCES },
          signal: this.#controller.signal,
        });
        this.list = [...this.list, ...page.differences];
        this.more = page.more && page.differences.length > 0;
      }
    } catch (error) {
      if (!this.#controller.signal.aborted) this.error = error as Error;
    }
    this.isWaiting = false;
  }

  close(): void {
    this.#controller.abort();
  }
}
