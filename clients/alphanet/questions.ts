/**
 * Questions to the relay of which the answers do not say what they answer.
 *
 * The rule: one is asked at a time, and the next when that one has been answered, even where nobody waits for the answer
 * any more: else it would be taken for the answer to the next. The relay owes an answer to each.
 */
import { Failure } from '../../common/failure.ts';
import { within, type Wait } from '../wait.ts';

/** Questions of one kind that may wait at a time. */
export const QUESTIONS_MAX = 256;
/** How long somebody waits for an answer, unless told otherwise: longer than the relay gives whoever is asked. */
export const ANSWER_MS = 40_000;

export interface Question<A, T> {
  /** Its turn has come. */
  say(): void;
  /** What the answer means to whoever waits for it. */
  heard(answer: A): T | Failure;
  /** Nobody waits for the answer any more; null where it was not asked. */
  unheard(answer: A | null): void;
}

const TOO_MANY = new Failure('input', 'too-many-questions', 'too many questions wait for an answer');

interface Asked<A> {
  readonly say: () => void;
  readonly answer: (answer: A) => void;
  readonly fail: (why: Failure) => void;
}

export class Questions<A> {
  /** The first of them has been asked. */
  readonly #asked: Asked<A>[] = [];
  #over: Failure | null = null;

  get size(): number {
    return this.#asked.length;
  }

  ask<T>(question: Question<A, T>, { timeoutMs = ANSWER_MS, ...wait }: Wait, late: string): Promise<T> {
    const refused = this.#over ?? (this.size < QUESTIONS_MAX ? null : TOO_MANY);
    if (refused !== null) {
      question.unheard(null);
      return Promise.reject(refused);
    }
    let isAwaited = true;
    let own: Asked<A>;
    const answered = new Promise<T>((resolve, reject) => {
      own = {
        say: () => question.say(),
        fail: reject,
        answer: (answer) => {
          if (!isAwaited) {
            question.unheard(answer);
            return;
          }
          const meant = question.heard(answer);
          if (meant instanceof Failure) reject(meant);
          else resolve(meant);
        },
      };
      this.#asked.push(own);
      if (this.#asked.length === 1) own.say();
    });
    return within(answered, { timeoutMs, ...wait }, late, () => {
      isAwaited = false;
      const at = this.#asked.indexOf(own);
      if (at <= 0) return;
      this.#asked.splice(at, 1);
      question.unheard(null);
    });
  }

  /** False where nothing was asked. */
  answered(answer: A): boolean {
    const first = this.#asked.shift();
    if (first === undefined) return false;
    first.answer(answer);
    this.#asked[0]?.say();
    return true;
  }

  /** No answer comes any more, to any. */
  end(why: Failure): void {
    this.#over ??= why;
    for (const { fail } of this.#asked.splice(0)) fail(this.#over);
  }
}
