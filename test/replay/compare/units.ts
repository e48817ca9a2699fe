/** Units made of text, and what is told of them as text, so that a test shows what goes in and what comes out. */
import type { Match } from '../../../replay/compare/aligner.ts';
import type { Unit } from '../../../replay/types.ts';

export function unit(text: string, also: Partial<Unit> = {}): Unit {
  const bytes = Buffer.from(text, 'latin1');
  return { kind: 0, bytes, sequence: 0, at: 0, givenUp: false, isOptional: false, ...also };
}

export function textOf(of: Unit | Uint8Array | null): string {
  const bytes = of === null || of instanceof Uint8Array ? of : of.bytes;
  return bytes === null ? '' : Buffer.from(bytes).toString('latin1');
}

/** `a` equal, `a~b` masked, `a>b` changed, `-a` missing, `+b^a` extra after it, `@a` reordered, `late a`. */
export function told(match: Match): string {
  const expected = textOf(match.expected);
  const actual = textOf(match.actual);
  switch (match.class) {
    case 'equal':
      return expected;
    case 'masked':
      return `${expected}~${actual}`;
    case 'changed':
      return `${expected}>${actual}`;
    case 'missing':
      return `-${expected}`;
    case 'extra':
      return `+${actual}^${textOf(match.after)}`;
    case 'reordered':
      return `@${expected}`;
    case 'late':
      return `late ${expected}`;
  }
}
