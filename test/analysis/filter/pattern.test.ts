import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PATTERN_CHARACTERS_MAX,
  PATTERN_REPEAT_MAX,
  PATTERN_STATES_MAX,
} from '../../../analysis/filter/limits.ts';
import { Pattern, PatternError } from '../../../analysis/filter/pattern.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const codes = (text: string) => Array.from(text, (character) => character.codePointAt(0)!);
const matches = (source: string, text: string) => new Pattern(source).test(codes(text));

describe('a pattern', () => {
  it.each<[source: string, yes: readonly string[], no: readonly string[]]>([
    ['', ['', 'x'], []],
    ['ab', ['ab', 'xaby'], ['a b', '']],
    ['^ab$', ['ab'], ['xab', 'abx', '']],
    ['a|bc', ['a', 'bc'], ['b', 'c']],
    ['^(a|b)*$', ['', 'abba'], ['abc']],
    ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
    ['^a{2,}$', ['aa', 'aaaaaa'], ['a']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{0}$', [''], ['a']],
    ['^(?:ab)?c$', ['c', 'abc'], ['bc']],
    ['[a-c-]', ['b', '-'], ['d']],
    ['^[^a-c]$', ['d', '\u{1f3ae}'], ['b']],
    ['^[\\d_]+$', ['1_2'], ['a']],
    ['^[^\\D]+$', ['12'], ['1a']],
    ['^\\w\\W\\s\\S\\d\\D$', ['a- b1x'], ['ab b1x']],
    ['\\x41\\.\\\\', ['A.\\'], ['Ax\\']],
    ['^.$', ['\n', '\u{1f3ae}', '\0'], ['', 'ab']],
    ['(?i)ulus[a-c]', ['ULUSA', 'ulusB', 'uLuSc'], ['ulusd']],
    ['(?i)^[^a]$', ['b'], ['a', 'A']],
    ['\u{1f3ae}+$', ['\u{1f3ae}\u{1f3ae}'], ['\u{1f3af}']],
    ['(^a|b$)', ['ax', 'xb'], ['xax']],
    ['a^', [], ['a', 'aa']],
    ['(a*)*b', ['b', 'aab'], ['aa']],
  ])('%s', (source, yes, no) => {
    for (const text of yes) expect(matches(source, text), JSON.stringify(text)).toBe(true);
    for (const text of no) expect(matches(source, text), JSON.stringify(text)).toBe(false);
  });

  it('takes bytes as the characters of their codes', () => {
    expect(new Pattern('^\\x01\\xe0.$').test(Uint8Array.of(1, 0xe0, 0xff))).toBe(true);
    expect(new Pattern('\u00e0').test(Uint8Array.of(0xe0))).toBe(true);
    expect(new Pattern('\u0100').test(Uint8Array.of(0))).toBe(false);
  });

  it.each([
    ['a)', 1, 1],
    ['(a', 0, 1],
    ['x[a', 1, 1],
    ['x[', 1, 1],
    ['[a-', 0, 1],
    ['*', 0, 1],
    ['a|+', 2, 1],
    ['a**', 2, 1],
    ['a{2}{3}', 4, 1],
    ['a+?', 2, 1],
    ['a{,3}', 1, 1],
    ['{2}', 0, 1],
    ['a{3,2}', 1, 5],
    ['(?=a)', 0, 2],
    ['(?<n>a)', 0, 2],
    ['x(?i)', 1, 2],
    ['\\1', 0, 2],
    ['\\b', 0, 2],
    ['\\', 0, 1],
    ['\\x4', 0, 2],
    ['[z-a]', 1, 3],
    ['[\\d-z]', 1, 4],
  ])('%s is refused, with the place', (source, at, length) => {
    expect(() => new Pattern(source)).toThrow(PatternError);
    expect(() => new Pattern(source)).toThrow(expect.objectContaining({ at, length }) as Error);
  });

  it('has as many characters, repetitions and states as the limits say, and no more', () => {
    expect(matches('a'.repeat(PATTERN_CHARACTERS_MAX), 'b')).toBe(false);
    expect(() => new Pattern('a'.repeat(PATTERN_CHARACTERS_MAX + 1))).toThrow(/characters/);
    expect(matches(`a{${PATTERN_REPEAT_MAX}}`, 'a'.repeat(PATTERN_REPEAT_MAX))).toBe(true);
    expect(() => new Pattern(`a{${PATTERN_REPEAT_MAX + 1}}`)).toThrow(/repeated/);
    const half = PATTERN_REPEAT_MAX;
    expect(new Pattern(`a{${half}}b{${half}}`).states).toBe(2 * half + 1);
    expect(() => new Pattern(`a{${half}}b{${half}}c{${half}}`)).toThrow(`${PATTERN_STATES_MAX} states`);
  });

  it('does not write repetitions of nothing for ever', () => {
    const source = `${'('.repeat(20)}${'){200}'.repeat(20)}`;
    expect(() => new Pattern(source)).toThrow(PatternError);
  });

  it('takes a step for each state and character at most, where others would run for ever', () => {
    const long = 'a'.repeat(5000);
    expect(matches('^(a+)+$', `${long}!`)).toBe(false);
    expect(matches('^(a|a)*$', `${long}!`)).toBe(false);
    expect(matches(`^${'a?'.repeat(60)}${'a'.repeat(60)}$`, 'a'.repeat(59))).toBe(false);
  });
});

// Patterns that mean the same to the engine of the language, as long as they are small.
const atoms = fc.constantFrom(
  'a',
  'b',
  'A',
  '.',
  '\\d',
  '\\W',
  '[ab]',
  '[^a]',
  '[0-9b-]',
  '\\x61',
  '\\.',
  '^',
  '$',
  '',
);
const sources: Arbitrary<string> = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    atoms,
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}'))
      .map(([part, times]) => `(${part})${times}`),
    fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((parts) => parts.join('')),
    fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }).map((parts) => `(?:${parts.join('|')})`),
  ),
})).pattern;
const inputs = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '0', '.', '\n'), maxLength: 6 });

describe('patterns', () => {
  it(
    'match what the regular expressions of the language match',
    () => {
      fc.assert(
        fc.property(
          sources,
          fc.boolean(),
          fc.array(inputs, { maxLength: 8 }),
          (source, ignoresCase, texts) => {
            const own = new Pattern((ignoresCase ? '(?i)' : '') + source);
            const theirs = new RegExp(source, ignoresCase ? 'si' : 's');
            for (const text of texts) expect(own.test(codes(text)), text).toBe(theirs.test(text));
          },
        ),
        runs(1500),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('from any text are made or refused, with a place in the text', () => {
    const letters = fc.constantFrom(...Array.from('ab01(){}[]|*+?.^$\\,-:ix\u{1f3ae}\ud800'));
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 30 }), (source) => {
        try {
          new Pattern(source).test(codes('ab01'));
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
          const { at } = error as PatternError;
          expect(at >= 0 && at <= source.length).toBe(true);
        }
      }),
      runs(3000),
    );
  });
});
