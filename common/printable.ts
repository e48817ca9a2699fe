/** Text of peers that is fit to be shown: what they sent may hold control characters, which would move the reader's cursor. */

/** With a mark in the place of each character that cannot be seen. */
export function printable(text: string): string {
  return text.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, '\u{fffd}');
}
