/** What filters mean, frame by frame. */
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../analysis/filter/compile.ts';
import { Decoder, type FilterConnection, type FilterFrame } from '../../../analysis/filter/decode.ts';
import { languageOf } from '../../../analysis/filter/language.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import type { Protocol } from '../../../protocol/types.ts';
import { hello, opening, pdp, ptp, say, toyLanguage, toyPayload } from '../../kit/filters.ts';

const alice: FilterConnection = {
  protocol: postoffice,
  remoteAddress: '192.0.2.1',
  remotePort: 4001,
  role: 'pdp',
  endpoint: '02:00:00:00:00:01/12345',
  nickname: 'Alice "A"',
};
const bob = { ...alice, remoteAddress: '2001:db8::2', endpoint: '02:00:00:00:00:02/1', nickname: null };
const nobodyYet = { ...alice, role: null, endpoint: null };

const frame: FilterFrame = {
  sequence: 7,
  arrived: 12_500_000_000,
  departed: 12_500_091_200,
  from: 1,
  to: 2,
  kind: 4,
  outcome: 0,
  bytes: pdp('02:00:00:00:00:02', 1, Buffer.from('01e04142', 'hex')),
};

function passes(
  text: string,
  changed: Partial<FilterFrame> = {},
  source: FilterConnection | null = alice,
  target: FilterConnection | null = bob,
): boolean {
  const filter = compileFilter(text, toyLanguage);
  return filter.test(filter.decoder().decode({ ...frame, ...changed }, source, target));
}

describe('a frame', () => {
  it.each([
    'sequence == 7',
    'time == 12.5',
    'time >= 12.5 && time <= 12.5 && !(time > 12.5) && !(time < 12.5)',
    'time < 12.500000001',
    'delay == 0.0912',
    'kind == pdp',
    'kind in (ptp, PDP)',
    'kind != ptp',
    'protocol == postoffice',
    'outcome == forwarded',
    'size == 18',
    'size in (17, 0x12)',
    'bytes contains 02:00:00:00:00:02:00:00:01:00',
    'payload == 01:e0:41:42',
    'payload contains e0',
    'payload contains "AB"',
    'payload contains ""',
    'payload matches "^\\x01.AB$"',
    'payload.size == 4',
    'from == 02:00:00:00:00:01',
    'from == 02:00:00:00:00:01/12345',
    'to != 02:00:00:00:00:01',
    'to in (relay, 02:00:00:00:00:02/1)',
    'from.address == 192.0.2.1 && to.address == 2001:DB8::2',
    'from.port == 4001 && from.conn == 1 && to.conn == 2',
    'from.role == pdp && from.role contains "d" && from.role matches "^p"',
    'from.nickname == "Alice \\"A\\""',
    'postoffice.addr == 02:00:00:00:00:02 && postoffice.port == 1',
    'size == 18 || sequence == 8',
  ])('passes %s', (text) => expect(passes(text)).toBe(true));

  it.each([
    'kind == ptp',
    'from == 02:00:00:00:00:02',
    'from == 02:00:00:00:00:01/1',
    'from == "02:00:00:00:00:0"',
    'from == relay',
    'from.nickname == "alice \\"a\\""',
    'from.role == PDP',
    'payload contains 41:e0',
    'payload contains 42:00',
    'payload == 01:e0:41',
    'payload == 01:e0:41:43',
    'size == 18 && sequence == 8',
    'to.nickname == x',
  ])('does not pass %s', (text) => expect(passes(text)).toBe(false));
});

describe('the relay itself', () => {
  it('is the sender of what it wrote, and the receiver of what went no further', () => {
    expect(passes('from == relay', { from: 0 }, null)).toBe(true);
    expect(passes('to == relay', { to: 0 }, alice, null)).toBe(true);
    expect(passes('to != 02:00:00:00:00:02', { to: 0 }, alice, null)).toBe(true);
    expect(passes('to.conn == 0', { to: 0 }, alice, null)).toBe(true);
  });

  it('is not an endpoint that happens to be called so', () => {
    const named = { ...alice, endpoint: 'relay/1' };
    expect(passes('from == relay', {}, named)).toBe(false);
    expect(passes('from == "relay"', {}, named)).toBe(true);
    expect(passes('from == "relay"', { from: 0 }, null)).toBe(false);
  });
});

describe('a connection that has not said who it is, or that the recording does not know', () => {
  it.each([nobodyYet, null])('is there, and equals nobody: %#', (source) => {
    for (const end of ['relay', 'lumi', '02:00:00:00:00:01']) {
      expect(passes(`from == ${end}`, {}, source)).toBe(false);
      expect(passes(`from != ${end}`, {}, source)).toBe(true);
    }
  });
});

describe('a field that a frame does not have', () => {
  const absent: [
    field: string,
    value: string,
    changed: Partial<FilterFrame>,
    source: FilterConnection | null,
  ][] = [
    ['delay', '5', { departed: null }, alice],
    ['from.role', 'pdp', {}, nobodyYet],
    ['from.address', '192.0.2.1', { from: 0 }, null],
    ['from.nickname', 'x', {}, { ...alice, nickname: null }],
    ['from.nickname', '""', {}, { ...alice, nickname: '' }],
    ['payload', '01', { kind: 9 }, alice],
    ['payload', '01', { kind: 255 }, alice],
    ['payload.size', '0', { kind: 6 }, alice],
    ['postoffice.init_type', 'PDP', {}, alice],
    ['postoffice.payload', '01', { bytes: frame.bytes.subarray(0, 16) }, alice],
    ['payload.size', '2', { bytes: frame.bytes.subarray(0, 16) }, alice],
    ['toy.opcode', 'SAY', {}, alice],
  ];

  it.each(absent)('%s: makes every comparison false, != as well (%s)', (field, value, changed, source) => {
    for (const operator of ['==', '!=']) {
      expect(passes(`${field} ${operator} ${value}`, changed, source), operator).toBe(false);
      expect(passes(`!(${field} ${operator} ${value})`, changed, source), operator).toBe(true);
    }
    expect(passes(`${field} in (${value})`, changed, source)).toBe(false);
  });

  it('of a protocol that this version does not know: it has no kinds, no fields, and its frames go by number', () => {
    const strange = { ...alice, protocol: null };
    expect(passes('protocol == postoffice', {}, strange, strange)).toBe(false);
    expect(passes('protocol != postoffice', {}, strange, strange)).toBe(false);
    expect(passes('kind == kind-4', {}, strange, strange)).toBe(true);
    expect(passes('kind != pdp', {}, strange, strange)).toBe(true);
    expect(passes('kind == kind-4')).toBe(false);
    expect(passes('payload contains ""', {}, strange, strange)).toBe(false);
    expect(passes('kind == unframed', { kind: 255 }, strange, strange)).toBe(true);
    expect(passes('outcome == outcome-77', { outcome: 77 })).toBe(true);
    expect(passes('outcome == outcome-0')).toBe(false);
  });
});

describe('a protocol inside payloads', () => {
  const talk = (texts: readonly Uint8Array[], filterText: string) => {
    const filter = compileFilter(filterText, toyLanguage);
    const decoder = filter.decoder();
    return texts.map((payload, i) => {
      const [source, target] = i % 2 === 0 ? [alice, bob] : [bob, alice];
      const bytes = pdp('02:00:00:00:00:02', 1, payload);
      return filter.test(
        decoder.decode({ ...frame, from: 1 + (i % 2), to: 2 - (i % 2), bytes }, source, target),
      );
    });
  };

  it('is what a conversation is that begins like one, both ways', () => {
    const conversation = [hello, say('hi'), Buffer.from('game'), say('ho')];
    expect(talk(conversation, 'toy.opcode in (HELLO, SAY)')).toEqual([true, true, false, true]);
    expect(talk(conversation, 'toy.text == "ho"')).toEqual([false, false, false, true]);
    expect(talk(conversation.slice(1), 'toy.opcode == SAY')).toEqual([false, false, false]);
  });

  it('is not looked for in streams, where it matters not where they are cut', () => {
    const filter = compileFilter('toy.opcode == HELLO', toyLanguage);
    const bytes = ptp(hello);
    expect(filter.test(filter.decoder().decode({ ...frame, kind: 5, bytes }, alice, bob))).toBe(false);
  });

  it('may have a field several times: one value is enough, for != as well', () => {
    const both = [hello, say('', '020000000001020000000002')];
    const last = (text: string) => talk(both, text).at(-1);
    expect(last('toy.heard == 02:00:00:00:00:02')).toBe(true);
    expect(last('toy.heard != 02:00:00:00:00:02')).toBe(true);
    expect(last('!(toy.heard == 02:00:00:00:00:02)')).toBe(false);
    expect(last('toy.heard == 02:00:00:00:00:0f')).toBe(false);
    expect(talk([hello, say('x')], 'toy.heard != 02:00:00:00:00:0f')).toEqual([false, false]);
  });

  it('is told from another that looks alike', () => {
    const twins = languageOf([postoffice], [toyPayload, { ...toyPayload, name: 'twin' }]);
    const passesHello = (text: string) => {
      const filter = compileFilter(text, twins);
      const bytes = pdp('02:00:00:00:00:02', 1, hello);
      return filter.test(filter.decoder().decode({ ...frame, bytes }, alice, bob));
    };
    expect(passesHello('toy.opcode == HELLO')).toBe(true);
    expect(passesHello('twin.opcode == HELLO')).toBe(false);
  });

  it('is read by a decoder for filters that ask for it, and by no other', () => {
    const read = new Decoder([toyPayload]).decode(
      { ...frame, bytes: pdp('02:00:00:00:00:02', 1, hello) },
      alice,
      bob,
    );
    expect(read.reading).toMatchObject({ kind: 0 });
    const plain = compileFilter('size > 3', toyLanguage).decoder();
    expect(plain.decode(read.frame, alice, bob).reading).toBeNull();
  });
});

describe('fields of one name in several kinds', () => {
  const protocol: Protocol = {
    ...postoffice,
    name: 'mixed',
    frames: [
      { ...postoffice.frames[0]!, fields: [{ name: 'what', type: 'u16be', size: 2, names: { 1: 'ONE' } }] },
      { ...postoffice.frames[0]!, fields: [{ name: 'what', type: 'ascii', size: 'rest' }] },
    ],
  };

  it('are bytes where they are of several types, so that none is left out', () => {
    const mixed = languageOf([protocol], []);
    expect(mixed.fields.get('mixed.what')?.type).toBe('bytes');
    const filter = compileFilter('mixed.what == 00:01', mixed);
    for (const kind of [0, 1]) {
      const decoded = filter
        .decoder()
        .decode({ ...frame, kind, bytes: Uint8Array.of(0, 1) }, { ...alice, protocol }, null);
      expect(filter.test(decoded)).toBe(true);
    }
  });
});

it('fields are of their own protocol, even where another has the same', () => {
  const twin = { ...postoffice, id: 2, name: 'twin' };
  const both = languageOf([postoffice, twin], []);
  const has = (text: string, protocol: Protocol) => {
    const filter = compileFilter(text, both);
    return filter.test(filter.decoder().decode(frame, { ...alice, protocol }, null));
  };
  expect(has('twin.port == 1', twin)).toBe(true);
  expect(has('twin.port == 1', postoffice)).toBe(false);
  expect(has('postoffice.port == 1', twin)).toBe(false);
  expect(has('kind == pdp && protocol == twin', twin)).toBe(true);
  expect(compileFilter('kind == pdp', both).sql.params).toEqual([1, 4, 2, 4]);
});

it('opening frames have the fields of their layout', () => {
  const bytes = opening(2, '02:00:00:00:00:0f', 256);
  expect(passes('postoffice.init_type == PTP_CONNECT && postoffice.sport == 256', { kind: 2, bytes })).toBe(
    true,
  );
  expect(passes('postoffice.src_addr == 02:00:00:00:00:0f', { kind: 2, bytes })).toBe(true);
});
