/**
 * Histograms as bars on axes by powers: how long things take and how large they are both go over several of them.
 *
 * The rule: a bar is as wide as what it counts, and bars lie beside each other without a hole. What is counted at all is seen.
 */
import type { Histogram } from '../../../../../api/sessions.ts';
import { bytesText } from '../../../lib/format.ts';

export interface HistogramBar {
  /** Shares of the width and of the height. */
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface HistogramTick {
  readonly x: number;
  readonly text: string;
}

export interface HistogramDrawing {
  readonly bars: readonly HistogramBar[];
  readonly ticks: readonly HistogramTick[];
  /** Lines across, at powers of ten. */
  readonly levels: readonly { readonly y: number; readonly count: number }[];
  readonly total: number;
}

export type HistogramUnit = 'ns' | 'bytes';

/** A bar of one is so high, of one power of ten above nothing. */
const ONE = 0.3;

export function drawHistogram({ edges, counts }: Histogram, unit: HistogramUnit): HistogramDrawing {
  const filled = counts.flatMap((count, i) => (count > 0 ? [i] : []));
  const [first, last] = [filled[0], filled.at(-1)];
  if (first === undefined || last === undefined) return { bars: [], ticks: [], levels: [], total: 0 };
  // A little around what there is, so that one bar alone is not all of the picture.
  const [low, high] = [Math.max(first - 1, 0), Math.min(last + 2, edges.length - 1)];
  const scale = logScale(edges, low, high);
  const most = Math.max(...counts);
  const heightOf = (count: number) =>
    count === 0 ? 0 : (Math.log10(count) + ONE) / (Math.log10(Math.max(most, 10)) + ONE);
  const bars = counts.slice(low, high).flatMap((count, i): HistogramBar | [] => {
    const [from, to] = [edges[low + i] ?? 0, edges[low + i + 1] ?? 0];
    const x = scale(from);
    return count === 0 ? [] : { x, width: scale(to) - x, height: heightOf(count), from, to, count };
  });
  const levels = [];
  for (let count = 1; count <= Math.max(most, 10); count *= 10)
    levels.push({ y: 1 - heightOf(count), count });
  const ticks = roundValues(unit).flatMap((value): HistogramTick | [] =>
    value >= (edges[low] ?? 0) && value <= (edges[high] ?? 0) && value > 0
      ? { x: scale(value), text: valueText(value, unit) }
      : [],
  );
  return { bars, ticks: thinned(ticks), levels, total: counts.reduce((sum, count) => sum + count, 0) };
}

/** By logarithms; below the first edge that has one, what is left is as wide as the step after it. */
function logScale(edges: readonly number[], low: number, high: number): (value: number) => number {
  const least = edges.slice(low, high + 1).find((edge) => edge > 0) ?? 1;
  const next = edges.slice(low, high + 1).find((edge) => edge > least) ?? least * 2;
  const from = (edges[low] ?? 0) > 0 ? Math.log(least) : 2 * Math.log(least) - Math.log(next);
  const to = Math.log(Math.max(edges[high] ?? 1, least));
  return (value) => (value < least ? 0 : (Math.log(value) - from) / Math.max(to - from, 1e-9));
}

function roundValues(unit: HistogramUnit): readonly number[] {
  return unit === 'ns'
    ? Array.from({ length: 13 }, (_, power) => 10 ** power)
    : Array.from({ length: 13 }, (_, power) => 4 ** power);
}

/** So many that they do not touch. */
const TICKS_MAX = 7;

function thinned(ticks: readonly HistogramTick[]): readonly HistogramTick[] {
  const every = Math.ceil(ticks.length / TICKS_MAX);
  return ticks.filter((_, i) => i % every === 0);
}

/** `100 µs`, `1.4 kB`. */
export function valueText(value: number, unit: HistogramUnit): string {
  if (unit === 'bytes') return bytesText(value);
  const [amount, name] =
    value < 1e3
      ? [value, 'ns']
      : value < 1e6
        ? [value / 1e3, 'µs']
        : value < 1e9
          ? [value / 1e6, 'ms']
          : [value / 1e9, 's'];
  return `${Number(amount.toPrecision(2))} ${name}`;
}
