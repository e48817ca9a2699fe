/**
 * Arithmetic of stretches of time: where a moment is on the screen, what one sees after zooming and panning, where the
 * lines of the axis stand, and how a range is written in an address.
 *
 * The rule: times are nanoseconds since the capture's start, as everywhere; seconds are for people and addresses. A range
 * never leaves its bounds, and is never shorter than `RANGE_MIN_NS`.
 */

export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Nobody looks closer: two frames of one turn are further apart. */
export const RANGE_MIN_NS = 10_000;
/** Beside what happened, so that its first and last moments are not on the edge. */
const MARGIN = 0.01;
const NANOS_PER_SECOND = 1e9;

export const lengthOf = ({ from, to }: TimeRange): number => to - from;

/** All of a session, with a little room on both sides. */
export function wholeRange(started: number, lastSeen: number): TimeRange {
  const margin = Math.max((lastSeen - started) * MARGIN, RANGE_MIN_NS / 2);
  return { from: Math.max(started - margin, 0), to: Math.max(lastSeen, started) + margin };
}

/** The nearest range of the same length within the bounds; the bounds themselves where it is longer. */
export function within({ from, to }: TimeRange, bounds: TimeRange): TimeRange {
  const length = Math.max(to - from, RANGE_MIN_NS);
  if (length >= lengthOf(bounds)) return bounds;
  const start = Math.min(Math.max(from, bounds.from), bounds.to - length);
  return { from: start, to: start + length };
}

/** `factor` below 1 shows less, and `around` stays where it is on the screen. */
export function zoomed(range: TimeRange, factor: number, around: number, bounds: TimeRange): TimeRange {
  const length = Math.min(Math.max(lengthOf(range) * factor, RANGE_MIN_NS), lengthOf(bounds));
  const share = Math.min(Math.max((around - range.from) / lengthOf(range), 0), 1);
  const from = around - share * length;
  return within({ from, to: from + length }, bounds);
}

/** By a share of what is shown: to the right where it is positive. */
export function panned(range: TimeRange, share: number, bounds: TimeRange): TimeRange {
  const by = lengthOf(range) * share;
  return within({ from: range.from + by, to: range.to + by }, bounds);
}

export function xOf(at: number, range: TimeRange, width: number): number {
  return ((at - range.from) / lengthOf(range)) * width;
}

export function timeAt(x: number, range: TimeRange, width: number): number {
  return range.from + (Math.min(Math.max(x, 0), width) / width) * lengthOf(range);
}

// The axis ----------------------------------------------------------------------------------------

export interface Tick {
  readonly at: number;
  readonly text: string;
}

const STEPS = [1, 2, 5] as const;

/** No closer to each other. */
const TICKS_APART_PX = 80;

/** Round moments since `origin`, in seconds with as many digits as tell them apart. */
export function ticksOf(range: TimeRange, width: number, origin = 0): readonly Tick[] {
  if (width <= 0) return [];
  const least = (lengthOf(range) * TICKS_APART_PX) / width;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = (STEPS.find((each) => each * power >= least) ?? 10) * power;
  const digits = digitsFor(step);
  const ticks: Tick[] = [];
  for (let n = Math.ceil((range.from - origin) / step); origin + n * step <= range.to; n++)
    ticks.push({ at: origin + n * step, text: `${((n * step) / NANOS_PER_SECOND).toFixed(digits)} s` });
  return ticks;
}

/** Digits behind the point of seconds that tell times apart which are so far from each other. */
export function digitsFor(nanos: number): number {
  return Math.min(Math.max(Math.ceil(9 - Math.log10(nanos) - 1e-9), 0), 9);
}

// In words ----------------------------------------------------------------------------------------

/** A time in seconds, as exact as the length of what it is chosen from asks for: a thousandth of that. */
export function secondsOf(at: number, length: number): string {
  const text = (at / NANOS_PER_SECOND).toFixed(digitsFor(Math.max(length / 1000, 1)));
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Null for what is no time. Shifting the point in the text is exact, as in filters. */
export function nanosOf(seconds: string | null): number | null {
  return seconds !== null && /^\d{1,9}(\.\d+)?$/.test(seconds) ? Number(`${seconds}e9`) : null;
}

/** What an address says is to be shown; null for all. */
export function rangeOf(from: string | null, to: string | null): TimeRange | null {
  const [start, end] = [nanosOf(from), nanosOf(to)];
  return start === null || end === null || end <= start ? null : { from: start, to: end };
}
