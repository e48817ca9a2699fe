/** Writes a JSON array of any length: an item at a time, in the layout of `JSON.stringify(items, null, 2)`. */
import type { Output } from './output.ts';

export async function writeArray(output: Output, items: Iterable<object>): Promise<void> {
  // An item is written when it is known whether a comma comes after it.
  let before: string | null = null;
  for (const item of items) {
    await output.line(before === null ? '[' : `${before},`);
    // No text within JSON has a line feed in it: all of them are of the layout.
    before = `  ${JSON.stringify(item, null, 2).replaceAll('\n', '\n  ')}`;
  }
  if (before === null) return output.line('[]');
  await output.line(before);
  await output.line(']');
}
