/**
 * All viewers of the WebSocket, and what each watches.
 *
 * The rule: news is pulled, by one timer, for one watch after the other, and only for viewers who take what they are sent. So
 * neither a slow viewer nor many of them make anything queue up; whom there was no time for is the first in the next round.
 */
import { Failure } from '../../../common/failure.ts';
import type { Millis } from '../../../protocol/types.ts';
import { LIVE_MS, Request, type News } from '../../api/live.ts';
import { checked } from '../read-ask.ts';
import type { Topic, Topics, Watch, Watching } from '../watching.ts';
import * as limits from './limits.ts';

/** A WebSocket, as far as it matters here. */
export interface Socket {
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: { toString(): string }, isBinary: boolean) => void): unknown;
  on(event: 'pong' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface HubOptions {
  readonly topics: Partial<Topics>;
  /** Why there is nothing to tell about a topic that is not among them. */
  readonly missing: string;
  readonly clock: () => Millis;
  readonly onMistake: (error: Error) => void;
}

interface Viewer {
  readonly socket: Socket;
  readonly watches: Map<number, Watched>;
  /** When it last showed that it is there, and when it was last asked to. */
  heardAt: Millis;
  pingedAt: Millis;
  /** Messages that it may send at once, and when that was counted. */
  allowance: number;
  countedAt: Millis;
}

interface Watched {
  readonly id: number;
  readonly viewer: Viewer;
  readonly watching: Watching<Topic>;
  missed: number;
}

/** WebSocket close codes. */
const GOING_AWAY = 1001;
const POLICY = 1008;
const TRY_LATER = 1013;

const readRequest = checked(Request, 'the message') as (value: unknown) => Request;

export class Hub {
  readonly #options: HubOptions;
  readonly #viewers = new Set<Viewer>();
  /** Those of all viewers, in the order in which they are asked. */
  #round = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get isIdle(): boolean {
    return this.#timer === null;
  }

  join(socket: Socket): void {
    // A connection that breaks is closed as well, which is what is acted on.
    socket.on('error', () => undefined);
    if (this.#viewers.size >= limits.VIEWERS_MAX) {
      socket.close(TRY_LATER, 'too many look on already');
      return;
    }
    const now = this.#options.clock();
    const viewer: Viewer = {
      socket,
      watches: new Map(),
      heardAt: now,
      pingedAt: now,
      allowance: limits.MESSAGES_AT_ONCE_MAX,
      countedAt: now,
    };
    this.#viewers.add(viewer);
    socket.on('message', (data, isBinary) => this.#heard(viewer, isBinary ? '' : data.toString()));
    socket.on('pong', () => (viewer.heardAt = this.#options.clock()));
    socket.on('close', () => this.#left(viewer));
    this.#timer ??= this.#later();
  }

  close(): void {
    for (const viewer of [...this.#viewers]) {
      viewer.socket.close(GOING_AWAY, 'the server stops');
      // Nobody waits for one that does not answer.
      viewer.socket.terminate();
      this.#left(viewer);
    }
  }

  #left(viewer: Viewer): void {
    for (const id of [...viewer.watches.keys()]) this.#stop(viewer, id);
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #heard(viewer: Viewer, text: string): void {
    if (!this.#viewers.has(viewer)) return;
    viewer.heardAt = this.#options.clock();
    if (!mayAsk(viewer, viewer.heardAt)) {
      this.#expel(viewer, 'too many messages');
      return;
    }
    const message = parsed(text);
    try {
      const request = readRequest(message);
      if ('stop' in request) this.#stop(viewer, request.stop);
      else this.#begin(viewer, request);
    } catch (error) {
      const id = idOf(message);
      if (id === null) this.#expel(viewer, 'what was sent is no request');
      else this.#refuse(viewer, id, error);
    }
  }

  /** An id that is taken is given to the new watch. */
  #begin(viewer: Viewer, request: Watch): void {
    this.#stop(viewer, request.id);
    if (viewer.watches.size >= limits.WATCHES_MAX)
      throw new Failure(
        'input',
        'too-many',
        `no more than ${limits.WATCHES_MAX} things can be watched at once`,
      );
    const begin = this.#options.topics[request.watch] as ((request: Watch) => Watching<Topic>) | undefined;
    if (begin === undefined) throw new Failure('input', 'no-topic', this.#options.missing);
    const watched: Watched = { id: request.id, viewer, watching: begin(request), missed: 0 };
    viewer.watches.set(request.id, watched);
    this.#round.add(watched);
  }

  #stop(viewer: Viewer, id: number): void {
    const watched = viewer.watches.get(id);
    if (watched === undefined) return;
    viewer.watches.delete(id);
    this.#round.delete(watched);
    try {
      watched.watching.close();
    } catch (error) {
      this.#options.onMistake(error as Error);
    }
  }

  #refuse(viewer: Viewer, id: number, error: unknown): void {
    const isTheirs = error instanceof Failure;
    if (!isTheirs) this.#options.onMistake(error as Error);
    const line = isTheirs ? error.message : 'a mistake in postreel itself';
    this.#stop(viewer, id);
    // One that asks wrongly without end and reads none of it is not to fill our memory with answers.
    if (viewer.socket.bufferedAmount > limits.BUFFERED_BYTES_MAX) this.#expel(viewer, 'nothing is read');
    else viewer.socket.send(JSON.stringify({ id, news: 'refused', error: line } satisfies News));
  }

  #expel(viewer: Viewer, reason: string): void {
    viewer.socket.close(POLICY, reason);
    this.#left(viewer);
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = null;
      this.#goRound();
      if (this.#viewers.size > 0) this.#timer = this.#later();
    }, LIVE_MS);
  }

  #goRound(): void {
    const { clock } = this.#options;
    const began = clock();
    for (const viewer of [...this.#viewers]) this.#heartbeat(viewer, began);
    for (const watched of [...this.#round]) {
      if (clock() - began >= limits.ROUND_MS) break;
      if (!this.#round.delete(watched)) continue;
      this.#round.add(watched);
      this.#ask(watched);
    }
  }

  #ask(watched: Watched): void {
    const { id, viewer, watching } = watched;
    if (viewer.socket.bufferedAmount > limits.BUFFERED_BYTES_MAX) {
      watched.missed++;
      return;
    }
    try {
      const news = watching.take(watched.missed);
      watched.missed = 0;
      if (news === null) return;
      viewer.socket.send(JSON.stringify({ id, ...news }));
      if (news.news === 'refused') this.#stop(viewer, id);
    } catch (error) {
      this.#refuse(viewer, id, error);
    }
  }

  #heartbeat(viewer: Viewer, now: Millis): void {
    if (now - viewer.pingedAt < limits.PING_MS) return;
    if (viewer.heardAt < viewer.pingedAt) {
      viewer.socket.terminate();
      this.#left(viewer);
      return;
    }
    viewer.pingedAt = now;
    viewer.socket.ping();
  }
}

function mayAsk(viewer: Viewer, now: Millis): boolean {
  const earned = ((now - viewer.countedAt) * limits.MESSAGES_PER_SECOND_MAX) / 1_000;
  viewer.allowance = Math.min(limits.MESSAGES_AT_ONCE_MAX, viewer.allowance + earned) - 1;
  viewer.countedAt = now;
  return viewer.allowance >= 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Under which a refusal finds whoever asked; null for what names none. */
function idOf(message: unknown): number | null {
  const { id } = (message ?? {}) as { readonly id?: unknown };
  return Number.isInteger(id) && (id as number) >= 1 && (id as number) <= 1e9 ? (id as number) : null;
}
