/** Every layout says all that there is to say about its frames: values to bytes and back, bytes to values and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dissect, encode, type FieldValue, flat } from '../../protocol/layout.ts';
import { protocols } from '../../protocol/registry.ts';
import { amidPoison } from '../kit/bytes.ts';
import { frames, paddings, values } from '../kit/generate.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { scribe } from '../kit/scribe.ts';

const cases = [...protocols, scribe].flatMap((protocol) =>
  protocol.frames.map((spec, kind) => ({ protocol, spec, kind, title: `${protocol.name} ${spec.name}` })),
);

function dissected(spec: (typeof cases)[number]['spec'], bytes: Uint8Array): Record<string, FieldValue> {
  return Object.fromEntries(flat(dissect(spec, bytes)).map(({ name, value }) => [name, value]));
}

describe.each(cases)('$title', ({ protocol, spec, kind }) => {
  it(
    'values are read as they were written',
    () => {
      fc.assert(
        fc.property(values(spec, { bodyMax: 1000 }), (written) => {
          expect(dissected(spec, encode(spec, written))).toMatchObject(written);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'bytes are written as they were read, with zeros for padding',
    () => {
      fc.assert(
        fc.property(frames(spec, { dirty: true, bodyMax: 1000 }), (bytes) => {
          const clean = bytes.slice();
          for (const { at, end } of paddings(spec)) clean.fill(0, at, end);
          expect(encode(spec, dissected(spec, bytes))).toEqual(clean);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'the fields of a whole frame cover it without a gap, and none is at fault',
    () => {
      fc.assert(
        fc.property(frames(spec, { dirty: true, bodyMax: 1000 }), (bytes) => {
          let at = 0;
          for (const field of dissect(spec, bytes)) {
            expect(field.fault).toBeNull();
            expect(field.at).toBe(at);
            at += field.size;
          }
          expect(at).toBe(bytes.length);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'any bytes can be dissected, and every one of them is shown',
    () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
          const rows = dissect(spec, bytes);
          expect(rows.reduce((sum, { size }) => sum + size, 0)).toBe(bytes.length);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'a whole frame has a length that its table allows',
    () => {
      fc.assert(
        fc.property(frames(spec), ({ length }) => {
          expect(length).toBeGreaterThanOrEqual(spec.bytesMin);
          expect(length).toBeLessThanOrEqual(spec.bytesMax);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'a whole frame has a summary of one line, made of its own bytes alone',
    () => {
      fc.assert(
        fc.property(frames(spec, { dirty: true, bodyMax: 1000 }), (bytes) => {
          const [one, other] = [0x00, 0xff].map((poison) => {
            return protocol.summarize({ kind, ...amidPoison(bytes, 7, 40, poison) });
          });
          expect(one).toMatch(/^\S.*\S$/);
          expect(other).toBe(one);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});
