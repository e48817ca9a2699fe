/**
 * One watch of one viewer: what it asked to be told of, as an object that is asked for news.
 *
 * The rule: news is pulled, not pushed. A viewer that reads slowly is asked for later, and whatever came in between is told
 * as one; so nothing queues up, whoever looks on and however slowly.
 */
import type { News, Request } from '../api/live.ts';

export type Watch = Extract<Request, { readonly watch: string }>;
export type Topic = Watch['watch'];

type Untold<N> = N extends News ? Omit<N, 'id'> : never;
/** What there is to tell about a topic; `refused` ends the watch. */
export type NewsAbout<T extends Topic> = Untold<Extract<News, { readonly news: T | 'refused' }>>;

export interface Watching<T extends Topic> {
  /**
   * What is new since it was last asked, as one; null for nothing. Asked no more often than every `LIVE_MS`, and only while the
   * viewer takes what it is sent: `missed` is how many times since then it could not be told. Must return soon (some 20 ms):
   * long work is cut into pieces, a piece each time, or done elsewhere.
   */
  take(missed: number): NewsAbout<T> | null;
  /** Nobody watches any more. */
  close(): void;
}

/** Begins a watch. Throws a `Failure` of kind `input` where it asks for what is not there. */
export type Topics = {
  readonly [T in Topic]: (request: Extract<Watch, { readonly watch: T }>) => Watching<T>;
};
