/** The backend of the HTTP thread: asks the relay's thread by message, seldom, and does not wait for ever. */
import type { ListedPlayer } from '../../protocol/guard-list.ts';
import type { Millis } from '../../protocol/types.ts';
import { type Backend, type Census, type Figures, Unanswered } from './backend.ts';
import { ANSWER_MS, CENSUS_MS, QUESTIONS_MAX } from './limits.ts';
import type { Answer, Question } from './messages.ts';

type Asked = Question extends infer Q ? (Q extends Question ? Omit<Q, 'id'> : never) : never;

interface Waiting {
  readonly answered: (answer: Answer) => void;
  readonly timer: NodeJS.Timeout;
}

export class AskingBackend implements Backend {
  readonly #ask: (question: Question) => void;
  readonly #clock: () => Millis;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;
  #census: Promise<Census> | null = null;
  #censusAt: Millis = -Infinity;

  constructor(ask: (question: Question) => void, clock: () => Millis) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** One question a second, whoever asks: those who come in between share its answer, or wait for it together. */
  census(): Promise<Census> {
    const now = this.#clock();
    if (this.#census !== null && now - this.#censusAt < CENSUS_MS) return this.#census;
    this.#censusAt = now;
    this.#census = this.#question({ asks: 'census' }).then(({ census }) => census as Census);
    return this.#census;
  }

  async figures(): Promise<Figures> {
    const { figures } = await this.#question({ asks: 'figures' });
    return figures as Figures;
  }

  async listPlayers(players: readonly ListedPlayer[]): Promise<void> {
    await this.#question({ asks: 'list-players', players });
  }

  /** An answer has come. One that comes too late is nobody's. */
  answer(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    waiting.answered(answer);
  }

  #question(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= QUESTIONS_MAX) {
        reject(new Unanswered('the relay has been asked too much already'));
        return;
      }
      const id = ++this.#ids;
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Unanswered('the relay does not answer'));
      }, ANSWER_MS);
      this.#waiting.set(id, { answered: resolve, timer });
      this.#ask({ ...asked, id });
    });
  }
}
