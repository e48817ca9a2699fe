/** What holds of any object of .NET, and of any bytes that are none. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classes, type ClassName } from '../../../protocol/alphanet/classes.ts';
import { OBJECT_BYTES_MAX, readObject } from '../../../protocol/alphanet/nrbf.ts';
import { objectBytes, type ObjectName, objectRows } from '../../../protocol/alphanet/objects.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';

const file = new URL('../../fixtures/alphanet/objects.json', import.meta.url);
const written = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).map(
  (hex) => new Uint8Array(Buffer.from(hex, 'hex').subarray(1)),
);

const ips = fc
  .string({ unit: 'binary', maxLength: 32 })
  .filter((ip) => !ip.includes('\0') && Buffer.byteLength(ip) <= 32);
const ports = fc.nat(65_535);
const flags = fc.nat(1);
const request = { source: ips, source_port: ports, destination: ips, destination_port: ports };
const packets = {
  virtualIp: fc.record({ ip: ips }),
  socketStatus: fc.record({ open: flags, listening: flags }),
  socketStatusRequest: fc.record(request),
  socketStatusResponse: fc.record({
    open: flags,
    listening: flags,
    destination: ips,
    destination_port: ports,
  }),
  socketConnectionRequest: fc.record(request),
  socketConnectionStatus: fc.record({ connected: flags }),
} as const;
const names = Object.keys(packets) as ObjectName[];
const types = Object.keys(classes) as ClassName[];

/** Answers, whatever it is asked to read as; and what it answers is of the class that was asked for. */
function expectAnswer(bytes: Uint8Array): void {
  for (const type of types) {
    const found = readObject(bytes, 0, bytes.length, type);
    if (typeof found === 'string') continue;
    expect(found.object.type).toBe(type);
    for (const object of found.places.keys()) expect(types).toContain(object.type);
  }
}

describe.each(names)('%s', (name) => {
  it(
    'is read as it was written, whatever it says, each value where it stands',
    () => {
      const values: fc.Arbitrary<Readonly<Record<string, string | number>>> = packets[name];
      fc.assert(
        fc.property(values, fc.nat(20), (said, before) => {
          const object = objectBytes(name, said);
          const bytes = new Uint8Array(before + object.length + 3).fill(0xdd);
          bytes.set(object, before);
          const rows = objectRows(name, bytes, before, before + object.length);
          if (typeof rows === 'string') throw new Error(rows);
          expect(Object.fromEntries(rows.map((row) => [row.name, row.value]))).toEqual(said);
          for (const { at, size, value } of rows) {
            const here = bytes.subarray(at, at + size);
            if (typeof value === 'string' && value !== '') expect(Buffer.from(here).toString()).toBe(value);
            if (typeof value === 'number' && size > 0) expect(here[0]! | ((here[1] ?? 0) << 8)).toBe(value);
          }
        }),
        runs(300),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('is not read as any other packet', () => {
    for (const said of fc.sample<Readonly<Record<string, string | number>>>(packets[name], 20)) {
      const bytes = objectBytes(name, said);
      for (const other of names)
        expect(typeof objectRows(other, bytes, 0, bytes.length) === 'string').toBe(other !== name);
    }
  });
});

it(
  'any bytes are an object or none',
  () => {
    const begun = fc
      .constantFrom(...written)
      .chain((bytes) => fc.nat(bytes.length).map((end) => bytes.subarray(0, end)));
    fc.assert(
      fc.property(begun, fc.uint8Array({ maxLength: 300 }), (start, rest) => {
        expectAnswer(Uint8Array.of(...start, ...rest));
      }),
      runs(1000),
    );
  },
  PROPERTY_TIMEOUT_MS,
);

it('what real clients write, cut anywhere, is no object', () => {
  for (const bytes of written)
    for (let end = 0; end < bytes.length; end++)
      for (const type of types) expect(typeof readObject(bytes, 0, end, type)).toBe('string');
});

it(
  'what real clients write, changed anywhere, is an object of the same class or none',
  () => {
    for (const bytes of written)
      for (let at = 0; at < bytes.length; at++)
        for (const byte of [0, 1, 5, 9, 0x7f, 0x80, 0xff, bytes[at]! ^ 1]) expectAnswer(bytes.with(at, byte));
  },
  PROPERTY_TIMEOUT_MS,
);

it('the longest bytes that are taken are answered at once, whatever they are', () => {
  // All of it is one record after another, none of which ends the object.
  const strings = new Uint8Array(OBJECT_BYTES_MAX).fill(6);
  const nested = new Uint8Array(OBJECT_BYTES_MAX);
  for (let at = 0; at + 9 <= nested.length; at += 9)
    nested.set([1, at & 0xff, at >> 8, 0, 0, 1, 0, 0, 0], at);
  for (const tail of [strings, nested]) {
    for (const bytes of written) {
      const long = tail.slice();
      long.set(bytes.subarray(0, -1));
      expectAnswer(long);
    }
  }
});
