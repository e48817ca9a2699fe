/** Filters and captures at random, drawn from so few values that filters find something in captures. */
import fc, { type Arbitrary } from 'fast-check';
import type { FilterField } from '../../analysis/filter/fields.ts';
import { type Language, languageOf } from '../../analysis/filter/language.ts';
import { operatorsOf } from '../../analysis/filter/parse.ts';
import { type FieldTypeName, nameText } from '../../analysis/filter/types.ts';
import type { PayloadProtocol } from '../../protocol/payload.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { protocols } from '../../protocol/registry.ts';
import type { CaptureStore } from '../../recorder/store.ts';

// A protocol inside payloads ------------------------------------------------------------------------

const opcodes = { 1: 'HELLO', 2: 'SAY' } as const;

/** A hello is one byte; what is said after it is an opcode, a length and a text. */
export const toyPayload: PayloadProtocol = {
  name: 'toy',
  title: 'toy talk',
  frames: [
    { name: 'hello', fields: [{ name: 'opcode', type: 'u8', size: 1, names: opcodes }] },
    {
      name: 'say',
      fields: [
        { name: 'opcode', type: 'u8', size: 1, names: opcodes },
        { name: 'length', type: 'u8', size: 1 },
        { name: 'text', type: 'ascii', size: { from: 'length' } },
        { name: 'heard', type: 'macs', size: 'rest' },
      ],
    },
  ],
  opens: new Set([0]),
  classify(payload) {
    if (payload[0] === 1) return payload.length === 1 ? 0 : -1;
    const rest = payload.length - 2 - (payload[1] ?? 0);
    return payload[0] === 2 && rest >= 0 && rest % 6 === 0 ? 1 : -1;
  },
  summarize: (kind) => `kind ${kind}`,
};

/** Of one protocol and the toy inside it, so that others which come add no names to what tests expect. */
export const smallLanguage: Language = languageOf([postoffice], [toyPayload]);

/** Of the registry, and the toy inside it. */
export const toyLanguage: Language = languageOf(protocols, [toyPayload]);

/** `heard` is any number of MAC addresses, in hex. */
export function say(text: string, heard = ''): Buffer {
  return Buffer.concat([Buffer.from([2, text.length]), Buffer.from(text), Buffer.from(heard, 'hex')]);
}

export const hello = Buffer.from([1]);

// Frames of the postoffice --------------------------------------------------------------------------

export const macs = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:0f'] as const;

export function pdp(mac: string, port: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(14);
  head.write(mac.replaceAll(':', ''), 'hex');
  head.writeUInt16LE(port, 8);
  head.writeUInt32LE(payload.length, 10);
  return Buffer.concat([head, payload]);
}

export function ptp(payload: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(payload.length);
  return Buffer.concat([head, payload]);
}

export function opening(type: number, mac: string, port: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeInt32LE(type);
  bytes.write(mac.replaceAll(':', ''), 4, 'hex');
  bytes.writeUInt16LE(port, 12);
  return bytes;
}

// Captures ------------------------------------------------------------------------------------------

const ports = [1, 256, 12345];
const endpoints = [
  ...macs.flatMap((mac) => [mac, `${mac}/1`, `${mac}/12345`]),
  'lumi',
  'lumi/2',
  'lumi0',
  'relay',
  'a/b/c',
  'l\u00fcmi "%\\\' \u{1f3ae}',
];
const roles = ['pdp', 'PDP', 'ptp-listen', 'r\u00f6le'];
const addresses = ['192.0.2.1', '192.0.2.10', '2001:db8::2', 'fe80::1%eth0'];

const payloads: Arbitrary<Uint8Array> = fc.oneof(
  fc.constantFrom<Uint8Array>(
    hello,
    hello,
    say('hi'),
    say('ho', '020000000001'),
    say('', '020000000001020000000002'),
  ),
  fc.constantFrom<Uint8Array>(Buffer.from('01e0', 'hex'), Buffer.from('ULUS10391 A\r\n'), Buffer.alloc(0)),
  fc.uint8Array({ maxLength: 30 }),
);

const wholeFrames: Arbitrary<{ readonly kind: number; readonly bytes: Uint8Array }> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...macs), fc.constantFrom(...ports), payloads)
      .map(([mac, port, payload]) => ({ kind: 4, bytes: pdp(mac, port, payload) })),
  },
  payloads.map((payload) => ({ kind: 5, bytes: ptp(payload) })),
  fc.tuple(fc.nat(4), fc.constantFrom(...macs), fc.constantFrom(...ports)).map(([type, mac, port]) => ({
    kind: type % 4,
    bytes: opening(type, mac, port),
  })),
);

const frames = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: wholeFrames },
    // Bytes and kinds that do not belong together, damaged ones, and ones that nobody knows.
    fc.record({
      kind: fc.constantFrom(0, 4, 5, 6, 9, 10, 11, 200, 255),
      bytes: fc.uint8Array({ maxLength: 40 }),
    }),
    fc
      .tuple(wholeFrames, fc.nat(20))
      .map(([{ kind, bytes }, cut]) => ({ kind, bytes: bytes.subarray(0, cut) })),
  ),
  from: fc.nat(5),
  to: fc.nat(5),
  outcome: fc.constantFrom(0, 0, 1, 2, 3, 6, 8, 9, 77),
  arrived: fc.constantFrom(0, 1, 1_100_000_000, 12_500_000_000, 12_500_000_001),
  delay: fc.constantFrom(null, 0, 91_200, 5_000_000),
  skipped: fc.constantFrom(0, 0, 0, 3),
});

const connections = fc.record({
  /** Its opening was lost in a gap. */
  isLost: fc.constantFrom(false, false, false, true),
  protocol: fc.constantFrom(1, 1, ...protocols.map(({ id }) => id), 99),
  address: fc.constantFrom(...addresses),
  port: fc.constantFrom(...ports),
  isKnown: fc.constantFrom(true, true, true, false),
  role: fc.constantFrom(...roles),
  nickname: fc.constantFrom('', 'lumi', 'hi "u"'),
  endpoint: fc.constantFrom(...endpoints),
});

export type Recording = (store: CaptureStore) => void;

/** What one run of a relay may leave behind, and worse. */
export const recordings = (framesMin = 0): Arbitrary<Recording> =>
  fc
    .record({
      connections: fc.array(connections, { minLength: 2, maxLength: 4 }),
      frames: fc.array(frames, { minLength: framesMin, maxLength: 40 }),
    })
    .map((all) => (store) => {
      for (const [
        i,
        { isLost, protocol, address, port, isKnown, role, endpoint, nickname },
      ] of all.connections.entries()) {
        if (isLost) continue;
        store.opened(i + 1, protocol, address, port, i);
        if (isKnown) store.identified(i + 1, role, endpoint, '', Buffer.alloc(0), nickname);
      }
      let sequence = 0;
      for (const { what, from, to, outcome, arrived, delay, skipped } of all.frames) {
        sequence += 1 + skipped;
        store.frame(sequence, arrived, delay, from, to, what.kind, outcome, what.bytes);
      }
    });

// Filters -------------------------------------------------------------------------------------------

const numbers = [
  '0',
  '1',
  '2',
  '12',
  '24',
  '0x10',
  '1.1',
  '12.5',
  '-1',
  '0.0912',
  '5',
  '12345',
  '40000000000',
];
const texts = ['"lumi"', 'lumi', 'pdp', '""', '"hi"', '"u"', '"\\x01"', '"r\u00f6le"', '"\\" OR 1 --"'];
const patterns = [
  '""',
  '"^pdp$"',
  '"^[A-Z]{4}\\d+"',
  '"(?i)ul(u|e)s"',
  '"\\x01\\xe0"',
  '"[^a-z]"',
  '"h[io]|."',
];

const written: Readonly<Record<FieldTypeName, readonly string[]>> = {
  number: numbers,
  name: [],
  text: texts,
  escaped: ['abc', '""', '"a"', '"\\x00"', '"\\xff\\\\"', '"\u00e9"'],
  bytes: ['01', '01:e0', '01e0', '02:00:00:00:00:01', '"ULUS"', '""', '"\\xe0"', '00:00'],
  mac: macs,
  end: [
    'relay',
    ...endpoints.map((endpoint) => JSON.stringify(endpoint)),
    ...macs,
    'lumi',
    'lumi0',
    'nobody',
    'a',
    'a/b',
  ],
  address: [...addresses, '2001:DB8:0::2', '::ffff:192.0.2.1', '::'],
};

const unnamed: Readonly<Record<string, readonly string[]>> = {
  kind: ['kind-200', 'kind-11', 'kind-4', 'KIND-9', 'kind-255'],
  outcome: ['outcome-77', 'outcome-3', 'outcome-9'],
};

function comparisons(field: FilterField): Arbitrary<string> {
  const values = [
    ...written[field.type],
    ...field.names.map(({ name }) => nameText(name)),
    ...(unnamed[field.name] ?? []),
  ];
  const value = fc.constantFrom(...values);
  const lists = fc.array(value, { minLength: 1, maxLength: 4 }).map((each) => `(${each.join(', ')})`);
  return fc
    .constantFrom(...operatorsOf(field))
    .chain((operator) =>
      (operator === 'in' ? lists : operator === 'matches' ? fc.constantFrom(...patterns) : value).map(
        (right) => `${field.name} ${operator} ${right}`,
      ),
    );
}

export function filters(language: Language): Arbitrary<string> {
  const comparison = fc.constantFrom(...language.fields.values()).chain(comparisons);
  return fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      comparison,
      tie('filter').map((part) => `!(${part})`),
      fc
        .tuple(fc.constantFrom(' && ', ' || '), fc.array(tie('filter'), { minLength: 2, maxLength: 3 }))
        .map(([by, parts]) => parts.map((part) => `(${part})`).join(by)),
      fc.tuple(comparison, fc.constantFrom('&&', '||'), comparison).map((parts) => parts.join('')),
    ),
  })).filter;
}
