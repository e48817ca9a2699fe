/**
 * Virtual IP addresses as the relay's program sees them: all that were ever given are there at the start, and each that is
 * given is handed to a thread, which writes it down.
 *
 * The rule: the relay never waits for the file. Only what has not been written yet can be lost, by a crash.
 */
import { Worker } from 'node:worker_threads';
import { Failure, type FailureKind } from '../../common/failure.ts';
import type { Given } from './store.ts';

export type ThreadNews =
  | { readonly news: 'ready'; readonly given: readonly Given[] }
  | { readonly news: 'trouble'; readonly text: string }
  | { readonly news: 'recovered' }
  | { readonly news: 'finished'; readonly lost: number }
  | { readonly news: 'failed'; readonly kind: FailureKind; readonly code: string; readonly message: string };

/** What goes wrong, in words, and whether it has been put right. */
export type OnTrouble = (text: string, recovered: boolean) => void;

export class VirtualIpFile {
  readonly file: string;
  readonly #worker: Worker;
  readonly #onTrouble: OnTrouble;
  readonly #exited: Promise<void>;
  #given: readonly Given[] = [];
  /** What was given in this turn. */
  #fresh: Given[] = [];
  #lost: number | null = null;

  /** Rejects with a `Failure`: `in-use`, `not-virtual-ips`, `newer-format`, `damaged`, `read-only`, `cannot-open`. */
  static async open(file: string, onTrouble: OnTrouble): Promise<VirtualIpFile> {
    const opened = new VirtualIpFile(file, onTrouble);
    await opened.#ready();
    return opened;
  }

  private constructor(file: string, onTrouble: OnTrouble) {
    this.file = file;
    this.#onTrouble = onTrouble;
    this.#worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: { file } });
    this.#exited = new Promise((resolve) => this.#worker.on('exit', () => resolve()));
  }

  /** Those that the file had when it was opened, in the order in which they were given. Once. */
  takeGiven(): readonly Given[] {
    const given = this.#given;
    this.#given = [];
    return given;
  }

  keep(realIp: string, virtualIp: string): void {
    this.#fresh.push([realIp, virtualIp]);
    if (this.#fresh.length === 1) setImmediate(() => this.#handOver());
  }

  /** All that was given is in the file after this; otherwise it rejects with a `Failure` that says how much is not. */
  async close(): Promise<void> {
    this.#handOver();
    this.#worker.postMessage(null);
    await this.#exited;
    if (this.#lost === 0) return;
    const what = this.#lost === null ? 'some addresses' : `${this.#lost} addresses`;
    throw new Failure('outside', 'not-finished', `${this.file} lacks ${what} that were given last`);
  }

  #handOver(): void {
    if (this.#fresh.length === 0) return;
    this.#worker.postMessage(this.#fresh);
    this.#fresh = [];
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isReady = false;
      this.#worker.on('message', (news: ThreadNews) => {
        if (news.news === 'ready') {
          isReady = true;
          this.#given = news.given;
          resolve();
        } else if (news.news === 'failed') {
          reject(new Failure(news.kind, news.code, news.message));
        } else if (news.news === 'finished') {
          this.#lost = news.lost;
        } else {
          const text = news.news === 'trouble' ? news.text : 'addresses are written down again';
          this.#onTrouble(`${this.file}: ${text}`, news.news === 'recovered');
        }
      });
      const died = (why: string): void => {
        if (isReady) this.#onTrouble(`${this.file}: ${why}: addresses given from now on are not kept`, false);
        else reject(new Failure('outside', 'cannot-open', `${this.file} cannot be opened: ${why}`));
      };
      this.#worker.on('error', (error) => died(error.message));
    });
  }
}
