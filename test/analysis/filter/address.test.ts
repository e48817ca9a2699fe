import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../../analysis/filter/address.ts';
import { runs } from '../../kit/property.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:2', '2001:db8::2'],
    ['2001:db8::2', '2001:db8::2'],
    ['2001:db8::0:2', '2001:db8::2'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0:0:1:0:0:0:0:1', '0:0:1::1'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s is %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3.4.5',
    '1.2.3.4%eth0',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
  ])('%s is none', (text) => expect(canonicalAddress(text)).toBeNull());
  it.each([
    '1:2:3:4:5:6:7::8',
    'g::',
    '12345::',
    '1.2.3.4::',
    '::1.2.3',
    'fe80::1%',
    'fe80::1%a%b',
    '1:',
    ':1',
  ])('%s is none either', (text) => expect(canonicalAddress(text)).toBeNull());

  it('is one exactly where Node says so, and is written as Node would write it', () => {
    const parts = fc.constantFrom(':', '::', '0', '1', 'f0', '192.0.2.1', 'g');
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 17 }), (all) => {
        const text = all.join('');
        const canonical = canonicalAddress(text);
        if (text.includes(':')) expect(canonical !== null, text).toBe(isIPv6(text));
        if (canonical !== null) expect(canonicalAddress(canonical)).toBe(canonical);
        const isPlain = canonical?.includes(':') === true && !text.includes('.');
        if (isPlain) expect(new URL(`http://[${text}]`).hostname).toBe(`[${canonical}]`);
      }),
      runs(3000),
    );
  });
});
