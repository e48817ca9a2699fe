import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  JSON_DEPTH_MAX,
  JsonError,
  type JsonNode,
  parseJson,
  placeOf,
} from '../../../replay/rule-file/json.ts';
import { runs } from '../../kit/property.ts';

const JSON_PIECES = '{ } [ ] " , : 0 - 1 . e \\ t u true null'.split(' ').concat(' ', '\n');

/** As `JSON.parse` would have it. */
function plain({ value }: JsonNode): unknown {
  if (Array.isArray(value)) return (value as JsonNode[]).map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries(
    Array.from(value as Map<string, { node: JsonNode }>, ([key, { node }]) => [key, plain(node)]),
  );
}

describe('a JSON text', () => {
  it('means what JSON.parse says it means', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(plain(parseJson(text))).toEqual(JSON.parse(text));
      }),
      runs(300),
    );
  });

  it('is refused where JSON.parse refuses it, and never in another way', () => {
    const texts = fc.oneof(
      fc.string({ unit: fc.constantFrom(...JSON_PIECES) }),
      fc.tuple(fc.json(), fc.nat(), fc.string()).map(([text, at, put]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + put + text.slice(cut);
      }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(() => parseJson(text)).toThrow(JsonError);
          return;
        }
        try {
          expect(plain(parseJson(text))).toEqual(expected);
        } catch (error) {
          expect((error as Error).message).toContain('is there twice');
        }
      }),
      runs(1000),
    );
  });

  it('knows where everything stands', () => {
    const text = '{\n  "a": [1,\n    "b"]\n}';
    const a = (parseJson(text).value as Map<string, { at: number; node: JsonNode }>).get('a')!;
    const [, b] = a.node.value as JsonNode[];
    expect([a.at, a.node.at, b!.at].map((at) => placeOf(text, at))).toEqual([
      { line: 2, column: 3 },
      { line: 2, column: 8 },
      { line: 3, column: 5 },
    ]);
  });

  it('goes as deep as it may', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parseJson(nested(JSON_DEPTH_MAX + 1))).not.toThrow();
    expect(() => parseJson(nested(JSON_DEPTH_MAX + 2))).toThrow(JsonError);
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(JsonError);
  });
});
