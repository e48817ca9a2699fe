import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../../protocol/layout.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import type { FrameSpec } from '../../../protocol/types.ts';
import { compileMasks, LENGTHS_REMEMBERED_MAX } from '../../../replay/masks/compile.ts';
import { parseMasks } from '../../../replay/masks/file.ts';
import { ANN, BOB, CAT, delivered, someCast, talk } from '../../kit/masks.ts';
import { runs } from '../../kit/property.ts';
import { scribe, ScribeKind } from '../../kit/scribe.ts';

const HEADER = 14;
const cast = someCast();
const annToBob = talk(cast, `${ANN}/100`, `${BOB}/200`);

function compiled(...masks: object[]) {
  return compileMasks(parseMasks('m.json', JSON.stringify({ masks })), cast);
}

/** `8+4` where four bytes at 8 of the payload are noise, `8+6a` where they are an address. */
function hidden(masks: object[], size: number, conversation = annToBob, kind: number = Kind.pdpDelivered) {
  return compiled(...masks)
    .of(conversation, kind, delivered(size))
    .map((range) => `${range.at - HEADER}+${range.size}${range.means === 'address' ? 'a' : ''}`);
}

const counter = { at: 8, bytes: 4, means: 'counter' };

describe('a mask', () => {
  it('counts from the start of the payload, and ends with it', () => {
    expect(compiled(counter).of(annToBob, Kind.pdpDelivered, delivered(64))).toEqual([
      { at: 22, size: 4, means: 'noise' },
    ]);
    expect(hidden([counter], 10)).toEqual(['8+2']);
    expect(hidden([counter], 8)).toEqual([]);
    expect(hidden([{ at: 8, bytes: 'rest', means: 'other' }], 30)).toEqual(['8+22']);
    expect(hidden([{ bytes: 'all', means: 'other', why: 'voice' }], 30)).toEqual(['0+30']);
  });

  it('counts from the start of a frame that carries no payload', () => {
    const request = talk(cast, 'relay', `${BOB}/200`, null);
    expect(
      compiled({ at: 8, bytes: 2, means: 'other' }).of(request, Kind.ptpRequest, new Uint8Array(10)),
    ).toEqual([{ at: 8, size: 2, means: 'noise' }]);
  });

  it('may name a field of the header', () => {
    const port = { kind: 'pdp-delivered', field: 'port', means: 'random' };
    expect(hidden([port], 64)).toEqual(['-6+2']);
    const addr = { kind: 'pdp-delivered', field: 'addr', means: 'address' };
    expect(hidden([addr], 64)).toEqual(['-14+6a']);
  });

  it('may name what is inside a field, wherever that is in the frame', () => {
    const spec = scribe.frames[ScribeKind.card] as FrameSpec;
    const text = JSON.stringify({ masks: [{ kind: 'card', field: 'level', means: 'counter' }] });
    const masks = compileMasks(parseMasks('m.json', text, [scribe]), cast);
    const conversation = cast.conversation(scribe, cast.end(ANN), cast.end(BOB), ScribeKind.card);
    const levelOf = (owner: string) => {
      const bytes = encode(spec, { owner, level: 1, port: 1 });
      return masks.of(conversation, ScribeKind.card, bytes).map(({ at, size }) => [at, size]);
    };
    expect(levelOf('ann')).toEqual([[7, 1]]);
    expect(levelOf('ab')).toEqual([[6, 1]]);
    expect(levelOf('abc')).toEqual([[7, 1]]);
  });

  it.each([
    [{}, true],
    [{ conversation: { from: 'P1' } }, true],
    [{ conversation: { from: 'ANN', to: BOB } }, true],
    [{ conversation: { from: 'P1/100', to: '/200' } }, true],
    [{ conversation: { from: 'P1/101' } }, false],
    [{ conversation: { from: '/200' } }, false],
    [{ conversation: { from: `${CAT}/100` } }, false],
    [{ conversation: { from: 'P2', to: 'P1' } }, false],
    [{ conversation: { from: 'relay' } }, false],
    [{ protocol: 'postoffice' }, true],
    [{ protocol: 'adhocctl' }, false],
    [{ kind: 'pdp-delivered' }, true],
    [{ kind: 'ptp-delivered' }, false],
    [{ size: 64 }, true],
    [{ size: 63 }, false],
    [{ size: { min: 64 } }, true],
    [{ size: { max: 63 } }, false],
    [{ size: { min: 60, max: 70 } }, true],
  ])('with %j is about Ann’s datagram of 64 bytes to Bob: %s', (match, is) => {
    expect(hidden([{ ...counter, ...match }], 64)).toEqual(is ? ['8+4'] : []);
  });

  it('is about a message by its name on either side of the relay', () => {
    const lost = talk(cast, `${ANN}/100`, `${BOB}/200`, Kind.pdp);
    for (const kind of ['pdp', 'pdp-delivered']) {
      expect(hidden([{ ...counter, kind }], 64)).toEqual(['8+4']);
      expect(hidden([{ ...counter, kind }], 64, lost, Kind.pdp)).toEqual(['8+4']);
    }
  });

  it('of an address hides all six bytes of it, or none', () => {
    const address = { at: 8, bytes: 6, means: 'address' };
    expect(hidden([address], 14)).toEqual(['8+6a']);
    expect(hidden([address], 13)).toEqual([]);
  });
});

describe('several masks', () => {
  it('are merged, and addresses stay whole', () => {
    const noise = (at: number, bytes: number) => ({ at, bytes, means: 'random' });
    const address = (at: number) => ({ at, bytes: 6, means: 'address' });
    expect(hidden([noise(4, 4), noise(2, 2), noise(6, 4)], 64)).toEqual(['2+8']);
    expect(hidden([noise(4, 20), address(10)], 64)).toEqual(['4+6', '10+6a', '16+8']);
    expect(hidden([address(10), noise(12, 20), address(16)], 64)).toEqual(['10+6a', '16+6a', '22+10']);
    expect(hidden([address(10), address(12)], 64)).toEqual(['10+6a', '16+2']);
  });

  it('hide whatever one of them hides, in order, without overlaps', () => {
    const mask = fc.record({
      at: fc.nat(30),
      bytes: fc.integer({ min: 1, max: 12 }),
      isAddress: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(mask, { maxLength: 8 }), fc.integer({ min: 60, max: 64 }), (masks, size) => {
        const list = masks.map(({ at, bytes, isAddress }) =>
          isAddress ? { at, bytes: 6, means: 'address' } : { at, bytes, means: 'other' },
        );
        const ranges = compiled(...list).of(annToBob, Kind.pdpDelivered, delivered(size));
        const bytes = (all: readonly { at: number; size?: number; bytes?: number }[], from: number) =>
          new Set(
            all.flatMap((each) =>
              Array.from({ length: each.size ?? each.bytes ?? 0 }, (_, i) => each.at - from + i),
            ),
          );
        expect(bytes(ranges, HEADER)).toEqual(bytes(list, 0));
        for (const [i, range] of ranges.entries()) {
          const next = ranges[i + 1];
          if (range.means === 'address') expect(range.size).toBe(6);
          if (next !== undefined) expect(range.at + range.size).toBeLessThanOrEqual(next.at);
        }
      }),
      runs(300),
    );
  });
});

describe('a whole payload', () => {
  const halves = [
    { at: 0, bytes: 4, means: 'counter' },
    { at: 4, bytes: 4, means: 'random' },
  ];

  it('is hidden by no masks that do not say why', () => {
    expect(hidden(halves, 9)).toEqual(['0+8']);
    expect(hidden(halves, 8)).toEqual([]);
    expect(hidden(halves, 4)).toEqual([]);
  });

  it('is hidden by those that do', () => {
    expect(
      hidden(
        halves.map((mask) => ({ ...mask, why: 'because' })),
        8,
      ),
    ).toEqual(['0+8']);
    expect(hidden([{ ...halves[0], why: 'because' }, halves[1]!], 8)).toEqual(['0+4']);
  });

  it('does not take what is hidden of the header with it', () => {
    const port = { kind: 'pdp-delivered', field: 'port', means: 'random' };
    expect(hidden([port, ...halves], 8)).toEqual(['-6+2']);
  });
});

it('remembers so many lengths, and answers the same for others', () => {
  const masks = compiled(counter);
  const first = masks.of(annToBob, Kind.pdpDelivered, delivered(64));
  expect(masks.of(annToBob, Kind.pdpDelivered, delivered(64))).toBe(first);
  for (let size = 0; size <= LENGTHS_REMEMBERED_MAX; size++)
    masks.of(annToBob, Kind.pdpDelivered, new Uint8Array(HEADER + size));
  const again = masks.of(annToBob, Kind.pdpDelivered, delivered(64));
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});

it('hides nothing of a frame that ends within its header', () => {
  const all = { bytes: 'all', means: 'other', why: 'voice' };
  expect(compiled(all).of(annToBob, Kind.pdpDelivered, new Uint8Array(9))).toEqual([]);
});
