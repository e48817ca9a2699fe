/** Virtual IP addresses: which may be drawn, and that none is given twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Of, ipv4Text, NOT_IPV4 } from '../../../protocol/alphanet/ipv4.ts';
import { drawVirtualIp, isDrawable, RememberedVirtualIps } from '../../../protocol/alphanet/virtual-ips.ts';
import { runs } from '../../kit/property.ts';

function drawn(given: RememberedVirtualIps, ...numbers: readonly string[]): string {
  const draws = numbers.map(ipv4Of);
  return ipv4Text(drawVirtualIp(given, () => draws.shift() ?? ipv4Of(numbers.at(-1)!)));
}

describe('an address in text', () => {
  it('is the number that it was made of', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (ip) => {
        expect(ipv4Of(ipv4Text(ip))).toBe(ip);
      }),
      runs(300),
    );
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..2.3',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.4 ',
    '1.2.3.x',
    '::1',
    '1.2.3.٤',
  ])('%j is none', (text) => {
    expect(ipv4Of(text)).toBe(NOT_IPV4);
  });
});

describe('drawing', () => {
  it.each(['0.0.0.1', '0.255.255.255', '127.0.0.1', '224.0.0.1', '239.1.1.1', '255.255.255.255'])(
    'never takes %s',
    (ip) => {
      expect(isDrawable(ipv4Of(ip))).toBe(false);
      expect(drawn(new RememberedVirtualIps(), ip, ip, '1.2.3.4')).toBe('1.2.3.4');
    },
  );

  it.each(['1.0.0.0', '126.255.255.255', '128.0.0.0', '223.255.255.255'])('may take %s', (ip) => {
    expect(drawn(new RememberedVirtualIps(), ip)).toBe(ip);
  });

  it('never takes one that was given', () => {
    const given = new RememberedVirtualIps();
    given.remember('real', ipv4Of('1.2.3.4'));
    expect(drawn(given, '1.2.3.4', '1.2.3.5')).toBe('1.2.3.5');
  });

  it.each([
    ['1.2.3.4', '1.2.3.5'],
    ['126.255.255.255', '128.0.0.0'],
    ['223.255.255.255', '1.0.0.0'],
  ])('comes to an end where chance brings %s alone, with %s', (ip, next) => {
    const given = new RememberedVirtualIps();
    given.remember('real', ipv4Of(ip));
    expect(drawn(given, ip)).toBe(next);
  });
});

describe('what was given', () => {
  it('is told to whoever keeps it, in order, and what was there before is not', () => {
    const kept: unknown[] = [];
    const given = new RememberedVirtualIps((real, virtual) => kept.push([real, virtual]));
    given.remember('one', 7);
    given.give('one', 9);
    given.give('two', 8);
    expect([given.of('one'), given.of('two'), given.of('three'), given.size]).toEqual([[7, 9], [8], [], 3]);
    expect(kept).toEqual([
      ['one', 9],
      ['two', 8],
    ]);
  });

  it('is given once', () => {
    const given = new RememberedVirtualIps();
    given.give('one', 7);
    expect(() => given.give('two', 7)).toThrow('0.0.0.7 is given already');
    expect(given.of('two')).toEqual([]);
  });
});
