/** What becomes of addresses on their way from one play into another, and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointText, hex, macBytes, macText } from '../../protocol/address.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import { dissect, encode } from '../../protocol/layout.ts';
import { protocols } from '../../protocol/registry.ts';
import { Direction, type FieldSpec, type FrameSpec } from '../../protocol/types.ts';
import { Translation } from '../../replay/translation.ts';
import { frames } from '../kit/generate.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

const [ANN, BOB, CID, DAN] = [1, 2, 3, 4].map((n) => `02:00:00:00:00:0${n}`) as [
  string,
  string,
  string,
  string,
];
const X = 'fe:ff:ff:ff:ff:01';

function spec(...fields: readonly FieldSpec[]): FrameSpec {
  return { name: 'made', direction: Direction.toPeer, bytesMin: 0, bytesMax: 1000, fields };
}

const mac = { name: 'who', type: 'mac', size: 6 } as const;
const endpointSpec = spec(mac, { name: 'port', type: 'u16le', size: 2, portOf: 'who' });

describe('names', () => {
  it('are those of the pairs, and others stay', () => {
    const translation = Translation.of([
      [ANN, X],
      ['Bob', 'Robert'],
    ]);
    expect(translation.player(ANN)).toBe(X);
    expect(translation.player('Bob')).toBe('Robert');
    expect(translation.player(CID)).toBe(CID);
    expect(translation.endpoint(`${ANN}/7`)).toBe(`${X}/7`);
    expect(translation.endpoint('')).toBe('');
    expect(translation.endpoint(ANN)).toBe(X);
  });

  it('that somebody else has taken are given the one that is left over, so that no two are one', () => {
    // Ann is Bob there, and Bob is Cid: whoever is called Cid and is neither must be somebody else.
    const translation = Translation.of([
      [ANN, BOB],
      [BOB, CID],
    ]);
    expect([ANN, BOB, CID, DAN].map((each) => translation.player(each))).toEqual([BOB, CID, ANN, DAN]);
  });

  it('have one partner each', () => {
    const translation = Translation.of([[ANN, X]]);
    expect(translation.pair(ANN, X)).toBe(true);
    expect(translation.pair(ANN, BOB)).toBe(false);
    expect(translation.pair(BOB, X)).toBe(false);
    expect(translation.player(BOB)).toBe(BOB);
  });

  it('go with ports of their own', () => {
    const translation = Translation.of([[ANN, X]]);
    translation.pairEndpoints(`${ANN}/7`, `${X}/8`);
    expect(translation.endpoint(`${ANN}/7`)).toBe(`${X}/8`);
    expect(translation.endpoint(`${ANN}/8`)).toBe(`${X}/7`);
    expect(translation.endpoint(`${ANN}/9`)).toBe(`${X}/9`);
    expect(translation.endpoint(`${BOB}/7`)).toBe(`${BOB}/7`);
    expect(translation.endpoint(ANN)).toBe(X);
  });

  it('of endpoints are of players who are a pair', () => {
    expect(() => Translation.of([[ANN, X]]).pairEndpoints(`${ANN}/7`, `${BOB}/7`)).toThrow(RangeError);
  });
});

describe('the way back', () => {
  it('knows what is told later, from either side', () => {
    const there = Translation.of();
    const back = there.inverse();
    expect(back.inverse()).toBe(there);
    const bytes = Uint8Array.of(...macBytes(X)!, 8, 0);
    expect(back.apply(endpointSpec, bytes)).toBe(bytes);
    there.pair(ANN, X);
    there.pairEndpoints(`${ANN}/7`, `${X}/8`);
    expect(hex(back.apply(endpointSpec, bytes))).toBe('0200000000010700');
    back.pair(DAN, CID);
    back.pairEndpoints(`${DAN}/1`, `${CID}/2`);
    expect(back.endpoint(`${X}/8`)).toBe(`${ANN}/7`);
    expect(there.endpoint(`${CID}/2`)).toBe(`${DAN}/1`);
    expect(hex(back.apply(endpointSpec, bytes))).toBe('0200000000010700');
    expect(hex(there.apply(endpointSpec, back.apply(endpointSpec, bytes)))).toBe(hex(bytes));
  });
});

describe('a frame', () => {
  const translation = Translation.of([
    [ANN, X],
    [BOB, ANN],
  ]);
  translation.pairEndpoints(`${ANN}/258`, `${X}/4660`);

  it('is the very same array where nothing changes', () => {
    const bytes = Uint8Array.of(...macBytes(CID)!, 2, 1);
    expect(translation.apply(endpointSpec, bytes)).toBe(bytes);
    const unknown = protocols[0]!.frames[UNFRAMED];
    expect(translation.apply(unknown, bytes)).toBe(bytes);
    const own = Uint8Array.of(...macBytes(ANN)!, 2, 1);
    expect(Translation.of([[ANN, ANN]]).apply(endpointSpec, own)).toBe(own);
  });

  it('is copied where something does', () => {
    const bytes = Uint8Array.of(...macBytes(ANN)!, 2, 1);
    expect(hex(translation.apply(endpointSpec, bytes))).toBe('feffffffff013412');
    expect(hex(bytes)).toBe('0200000000010201');
  });

  it('has ports in either order of bytes, and of any width', () => {
    for (const [type, size, before, after] of [
      ['u16be', 2, '0102', '1234'],
      ['u32le', 4, '02010000', '34120000'],
      ['u32be', 4, '00000102', '00001234'],
    ] as const) {
      const made = spec({ name: 'port', type, size }, mac);
      const owned = spec(mac, { name: 'port', type, size, portOf: 'who' });
      const port = Buffer.from(before, 'hex');
      expect(hex(translation.apply(owned, Uint8Array.of(...macBytes(ANN)!, ...port)))).toBe(
        `feffffffff01${after}`,
      );
      // A number that belongs to no address is none of ours.
      expect(hex(translation.apply(made, Uint8Array.of(...port, ...macBytes(ANN)!)))).toBe(
        `${before}feffffffff01`,
      );
    }
  });

  it('has its addresses also behind what has any size, and in lists of them', () => {
    const made = spec(
      { name: 'size', type: 'u8', size: 1 },
      { name: 'name', type: 'ascii', size: { from: 'size' } },
      mac,
      { name: 'port', type: 'u16le', size: 2, portOf: 'who' },
      { name: 'others', type: 'macs', size: 'rest' },
    );
    const values = (who: string, port: number, others: string) => ({ name: 'any', who, port, others });
    const bytes = encode(made, values(ANN, 258, `${BOB} ${CID} ${ANN}`));
    expect(hex(translation.apply(made, bytes))).toBe(
      hex(encode(made, values(X, 4660, `${ANN} ${CID} ${X}`))),
    );
  });

  it('that ends early is translated as far as it goes', () => {
    const bytes = Uint8Array.of(...macBytes(ANN)!, 2);
    expect(hex(translation.apply(endpointSpec, bytes))).toBe('feffffffff0102');
    expect(translation.apply(endpointSpec, bytes.subarray(0, 5))).toHaveLength(5);
  });

  it('has addresses in the ranges that are named, and in no others', () => {
    const payload = spec({ name: 'payload', type: 'bytes', size: 'rest' });
    const bytes = Uint8Array.of(9, ...macBytes(ANN)!, ...macBytes(BOB)!, 9, ...macBytes(ANN)!);
    const ranges = [
      { at: 1, size: 12, means: 'address' },
      { at: 14, size: 6, means: 'noise' },
      { at: 15, size: 6, means: 'address' },
    ] as const;
    expect(hex(translation.apply(payload, bytes, ranges))).toBe('09feffffffff0102000000000109020000000001');
    expect(translation.apply(payload, bytes)).toBe(bytes);
  });

  it('is translated once where a range names what the table names too', () => {
    const bytes = Uint8Array.of(...macBytes(BOB)!, 2, 1);
    const ranges = [{ at: 0, size: 6, means: 'address' }] as const;
    expect(hex(translation.apply(endpointSpec, bytes, ranges))).toBe('0200000000010201');
  });
});

// Few addresses, so that they meet, and a few more that nobody has.
const addresses = fc.integer({ min: 1, max: 6 }).map((n) => `02:00:00:00:00:0${n}`);
const ports = fc.integer({ min: 1, max: 5 });
const pairs = fc.array(fc.tuple(addresses, addresses), { maxLength: 6 });
const portPairs = fc.array(fc.tuple(addresses, ports, ports), { maxLength: 8 });

const translations = fc.tuple(pairs, portPairs).map(([players, endpoints]) => {
  const translation = Translation.of(players);
  for (const [player, from, to] of endpoints)
    translation.pairEndpoints(endpointText(player, from), endpointText(translation.player(player), to));
  return translation;
});

describe('any translation', () => {
  it(
    'is one to one for names',
    () => {
      fc.assert(
        fc.property(translations, fc.array(fc.tuple(addresses, ports)), (translation, endpoints) => {
          for (const [player, port] of endpoints) {
            const endpoint = endpointText(player, port);
            expect(translation.inverse().endpoint(translation.endpoint(endpoint))).toBe(endpoint);
            expect(translation.endpoint(translation.inverse().endpoint(endpoint))).toBe(endpoint);
          }
        }),
        runs(200),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  const kinds = protocols.flatMap(({ name, frames: specs }) =>
    specs.map((each) => [`${name} ${each.name}`, each] as const),
  );

  it.each(kinds)(
    'can be taken back, and changes nothing but addresses: %s',
    (_, made) => {
      const samples = fc.tuple(frames(made, { dirty: true, bodyMax: 200 }), fc.array(addresses), ports);
      fc.assert(
        fc.property(translations, samples, (translation, [drawn, players, port]) => {
          const bytes = peopled(made, drawn, players, port);
          const before = hex(bytes);
          const translated = translation.apply(made, bytes);
          expect(hex(bytes)).toBe(before);
          expect(hex(translation.inverse().apply(made, translated))).toBe(before);
          const [fields, after] = [dissect(made, bytes), dissect(made, translated)];
          for (const [i, field] of fields.entries()) {
            const { type, portOf } = made.fields[i]!;
            const value = after[i]!.value;
            if (type === 'mac') expect(value).toBe(translation.player(field.value as string));
            else if (portOf === undefined) expect(value).toEqual(field.value);
            else {
              const owner = fields.find(({ name }) => name === portOf)!.value as string;
              const wanted = translation.endpoint(endpointText(owner, field.value as number));
              expect(endpointText(translation.player(owner), value as number)).toBe(wanted);
            }
          }
        }),
        runs(60),
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  /** The frame, with addresses and ports of those whom translations know. */
  function peopled({ fields }: FrameSpec, drawn: Uint8Array, players: readonly string[], port: number) {
    const bytes = Uint8Array.from(drawn);
    let at = 0;
    for (const [i, { type, size, portOf }] of fields.entries()) {
      if (typeof size !== 'number') break;
      if (type === 'mac') bytes.set(macBytes(players[i % players.length] ?? macText(bytes, at))!, at);
      if (portOf !== undefined) bytes.set([port, 0], at);
      at += size;
    }
    return bytes;
  }
});
