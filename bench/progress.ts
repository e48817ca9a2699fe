/** Tells on standard error how far the bench is: one line that changes on a terminal, one for each case elsewhere. */
import { durationText } from '../cli/format.ts';

export class Progress {
  readonly #secondsInAll: number;
  readonly #terminal = process.stderr.isTTY;
  #secondsDone = 0;
  #said = '';

  constructor(secondsInAll: number) {
    this.#secondsInAll = secondsInAll;
  }

  /** What is measured next, and how long it will take. */
  at(name: string, detail: string, seconds: number): void {
    const left = durationText(1000 * Math.max(this.#secondsInAll - this.#secondsDone, 1));
    this.#secondsDone += seconds;
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${name} · ${detail} · about ${left} left`);
    else if (this.#said !== name) process.stderr.write(`${name} · about ${left} left\n`);
    this.#said = name;
  }

  clear(): void {
    if (this.#terminal && this.#said !== '') process.stderr.write('\r\x1b[2K');
  }
}
