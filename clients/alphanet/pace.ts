/**
 * How often the relay is told something that it must act on itself: it ends whoever asks for more than any game does, 200
 * times at once and 50 times a second after that, and answers count as well.
 *
 * The rule: nothing overtakes. What is said later than it was meant is decided then, so that nobody is handed a
 * connection of which the relay has not heard.
 */

/** What may be said at once. */
export const BURST = 100;
/** And so much more every so often: 40 a second. */
const MORE = 4;
const EVERY_MS = 100;
/** What may wait to be said. The relay itself lets no more than 512 questions wait for one client. */
export const WAITING_MAX = 4096;

export class Pace {
  readonly #waiting: (() => void)[] = [];
  #left = BURST;
  #timer: NodeJS.Timeout | null = null;
  readonly #hasRoom: () => boolean;

  /** `hasRoom` says whether the relay takes what it is told; where it does not, all wait until `go` is called. */
  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** Does it now, or as soon as it may be done. False where too much waits already. */
  run(task: () => void): boolean {
    if (this.#waiting.length >= WAITING_MAX) return false;
    this.#waiting.push(task);
    this.go();
    return true;
  }

  /** What has not been done never is. */
  stop(): void {
    this.#waiting.length = 0;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  go(): void {
    while (this.#left > 0 && this.#waiting.length > 0 && this.#hasRoom()) {
      this.#left--;
      this.#timer ??= setInterval(() => this.#refill(), EVERY_MS);
      this.#waiting.shift()?.();
    }
  }

  #refill(): void {
    this.#left = Math.min(this.#left + MORE, BURST);
    this.go();
    if (this.#left < BURST || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
