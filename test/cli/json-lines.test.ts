import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonLineError, parseSections, type JsonEntry, type JsonSection } from '../../cli/json-lines.ts';
import { runs } from '../kit/property.ts';

const plain = (sections: readonly JsonEntry<JsonSection>[]) =>
  sections.map(({ key, value }) => [key, value.map((entry) => [entry.key, entry.value])]);

describe('a JSON text of two levels', () => {
  it('is read with the line of each entry', () => {
    const text = '{\n  "a": {"x": 1,\n    "y"\n: "two"},\n\n"b": {},\r\n"c": {"z": null}}\n\n';
    expect(parseSections(text)).toEqual([
      {
        key: 'a',
        line: 2,
        value: [
          { key: 'x', value: 1, line: 2 },
          { key: 'y', value: 'two', line: 3 },
        ],
      },
      { key: 'b', line: 6, value: [] },
      { key: 'c', line: 7, value: [{ key: 'z', value: null, line: 7 }] },
    ]);
  });

  it('may be empty', () => expect(parseSections(' {\n} ')).toEqual([]));

  it.each([
    ['', 1, "there should be '{', and there is the end"],
    ['[]', 1, 'there should be \'{\', and there is "[]"'],
    ['{', 1, 'there should be a text in "...", and there is the end'],
    ['{\n"a"}', 2, 'there should be \':\', and there is "}"'],
    ['{"a": 1}', 1, 'there should be \'{\', and there is "1}"'],
    ['{"a": {}} {}', 1, 'there should be the end, and there is "{}"'],
    ['{"a": {},\n\n}', 3, 'there should be a text in "...", and there is "}"'],
    ['{"a": {"x": 1 "y": 2}}', 1, 'there should be \'}\', and there is "\\"y\\":"'],
    ['{"a": {"x":\n{"y": 2}}}', 2, 'there should be a value, and there is "{\\"y\\":"'],
    ['{"a": {"x": [1]}}', 1, 'there should be a value, and there is "[1]}}"'],
    ['{"a": {"x": 01}}', 1, 'there should be a value, and there is "01}}"'],
    ['{"a": {"x": truely}}', 1, 'there should be a value, and there is "truely}}"'],
    ['{"a": {"x": "\\q"}}', 1, 'there should be a value, and there is "\\"\\\\q\\"}}"'],
    ['{"a": {"x": "one\ntwo"}}', 1, 'there should be a value, and there is "\\"one"'],
    [`{"a": {"x": '1'}}`, 1, `there should be a value, and there is "'1'}}"`],
    ['{"a":\n{"x": 1,\n"y": 2,\n"x": 3}}', 4, '"x" is there twice: the first is on line 2'],
    ['{"a": {},\n"\\u0061": {}}', 2, '"a" is there twice: the first is on line 1'],
  ])('that is none is refused at its line: %j', (text, line, message) => {
    let refused: unknown = null;
    try {
      parseSections(text);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(JsonLineError);
    expect(refused).toMatchObject({ line, message });
  });
});

const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const sections = fc.dictionary(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), scalar));

it('it is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(sections, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const read = Object.fromEntries(
        parseSections(text).map(({ key, value: entries }) => [
          key,
          Object.fromEntries(entries.map((entry) => [entry.key, entry.value])),
        ]),
      );
      expect(read).toEqual(JSON.parse(text));
    }),
    runs(300),
  );
});

it('and what JSON.parse refuses is refused here, wherever it was spoilt', () => {
  fc.assert(
    fc.property(
      sections,
      fc.nat(),
      fc.constantFrom('', '"', '{', '}', ',', ':', '\\', '\n', '0', '-', 'e', '.', '\u0001'),
      (value, where, wrong) => {
        const text = JSON.stringify(value);
        const at = where % text.length;
        const spoilt = text.slice(0, at) + wrong + text.slice(at + 1);
        const parsed = outcome(() => JSON.parse(spoilt) as unknown);
        const read = outcome(() => plain(parseSections(spoilt)));
        if (parsed instanceof Error) expect(read).toBeInstanceOf(JsonLineError);
        else if (!(read instanceof Error)) expect(read.length).toBe(Object.keys(parsed as object).length);
        else expect(read).toBeInstanceOf(JsonLineError);
      },
    ),
    runs(500),
  );
});

function outcome<T>(attempt: () => T): T | Error {
  try {
    return attempt();
  } catch (error) {
    return error as Error;
  }
}

it('a long text is no trouble', () => {
  const long = '\\n'.repeat(1_000_000);
  expect(parseSections(`{"a": {"x": "${long}"}}`)[0]?.value[0]?.value).toHaveLength(1_000_000);
});
