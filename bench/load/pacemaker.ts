/**
 * Calls back at a steady pace, finer than Node's timers, which know whole milliseconds only.
 *
 * Waiting precisely blocks a thread, so a second one waits, and posts. A post that has not been taken
 * is not followed by another: a load that is late catches up by the clock, not by counting posts.
 */
import { Worker } from 'node:worker_threads';
import type { Millis } from '../../protocol/types.ts';

export interface Pace {
  readonly everyMs: Millis;
  /** One number, 1 while a post is under way. */
  readonly posted: Int32Array;
}

export class Pacemaker {
  readonly #worker: Worker;

  constructor(everyMs: Millis, beat: () => void) {
    const posted = new Int32Array(new SharedArrayBuffer(4));
    this.#worker = new Worker(new URL('./pacemaker-thread.js', import.meta.url), {
      workerData: { everyMs, posted } satisfies Pace,
    });
    this.#worker.on('message', () => {
      Atomics.store(posted, 0, 0);
      beat();
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
