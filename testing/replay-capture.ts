/**
 * A replay as a value: what a test is about to compare, before anything has been started.
 *
 * The rule: nothing happens until somebody awaits it or matches it. Awaited, it plays once and tells the verdict, and
 * the same one to all who await it again; each match plays anew, by the rules of that match.
 */
import { packageVersion } from '../cli/version.ts';
import { wallMicros } from '../common/clock.ts';
import type { ReplayWriter } from '../recorder/replays.ts';
import { type Replay, replayAgainst } from '../replay/against.ts';
import { type Repeated, Repeats } from '../replay/compare/verdict.ts';
import { playGame } from '../replay/play.ts';
import { beginReplay, storeSending, storeVerdict } from '../replay/stored.ts';
import type { Verdict } from '../replay/types.ts';
import { openFixture } from './fixture.ts';
import {
  type CaptureRules,
  checkOptions,
  opponentOf,
  patienceOf,
  readFile,
  type ReplayOptions,
  rulesFrom,
} from './options.ts';

const SETTLE_MS = 100;

/** Starts nothing. All that is wrong is told by the promise: a `Failure` with one line. */
export function replayCapture(file: string | URL, options: ReplayOptions): CaptureReplay {
  return new CaptureReplay(file, options);
}

export class CaptureReplay implements PromiseLike<Verdict> {
  readonly #file: string | URL;
  readonly #options: ReplayOptions;
  #verdict: Promise<Verdict> | null = null;

  constructor(file: string | URL, options: ReplayOptions) {
    this.#file = file;
    this.#options = options;
  }

  then<A = Verdict, B = never>(
    fulfilled?: ((verdict: Verdict) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#verdict ??= this.play().then(({ verdict }) => verdict);
    return this.#verdict.then(fulfilled, rejected);
  }

  /**
   * Plays it as often as it is to be repeated; rules given here count instead of its own. Failure codes: `bad-usage`,
   * `unknown-host`, `remote-target`, and those of opening the file, of the rules, and of replaying.
   */
  async play(rules: CaptureRules = {}): Promise<Repeated> {
    const named = readFile(this.#file);
    const options = named.session === null ? this.#options : { ...this.#options, session: named.session };
    checkOptions(options);
    const compiled = rulesFrom(options, rules);
    const opponent = await opponentOf(options);
    const { store = false, repeat = 1, pace = 'causal', speed = 1, settleMs = SETTLE_MS } = options;
    const { file } = named;
    const fixture = await openFixture(file);
    const { reader } = fixture;
    const { signal, forget } = stoppable(options.signal);
    try {
      const session = options.session ?? null;
      const capture =
        session === null ? reader.capture(options.capture).id : reader.session(session).captureId;
      const repeats = new Repeats();
      for (let played = 0; played < repeat && (played === 0 || !signal.aborted); played++) {
        const keeper = store ? new Keeper() : null;
        const replay: Replay = {
          reader,
          file,
          capture,
          session,
          pace,
          speed,
          patienceMs: patienceOf(options),
          settleMs,
          ...compiled,
          hand: null,
          signal,
          onStart(subject) {
            keeper?.begin({ subject, file, capture, session });
            options.onStart?.(subject);
          },
          onSent: (sending) => keeper?.sent(sending),
          onProgress: () => undefined,
        };
        const verdict = await ('game' in opponent
          ? playGame(opponent.game, replay)
          : replayAgainst(opponent.targets, replay));
        keeper?.end(verdict);
        repeats.add(verdict);
      }
      return repeats.told() as Repeated;
    } finally {
      forget();
      await fixture.close();
    }
  }
}

/** Stores one replay in the capture file. Failure codes: those of `ReplayWriter`. */
class Keeper {
  #writer: ReplayWriter | null = null;

  begin(beginning: Pick<Verdict, 'subject' | 'file' | 'capture' | 'session'>): void {
    const startedAt = new Date(wallMicros() / 1000).toISOString();
    const by = { startedAt, pid: process.pid, version: packageVersion() };
    this.#writer = beginReplay(beginning.file, { ...beginning, ...by });
  }

  sent(sending: Parameters<typeof storeSending>[1]): void {
    if (this.#writer !== null) storeSending(this.#writer, sending);
  }

  end(verdict: Verdict): void {
    if (this.#writer !== null) storeVerdict(this.#writer, verdict);
  }
}

/** A signal of its own that always says why in words, whatever the given one was aborted with. */
function stoppable(given: AbortSignal | undefined): {
  readonly signal: AbortSignal;
  readonly forget: () => void;
} {
  const own = new AbortController();
  const stop = () => {
    const reason: unknown = given?.reason;
    own.abort(reason instanceof Error ? reason : new Error(`it was stopped: ${String(reason)}`));
  };
  if (given?.aborted === true) stop();
  given?.addEventListener('abort', stop);
  return { signal: own.signal, forget: () => given?.removeEventListener('abort', stop) };
}
