/** Every protocol inside payloads: what its tables write it knows again, and what it knows its tables can read. */
import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterOf, dissect, encode } from '../../protocol/layout.ts';
import { payloadProtocols } from '../../protocol/payload.ts';
import { protocols } from '../../protocol/registry.ts';
import { amidPoison, join } from '../kit/bytes.ts';
import { isInteger } from '../kit/generate.ts';
import { payloads, payloadValues } from '../kit/payloads.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

const cases = payloadProtocols.flatMap((protocol) =>
  protocol.frames.map((spec, kind) => ({ protocol, spec, kind, title: `${protocol.name} ${spec.name}` })),
);

/** Zeros and small numbers are what opcodes and lengths are made of. */
const lowByte = fc.oneof(fc.constantFrom(0, 0, 1, 2, 3, 6), fc.nat(255));
const garbage = fc.array(lowByte, { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));

function expectUnique(values: readonly unknown[]): void {
  expect(new Set(values).size).toBe(values.length);
}

it('have names of their own, which no other protocol has', () => {
  expect(payloadProtocols.length).toBeGreaterThan(0);
  expectUnique([...payloadProtocols, ...protocols].map(({ name }) => name));
});

describe.each(payloadProtocols)('$name', (protocol) => {
  const { frames, opens, classify } = protocol;

  it('has names that filters can spell', () => {
    expect(protocol.name).toMatch(/^[a-z]+$/);
    expect(protocol.title).not.toBe('');
    expectUnique(frames.map(({ name }) => name));
    for (const { name } of frames) expect(name).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  it('begins with kinds that exist', () => {
    expect(opens.size).toBeGreaterThan(0);
    for (const kind of opens) expect(frames[kind]).toBeDefined();
  });

  it.each(frames.map((spec) => [spec.name, spec] as const))(
    '%s has a layout that adds up',
    (_, { fields }) => {
      expectUnique(fields.map(({ name }) => name));
      // Whoever reads a table must not meet a length before what counts it.
      for (const [i, field] of fields.entries()) {
        const counts = counterOf(field);
        if (counts === null) continue;
        const counter = fields.findIndex(({ name }) => name === counts.from);
        expect(counter).toBeGreaterThanOrEqual(0);
        expect(counter).toBeLessThan(i);
        expect(isInteger(fields[counter]!.type)).toBe(true);
      }
    },
  );

  it(
    'any bytes are of no kind, or of one whose table reads them without fault',
    () => {
      fc.assert(
        fc.property(garbage, (bytes) => {
          const kind = classify(bytes);
          if (kind === -1) return;
          expect(dissect(frames[kind]!, bytes).map(({ fault }) => fault)).not.toContainEqual(
            expect.anything(),
          );
        }),
        runs(3000),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'and bytes that one table reads without fault are of that kind',
    () => {
      fc.assert(
        fc.property(garbage, (bytes) => {
          const fitting = frames.flatMap((spec, kind) =>
            dissect(spec, bytes).every(({ fault }) => fault === null) ? [kind] : [],
          );
          expect([classify(bytes)]).toEqual(fitting.length === 0 ? [-1] : fitting);
        }),
        runs(1000),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'lengths that are far too large are of no kind, and do not overflow',
    () => {
      const large = fc.constantFrom(0xff, 0xff, 0x80, 0x7f, 0x55, 0x2a, 0x00);
      const drawn = fc.array(large, { maxLength: 30 });
      fc.assert(
        fc.property(fc.nat(frames.length - 1), drawn, (kind, rest) => {
          const bytes = Uint8Array.of(kind, ...rest);
          const fits = dissect(frames[kind]!, bytes).every(({ fault }) => fault === null);
          expect(classify(bytes)).toBe(fits ? kind : -1);
        }),
        runs(2000),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

describe.each(cases)('$title', ({ protocol, spec, kind }) => {
  it(
    'is known again, wherever in memory it lies',
    () => {
      fc.assert(
        fc.property(payloads(spec), fc.nat(255), (payload, poison) => {
          expect(protocol.classify(payload)).toBe(kind);
          const { bytes, at, end } = amidPoison(payload, 5, 9, poison);
          expect(protocol.classify(bytes.subarray(at, end))).toBe(kind);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is read as it was written',
    () => {
      fc.assert(
        fc.property(payloadValues(spec), (written) => {
          const fields = dissect(spec, encode(spec, written));
          expect(fields.map(({ fault }) => fault)).toEqual(fields.map(() => null));
          expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toMatchObject(written);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'is of no kind once it is cut or goes on',
    () => {
      const more = fc.uint8Array({ minLength: 1, maxLength: 20 });
      fc.assert(
        fc.property(payloads(spec), fc.nat(), more, (payload, place, surplus) => {
          expect(protocol.classify(payload.subarray(0, place % payload.length))).toBe(-1);
          expect(protocol.classify(join([payload, surplus]))).toBe(-1);
        }),
        runs(100),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it(
    'has a summary of one line that names it',
    () => {
      fc.assert(
        fc.property(payloads(spec), (payload) => {
          const summary = protocol.summarize(kind, payload);
          expect(summary).toMatch(/^\S.*\S$/);
          expect(summary.split(' ')[0]).toBe(spec.name);
        }),
        runs(50),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );
});

it('the list has every folder that is such a protocol', () => {
  const folder = new URL('../../protocol/', import.meta.url);
  const others = new Set(protocols.map(({ name }) => name));
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !others.has(entry.name))
    .map(({ name }) => name);
  expect(folders).toHaveLength(payloadProtocols.length);
});
