import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../analysis/filter/compile.ts';
import { FilterError } from '../../../analysis/filter/errors.ts';
import {
  DEPTH_MAX,
  FILTER_CHARACTERS_MAX,
  LIST_MAX,
  NODES_MAX,
  PATTERN_REPEAT_MAX,
} from '../../../analysis/filter/limits.ts';
import { parseFilter } from '../../../analysis/filter/parse.ts';
import { SYMBOLS } from '../../../analysis/filter/tokens.ts';
import { printTree } from '../../../analysis/filter/tree.ts';
import { filters, smallLanguage } from '../../kit/filters.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const parse = (text: string) => parseFilter(text, smallLanguage);
/** As the parser understood it. */
const read = (text: string) => printTree(parse(text));

function refusal(text: string): FilterError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`this is a filter: ${text}`);
}

describe('a filter', () => {
  it.each([
    ['size>1000', 'size > 1000'],
    ['  SIZE\n==\t0x10 ', 'size == 0x10'],
    ['kind==PDP&&size>-1', 'kind == pdp && size > -1'],
    ['size > 1 || size < 2 && size == 3', 'size > 1 || (size < 2 && size == 3)'],
    ['(size > 1 || size < 2) && size == 3', '(size > 1 || size < 2) && size == 3'],
    ['size == 1 && (size == 2 && size == 3)', 'size == 1 && (size == 2 && size == 3)'],
    ['((size == 1))', 'size == 1'],
    ['!size == 1 && size == 2', '!(size == 1) && size == 2'],
    ['!(size == 1 && size == 2)', '!(size == 1 && size == 2)'],
    ['!!size == 1', '!!(size == 1)'],
    ['kind in(pdp,PTP)', 'kind in (pdp, ptp)'],
    ['postoffice.init_type == ptp_connect', 'postoffice.init_type == PTP_CONNECT'],
    ['postoffice.init_type == 2', 'postoffice.init_type == 2'],
    ['kind == kind-200', 'kind == kind-200'],
  ])('%s is %s', (text, printed) => expect(read(text)).toBe(printed));

  it('reads six bytes by the type of the field that they stand beside', () => {
    const six = '02:AA:bb:cc:dd:01';
    const valueOf = (text: string) => {
      const tree = parse(text);
      return tree.kind === 'comparison' ? tree.literals[0]?.value : undefined;
    };
    expect(valueOf(`from == ${six}`)).toBe('02:aa:bb:cc:dd:01');
    expect(valueOf(`postoffice.addr == ${six}`)).toBe('02:aa:bb:cc:dd:01');
    expect(valueOf(`payload == ${six}`)).toEqual(Uint8Array.of(2, 0xaa, 0xbb, 0xcc, 0xdd, 1));
    expect(valueOf(`to.role == ${six}`)).toBe(six);
    expect(valueOf(`payload == "${six}"`)).toEqual(new TextEncoder().encode(six));
  });

  it.each([
    ['payload == 01e0', 'payload == 01:e0'],
    ['payload == "\\x01\\xe0"', 'payload == 01:e0'],
    ['payload == "\u00e0\\n"', 'payload == c3:a0:0a'],
    ['payload == ""', 'payload == ""'],
    ['to.role == "\\x01\\xe0\\"\\\\\\t"', 'to.role == "\\x01\u00e0\\"\\\\\\t"'],
    ['to.role == "\ud800"', 'to.role == "\ufffd"'],
    ['from == 02:AA:bb:cc:dd:01/65535', 'from == 02:aa:bb:cc:dd:01/65535'],
    ['from == lumi', 'from == lumi'],
    ['from == "relay"', 'from == "relay"'],
    ['from == relay', 'from == relay'],
    ['from.address == 2001:DB8:0::2', 'from.address == 2001:db8::2'],
    ['to.role matches "\\d\\"x"', 'to.role matches "\\d\\"x"'],
  ])('%s is %s', (text, printed) => expect(read(text)).toBe(printed));

  it('measures time in seconds and delay in milliseconds, exactly', () => {
    const nanosOf = (text: string) => compileFilter(text, smallLanguage).sql.params;
    expect(nanosOf('time == 1.1')).toEqual([1_100_000_000]);
    expect(nanosOf('time == 0.067')).toEqual([67_000_000]);
    expect(nanosOf('delay == 0.0912')).toEqual([91_200]);
    expect(nanosOf('delay == -0x10')).toEqual([-16_000_000]);
    expect(nanosOf('size == 1.5')).toEqual([1.5]);
  });

  it(
    'is the same after it was printed and read again',
    () => {
      fc.assert(
        fc.property(filters(smallLanguage), (text) => {
          const tree = parse(text);
          const again = parse(printTree(tree));
          expect(printTree(again)).toBe(printTree(tree));
          expect(again).toEqual(tree);
        }),
        runs(1500),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe('what is no filter is refused, with the place and what was expected:', () => {
  it.each<[text: string, at: number, length: number, expected: readonly string[]]>([
    ['', 0, 0, ['a field', '!', '(']],
    ['size > 1 &&', 11, 0, ['a field', '!', '(']],
    ['size > 1 && && size', 12, 2, ['a field', '!', '(']],
    ['"size" > 1', 0, 6, ['a field', '!', '(']],
    ['(size > 1', 9, 0, ['&&', '||', ')']],
    ['size > 1)', 8, 1, ['&&', '||']],
    ['size > 1 and size < 3', 9, 3, ['&&', '||']],
    ['size', 4, 0, ['==', '!=', '<', '<=', '>', '>=', 'in']],
    ['size 3', 5, 1, ['==', '!=', '<', '<=', '>', '>=', 'in']],
    ['kind < pdp', 5, 1, ['==', '!=', 'in']],
    ['size contains 3', 5, 8, ['==', '!=', '<', '<=', '>', '>=', 'in']],
    ['from matches "a"', 5, 7, ['==', '!=', 'in']],
    ['kind in pdp', 8, 3, ['(']],
    ['kind in (pdp ptp)', 13, 3, [',', ')']],
    ['kind in (pdp', 12, 0, [',', ')']],
    ['size in ()', 9, 1, ['a number such as 12, 1.5 or 0x0c']],
    ['size = 3', 5, 1, ['==']],
    ['size > 1 & size < 3', 9, 1, ['&&']],
    ["to.role == 'pdp'", 11, 1, ['"']],
    ['to.role == "pdp', 11, 4, ['"']],
    ['to.role == "a\\q"', 13, 2, ['\\"', '\\\\', '\\n', '\\r', '\\t', '\\xNN']],
    ['to.role matches pdp', 16, 3, []],
    ['to.role matches "a("', 18, 1, []],
    ['sise > 3', 0, 4, ['size']],
    ['postofice.prot == 3', 0, 14, ['postoffice.port']],
    ['port == 3', 0, 4, ['from.port', 'to.port', 'postoffice.port']],
    ['zzzzzzzz == 3', 0, 8, []],
    ['size == abc', 8, 3, []],
    ['size == "3"', 8, 3, []],
    ['size == 1e3', 8, 3, []],
    [`size == ${'9'.repeat(400)}`, 8, 400, []],
    ['from == 02:aa:bb', 8, 8, []],
    ['from == 02:aa:bb:cc:dd:01/65536', 8, 23, []],
    ['from == ""', 8, 2, []],
    ['postoffice.addr == 02:aa:bb', 19, 8, []],
    ['from.address == 1.2.3', 16, 5, []],
    ['payload contains 1e0', 17, 3, []],
    ['payload == 0x01', 11, 4, []],
    ['protocol == postofice', 12, 9, ['postoffice']],
    [
      'sequence == 1 && outcome == outcome-077',
      28,
      11,
      smallLanguage.fields.get('outcome')!.names.map(({ name }) => name),
    ],
  ])('%s', (text, at, length, expected) => {
    const error = refusal(text);
    expect([error.at, error.length]).toEqual([at, length]);
    expect(error.expected).toEqual(expected);
    expect(error.message).not.toBe('');
  });

  it('a kind, with the nearest name first and then all others', () => {
    const { message, at, length, expected } = refusal('size > 3 && kind == pdb');
    expect(message).toBe('no kind has this name');
    expect([at, length]).toEqual([20, 3]);
    expect(expected.slice(0, 2)).toEqual(['pdp', 'pdp-open']);
    expect(expected).toHaveLength(smallLanguage.fields.get('kind')!.names.length);
  });

  it('a value of a field that has names, with those', () => {
    const { expected } = refusal('postoffice.init_type == PTP_CONECT');
    expect(expected[0]).toBe('PTP_CONNECT');
    expect(expected).toContain('a number such as 12, 1.5 or 0x0c');
  });
});

describe('the limits', () => {
  it('of the text', () => {
    const full = `size > 1${' '.repeat(FILTER_CHARACTERS_MAX - 8)}`;
    expect(read(full)).toBe('size > 1');
    expect(refusal(`${full} `)).toMatchObject({ at: FILTER_CHARACTERS_MAX, length: 1 });
  });

  it('of depth', () => {
    const nested = (depth: number, open: string, close: string) =>
      `${open.repeat(depth)}size > 1${close.repeat(depth)}`;
    for (const [open, close] of [
      ['(', ')'],
      ['!', ''],
    ] as const) {
      expect(read(nested(DEPTH_MAX, open, close))).toContain('size > 1');
      expect(refusal(nested(DEPTH_MAX + 1, open, close)).message).toContain('nested');
    }
    expect(refusal('('.repeat(FILTER_CHARACTERS_MAX)).message).toContain('nested');
  });

  it('of comparisons and what joins them', () => {
    const many = (count: number) => new Array<string>(count).fill('size>1').join('&&');
    expect(read(many(NODES_MAX - 1))).toContain('&&');
    expect(refusal(many(NODES_MAX)).message).toContain(String(NODES_MAX));
  });

  it('of lists', () => {
    const many = (count: number) => `size in (${new Array<string>(count).fill('1').join(',')})`;
    expect(read(many(LIST_MAX))).toContain('in');
    expect(refusal(many(LIST_MAX + 1)).message).toContain(String(LIST_MAX));
  });

  it('of all patterns together', () => {
    const pattern = `to.role matches "a{${PATTERN_REPEAT_MAX}}"`;
    expect(read(`${pattern} && ${pattern}`)).toContain('&&');
    const { at, message } = refusal(`${pattern} && ${pattern} && ${pattern}`);
    expect(message).toContain('all patterns together');
    expect(at).toBe(2 * (pattern.length + 4) + 16);
  });

  it('leave SQL room for all that they allow', () => {
    const db = new Database(':memory:');
    db.exec('CREATE TABLE t (frame)');
    const wide = `from in (${new Array<string>(LIST_MAX).fill('a').join()})`;
    const filter = compileFilter(new Array<string>(18).fill(wide).join('||'), smallLanguage);
    const deep = compileFilter(
      `${'!('.repeat(DEPTH_MAX / 2)}size>1${')'.repeat(DEPTH_MAX / 2)}`,
      smallLanguage,
    );
    const many = compileFilter(new Array<string>(NODES_MAX - 1).fill('size>1').join('||'), smallLanguage);
    for (const { sql } of [filter, deep, many]) {
      const columns = `SELECT 1 AS id, x'00' AS bytes, 1 AS from_connection`;
      const statement = db.prepare(
        `SELECT 1 FROM (${columns}) AS frame, (SELECT 0 AS connection_base) AS capture,
                (SELECT 'a/1' AS endpoint) AS source WHERE ${sql.where}`,
      );
      expect(() => statement.all(sql.params)).not.toThrow();
    }
    db.close();
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...SYMBOLS,
    ...[
      'size',
      'from',
      'kind',
      'payload',
      'toy.text',
      'in',
      'contains',
      'matches',
      'pdp',
      '12',
      '0x',
      '01:e0',
    ],
    ...['"', '"a"', '"\\', '"(a+"', '02:00:00:00:00:01', ' ', '\n', '=', '\u{1f3ae}', '\ud800', '%', '-'],
  );

  it(
    'is a filter, or is refused with a place in it: it never does anything else',
    () => {
      const texts = fc.oneof(
        fc.array(words, { maxLength: 25 }).map((all) => all.join('')),
        fc.array(words, { maxLength: 25 }).map((all) => all.join(' ')),
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc
          .tuple(filters(smallLanguage), fc.nat(200), fc.nat(200))
          .map(([text, from, length]) => text.slice(0, from) + text.slice(from + length)),
      );
      let read = 0;
      fc.assert(
        fc.property(texts, (text) => {
          try {
            compileFilter(text, smallLanguage);
            read++;
          } catch (error) {
            expect(error).toBeInstanceOf(FilterError);
            const { at, length } = error as FilterError;
            expect(Number.isInteger(at) && at >= 0 && length >= 0 && at + length <= text.length).toBe(true);
          }
        }),
        runs(5000),
      );
      expect(read).toBeGreaterThan(100);
    },
    PROPERTY_TIMEOUT_MS,
  );
});
