/** What filters say of fields that only some tables have: text of any bytes, numbers in digits, what is inside other fields. */
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../analysis/filter/compile.ts';
import { completions } from '../../../analysis/filter/complete.ts';
import type { FilterConnection } from '../../../analysis/filter/decode.ts';
import { languageOf } from '../../../analysis/filter/language.ts';
import { printTree } from '../../../analysis/filter/tree.ts';
import { encode, type FieldValue } from '../../../protocol/layout.ts';
import type { FrameKind, FrameSpec } from '../../../protocol/types.ts';
import { toyPayload } from '../../kit/filters.ts';
import { scribe, ScribeKind } from '../../kit/scribe.ts';

const language = languageOf([scribe], [toyPayload]);

const writer: FilterConnection = {
  protocol: scribe,
  remoteAddress: '192.0.2.1',
  remotePort: 1,
  role: 'post',
  endpoint: 'ann',
  nickname: null,
};

function passes(text: string, kind: FrameKind, bytes: Uint8Array): boolean {
  const filter = compileFilter(text, language);
  const frame = { sequence: 1, arrived: 0, departed: null, from: 1, to: 0, kind, outcome: 0, bytes };
  return filter.test(filter.decoder().decode(frame, writer, null));
}

function written(kind: FrameKind, values: Readonly<Record<string, FieldValue>>): Uint8Array {
  return encode(scribe.frames[kind] as FrameSpec, values);
}

describe('text of any bytes', () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0x5c, 0x22, 0xc3, 0xa9, 0x7c, 0x33, 0x7c);

  it.each([
    'scribe.to == "a\\xff\\\\\\"é"',
    'scribe.to != a',
    'scribe.to contains "\\xff"',
    'scribe.to contains "é"',
    'scribe.to contains ""',
    'scribe.to in (b, "a\\xff\\\\\\"\\xc3\\xa9")',
    'scribe.to matches "^a\\\\xff"',
    'scribe.bytes == 3',
    'scribe.bytes < 4 && scribe.bytes >= 3',
  ])('%s', (text) => {
    expect(passes(text, ScribeKind.parcel, bytes)).toBe(true);
    const again = printTree(compileFilter(text, language).tree);
    expect(passes(again, ScribeKind.parcel, bytes)).toBe(true);
    expect(printTree(compileFilter(again, language).tree)).toBe(again);
  });

  it.each(['scribe.to == a', 'scribe.to contains "\\xfe"', 'scribe.bytes != 3', 'scribe.said == a'])(
    'not %s',
    (text) => expect(passes(text, ScribeKind.parcel, bytes)).toBe(false),
  );

  it('of a line is what is seen of it', () => {
    const said = written(ScribeKind.say, { said: 'hi\\x00 you\\x0d' });
    expect(passes('scribe.said == "hi you"', ScribeKind.say, said)).toBe(true);
  });
});

describe('a number in digits', () => {
  it('that is none has no value, whatever it is compared with', () => {
    const bytes = Buffer.from('b|x1|');
    for (const text of ['scribe.bytes == 1', 'scribe.bytes != 1', 'scribe.bytes < 9', 'scribe.bytes > 0'])
      expect(passes(text, ScribeKind.parcel, bytes)).toBe(false);
  });

  it('goes by the name of its value as well', () => {
    expect(
      passes('scribe.code == FAIR', ScribeKind.news, written(ScribeKind.news, { code: 7, report: '' })),
    ).toBe(true);
  });
});

describe('what is inside a field', () => {
  const card = written(ScribeKind.card, { owner: 'ann', level: 9, port: 80 });

  it.each(['scribe.owner == ann', 'scribe.level == HIGH', 'scribe.port == 80', 'scribe.card contains "ann"'])(
    '%s',
    (text) => {
      expect(passes(text, ScribeKind.card, card)).toBe(true);
      // Rows of kinds that cannot have it are not even decoded.
      expect(compileFilter(text, language).sql.params).toContain(ScribeKind.card);
    },
  );

  it('is not there where the field is not in its notation', () => {
    const bytes = Buffer.from('3:\x01\x09a', 'latin1');
    expect(passes('scribe.owner != nobody', ScribeKind.card, bytes)).toBe(false);
    expect(passes('scribe.card == 09:61', ScribeKind.card, bytes)).toBe(true);
  });

  it('has names that are completed, and values', () => {
    const options = (text: string) =>
      completions(text, text.length, language).options.map((each) => each.text);
    expect(options('scribe.ow')).toEqual(['scribe.owner']);
    expect(options('scribe.level == ')).toEqual(['LOW', 'HIGH']);
    expect(options('scribe.tag == ')).toEqual(['RED', 'BLUE']);
  });
});

describe('the types of fields', () => {
  it.each([
    ['scribe.to', 'escaped'],
    ['scribe.said', 'escaped'],
    ['scribe.bytes', 'number'],
    ['scribe.words', 'text'],
    ['scribe.letter', 'text'],
    ['scribe.blank', 'bytes'],
    ['scribe.card', 'bytes'],
    ['scribe.owner', 'escaped'],
    ['scribe.level', 'number'],
  ])('%s is %s', (name, type) => expect(language.fields.get(name)?.type).toBe(type));
});
