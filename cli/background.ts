/**
 * Writing to a descriptor without ever waiting for whoever reads it: a terminal that is stopped with
 * Ctrl-S, or a log collector that hangs, must not hold up players. What does not fit into the queue is
 * counted instead of kept.
 */
import { pino } from 'pino';

const QUEUE_BYTES_MAX = 1024 * 1024;

export class Background {
  readonly #stream: ReturnType<typeof pino.destination>;
  #writing = false;
  #gone = false;
  #dropped = 0;

  constructor(fd: number) {
    this.#stream = pino.destination({ fd, sync: false, maxLength: QUEUE_BYTES_MAX });
    this.#stream.on('drain', () => (this.#writing = false));
    this.#stream.on('drop', () => this.#dropped++);
    this.#stream.on('error', () => this.#giveUp());
  }

  write(text: string): void {
    if (this.#gone) return;
    this.#writing = true;
    this.#stream.write(text);
  }

  /** How many writes were given up since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Whether all is written, for which it waits no longer than `ms`. */
  async settle(ms: number): Promise<boolean> {
    for (let waited = 0; this.#writing && waited < ms; waited += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return !this.#writing;
  }

  /**
   * The reader is gone. The relay goes on: its players are not. The stream has to end here, because it
   * would try for ever to write its rest when the program exits.
   */
  #giveUp(): void {
    this.#gone = true;
    this.#writing = false;
    this.#stream.destroy();
  }
}
