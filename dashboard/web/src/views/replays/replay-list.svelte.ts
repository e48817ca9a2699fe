/**
 * Replays as they are known so far: those that run, and pages of those that are stored, newest first.
 *
 * The rule: the server tells how those that run are. When one of them has been stored, the first page is asked for anew.
 */
import type { ReplayRow, RunningReplay } from '../../../../api/replays.ts';
import { call } from '../../lib/api.ts';
import { live } from '../../lib/live.svelte.ts';

const PAGE_REPLAYS = 50;

export class ReplayList {
  /** Null for those of all sessions. */
  readonly #session: number | null;
  #controller = new AbortController();
  #stored = new Set<number>();
  rows = $state.raw<readonly ReplayRow[]>([]);
  running = $state.raw<readonly RunningReplay[]>([]);
  more = $state(false);
  isLoaded = $state(false);
  isWaiting = $state(false);
  error = $state.raw<Error | null>(null);

  constructor(session: number | null) {
    this.#session = session;
  }

  /** Until the answered function is called. */
  open(): () => void {
    void this.first();
    const stop = live.watch({ watch: 'running' }, (news) => {
      if (news.news === 'running') this.told(news.replays);
    });
    return () => {
      stop();
      this.#controller.abort();
    };
  }

  async first(): Promise<void> {
    await this.#load(null);
  }

  async loadMore(): Promise<void> {
    const before = this.rows.at(-1)?.id;
    if (this.more && !this.isWaiting && before !== undefined) await this.#load(before);
  }

  told(replays: readonly RunningReplay[]): void {
    this.running = replays.filter(({ session }) => this.#session === null || session === this.#session);
    const fresh = this.running.flatMap(({ replay }) =>
      replay === null || this.#stored.has(replay) ? [] : [replay],
    );
    for (const id of fresh) this.#stored.add(id);
    if (fresh.some((id) => !this.rows.some((row) => row.id === id && row.outcome !== null)))
      void this.first();
  }

  /** Null if it went well, else what was said. */
  async cancel({ run }: RunningReplay): Promise<string | null> {
    try {
      await call('cancelReplay', { params: { run } });
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #load(before: number | null): Promise<void> {
    this.#controller.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.isWaiting = true;
    try {
      const { replays, more } = await call('replays', {
        query: {
          limit: PAGE_REPLAYS,
          ...(before !== null && { before }),
          ...(this.#session !== null && { session: this.#session }),
        },
        signal: controller.signal,
      });
      if (controller.signal.aborted) return;
      // What was loaded before stays below a first page that is asked for again.
      const oldest = replays.at(-1)?.id ?? 0;
      const rest = before === null && more ? this.rows.filter(({ id }) => id < oldest) : [];
      this.rows = before === null ? [...replays, ...rest] : [...this.rows, ...replays];
      if (rest.length === 0) this.more = more;
      this.isLoaded = true;
      this.error = null;
    } catch (error) {
      if (!controller.signal.aborted) this.error = error as Error;
    } finally {
      if (this.#controller === controller) this.isWaiting = false;
    }
  }
}
