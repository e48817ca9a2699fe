/** Objects of .NET as others may write them: any order of records that the format allows, and nothing that it does not. */
import { describe, expect, it } from 'vitest';
import { readObject, type Reason } from '../../../protocol/alphanet/nrbf.ts';
import { addressClass, ascii, end, header, int, library, short, text } from '../../kit/alphanet-wire.ts';
import { join } from '../../kit/bytes.ts';

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const string = (id: number, value: string) => join([bytes(6), int(id), text(value)]);
const reference = (id: number) => join([bytes(9), int(id)]);
const field = (property: string) => text(`<${property}>k__BackingField`);
const TYPE = text('Packet+<Type>k__BackingField');
const ADDRESS = text('AlphaNET.Framework.Net.Address');

const requestClass = join([
  text('AlphaNET.Framework.Net.Packets.SocketStatusRequest'),
  int(3),
  field('SourceAddress'),
  field('DestinationAddress'),
  TYPE,
  bytes(4, 4, 0),
  ADDRESS,
  int(2),
  ADDRESS,
  int(2),
  bytes(2),
  int(2),
]);

const asker = join([bytes(5), int(1), requestClass]);
const describedAddress = (id: number) => join([bytes(5), int(id), addressClass]);
const sameAddress = (id: number, as: number) => join([bytes(1), int(id), int(as)]);
const first = [short(24), string(5, '1.2.3.4')];
const second = [short(80), string(6, '5.6.7.8')];

function read(...records: readonly Uint8Array[]) {
  const all = join(records);
  return readObject(all, 0, all.length, 'SocketStatusRequest');
}

function refusal(...records: readonly Uint8Array[]): Reason {
  const found = read(...records);
  if (typeof found !== 'string') throw new Error('it is an object');
  return found;
}

const one = { type: 'Address', values: { ip: '1.2.3.4', port: 24 } };
const other = { type: 'Address', values: { ip: '5.6.7.8', port: 80 } };

function expectRequest(found: ReturnType<typeof read>, source: object, destination: object): void {
  if (typeof found === 'string') throw new Error(found);
  expect(found.object).toEqual({ type: 'SocketStatusRequest', values: { source, destination, type: 1 } });
}

/** As .NET writes it. */
const usual = [
  header,
  library,
  asker,
  reference(3),
  reference(4),
  bytes(1),
  describedAddress(3),
  ...first,
  sameAddress(4, 3),
  ...second,
  end,
];

describe('an object may have', () => {
  it('what it refers to behind it', () => expectRequest(read(...usual), one, other));

  it('what it refers to before it', () => {
    const before = [library, describedAddress(3), ...first, sameAddress(4, 3), ...second];
    expectRequest(read(header, ...before, asker, reference(3), reference(4), bytes(1), end), one, other);
  });

  it('other objects in it', () => {
    const inside = [describedAddress(3), ...first, sameAddress(4, 3), ...second];
    expectRequest(read(header, library, asker, ...inside, bytes(1), end), one, other);
  });

  it('its texts apart', () => {
    const texts = [string(5, '1.2.3.4'), string(6, '5.6.7.8')];
    const addresses = [
      describedAddress(3),
      short(24),
      reference(5),
      sameAddress(4, 3),
      short(80),
      reference(6),
    ];
    const all = [header, ...texts, library, asker, reference(4), reference(3), bytes(1), ...addresses, end];
    expectRequest(read(...all), other, one);
  });

  it('one object in two places', () => {
    const all = [
      header,
      library,
      asker,
      reference(3),
      reference(3),
      bytes(1),
      describedAddress(3),
      ...first,
      end,
    ];
    expectRequest(read(...all), one, one);
  });

  it('its class described twice', () => {
    const all = [header, library, asker, reference(3), reference(4), bytes(1)];
    expectRequest(
      read(...all, describedAddress(3), ...first, describedAddress(4), ...second, end),
      one,
      other,
    );
  });

  it('a class of the system’s own library, under a known name', () => {
    const system = join([bytes(4), int(3), addressClass.subarray(0, -4)]);
    const all = [header, library, asker, reference(3), reference(3), bytes(1), system, ...first, end];
    expectRequest(read(...all), one, one);
  });

  it('a library before an object in it', () => {
    const own = join([bytes(12), int(9), text('Another')]);
    const inside = [own, describedAddress(3), ...first, own.with(1, 8), reference(3)];
    expectRequest(read(header, library, asker, ...inside, bytes(1), end), one, one);
  });

  it('its members in another order', () => {
    const swapped = join([
      bytes(5),
      int(3),
      ADDRESS,
      int(2),
      field('IpAddress'),
      field('Port'),
      bytes(1, 0, 0x0e),
      int(2),
    ]);
    const all = [header, library, asker, reference(3), reference(3), bytes(1)];
    expectRequest(read(...all, swapped, string(5, '1.2.3.4'), short(24), end), one, one);
  });

  it('any ids, its own first', () => {
    const all = usual.map((record) => record);
    all[0] = join([bytes(0), int(0x7fff_ffff), int(-1), int(1), int(0)]);
    all[2] = join([bytes(5), int(0x7fff_ffff), requestClass]);
    expectRequest(read(...all), one, other);
  });
});

/** The usual records, of which one is another. */
function withRecord(place: number, ...records: readonly Uint8Array[]): readonly Uint8Array[] {
  return usual.toSpliced(place, 1, ...records);
}

describe('an object may not have', () => {
  const cases: readonly (readonly [string, Reason, readonly Uint8Array[]])[] = [
    ['another header', 'it does not begin with the header of its format', withRecord(0, header.with(9, 2))],
    ['no header', 'it does not begin with the header of its format', usual.slice(1)],
    ['no end', 'it ends too early', usual.slice(0, -1)],
    ['anything behind its end', 'bytes follow its end', [...usual, bytes(11)]],
    ['an id twice', 'an id is used twice', withRecord(9, sameAddress(3, 3))],
    ['a text with the id of an object', 'an id is used twice', withRecord(11, string(3, '5.6.7.8'))],
    ['id 0', 'an id is not positive', withRecord(11, string(0, '5.6.7.8'))],
    ['a negative id', 'an id is not positive', withRecord(11, string(-1, '5.6.7.8'))],
    ['a reference to nothing', 'an id names nothing', withRecord(4, reference(7))],
    ['a class like nothing', 'an id names nothing', withRecord(9, sameAddress(4, 7))],
    ['a class like a text', 'an id names nothing', withRecord(9, sameAddress(4, 5))],
    ['a root that is nothing', 'an id names nothing', withRecord(0, header.with(1, 77))],
    ['a root that is another', 'a value is not what it must be', withRecord(0, header.with(1, 3))],
    ['a library that is nothing', 'an id names nothing', withRecord(1, join([bytes(12), int(9), text('L')]))],
    ['a library twice', 'an id is used twice', withRecord(6, library, describedAddress(3))],
    [
      'two libraries in a row',
      'a record has no place there',
      withRecord(1, library, join([bytes(12), int(9), text('L')])),
    ],
    [
      'a library and no object',
      'a record has no place there',
      withRecord(11, ...second.slice(1), join([bytes(12), int(9), text('L')])),
    ],
    ['a null where an object must be', 'a value is not what it must be', withRecord(4, bytes(10))],
    ['a null for a text', 'a value is not what it must be', withRecord(11, bytes(10))],
    ['a text where an object must be', 'a value is not what it must be', withRecord(4, string(9, 'x'))],
    ['an object where a text must be', 'a value is not what it must be', withRecord(11, reference(3))],
    ['itself in it', 'a value is not what it must be', withRecord(4, reference(1))],
    ['another type of packet', 'a value is not what it must be', withRecord(5, bytes(3))],
    [
      'an object that nobody refers to',
      'an object belongs to nothing',
      withRecord(11, ...second.slice(1), string(7, 'x')),
    ],
    ['an array', 'a record has no place there', withRecord(6, bytes(15), describedAddress(3))],
    ['many nulls at once', 'a record has no place there', withRecord(11, bytes(13, 1))],
    ['a typed primitive', 'a record has no place there', withRecord(11, bytes(8, 2, 1))],
    ['a header twice', 'a record has no place there', withRecord(1, header, library)],
    ['a text longer than addresses are', 'a text is too long', withRecord(11, string(6, '1'.repeat(33)))],
    ['a NUL in a text', 'a text is not UTF-8, or has a NUL in it', withRecord(11, string(6, '5.6\0'))],
    ['bad UTF-8 in a text', 'a text is not UTF-8, or has a NUL in it', withRecord(11, string(6, '5.6\xc3'))],
    [
      'a length in more bytes than it takes',
      'a value is not what it must be',
      withRecord(11, join([bytes(6), int(6), bytes(0x81, 0), ascii('5')])),
    ],
    [
      'a length of three bytes',
      'a text is too long',
      withRecord(11, join([bytes(6), int(6), bytes(0x80, 0x80, 1)])),
    ],
    [
      'a library that is longer than any',
      'a text is too long',
      withRecord(1, join([bytes(12), int(2), bytes(0xff, 0x7f)])),
    ],
  ];

  it.each(cases)('%s', (_, reason, records) => {
    expect(refusal(...records)).toBe(reason);
  });

  const members: Reason = 'a class has other members than it must have';
  it.each([
    ['another count of members', addressClass.with(ADDRESS.length, 3), members],
    ['another name of a member', addressClass.with(ADDRESS.length + 6, 0x51), members],
    [
      'a member twice',
      join([ADDRESS, int(2), field('Port'), field('Port'), bytes(0, 0, 14, 14), int(2)]),
      members,
    ],
    [
      'another kind of member',
      join([ADDRESS, int(2), field('Port'), field('IpAddress'), bytes(1, 1), int(2)]),
      members,
    ],
    [
      'another type of number',
      join([ADDRESS, int(2), field('Port'), field('IpAddress'), bytes(0, 1, 8), int(2)]),
      members,
    ],
    [
      'a member of the system',
      join([ADDRESS, int(2), field('Port'), field('IpAddress'), bytes(0, 3, 14), text('X'), int(2)]),
      members,
    ],
    ['an unknown name', addressClass.with(1, 0x42), 'a class is not one of those that are known'],
  ] as const)('a class with %s', (_, description, reason) => {
    expect(refusal(...withRecord(6, join([bytes(5), int(3), description])))).toBe(reason);
  });

  it('more depth than packets have', () => {
    const nested = [asker, ...[21, 22, 23].map((id) => sameAddress(id, 1))];
    expect(refusal(header, library, ...nested)).toBe('objects are nested too deeply');
  });

  it('more objects than packets have', () => {
    const many = Array.from({ length: 20 }, (_, i) => string(30 + i, 'x'));
    expect(refusal(header, ...many, ...usual.slice(1))).toBe('there are too many objects');
  });

  it('more libraries than it could need', () => {
    const many = Array.from({ length: 9 }, (_, i) => [
      join([bytes(12), int(40 + i), text('L')]),
      describedAddress(60 + i),
      short(1),
      reference(5),
    ]).flat();
    expect(refusal(header, library, asker, reference(60), reference(60), bytes(1), ...many)).toBe(
      'there are too many objects',
    );
  });

  it('more bytes than packets have', () => {
    expect(refusal(...usual, new Uint8Array(4096))).toBe('it is longer than any packet');
  });
});
