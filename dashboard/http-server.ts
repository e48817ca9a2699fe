/**
 * The HTTP server as the relay's program sees it: a thread, and what that may ask.
 *
 * The rule: nothing that happens over HTTP happens on the relay's thread, but for the answers to the
 * thread's questions. It may die as often as it likes: it is started again a few times, and then done without.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { monotonic } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import type { ListedPlayer } from '../protocol/guard-list.ts';
import type { LobbyGame, Millis } from '../protocol/types.ts';
import type { Figures } from './server/backend.ts';
import { hasPort } from './server/data-json.ts';
import * as limits from './server/limits.ts';
import { type Answer, type Question, type ThreadInput, type ThreadNews, STOP } from './server/messages.ts';

/** The relay, as far as HTTP has to do with it. */
export interface HttpRelay {
  census(): {
    readonly games: readonly LobbyGame[];
    readonly sockets: readonly { readonly role: string; readonly endpoint: string }[];
  };
  figures(): Figures;
  listPlayers(players: readonly ListedPlayer[]): void;
}

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

export interface HttpServerOptions extends ThreadInput {
  /** In words, for the log; `isOver` where it is not started again. */
  readonly onTrouble: (text: string, isOver: boolean) => void;
}

export class HttpServer {
  readonly #relay: HttpRelay;
  readonly #options: HttpServerOptions;
  #address: HttpAddress;
  #worker: Worker | null = null;
  #restarts = 0;
  #startedAt: Millis = 0;
  #restart: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** Rejects with a `Failure` if it cannot listen. */
  static async start(relay: HttpRelay, options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(relay, options);
    await server.#start();
    return server;
  }

  private constructor(relay: HttpRelay, options: HttpServerOptions) {
    this.#relay = relay;
    this.#options = options;
    this.#address = { host: options.host, port: options.port };
  }

  get address(): HttpAddress {
    return this.#address;
  }

  /** The thread, for tests that kill it. */
  get worker(): Worker | null {
    return this.#worker;
  }

  /** Soon: whoever still waits for an answer gets none. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === null) return;
    const late = setTimeout(() => void worker.terminate(), limits.STOP_MS);
    worker.postMessage(STOP);
    await once(worker, 'exit');
    clearTimeout(late);
  }

  #start(): Promise<void> {
    this.#startedAt = monotonic();
    const { onTrouble: _trouble, ...rest } = this.#options;
    // One that is started again listens where the one before did, also where the system had picked the port.
    const input: ThreadInput = { ...rest, ...this.#address };
    const worker = new Worker(new URL('./http-thread.js', import.meta.url), {
      workerData: input,
      resourceLimits: { maxOldGenerationSizeMb: limits.HEAP_MB_MAX },
    });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      let isListening = false;
      let death: Failure = new Failure('outside', 'http-failed', 'the HTTP server stopped');
      const late = setTimeout(() => {
        death = new Failure('outside', 'http-failed', 'the HTTP server did not start in time');
        void worker.terminate();
      }, limits.START_MS);
      worker.on('message', (news: ThreadNews) => {
        switch (news.news) {
          case 'listening':
            isListening = true;
            clearTimeout(late);
            this.#address = { host: news.host, port: news.port };
            resolve();
            break;
          case 'question':
            worker.postMessage(this.#answer(news.question));
            break;
          case 'mistake':
            this.#options.onTrouble(`a mistake in the HTTP server: ${news.text}`, false);
            break;
          case 'failed':
            death = new Failure(news.kind, news.code, news.message);
            break;
        }
      });
      worker.on('error', (error) => {
        death = new Failure('outside', 'http-failed', `the HTTP server stopped: ${error.message}`, error);
      });
      worker.on('exit', () => {
        clearTimeout(late);
        this.#worker = null;
        if (isListening) this.#died(death);
        else reject(death);
      });
    });
  }

  #answer(question: Question): Answer {
    const { id } = question;
    if (question.asks === 'list-players') {
      this.#relay.listPlayers(question.players);
      return { id, census: null, figures: null };
    }
    if (question.asks === 'figures') return { id, census: null, figures: this.#relay.figures() };
    const { games, sockets } = this.#relay.census();
    // One text, because that costs this thread a fifth of what thousands of objects do.
    const lines = sockets
      .filter(({ role }) => hasPort(role))
      .map(({ role, endpoint }) => `${role} ${endpoint}`);
    return { id, census: { games, sockets: lines.join('\n') }, figures: null };
  }

  /** The thread is gone. */
  #died(death: Failure): void {
    if (this.#isStopped) return;
    if (monotonic() - this.#startedAt > limits.RESTARTS_FORGOTTEN_MS) this.#restarts = 0;
    if (this.#restarts++ >= limits.RESTARTS_MAX) {
      this.#options.onTrouble(
        `${death.message}: there is no HTTP any more until the relay is started again`,
        true,
      );
      return;
    }
    this.#options.onTrouble(`${death.message}: starting it again`, false);
    this.#restart = setTimeout(() => {
      this.#start().catch((error: unknown) => this.#died(error as Failure));
    }, limits.RESTART_MS);
  }
}
