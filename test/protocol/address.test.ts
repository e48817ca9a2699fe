import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endpointText, hex, macBytes, macText } from '../../protocol/address.ts';
import { amidPoison } from '../kit/bytes.ts';
import { runs } from '../kit/property.ts';

it('a MAC address is written as six pairs of lower-case digits', () => {
  expect(macText(Uint8Array.of(0x02, 0xaa, 0x0b, 0xcc, 0xdd, 0x00), 0)).toBe('02:aa:0b:cc:dd:00');
});

it('an endpoint is an address and a port', () => {
  expect(endpointText('02:aa:bb:cc:dd:01', 12345)).toBe('02:aa:bb:cc:dd:01/12345');
});

it('every MAC address is read as it was written, from anywhere', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (mac) => {
      const { bytes, at } = amidPoison(mac);
      expect(macBytes(macText(bytes, at))).toEqual(mac);
    }),
    runs(100),
  );
});

it('upper-case digits are read, too', () => {
  expect(macBytes('02:AA:BB:CC:DD:0F')).toEqual(Uint8Array.of(0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x0f));
});

it.each([
  '',
  '02:aa:bb:cc:dd',
  '02:aa:bb:cc:dd:01:02',
  '02-aa-bb-cc-dd-01',
  '2:aa:bb:cc:dd:01',
  '02:aa:bb:cc:dd:0g',
  ' 02:aa:bb:cc:dd:01',
  '02:aa:bb:cc:dd:01\n',
])('%j is no MAC address', (text) => {
  expect(macBytes(text)).toBeNull();
});

it('hex has two digits a byte', () => {
  expect(hex(Uint8Array.of(0, 1, 0x9f, 0xff))).toBe('00019fff');
  expect(hex(new Uint8Array(0))).toBe('');
});
