/**
 * The WebSocket: one for the page, watches on it as components come and go.
 *
 * The rule: a watch outlives its connection. Where it breaks, it is made again with growing pauses, and every watch
 * is asked for anew; whoever listens is told how things are, so nothing needs to be remembered.
 */
import { LIVE_PATH } from '../../../api/paths.ts';
import type { News, Request } from '../../../api/live.ts';

type Watch = Extract<Request, { readonly watch: string }>;
/** What is asked for, less its id. */
export type Topic = Watch extends infer W ? (W extends Watch ? Omit<W, 'id'> : never) : never;
type NewsOf<T extends Topic> = Extract<News, { readonly news: T['watch'] | 'refused' }>;

const PAUSES_MS = [250, 500, 1_000, 2_000, 5_000] as const;

interface Listener {
  readonly topic: Topic;
  readonly onNews: (news: News) => void;
}

class Live {
  #socket: WebSocket | null = null;
  #ids = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #listeners = new Map<number, Listener>();
  /** Whether the server can be heard. True until it is known better, so that nothing flickers at the start. */
  isConnected = $state(true);
  /** Attempts that came to nothing since then. */
  failures = $state(0);

  /** Until the answered function is called. */
  watch<T extends Topic>(topic: T, onNews: (news: NewsOf<T>) => void): () => void {
    const id = ++this.#ids;
    this.#listeners.set(id, { topic, onNews: onNews as (news: News) => void });
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ask(id, topic);
    else this.#connect();
    return () => {
      if (!this.#listeners.delete(id)) return;
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ stop: id }));
    };
  }

  #ask(id: number, topic: Topic): void {
    this.#socket?.send(JSON.stringify({ ...topic, id }));
  }

  #connect(): void {
    if (this.#socket !== null || this.#timer !== null) return;
    const url = new URL(LIVE_PATH, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.isConnected = true;
      for (const [id, { topic }] of this.#listeners) this.#ask(id, topic);
    };
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const news = JSON.parse(data) as News;
      this.#listeners.get(news.id)?.onNews(news);
    };
    socket.onclose = () => {
      this.#socket = null;
      if (this.#listeners.size === 0) return;
      this.isConnected = false;
      const pause = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)] ?? 5_000;
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#connect();
      }, pause);
    };
  }
}

export const live = new Live();
