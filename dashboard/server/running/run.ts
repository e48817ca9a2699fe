/**
 * One replay in a process of its own, at a lower priority: neither the relay nor who looks on feels it.
 *
 * The rule: it ends. Whoever cancels it gives it a little time to stop in good order; then it is ended. When this process
 * is gone, it stops by itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import type { RunningReplay } from '../../api/replays.ts';
import type { MaskFile } from './mask-file.ts';
import type { RunNews } from './run-news.ts';

const NICENESS = 10;
/** How long a replay that is cancelled may take to store what it has. */
export const CANCEL_MS = 5_000;
/** Of the end of what it says on standard error. */
export const ERROR_CHARACTERS_MAX = 4_000;

type Told = Pick<RunningReplay, 'state' | 'sent' | 'of' | 'replay' | 'outcome' | 'error'>;

export interface RunOptions {
  /** The program's own `main.js`. */
  readonly program: string;
  readonly words: readonly string[];
  readonly masks: MaskFile | null;
  /** Something of `told` is another. */
  readonly onChange: () => void;
  readonly cancelMs?: number;
}

export class Run {
  readonly #child: ChildProcess;
  readonly #options: RunOptions;
  #told: Told = { state: 'running', sent: 0, of: 0, replay: null, outcome: null, error: null };
  #stderr = '';
  #ended: Extract<RunNews, { readonly news: 'ended' }> | null = null;
  #isCancelled = false;
  #deadline: NodeJS.Timeout | null = null;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#child = spawn(process.execPath, [options.program, ...options.words], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: ownEnvironment(process.env),
      // A Ctrl-C on the terminal is for the relay, which then tells us.
      detached: true,
      windowsHide: true,
    });
    this.#stepBack();
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-ERROR_CHARACTERS_MAX);
    });
    this.#child.on('message', (news: RunNews) => this.#heard(news));
    this.#child.once('error', (error) => this.#over(error.message));
    this.#child.once('close', (code, signal) => {
      const over = () =>
        this.#over(signal === null ? `it ended with exit code ${code}` : `it ended by ${signal}`);
      // What it has said last may come after its end.
      if (this.#child.connected) this.#child.once('disconnect', over);
      else over();
    });
  }

  get told(): Told {
    return this.#told;
  }

  get isRunning(): boolean {
    return this.#told.state === 'running';
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Harmless where it has ended. */
  cancel(): void {
    if (this.#endSoon()) this.#child.kill('SIGINT');
  }

  /** Nobody listens any more: it stops by itself. A signal beside that would end it before it has stored what it has. */
  leave(): void {
    this.#endSoon();
    this.#options.masks?.remove();
    if (this.#child.connected) this.#child.disconnect();
  }

  /** False where it has ended, or is being ended. */
  #endSoon(): boolean {
    if (!this.isRunning || this.#isCancelled) return false;
    this.#isCancelled = true;
    this.#deadline = setTimeout(() => this.#child.kill('SIGKILL'), this.#options.cancelMs ?? CANCEL_MS);
    this.#deadline.unref();
    return true;
  }

  #heard(news: RunNews): void {
    switch (news.news) {
      case 'begun':
        this.#options.masks?.remove();
        return;
      case 'progress':
        this.#change({ sent: news.sent, of: news.of });
        return;
      case 'ended':
        this.#ended = news;
        this.#change({ replay: news.replay, outcome: news.outcome });
    }
  }

  #over(how: string): void {
    if (!this.isRunning) return;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#options.masks?.remove();
    const state = this.#endState();
    // A verdict that could not be stored is told as well.
    const isStored = this.#told.replay !== null || this.#ended === null;
    const said = this.#lastLine();
    if (state === 'failed') this.#change({ state, error: said ?? how });
    else this.#change({ state, error: isStored ? null : said });
  }

  #endState(): RunningReplay['state'] {
    if (this.#ended !== null && this.#ended.partial === null) return 'done';
    if (this.#isCancelled) return 'cancelled';
    return 'failed';
  }

  /** What the program says of itself in one line, as it does when it fails. */
  #lastLine(): string | null {
    const lines = stripVTControlCharacters(this.#stderr).split(/[\r\n]+/);
    const last = lines.findLast((line) => line.trim() !== '');
    return last?.trim().replace(/^postreel: /, '') ?? this.#ended?.partial ?? null;
  }

  #change(told: Partial<Told>): void {
    this.#told = { ...this.#told, ...told };
    this.#options.onChange();
  }

  #stepBack(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      os.setPriority(pid, NICENESS);
    } catch {
      // It has ended already, or some system does not allow it.
    }
  }
}

/** Without what would set options that nobody asked for, such as leave to play against other machines. */
function ownEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^POSTREEL_/i.test(name)));
}
