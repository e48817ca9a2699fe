/** Pieces of the pages that are made from tables. */

export interface GeneratedDoc {
  /** Below the package's folder. */
  readonly file: string;
  /** The same text on every machine and on every day. */
  readonly make: () => string;
}

/** A Markdown table in the shape that the formatter leaves alone. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [cells[0] ?? [], widths.map((width) => '-'.repeat(width)), ...cells.slice(1)].map(line);
}
