import fc from 'fast-check';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../common/failure.ts';
import { protocols } from '../../../protocol/registry.ts';
import { Cast } from '../../../replay/cast.ts';
import { compileMasks } from '../../../replay/masks/compile.ts';
import { MASKS_MAX, parseMasks, readMasks } from '../../../replay/masks/file.ts';
import { RULE_FILE_BYTES_MAX } from '../../../replay/rule-file/reader.ts';
import { temporaryFile, temporaryFolder } from '../../kit/capture-file.ts';
import { someCast } from '../../kit/masks.ts';
import { runs } from '../../kit/property.ts';

/** What a file with this one mask is refused for. */
function refusal(text: string): string {
  try {
    compileMasks(parseMasks('m.json', text), someCast());
  } catch (error) {
    expect(error).toMatchObject({ name: 'Failure', kind: 'input', code: 'bad-masks' });
    return (error as Failure).message;
  }
  throw new Error('it was taken');
}

const mask = (members: object) => JSON.stringify({ masks: [members] });
const good = { at: 8, bytes: 4, means: 'counter' };

describe('a mask file', () => {
  it('is read with its comments, whatever they are', () => {
    const { masks } = parseMasks(
      'm.json',
      `\ufeff{ "comment": ["of the", 2], "masks": [
        { "conversation": {"from": "P1", "to": "bob", "comment": "both"}, "kind": "pdp-delivered", "size": 64,
          "at": 8, "bytes": 4, "means": "counter", "why": "frame number", "comment": null },
        { "size": {"min": 20}, "at": 2, "bytes": "rest", "means": "random" },
        { "bytes": "all", "means": "other", "why": "voice" },
        { "kind": "pdp", "field": "addr_padding", "means": "random" } ] }`,
    );
    expect(masks).toMatchObject([
      { number: 1, sizeMin: 64, sizeMax: 64, place: { at: 8, bytes: 4 }, why: 'frame number' },
      { number: 2, sizeMin: 20, sizeMax: Infinity, place: { at: 2, bytes: Infinity }, means: 'random' },
      { number: 3, place: { at: 0, bytes: Infinity }, why: 'voice' },
      { number: 4, place: { field: 'addr_padding' }, why: null },
    ]);
  });

  it.each([
    ['[]', '1:1: there should be an object, {...}, not a list'],
    ['{}', '1:1: "masks" is missing: the list of masks'],
    ['{"masks": {}}', '1:11: there should be a list, [...], not an object'],
    ['{"mask": []}', '1:2: there is no "mask" (did you mean "masks"?); there may be masks and comment'],
    ['{"masks": [7]}', '1:12: mask 1: there should be an object, {...}, not 7'],
    ['{"masks": []', "1:13: there should be '}', and there is the end"],
    ['{\n  "masks": [\n    {},,\n]}', '3:8: there should be a value, and there is ","'],
    ['{"masks": [], "masks": []}', '1:15: "masks" is there twice'],
    ['['.repeat(40), '1:34: nothing goes deeper than 32 levels'],
  ])('refuses %j', (text, message) => expect(refusal(text)).toBe(`m.json:${message}`));

  it.each([
    [{}, '{}', 'it does not say which bytes: "at" and "bytes", or "bytes": "all", or "field"'],
    [
      { ...good, means: undefined },
      '{"at"',
      '"means" is missing: constant, counter, time, random, address, other',
    ],
    [
      { ...good, means: 'conter' },
      '"conter"',
      '"means" takes one of constant, counter, time, random, address, other, not "conter" (did you mean "counter"?)',
    ],
    [
      { ...good, ofset: 1 },
      '"ofset"',
      'there is no "ofset"; there may be conversation, protocol, kind, size, at, bytes, field, means, why and comment',
    ],
    [
      { ...good, kind: 'pdp-deliverd' },
      '"pdp-deliverd"',
      'there is no kind "pdp-deliverd" of frames (did you mean "pdp-delivered"?)',
    ],
    [{ ...good, protocol: 'adhocctl', kind: 'pdp' }, '"pdp"', 'adhocctl has no kind "pdp" of frames'],
    [
      { ...good, protocol: 'postofice' },
      '"postofice"',
      `"protocol" takes one of ${protocols.map(({ name }) => name).join(', ')}, not "postofice" (did you mean "postoffice"?)`,
    ],
    [
      { ...good, conversation: { from: 'Bop' } },
      '"Bop"',
      'no player of this session is called "Bop" (did you mean "Bob"?); it has P1 (Ann), P2 (Bob), P3',
    ],
    [
      { ...good, conversation: { form: 'P1' } },
      '"form"',
      'there is no "form" (did you mean "from"?); there may be from, to and comment',
    ],
    [
      { ...good, conversation: { from: 'P9/100' } },
      '"P9/100"',
      'no player of this session is called "P9/100"; it has P1 (Ann), P2 (Bob), P3',
    ],
    [{ ...good, size: -1 }, '-1', '"size" takes a whole number from 0 up, not -1'],
    [{ ...good, size: 'any' }, '"any"', '"size" takes a number, or {"min": 20, "max": 64}, not "any"'],
    [{ ...good, size: { min: 9, max: 8 } }, '8}', '"size" ends at 8, before it begins at 9'],
    [{ ...good, at: 1.5 }, '1.5', '"at" takes a whole number from 0 up, not 1.5'],
    [{ ...good, bytes: 0 }, '0,', '"bytes" takes a whole number from 1 up, not 0'],
    [
      { ...good, bytes: 'some' },
      '"some"',
      '"bytes" takes a whole number from 1 up, "rest" or "all", not "some"',
    ],
    [{ ...good, bytes: undefined }, '8,', '"at" says where, and "bytes" must say how many'],
    [{ ...good, at: undefined }, '4,', '"bytes" says how many, and "at" must say where'],
    [{ ...good, bytes: 'all' }, '8,', '"bytes": "all" is the whole payload; from "at" on it is "rest"'],
    [{ ...good, why: 3 }, '3}', '"why" takes a text in "...", not 3'],
    [{ ...good, means: 'address' }, '4,', 'an address takes "bytes": 6'],
    [{ ...good, field: 'port' }, '8,', '"field" says where, so "at" must not'],
    [{ field: 'port', means: 'other' }, '"port"', 'fields are of a kind of frames, so "kind" must say which'],
    [
      { kind: 'pdp', field: 'prot', means: 'other' },
      '"prot"',
      'pdp has no field "prot" (did you mean "port"?)',
    ],
    [{ kind: 'pdp', field: 'port', means: 'address' }, '"port"', 'port is no address'],
    [
      { kind: 'pdp', field: 'payload', means: 'other' },
      '"payload"',
      'of the payload, "at" and "bytes" say which bytes',
    ],
  ])('refuses %j at %s', (members, at, message) => {
    const refused = /^m\.json:1:(\d+): mask 1: (.*)$/.exec(refusal(mask(members)));
    expect(refused?.[2]).toBe(message);
    expect(
      mask(members)
        .slice(Number(refused?.[1]) - 1)
        .slice(0, at.length),
    ).toBe(at);
  });

  it.each([
    { bytes: 'all', means: 'other' },
    { bytes: 'all', means: 'other', why: ' ' },
    { at: 0, bytes: 'rest', means: 'other' },
    { at: 0, bytes: 8, size: 8, means: 'other' },
    { at: 0, bytes: 9, size: { max: 8 }, means: 'other' },
  ])('refuses to hide a whole payload without a reason: %j', (members) => {
    expect(refusal(mask(members))).toMatch(
      /^m\.json:1:\d+: mask 1: it hides a whole payload, so it must say why, in "why"$/,
    );
    expect(parseMasks('m.json', mask({ ...members, why: 'voice' })).masks).toHaveLength(1);
  });

  it('says of which player it cannot know who is meant', () => {
    const cast = someCast();
    expect(() =>
      compileMasks(parseMasks('m.json', mask({ ...good, conversation: { to: 'relay' } })), cast),
    ).not.toThrow();
    const twins = new Cast([
      { player: 'a', nickname: 'Sam' },
      { player: 'b', nickname: 'sam' },
    ]);
    expect(() =>
      compileMasks(parseMasks('m.json', mask({ ...good, conversation: { to: 'Sam' } })), twins),
    ).toThrow('m.json:1:68: mask 1: several players are called "Sam": name the role or the address');
  });

  it('has no more masks than it may', () => {
    const many = JSON.stringify({ masks: new Array(MASKS_MAX + 1).fill(0) });
    expect(refusal(many)).toBe(`m.json:1:10: more than ${MASKS_MAX} are too many`);
  });

  it('is read from a file that is there, and is one, and not too large', () => {
    const file = temporaryFile();
    expect(() => readMasks(file)).toThrow(`cannot read the mask file ${file}: there is no such file`);
    mkdirSync(file);
    expect(() => readMasks(file)).toThrow(`cannot read the mask file ${file}: it is no file`);
    const large = `${temporaryFolder()}/large.json`;
    writeFileSync(large, ' '.repeat(RULE_FILE_BYTES_MAX + 1));
    expect(() => readMasks(large)).toThrow(`is too large (${RULE_FILE_BYTES_MAX + 1} bytes`);
    writeFileSync(large, mask(good));
    expect(readMasks(large)).toMatchObject({ file: large, masks: [{ number: 1 }] });
  });
});

/** JSON that looks as if somebody had tried. */
const nearly = fc.record(
  {
    conversation: fc.oneof(
      fc.jsonValue(),
      fc.record({ from: fc.constantFrom('P1', 'P7', 'Bob/7', 'relay', '') }),
    ),
    protocol: fc.constantFrom('postoffice', 'x', 1),
    kind: fc.constantFrom('pdp', 'unframed', 'x', null),
    size: fc.oneof(
      fc.integer(),
      fc.record({ min: fc.integer(), max: fc.nat() }, { requiredKeys: [] }),
      fc.jsonValue(),
    ),
    at: fc.oneof(fc.nat(20), fc.jsonValue()),
    bytes: fc.oneof(fc.nat(20), fc.constantFrom('rest', 'all'), fc.jsonValue()),
    field: fc.constantFrom('port', 'addr', 'payload', 'x'),
    means: fc.constantFrom('counter', 'address', 'x', {}),
    why: fc.oneof(fc.string(), fc.jsonValue()),
    comment: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

it('is taken or refused in one line, whatever it is', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(nearly).map((masks) => JSON.stringify({ masks })),
    fc.tuple(fc.array(nearly), fc.nat(), fc.string()).map(([masks, at, put]) => {
      const text = JSON.stringify({ masks });
      return text.slice(0, at % text.length) + put + text.slice((at % text.length) + put.length);
    }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      try {
        compileMasks(parseMasks('m.json', text), someCast());
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        expect(error.code).toBe('bad-masks');
        expect(error.message).toMatch(/^m\.json:\d+:\d+: [^\n\r]{1,400}$/);
      }
    }),
    runs(600),
  );
});
