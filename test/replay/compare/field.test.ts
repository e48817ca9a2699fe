/** Which field a byte lies in, and what is said of it. */
import { describe, expect, test } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { frames, Kind as ControlKind } from '../../../protocol/adhocctl/layout.ts';
import { encode } from '../../../protocol/layout.ts';
import { payloadProtocols } from '../../../protocol/payload.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import type { FrameSpec } from '../../../protocol/types.ts';
import { endpointsIn, fieldsAt, type Frame, payloadIn } from '../../../replay/compare/field.ts';
import { ann, blockOf, bob, datagramFrom, ready } from '../../kit/compared-play.ts';
import { address, connect } from '../../kit/postoffice-wire.ts';
import { scribe, ScribeKind } from '../../kit/scribe.ts';
import { toy } from '../../kit/toy.ts';

const raw = () => null;

function matching({ bytes }: Frame): ReturnType<Parameters<typeof fieldsAt>[4]> {
  const [protocol] = payloadProtocols;
  return protocol === undefined ? null : { protocol, kind: protocol.classify(bytes.subarray(14)) };
}

describe('a byte', () => {
  test('of a number, an address or a text is told by the whole field', () => {
    const [one, other] = [datagramFrom(ann, [1]), datagramFrom(bob, [1])];
    expect(fieldsAt(postoffice, one, other, 5, raw)).toEqual({
      field: 'addr',
      detail: 'addr is 02:00:00:00:00:02 instead of 02:00:00:00:00:01',
    });
    const spec = frames[ControlKind.scanResult] as FrameSpec;
    const group = (name: string) => ({
      kind: ControlKind.scanResult,
      bytes: encode(spec, { group: name, mac: '02:00:00:00:00:01' }),
    });
    expect(fieldsAt(adhocctl, group('ROOM'), group('ROAM'), 3, raw)).toEqual({
      field: 'group',
      detail: 'group is "ROAM" instead of "ROOM"',
    });
  });

  test('of nothing but bytes is told by its place', () => {
    expect(fieldsAt(postoffice, blockOf([1, 2]), blockOf([1, 3]), 5, raw)).toEqual({
      field: 'payload[1]',
      detail: 'payload[1] is 0x03 instead of 0x02',
    });
  });

  test('of a message inside a payload is told by the field of that', () => {
    const hello = (...opt: number[]) => datagramFrom(ann, [1, opt.length, 0, 0, 0, ...opt]);
    expect(fieldsAt(postoffice, hello(5, 6), hello(5, 7), 20, matching)).toEqual({
      field: 'matching.opt[1]',
      detail: 'matching.opt[1] is 0x07 instead of 0x06',
    });
    expect(fieldsAt(postoffice, hello(5, 6), hello(5), 15, matching)).toMatchObject({
      field: 'matching.optlen',
    });
  });

  test('of a header is told by that, whatever is in the payload', () => {
    const hello = (from: string) => datagramFrom(from, [1, 0, 0, 0, 0]);
    expect(fieldsAt(postoffice, hello(ann), hello(bob), 5, matching).field).toBe('addr');
  });

  test('of two kinds is told by the field of the one that was recorded', () => {
    const bytes = Uint8Array.of(4, ...Buffer.from('ROOM'), 0, 0, 0, 0, 2, 0, 0, 0, 0, 1);
    const scan = { kind: ControlKind.scanResult, bytes };
    const chat = {
      kind: ControlKind.chatDelivered,
      bytes: Uint8Array.from({ length: 193 }, (_, i) => [7, 65][i] ?? 0),
    };
    expect(fieldsAt(adhocctl, scan, chat, 1, raw)).toEqual({
      field: 'group',
      detail: 'group is 0x41 instead of "ROOM"',
    });
  });

  test('inside a field is told by what is there, in the notation of that field', () => {
    const card = (values: Readonly<Record<string, string | number>>) => ({
      kind: ScribeKind.card,
      bytes: encode(scribe.frames[ScribeKind.card] as FrameSpec, {
        owner: 'ann',
        level: 1,
        port: 9,
        ...values,
      }),
    });
    expect(fieldsAt(scribe, card({}), card({ owner: 'ant' }), 6, raw)).toEqual({
      field: 'owner',
      detail: 'owner is "ant" instead of "ann"',
    });
    expect(fieldsAt(scribe, card({}), card({ level: 9 }), 7, raw)).toEqual({
      field: 'level',
      detail: 'level is HIGH (9) instead of LOW (1)',
    });
    // The length before the name belongs to nothing that is inside.
    expect(fieldsAt(scribe, card({}), card({ owner: 'a' }), 3, raw)).toEqual({
      field: 'card[0]',
      detail: 'card[0] is 0x01 instead of 0x03',
    });
  });

  test('that differs where what it says does not is told as a byte', () => {
    const parcel = (text: string) => ({ kind: ScribeKind.parcel, bytes: Buffer.from(text) });
    expect(fieldsAt(scribe, parcel('a|07|'), parcel('a|7|x'), 2, raw)).toEqual({
      field: 'bytes',
      detail: 'bytes is 0x37 instead of 0x30',
    });
    expect(fieldsAt(scribe, parcel('a|12|'), parcel('a|13|'), 3, raw).detail).toBe(
      'bytes is 13 instead of 12',
    );
  });

  test('that one of the two does not have is told as that', () => {
    const [long, short] = [blockOf([1, 2]), blockOf([1])];
    expect(fieldsAt(postoffice, long, short, 5, raw)).toEqual({
      field: 'payload[1]',
      detail: 'it ends before payload[1]',
    });
    expect(fieldsAt(postoffice, short, long, 5, raw)).toEqual({
      field: 'payload[1]',
      detail: 'it goes on where the recorded one ends',
    });
  });

  test('of a kind that nobody knows, or of one without fields, has no field', () => {
    const unknown = { kind: 255, bytes: Uint8Array.of(1, 2) };
    expect(fieldsAt(postoffice, unknown, unknown, 1, raw)).toEqual({ field: null, detail: null });
    expect(fieldsAt(toy, { kind: 200, bytes: unknown.bytes }, unknown, 1, raw).field).toBeNull();
    expect(
      fieldsAt(toy, { kind: 1, bytes: unknown.bytes }, { kind: 1, bytes: Uint8Array.of(1, 3) }, 1, raw),
    ).toEqual({
      field: 'surplus[1]',
      detail: 'surplus[1] is 0x03 instead of 0x02',
    });
  });
});

describe('a frame', () => {
  test('has a payload where its table says so, and where all of its header is there', () => {
    const { kind, bytes } = datagramFrom(ann, [4, 5]);
    expect(payloadIn(postoffice, kind, bytes)).toEqual(Uint8Array.of(4, 5));
    expect(payloadIn(postoffice, kind, bytes.subarray(0, 9))).toBeNull();
    expect(payloadIn(postoffice, Kind.ptpReady, ready(ann).bytes)).toBeNull();
    expect(payloadIn(postoffice, 255, bytes)).toBeNull();
  });

  test('names endpoints, with their ports where it has them', () => {
    expect(endpointsIn(postoffice, Kind.ptpReady, ready(ann).bytes)).toEqual([ann]);
    const init = connect(address('020000000001', 7), address('020000000002', 8));
    expect(endpointsIn(postoffice, Kind.ptpConnect, init)).toEqual([
      '02:00:00:00:00:01/7',
      '02:00:00:00:00:02/8',
    ]);
    const spec = frames[ControlKind.connectBssid] as FrameSpec;
    const bytes = encode(spec, { mac: '02:00:00:00:00:01' });
    expect(endpointsIn(adhocctl, ControlKind.connectBssid, bytes)).toEqual(['02:00:00:00:00:01']);
    expect(endpointsIn(toy, 255, bytes)).toEqual([]);
  });
});
