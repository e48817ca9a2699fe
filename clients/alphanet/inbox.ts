/**
 * What has come and waits to be asked for, or who has asked and waits for it: first come, first served.
 *
 * The rule: whoever asks hears something. At the end, first what had come is handed out, and then why nothing more comes.
 */
import { Failure } from '../../common/failure.ts';
import { within, type Wait } from '../wait.ts';

/** Calls that may wait in one inbox at a time. */
export const TAKERS_MAX = 1024;

interface Taker<T> {
  readonly resolve: (item: T | null) => void;
  readonly reject: (error: Failure) => void;
}

export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #takers: Taker<T>[] = [];
  /** Why nothing more comes; `ended` where that is as it should be. Null as long as something may. */
  #over: Failure | 'ended' | null = null;

  get size(): number {
    return this.#items.length;
  }

  get isOver(): boolean {
    return this.#over !== null;
  }

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker.resolve(item);
  }

  /** Null at an end that is as it should be. A call that is given up on takes nothing. */
  take(wait: Wait, late: string): Promise<T | null> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#over === 'ended') return Promise.resolve(null);
    if (this.#over !== null) return Promise.reject(this.#over);
    if (this.#takers.length >= TAKERS_MAX)
      return Promise.reject(new Failure('input', 'too-many-receivers', 'too many calls wait for the same'));
    let own: Taker<T>;
    const next = new Promise<T | null>((resolve, reject) => {
      own = { resolve, reject };
      this.#takers.push(own);
    });
    return within(next, wait, late, () => {
      const at = this.#takers.indexOf(own);
      if (at >= 0) this.#takers.splice(at, 1);
    });
  }

  /** Nothing more comes. */
  end(why: Failure | 'ended'): void {
    this.#over ??= why;
    for (const { resolve, reject } of this.#takers.splice(0))
      if (this.#over === 'ended') resolve(null);
      else reject(this.#over);
  }

  /** Takes back all that nobody has asked for. */
  empty(): T[] {
    return this.#items.splice(0);
  }
}
