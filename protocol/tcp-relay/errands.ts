/**
 * Does what it is given, one thing after the other: what one of them sets off waits until that one is done.
 *
 * The rule: however long a chain of clients is that wait for each other, or end with each other, it takes no more stack
 * than two of them.
 */
export class Errands {
  #waiting: (() => void)[] = [];
  #isBusy = false;

  /** Now, or as soon as what is being done is done. */
  run(errand: () => void): void {
    this.#waiting.push(errand);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting;
        this.#waiting = [];
        for (const next of batch) next();
      }
    } finally {
      this.#isBusy = false;
    }
  }
}
