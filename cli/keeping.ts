/**
 * Keeps a replay in its capture file while it is played.
 *
 * The rule: a replay that cannot be kept is a replay all the same. That the file cannot be written to is said once,
 * and then nothing more is kept.
 */
import { Failure } from '../common/failure.ts';
import type { ReplayWriter } from '../recorder/replays.ts';
import { type Beginning, beginReplay, storeSending, storeVerdict } from '../replay/stored.ts';
import type { Sending, Verdict } from '../replay/types.ts';
import { errorLine } from './report.ts';

export class Keeping {
  readonly #say: (line: string) => void;
  #writer: ReplayWriter | null = null;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  begin(beginning: Beginning): void {
    this.#try(() => {
      this.#writer = beginReplay(beginning.file, beginning);
    });
  }

  sent(sending: Sending): void {
    if (this.#writer === null) return;
    const writer = this.#writer;
    this.#try(() => storeSending(writer, sending));
  }

  /** Answers its number in the file; null where it is not kept. */
  end(verdict: Verdict): number | null {
    const writer = this.#writer;
    if (writer === null) return null;
    this.#try(() => storeVerdict(writer, verdict));
    const id = this.#writer === null ? null : writer.id;
    this.#writer = null;
    return id;
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#writer?.close();
      this.#writer = null;
      if (!(error instanceof Failure)) throw error;
      this.#say(`postreel: the verdict is not kept in the file: ${errorLine(error)}`);
    }
  }
}
