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

/** What peers sent may hold control characters, which would move the reader's cursor. */
export function printable(text: string): string {
  return text.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, '\u{fffd}');
}

export type Align = 'left' | 'right';

/** Rows of cells as lines of equally wide columns, without trailing blanks. */
export function columns(rows: readonly (readonly string[])[], aligns: readonly Align[]): string[] {
  const widths = aligns.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, (row[column] ?? '').length), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, aligns[column] ?? 'left'))
      .join('  ')
      .trimEnd(),
  );
}

export function pad(text: string, width: number, align: Align): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}
