/** The columns of the list, as data: what they are called, how wide they are, and what they say of a row. */
import type { FrameRow, Run } from '../../../../../api/frames.ts';
import { countText, durationText, secondsText } from '../../../lib/format.ts';

/** `COLUMNS_MAX` of the API, which the page takes types from alone. */
export const ADDED_MAX = 8;

export const timeModes = ['session', 'capture', 'absolute'] as const;
export type TimeMode = (typeof timeModes)[number];

export const timeTitles: Readonly<Record<TimeMode, string>> = {
  session: 'Time in the session',
  capture: 'Time in the capture',
  absolute: 'Time of day',
};

export interface Column {
  readonly key: string;
  readonly title: string;
  readonly minPx: number;
  /** Infinity for the one that takes what is left. */
  readonly maxPx: number;
  readonly isNumber?: boolean;
  /** Shown where there is little room as well. */
  readonly isNarrow?: boolean;
}

export const fixedColumns: readonly Column[] = [
  { key: 'sequence', title: 'Frame', minPx: 72, maxPx: 72, isNumber: true, isNarrow: true },
  { key: 'time', title: 'Time', minPx: 112, maxPx: 112, isNumber: true, isNarrow: true },
  { key: 'delta', title: 'Delta', minPx: 84, maxPx: 84, isNumber: true },
  { key: 'from', title: 'From', minPx: 96, maxPx: 178, isNarrow: true },
  { key: 'to', title: 'To', minPx: 96, maxPx: 178 },
  { key: 'kind', title: 'Kind', minPx: 88, maxPx: 132 },
  { key: 'size', title: 'Size', minPx: 64, maxPx: 64, isNumber: true },
  { key: 'outcome', title: 'Outcome', minPx: 96, maxPx: 96 },
  { key: 'summary', title: 'Summary', minPx: 160, maxPx: Infinity, isNarrow: true },
];

/** On a phone: `relay → Ann` is to be read whole. */
const narrowPx: Readonly<Record<string, Pick<Column, 'minPx' | 'maxPx'>>> = {
  sequence: { minPx: 60, maxPx: 72 },
  time: { minPx: 84, maxPx: 84 },
  from: { minPx: 132, maxPx: 178 },
  summary: { minPx: 96, maxPx: Infinity },
};

/** Those that were added come before the summary. */
export function columnsOf(added: readonly string[], isNarrow: boolean): readonly Column[] {
  // Little room goes to who spoke to whom.
  if (isNarrow)
    return fixedColumns
      .filter((column) => column.isNarrow === true)
      .map((column) => ({ ...column, ...narrowPx[column.key] }));
  const own = added.map((name) => ({
    key: `+${name}`,
    title: name,
    minPx: 90,
    maxPx: 160,
  }));
  return [...fixedColumns.slice(0, -1), ...own, ...fixedColumns.slice(-1)];
}

/** For `grid-template-columns`. */
export function templateOf(columns: readonly Column[]): string {
  return columns
    .map(({ minPx, maxPx }) => `minmax(${minPx}px, ${Number.isFinite(maxPx) ? `${maxPx}px` : '1fr'})`)
    .join(' ');
}

/** Of `?columns=`: each once, and no more than the server answers. */
export function addedColumns(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))].slice(0, ADDED_MAX);
}

export interface TimeOrigin {
  /** Of the session, since the capture's start. */
  readonly started: number;
  /** Of the capture, in milliseconds since 1970. */
  readonly captureMs: number;
}

export function timeText(at: number, mode: TimeMode, { started, captureMs }: TimeOrigin): string {
  if (mode === 'session') return secondsText(at - started);
  if (mode === 'capture') return secondsText(at);
  // A number of milliseconds since 1970 has no room for microseconds.
  const date = new Date(captureMs + Math.floor(at / 1e6));
  const two = (value: number) => String(value).padStart(2, '0');
  const micros = String(Math.floor(at / 1e3) % 1_000).padStart(3, '0');
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}${micros}`;
}

/** Since the row before; empty where that is not known. */
export function deltaText(at: number, before: number | null): string {
  return before === null ? '' : `+${durationText(Math.max(0, at - before))}`;
}

/** `×1 804, every 33.3 ms ±1.2 ms`. */
export function runText({ count, every, jitter }: Pick<Run, 'count' | 'every' | 'jitter'>): string {
  if (count === 1) return '';
  const rhythm = every === null ? '' : `, every ${durationText(every)}`;
  const varies = every === null || jitter === null ? '' : ` \u00b1${durationText(jitter)}`;
  return `\u00d7${countText(count)}${rhythm}${varies}`;
}

/** Of the outcomes that mean that it did not arrive. */
const arrived: ReadonlySet<string> = new Set(['forwarded', 'consumed', 'originated']);

export function isLost({ outcome }: Pick<FrameRow, 'outcome'>): boolean {
  return !arrived.has(outcome);
}
