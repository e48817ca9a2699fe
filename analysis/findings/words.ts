/** Times, numbers and lists as people write them. Nanoseconds in, words out. */
import type { SessionView } from '../observe.ts';

export const MILLISECOND = 1e6;
export const SECOND = 1e9;

/** `3 412`. */
export function countText(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 frame`, `3 412 frames`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `4.2 s`; what is short in three decimals. */
export function lengthText(ns: number): string {
  const seconds = ns / SECOND;
  if (seconds < 0.0995) return `${seconds.toFixed(3)} s`;
  const tenths = seconds.toFixed(1);
  return `${countText(Math.trunc(Number(tenths)))}${tenths.slice(-2)} s`;
}

/** `12.3 s`, after the session's start. */
export function momentText(view: SessionView, at: number): string {
  const since = at - view.session.started;
  return since < SECOND / 10 ? `${Math.max(0, since / SECOND).toFixed(1)} s` : lengthText(since);
}

/** `412 ms`, `12.3 ms`. */
export function millisText(ns: number): string {
  const ms = ns / MILLISECOND;
  return ms < 99.95 ? `${ms.toFixed(1)} ms` : `${countText(ms)} ms`;
}

/** `812 bytes`, `12 kB`. */
export function bytesText(bytes: number): string {
  return bytes < 10_000 ? plural(bytes, 'byte') : `${countText(bytes / 1000)} kB`;
}

/** `about` a number: `30`, `7.5`. */
export function roughText(value: number): string {
  return value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : countText(value);
}

/** Names that are told one by one; more are counted. */
const NAMES_MAX = 3;

/** `Alice, Bob and Carol`, `Alice, Bob and 5 others`. */
export function listText(names: readonly string[]): string {
  if (names.length > NAMES_MAX) {
    const told = names.slice(0, NAMES_MAX - 1);
    return `${told.join(', ')} and ${countText(names.length - told.length)} others`;
  }
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** `at 3.0 s`, `from 3.0 s to 9.1 s`. */
export function spanText(view: SessionView, first: number, last: number): string {
  const [from, to] = [momentText(view, first), momentText(view, last)];
  return from === to ? `at ${from}` : `from ${from} to ${to}`;
}
