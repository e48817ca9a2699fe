/** Numbers and times as people read them. One way for each, in all views. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1 804 332`: with narrow blanks, as the command line writes it. */
export function countText(count: number): string {
  return whole.format(count).replaceAll(',', '\u202f');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? whole.format(value) : value.toPrecision(2)} ${units[unit] ?? ''}`;
}

/** A duration in nanoseconds: `0.07 ms`, `33.3 ms`, `5.0 s`, `12:04`, `1:02:03`. */
export function durationText(nanos: number): string {
  const ms = nanos / 1e6;
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${ms.toFixed(1)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = String(Math.floor(seconds % 60)).padStart(2, '0');
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${rest}`;
}

/** Since the capture's start, in seconds: `12.345678`. */
export function secondsText(nanos: number, digits = 6): string {
  return (nanos / 1e9).toFixed(digits);
}

/** `2026-11-21 13:58:06`, where the reader is. */
export function momentText(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A player by name, or by address where none is known. */
export function playerText({
  player,
  nickname,
}: {
  readonly player: string;
  readonly nickname: string;
}): string {
  return nickname === '' ? player : nickname;
}
