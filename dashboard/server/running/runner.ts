/**
 * The replays that this server runs, and those that it ran lately.
 *
 * The rule: few at once, because they play on the machine on which others may be playing; and of those that are over, the
 * last ones are remembered.
 */
import { Failure } from '../../../common/failure.ts';
import type { NewReplay, RunningReplay } from '../../api/replays.ts';
import { MASKS_NAME, writeMasks } from './mask-file.ts';
import { Run } from './run.ts';
import { replayWords, shellLine } from './words.ts';

export const RUNNING_MAX = 2;
/** Of those that are over. */
export const REMEMBERED_MAX = 20;

export interface RunnerOptions {
  /** The program's own `main.js`. */
  readonly program: string;
  /** The capture file, as a path from anywhere. */
  readonly file: string;
  readonly wallMicros: () => number;
  readonly cancelMs?: number;
}

interface Kept {
  readonly run: Run;
  readonly start: Pick<RunningReplay, 'run' | 'session' | 'target' | 'pace' | 'startedAt' | 'command'>;
}

export class Runner {
  readonly #options: RunnerOptions;
  /** In the order in which they began. */
  #kept: readonly Kept[] = [];
  #runs = 0;
  #version = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Raised by every change of the list. */
  get version(): number {
    return this.#version;
  }

  /** The newest first. */
  get list(): RunningReplay[] {
    return this.#kept.map(replayJson).reverse();
  }

  /** Failure codes: `too-many-running`, `bad-target`, `no-such-protocol`, `bad-masks`. */
  start({ masks: content = null, ...asked }: NewReplay): RunningReplay {
    const { program, file, wallMicros, cancelMs } = this.#options;
    if (this.#kept.filter(({ run }) => run.isRunning).length >= RUNNING_MAX) {
      const message = `${RUNNING_MAX} replays are running already: cancel one, or wait for it`;
      throw new Failure('outside', 'too-many-running', message);
    }
    const words = (masks: string | null) => replayWords(file, asked, masks);
    const command = shellLine(['postreel', ...words(content === null ? null : MASKS_NAME)]);
    const masks = content === null ? null : writeMasks(content);
    const run = new Run({
      program,
      words: words(masks?.path ?? null),
      masks,
      onChange: () => this.#version++,
      ...(cancelMs !== undefined && { cancelMs }),
    });
    const { session, against, pace } = asked;
    const startedAt = new Date(wallMicros() / 1000).toISOString();
    const kept = { run, start: { run: ++this.#runs, session, target: against, pace, startedAt, command } };
    this.#kept = [...this.#forgetting(), kept];
    this.#version++;
    return replayJson(kept);
  }

  /** Failure code: `no-such-run`. */
  cancel(number: number): void {
    const kept = this.#kept.find(({ start }) => start.run === number);
    if (kept === undefined)
      throw new Failure('input', 'no-such-run', `there is no run ${number}, or it is long over`);
    kept.run.cancel();
  }

  /** Ends all of them. */
  close(): void {
    for (const { run } of this.#kept) run.leave();
  }

  /** Without those that are over for too long, if another comes. */
  #forgetting(): readonly Kept[] {
    const over = this.#kept.filter(({ run }) => !run.isRunning);
    const gone = new Set(over.slice(0, Math.max(0, over.length - REMEMBERED_MAX)));
    return this.#kept.filter((kept) => !gone.has(kept));
  }
}

function replayJson({ run, start }: Kept): RunningReplay {
  return { ...start, ...run.told };
}
