/**
 * The recorder as the relay's program sees it: a tap to give to the relay, and a thread behind it.
 *
 * If the thread dies it is started anew and goes on with the same capture, exactly where the file
 * ends: slabs that were not stored are still in shared memory.
 */
import { Worker } from 'node:worker_threads';
import { monotonic, wallMicros } from '../common/clock.ts';
import { Failure, type FailureKind } from '../common/failure.ts';
import type { GivenName } from '../protocol/given-names.ts';
import type { Millis } from '../protocol/types.ts';
import { SlabRing, Stat } from './ring.ts';
import { SlabMemory } from './slab.ts';
import type { CaptureMeta } from './store.ts';
import { type Policy, RecordingTap } from './tap.ts';

export interface RecorderOptions {
  readonly file: string;
  readonly policy: Policy;
  /** A crash of the program loses no more than this. */
  readonly flushMs: number;
  /** Of the program, for the capture's row. */
  readonly version: string;
  /** What the values of fields are called, for the capture. */
  readonly names?: readonly GivenName[];
  readonly onTrouble: (text: string, recovered: boolean) => void;
}

export interface RecorderStatus {
  readonly framesRecorded: number;
  readonly framesLost: number;
  /** How old the oldest frame is that is not in the file yet. */
  readonly lagMs: number;
  readonly bytesWaiting: number;
  readonly trouble: string | null;
  /** Readers are stopped until the recorder has caught up. */
  readonly blocked: boolean;
}

/** What the thread is started with. */
export interface ThreadInput {
  readonly memory: SharedArrayBuffer;
  readonly ring: SlabRing['shared'];
  readonly file: string;
  readonly meta: CaptureMeta;
  /** The capture to go on with; null for a new one. */
  readonly resume: number | null;
  /** What a thread before this one has said and may not have stored. */
  readonly trouble: string | null;
}

export type ThreadNews =
  | { readonly news: 'ready'; readonly captureId: number }
  | { readonly news: 'trouble' | 'recovered'; readonly text: string }
  | { readonly news: 'relieved' | 'finished' }
  | { readonly news: 'failed'; readonly kind: FailureKind; readonly code: string; readonly message: string };

/** How long the writer may take to free one slab, when all are full at the end. */
const CLOSE_MS = 30_000;
/** How often in a row a thread that dies is started again. */
const RESTARTS_MAX = 3;
/** A thread that lived so long has earned its restarts anew. */
const RESTARTS_FORGOTTEN_MS = 60_000;

export class Recorder {
  readonly file: string;
  readonly tap: RecordingTap;
  readonly #options: RecorderOptions;
  readonly #memory = new SlabMemory();
  readonly #ring = new SlabRing();
  readonly #anchor: Millis;
  readonly #meta: CaptureMeta;
  #worker: Worker | null = null;
  #captureId = 0;
  #trouble: string | null = null;
  #restarts = 0;
  #startedAt: Millis = 0;
  #finished = false;
  #onExit: (() => void) | null = null;

  /** Rejects with a `Failure`: `in-use`, `not-a-capture`, `newer-format`, `cannot-open`. */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder(options);
    await recorder.#start(null);
    return recorder;
  }

  private constructor(options: RecorderOptions) {
    this.file = options.file;
    this.#options = options;
    this.#anchor = monotonic();
    const { version, names = [] } = options;
    this.#meta = { startedAtMicros: wallMicros(), pid: process.pid, version, names };
    this.tap = new RecordingTap(this.#memory, this.#ring, this.#anchor, options.policy, options.flushMs);
  }

  get captureId(): number {
    return this.#captureId;
  }

  set flushMs(ms: number) {
    this.tap.flushMs = ms;
  }

  /** The thread, for tests that kill it. */
  get worker(): Worker | null {
    return this.#worker;
  }

  status(): RecorderStatus {
    const stats = this.#ring.stats;
    return {
      framesRecorded: stats[Stat.framesStored] as number,
      framesLost: this.tap.framesLost + (stats[Stat.framesLost] as number),
      lagMs: this.tap.lagMs(monotonic()),
      bytesWaiting: this.tap.waitingBytes,
      trouble: this.#trouble,
      blocked: this.tap.blocked,
    };
  }

  /** Stores what there is, marks the capture as ended, and closes the file. */
  async close(): Promise<void> {
    const deadline = monotonic() + CLOSE_MS;
    // Even what is owed needs a slab, which a writer that is far behind may not have freed yet.
    while (!this.tap.close() && this.#worker !== null && monotonic() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.#ring.stats[Stat.endedAt] = Math.round((monotonic() - this.#anchor) * 1e6);
    this.#ring.stats[Stat.sequence] = this.tap.sequence;
    if (this.#worker === null) return;
    const exited = new Promise<void>((resolve) => (this.#onExit = resolve));
    this.#ring.close();
    await exited;
    if (!this.#finished)
      throw new Failure(
        'outside',
        'not-finished',
        `${this.file} could not be finished: ${this.#trouble ?? 'the recorder died'}`,
      );
  }

  #start(resume: number | null): Promise<void> {
    this.#startedAt = monotonic();
    const input: ThreadInput = {
      memory: this.#memory.shared,
      ring: this.#ring.shared,
      file: this.file,
      meta: this.#meta,
      resume,
      trouble: this.#trouble,
    };
    const worker = new Worker(new URL('./writer-thread.js', import.meta.url), { workerData: input });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      let isReady = false;
      let death: Failure | null = null;
      worker.on('message', (news: ThreadNews) => {
        switch (news.news) {
          case 'ready':
            isReady = true;
            this.#captureId = news.captureId;
            // The one before may have died with a slab freed and nobody told.
            this.tap.relieved();
            resolve();
            break;
          case 'trouble':
            this.#trouble = news.text;
            this.#options.onTrouble(news.text, false);
            break;
          case 'recovered':
            this.#trouble = null;
            this.#options.onTrouble(news.text, true);
            break;
          case 'relieved':
            this.tap.relieved();
            break;
          case 'finished':
            this.#finished = true;
            break;
          case 'failed':
            death = new Failure(news.kind, news.code, news.message);
            break;
        }
      });
      worker.on('error', (error) => {
        death = new Failure('outside', 'recorder-failed', `the recorder stopped: ${error.message}`, error);
      });
      worker.on('exit', () => {
        this.#worker = null;
        if (this.#finished) this.#onExit?.();
        else if (isReady) this.#died(death);
        else reject(death ?? new Failure('outside', 'recorder-failed', 'the recorder did not start'));
      });
    });
  }

  /** The thread is gone, and should not be. */
  #died(death: Failure | null): void {
    const now = monotonic();
    if (now - this.#startedAt > RESTARTS_FORGOTTEN_MS) this.#restarts = 0;
    if (this.#restarts++ < RESTARTS_MAX) {
      this.#start(this.#captureId).catch((error: unknown) => this.#died(error as Failure));
      return;
    }
    this.#trouble = `${death?.message ?? 'the recorder died'}: nothing is recorded any more`;
    this.tap.abandon();
    this.#options.onTrouble(this.#trouble, false);
    this.#onExit?.();
  }
}
