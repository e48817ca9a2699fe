/**
 * Whoever started this program in a process of its own and listens to it: the dashboard, for a replay.
 *
 * The rule: a replay does not outlive who started it. When that is gone, it is told to stop, and a little later it is
 * ended.
 */
import { ORPHAN_MS, PROGRESS_MS, type RunNews } from '../dashboard/server/running/run-news.ts';
import type { Millis } from '../protocol/types.ts';

/** As much of `process` as is needed. */
export interface Channel {
  readonly channel?: { unref(): unknown } | undefined;
  send?: ((news: RunNews, told: () => void) => unknown) | undefined;
  connected?: boolean;
  once(event: 'disconnect', listener: () => void): unknown;
  exit(code: number): void;
}

export class Starter {
  readonly #process: Channel;
  readonly #clock: () => Millis;
  #toldAt: Millis = -Infinity;
  /** What was passed over since. */
  #untold: RunNews | null = null;

  /** Null where nobody listens. `onGone` is called when nobody does any more. */
  static find(process: Channel, clock: () => Millis, onGone: () => void): Starter | null {
    if (process.send === undefined) return null;
    const gone = () => {
      setTimeout(() => process.exit(1), ORPHAN_MS).unref();
      onGone();
    };
    // It may have gone while this program was loaded.
    if (process.connected === false) gone();
    else process.once('disconnect', gone);
    // So that a replay that has ended does not wait for it.
    process.channel?.unref();
    return new Starter(process, clock);
  }

  private constructor(process: Channel, clock: () => Millis) {
    this.#process = process;
    this.#clock = clock;
  }

  begun(): void {
    void this.#tell({ news: 'begun' });
  }

  /** May be called as often as one likes. */
  progress(sent: number, of: number): void {
    const now = this.#clock();
    const news: RunNews = { news: 'progress', sent, of };
    if (now - this.#toldAt < PROGRESS_MS) {
      this.#untold = news;
      return;
    }
    this.#toldAt = now;
    this.#untold = null;
    void this.#tell(news);
  }

  /** Resolves when it is told, or nobody is there to hear it. */
  ended(news: Omit<Extract<RunNews, { readonly news: 'ended' }>, 'news'>): Promise<void> {
    if (this.#untold !== null) void this.#tell(this.#untold);
    return this.#tell({ news: 'ended', ...news });
  }

  #tell(news: RunNews): Promise<void> {
    return new Promise((resolve) => {
      if (this.#process.connected === false || this.#process.send === undefined) resolve();
      else this.#process.send(news, () => resolve());
    });
  }
}
