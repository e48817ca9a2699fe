/**
 * Whether some bytes of frames are a number that counts, or that rises with time.
 *
 * Fed with the frames of one recording after another, each in order, it keeps nothing but sums.
 */
import type { Millis } from '../../protocol/types.ts';

export const WIDTHS = [1, 2, 4, 8] as const;
export type Width = (typeof WIDTHS)[number];

/** Different steps that are counted. */
const STEPS_KEPT_MAX = 16;
/** With fewer steps, nothing is said. */
const STEPS_MIN = 3;

/** A counter's usual step is no larger, and taken half of the time; nearly all others are a few of it at once. */
const COUNTER_STEP_MAX = 256;
const COUNTER_USUAL_SHARE = 0.5;
const COUNTER_TIMES_MAX = 16;
const COUNTER_LIKE_SHARE = 0.9;

/** How well a time follows the clock, as a correlation, and how often it rises. */
const TIME_STEPS_MIN = 8;
const TIME_CORRELATION = 0.995;
const TIME_RISING_SHARE = 0.95;
/** No clock is finer: what rises faster has something else below it. */
const TIME_TICKS_PER_MS_MAX = 1e7;

const HIGH = 2 ** 32;

export interface NumberVerdict {
  readonly means: 'counter' | 'time';
  /** The usual one of a counter; 0 of a time. */
  readonly step: number;
  /** Steps that do not fit. */
  readonly misfits: number;
}

export class NumberStudy {
  /** From the frame's start. */
  readonly at: number;
  readonly width: Width;
  readonly isLittle: boolean;
  #low = -1;
  #high = 0;
  /** Since the recording's first frame. */
  #value = 0;
  #startedAt: Millis = 0;
  readonly #steps = new Map<number, number>();
  #count = 0;
  #rising = 0;
  /** It went over its end, and began again: no clock does that while people play. */
  #hasWrapped = false;
  #line = new Line();
  #correlation = 1;
  #slope = 0;

  constructor(at: number, width: Width, isLittle: boolean) {
    this.at = at;
    this.width = width;
    this.isLittle = isLittle;
  }

  /** From the least significant byte up, the place of each. */
  places(): number[] {
    const up = Array.from({ length: this.width }, (_, i) => this.at + i);
    return this.isLittle ? up : up.reverse();
  }

  frame(bytes: Uint8Array, now: Millis): void {
    const low = this.#read(bytes, 0, Math.min(this.width, 4));
    const high = this.width === 8 ? this.#read(bytes, 4, 4) : 0;
    if (this.#low === -1) this.#startedAt = now;
    else this.#stepped(this.#difference(low, high), low, high);
    this.#low = low;
    this.#high = high;
    this.#line.point(now - this.#startedAt, this.#value);
  }

  /** The recording is over; the next frame is of another one. */
  endRun(): void {
    if (this.#line.points > TIME_STEPS_MIN) {
      this.#correlation = Math.min(this.#correlation, this.#line.correlation);
      this.#slope = Math.max(this.#slope, this.#line.slope);
    }
    this.#line = new Line();
    this.#low = -1;
    this.#value = 0;
  }

  /** Null where it is neither. */
  verdict(): NumberVerdict | null {
    if (this.#count < STEPS_MIN) return null;
    return this.#asCounter() ?? this.#asTime();
  }

  #asCounter(): NumberVerdict | null {
    const [step, times] = [...this.#steps].reduce((most, each) => (each[1] > most[1] ? each : most), [0, 0]);
    if (step === 0 || Math.abs(step) > COUNTER_STEP_MAX || times < this.#count * COUNTER_USUAL_SHARE)
      return null;
    let like = 0;
    for (const [each, count] of this.#steps) {
      const ratio = each / step;
      if (ratio >= 0 && ratio <= COUNTER_TIMES_MAX) like += count;
    }
    if (like < this.#count * COUNTER_LIKE_SHARE) return null;
    return { means: 'counter', step, misfits: this.#count - times };
  }

  #asTime(): NumberVerdict | null {
    const isSteady = this.#correlation >= TIME_CORRELATION && this.#count >= TIME_STEPS_MIN;
    if (!isSteady || this.#hasWrapped || this.#slope <= 0 || this.#slope > TIME_TICKS_PER_MS_MAX) return null;
    if (this.#rising < this.#count * TIME_RISING_SHARE) return null;
    return { means: 'time', step: 0, misfits: this.#count - this.#rising };
  }

  #stepped(step: number, low: number, high: number): void {
    this.#count++;
    this.#value += step;
    if (step >= 0) this.#rising++;
    const isLower = high < this.#high || (high === this.#high && low < this.#low);
    if (step !== 0 && isLower === step > 0) this.#hasWrapped = true;
    const known = this.#steps.get(step);
    if (known !== undefined || this.#steps.size < STEPS_KEPT_MAX) this.#steps.set(step, (known ?? 0) + 1);
  }

  /** The shorter way round, where it wraps. */
  #difference(low: number, high: number): number {
    const range = 256 ** this.width;
    const step = low - this.#low + (high - this.#high) * HIGH;
    if (step >= range / 2) return step - range;
    return step < -range / 2 ? step + range : step;
  }

  /** So many bytes, from the one of this significance up. */
  #read(bytes: Uint8Array, from: number, count: number): number {
    let value = 0;
    for (let i = from + count - 1; i >= from; i--) {
      const place = this.isLittle ? this.at + i : this.at + this.width - 1 - i;
      value = value * 256 + (bytes[place] ?? 0);
    }
    return value;
  }
}

/** Points that may lie on a line. */
class Line {
  points = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;

  point(x: number, y: number): void {
    // Means and sums of squares around them, brought up to date: sums of squares alone would lose all digits.
    this.points++;
    const dx = x - this.#x;
    const dy = y - this.#y;
    this.#x += dx / this.points;
    this.#y += dy / this.points;
    this.#xx += dx * (x - this.#x);
    this.#yy += dy * (y - this.#y);
    this.#xy += dx * (y - this.#y);
  }

  get slope(): number {
    return this.#xx === 0 ? 0 : this.#xy / this.#xx;
  }

  /** From -1 to 1; 0 where there is none. */
  get correlation(): number {
    const spread = Math.sqrt(this.#xx * this.#yy);
    return spread === 0 ? 0 : this.#xy / spread;
  }
}
