/**
 * Asks the relay once a second how it is, whether anybody looks on or not, and keeps what charts show.
 *
 * The rule: the relay's thread copies numbers and nothing else; windows of time are made of two copies here. Who is there is
 * asked for only while somebody looks on.
 */
import { Histogram } from '../../../common/histogram.ts';
import { Outcome, outcomes } from '../../../protocol/outcome.ts';
import type { Millis } from '../../../protocol/types.ts';
import { SAMPLE_MS, type Samples } from '../../api/now.ts';
import { type Backend, type Census, type Figures, Unanswered } from '../backend.ts';
import { relayForwards } from '../leisure.ts';
import { type Sample, SampleRing } from './sample-ring.ts';

export interface SamplerOptions {
  readonly backend: Pick<Backend, 'figures' | 'census'>;
  readonly clock: () => Millis;
  readonly wallMicros: () => number;
  readonly onMistake: (error: Error) => void;
}

interface Looked {
  readonly figures: Figures;
  readonly at: Millis;
}

/** Outcomes of frames that did not arrive. */
const drops: readonly number[] = outcomes
  .map((_, code) => code)
  .filter((code) => code !== Outcome.forwarded && code !== Outcome.consumed && code !== Outcome.originated);

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #ring = new SampleRing();
  readonly #timer: NodeJS.Timeout;
  #last: Looked | null = null;
  #census: Census | null = null;
  #asking: Promise<void> | null = null;
  #watchers = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), SAMPLE_MS);
    this.#timer.unref();
    this.#tick();
  }

  /** How many samples there have been: whoever has seen so many has seen all. */
  get count(): number {
    return this.#ring.count;
  }

  /** As it was last asked; null where the relay has never answered. */
  get figures(): Figures | null {
    return this.#last?.figures ?? null;
  }

  /** As it was last asked; null where nobody has looked on so far. */
  get census(): Census | null {
    return this.#census;
  }

  /** Oldest first; the newest ones where not all are wanted. */
  samples(most?: number): Samples {
    return this.#ring.last(most);
  }

  /** The figures and who is there, for one who looks once. Rejects with `Unanswered`. */
  async look(): Promise<void> {
    if (this.#last === null) await this.#asking;
    if (this.#last === null) throw new Unanswered('the relay does not answer');
    this.#census = await this.#options.backend.census();
  }

  /** Somebody looks on, until what is answered is called. */
  watch(): () => void {
    this.#watchers++;
    this.#askCensus();
    let isWatching = true;
    return () => {
      if (isWatching) this.#watchers--;
      isWatching = false;
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    // A relay that is slow to answer is not asked again meanwhile.
    if (this.#asking !== null) return;
    if (this.#watchers > 0) this.#askCensus();
    const { backend, onMistake } = this.#options;
    this.#asking = backend
      .figures()
      .then(
        (figures) => this.#took(figures),
        (error: unknown) => {
          this.#ring.add({ ...nothing, at: this.#wallMs() });
          if (!(error instanceof Unanswered)) onMistake(error as Error);
        },
      )
      .finally(() => (this.#asking = null));
  }

  #askCensus(): void {
    const { backend, onMistake } = this.#options;
    backend.census().then(
      (census) => (this.#census = census),
      (error: unknown) => {
        if (!(error instanceof Unanswered)) onMistake(error as Error);
      },
    );
  }

  #took(figures: Figures): void {
    const now = { figures, at: this.#options.clock() };
    const sample = {
      ...nothing,
      at: this.#wallMs(),
      players: figures.players,
      lagMs: figures.recorder?.lagMs ?? null,
      ...(this.#last !== null && rates(this.#last, now)),
    };
    this.#ring.add(sample);
    relayForwards(sample.framesPerSecond);
    this.#last = now;
  }

  #wallMs(): number {
    return Math.round(this.#options.wallMicros() / 1000);
  }
}

const nothing: Omit<Sample, 'at'> = {
  players: null,
  framesPerSecond: null,
  bytesPerSecond: null,
  delayP50Ms: null,
  delayP99Ms: null,
  dropsPerSecond: null,
  lagMs: null,
};

/** Between two looks. */
function rates(before: Looked, now: Looked): Partial<Sample> {
  const seconds = (now.at - before.at) / 1000;
  if (seconds <= 0) return {};
  const perSecond = (count: (figures: Figures) => number) =>
    (count(now.figures) - count(before.figures)) / seconds;
  const delays = Histogram.between(before.figures.delays, now.figures.delays);
  return {
    framesPerSecond: perSecond(({ frames }) => frames),
    bytesPerSecond: perSecond(({ bytes }) => bytes),
    dropsPerSecond: perSecond(({ outcomes: counts }) =>
      drops.reduce((sum, code) => sum + (counts[code] ?? 0), 0),
    ),
    delayP50Ms: delays.count === 0 ? null : delays.quantile(0.5),
    delayP99Ms: delays.count === 0 ? null : delays.quantile(0.99),
  };
}
