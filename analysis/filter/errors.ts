/** What is wrong with a filter, where in its text, and what would have been right: for programs and for terminals. */

/** What may stand somewhere, for completion. `of` names the field whose value is wanted. */
export type Want =
  | { readonly what: 'field' | 'connective' | 'nothing' }
  | { readonly what: 'operator' | 'value' | 'list' | 'separator'; readonly of: string };

export class FilterError extends Error {
  /** UTF-16 units into the text of the filter. `at + length` is never beyond its end. */
  readonly at: number;
  readonly length: number;
  /** In words, or as they are to be typed; likely ones first. */
  readonly expected: readonly string[];
  readonly wants: Want;

  constructor(
    at: number,
    length: number,
    message: string,
    expected: readonly string[] = [],
    wants: Want = { what: 'nothing' },
  ) {
    super(message);
    this.name = 'FilterError';
    this.at = at;
    this.length = length;
    this.expected = expected;
    this.wants = wants;
  }
}

const BEFORE_MAX = 60;
const AFTER_MAX = 40;
const EXPECTED_SHOWN_MAX = 12;

/**
 * Three lines: the text, or the part of it that matters; a caret below what is wrong; and the message with what was
 * expected. Whatever the text holds, it cannot move the cursor.
 */
export function renderFilterError(text: string, error: FilterError): string {
  const from = error.at > BEFORE_MAX ? error.at - BEFORE_MAX : 0;
  const end = Math.min(text.length, error.at + AFTER_MAX);
  const lead = from > 0 ? '...' : '';
  const tail = end < text.length ? '...' : '';
  const shown = `${lead}${visible(text.slice(from, end))}${tail}`;
  const indent = lead.length + lengthOf(text.slice(from, error.at));
  const marked = lengthOf(text.slice(error.at, Math.min(error.at + error.length, end)));
  const carets = '^'.repeat(Math.max(1, marked));
  return `  ${shown}\n  ${' '.repeat(indent)}${carets}\n${visible(error.message)}${expectedText(error.expected)}`;
}

/** The same in one line, for where there is no room for a caret: it names the character, from 1. */
export function filterErrorLine(error: FilterError): string {
  return `at character ${error.at + 1}: ${visible(error.message)}${expectedText(error.expected)}`;
}

function expectedText(expected: readonly string[]): string {
  if (expected.length === 0) return '';
  const shown = expected.slice(0, EXPECTED_SHOWN_MAX).map(visible);
  const more = expected.length > shown.length ? `, ... (${expected.length} in all)` : '';
  return `; expected ${expected.length > 1 ? 'one of ' : ''}${shown.join(', ')}${more}`;
}

/** Characters as a terminal counts them, more or less. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function visible(text: string): string {
  return text.replaceAll(/[\0-\x1f\x7f-\x9f\u2028\u2029\p{Surrogate}\p{Bidi_Control}]/gu, '\u{fffd}');
}

const FAR = 3;

/** Those that a slip of the fingers may have meant: the nearest, or several that are equally near. */
export function nearest(text: string, names: readonly string[]): string[] {
  const wanted = text.toLowerCase().slice(0, 60);
  const distances = names.map((name) => {
    const other = name.toLowerCase();
    // What was begun, or is a part of it, is near however much is missing.
    const isPart = wanted.length > 1 && (other.startsWith(wanted) || other.endsWith(`.${wanted}`));
    return isPart ? 0.5 : distance(wanted, other);
  });
  const least = Math.min(...distances);
  if (least > Math.min(FAR, Math.ceil(wanted.length / 2))) return [];
  return names.filter((_, i) => distances[i] === least);
}

/** How many letters must be changed, added, removed or swapped with their neighbour. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let least = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        least = Math.min(least, (before[j - 2] as number) + 1);
      }
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[other.length] as number;
}
