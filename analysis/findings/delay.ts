/**
 * Frames that waited in the relay: for one slow target, or because the relay itself stood still.
 *
 * The rule: it is the target's doing if frames to others went through meanwhile; else nobody is named.
 */
import type { Observer, SeenFrame, SessionView } from '../observe.ts';
import { castOf, type Cast } from './cast.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { MILLISECOND, millisText, plural, SECOND, spanText } from './words.ts';

/** What nobody can feel is no finding: more than half a picture at 60 a second. */
const DELAY_MIN_NS = 10 * MILLISECOND;
/** And so many times what is usual in this session. */
const USUAL_TIMES = 20;
/** Fewer frames are told of only where players must have felt it: radio, for which games are made, is faster. */
const FRAMES_MIN = 3;
const FELT_NS = 30 * MILLISECOND;
/** Outliers so close together are one burst. */
const BURST_PAUSE_NS = SECOND;

/** What waited, of one burst or of many. */
interface Wait {
  bursts: number;
  frames: number;
  firstAt: number;
  lastAt: number;
  first: number;
  worst: number;
  worstSequence: number;
}

function isWorthTelling({ frames, worst }: Wait): boolean {
  return frames >= FRAMES_MIN || worst >= FELT_NS;
}

function add(sum: Wait | undefined, one: Wait): Wait {
  if (sum === undefined) return { ...one };
  sum.bursts += one.bursts;
  sum.frames += one.frames;
  sum.lastAt = Math.max(sum.lastAt, one.lastAt);
  if (one.worst > sum.worst) {
    sum.worst = one.worst;
    sum.worstSequence = one.worstSequence;
  }
  return sum;
}

class Delays implements Observer<readonly Found[]> {
  readonly #view: SessionView;
  readonly #cast: Cast;
  readonly #leastNs: number;
  readonly #isTargets: boolean;
  /** The burst that goes on: by player, what waited for it; and those to whom frames went through. */
  readonly #waiting = new Map<number, Wait>();
  readonly #served = new Set<number>();
  #until = -Infinity;
  readonly #targets = new Map<number, Wait>();
  #relay: Wait | undefined;

  constructor(view: SessionView, isTargets: boolean) {
    this.#view = view;
    this.#cast = castOf(view);
    this.#isTargets = isTargets;
    this.#leastNs = Math.max(DELAY_MIN_NS, USUAL_TIMES * (view.session.delayP50 ?? 0));
  }

  frame({ frame, to }: SeenFrame): void {
    const { arrived, departed, sequence } = frame;
    if (to === null || departed === null || frame.from === 0) return;
    const delay = departed - arrived;
    const player = this.#cast.numberOf(to.conn);
    if (this.#waiting.size > 0 && arrived > this.#until + BURST_PAUSE_NS) this.#close();
    if (delay <= this.#leastNs) {
      if (this.#waiting.size > 0 && arrived <= this.#until) this.#served.add(player);
      return;
    }
    this.#until = Math.max(this.#until, departed);
    const one: Wait = {
      bursts: 0,
      frames: 1,
      firstAt: arrived,
      lastAt: departed,
      first: sequence,
      worst: delay,
      worstSequence: sequence,
    };
    this.#waiting.set(player, add(this.#waiting.get(player), one));
  }

  #close(): void {
    const isTheirs = [...this.#served].some((player) => !this.#waiting.has(player));
    let all: Wait | undefined;
    for (const [player, wait] of this.#waiting) {
      if (isTheirs) this.#targets.set(player, add(this.#targets.get(player), { ...wait, bursts: 1 }));
      else all = add(all, wait);
    }
    if (all !== undefined) this.#relay = add(this.#relay, { ...all, bursts: 1 });
    this.#waiting.clear();
    this.#served.clear();
    this.#until = -Infinity;
  }

  end(): readonly Found[] {
    this.#close();
    const them = this.#relay?.frames === 1 ? 'it' : 'them';
    if (!this.#isTargets)
      return this.#relay === undefined || !isWorthTelling(this.#relay)
        ? []
        : [this.#tell(this.#relay, (wait) => `${wait} waited in the relay`, `nothing overtook ${them}`)];
    const targets = [...this.#targets].filter(([, wait]) => isWorthTelling(wait));
    return targets.map(([player, wait]) => {
      const name = this.#cast.nameOfNumber(player);
      return this.#tell(
        wait,
        (frames) => `${frames} to ${name} waited in the relay`,
        'those to others did not',
      );
    });
  }

  #tell(wait: Wait, told: (frames: string) => string, others: string): Found {
    const when = spanText(this.#view, wait.firstAt, wait.lastAt);
    const often = wait.bursts === 1 ? when : `in ${plural(wait.bursts, 'burst')} ${when}`;
    return {
      text: `${told(plural(wait.frames, 'frame'))} for up to ${millisText(wait.worst)} ${often}; ${others}`,
      frames: evidence(wait.first, wait.worstSequence),
      at: wait.firstAt,
    };
  }
}

export const delayFindings: readonly FindingSpec[] = [
  {
    id: 'slow-target',
    severity: 'warning',
    title: 'Frames waited for one slow player',
    explanation:
      'The relay could not hand a player its frames while it served others without delay, so the line to this player is slow or its console does not keep up.',
    example:
      '31 frames to Bob (02:00:00:00:00:02) waited in the relay for up to 120 ms from 4.0 s to 5.1 s; those to others did not',
    watch: (view) => new Delays(view, true),
  },
  {
    id: 'relay-held-frames',
    severity: 'warning',
    title: 'Frames waited in the relay',
    explanation:
      'Frames left the relay far later than usual, and none passed them by: its machine was busy or stood still, unless they were all for one player.',
    example: '6 frames waited in the relay for up to 80.0 ms from 4.0 s to 4.1 s; nothing overtook them',
    watch: (view) => new Delays(view, false),
  },
];
