/** Numbers, sizes, times and columns as people read them. Machines get JSON, which has none of this. */

/** `3 412`. */
export function countText(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** `812 B`, `1.2 MB`: decimal units, two digits or more. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  let unit = 0;
  // 999.6 would be written as 1000, which the next unit says better.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 9.95 ? value.toFixed(1) : countText(value)} ${BYTE_UNITS[unit] as string}`;
}

/** `0.09 ms`, `12.3 ms`, `1 204 ms`. */
export function millisText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${countText(ms)} ms`;
}

/** `4.2 s`, `3 min 5 s`, `1 h 2 min`, `2 d 3 h`. */
export function durationText(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `2025-11-21 10:04:05`, in the reader's own time zone. */
export function momentText(iso: string): string {
  const date = new Date(iso);
  const two = (value: number) => value.toString().padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `1 frame`, `3 412 frames`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** An address and a port: `192.0.2.1:27313`, `[::1]:27313`. */
export function hostPortText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Written over the character before it, or not at all. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]$/u;

/** East Asian characters that Unicode calls wide or fullwidth, and pictures. A flag is two halves of one column each. */
const WIDE =
  /^(?!\p{RI})(?:[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** How many columns of a terminal a printable text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** As much of the text as so many columns hold, with a mark where something is left out. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const character of text) {
    left -= characterWidth(character);
    if (left < 0) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

export type Align = 'left' | 'right';

/** Between two columns. */
export const COLUMN_GAP = 2;

/** Rows of cells as lines of equally wide columns, without trailing blanks. */
export function columns(rows: readonly (readonly string[])[], aligns: readonly Align[]): string[] {
  const widths = columnWidths(rows, aligns.length);
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, aligns[column] ?? 'left'))
      .join(' '.repeat(COLUMN_GAP))
      .trimEnd(),
  );
}

/** Of the first `count` columns, the width of their widest cells. */
export function columnWidths(rows: Iterable<readonly string[]>, count: number): number[] {
  const widths = new Array<number>(count).fill(0);
  for (const row of rows) {
    for (const [column, widest] of widths.entries())
      widths[column] = Math.max(widest, displayWidth(row[column] ?? ''));
  }
  return widths;
}

/** To so many columns of a terminal. */
export function pad(text: string, width: number, align: Align): string {
  const blanks = ' '.repeat(Math.max(width - displayWidth(text), 0));
  return align === 'left' ? text + blanks : blanks + text;
}
