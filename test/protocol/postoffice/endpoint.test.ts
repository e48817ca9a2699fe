import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Endpoint } from '../../../protocol/postoffice/endpoint.ts';
import { hex } from '../../../protocol/address.ts';
import { amidPoison } from '../../kit/bytes.ts';
import { address, endpoint, type Address } from '../../kit/postoffice-wire.ts';
import { runs } from '../../kit/property.ts';

const addresses = fc
  .tuple(fc.uint8Array({ minLength: 6, maxLength: 6 }), fc.nat(0xffff))
  .map(([mac, port]) => address(hex(mac), port));

function read(given: Address, padding = 0): Endpoint {
  const stretch = amidPoison(endpoint(given, padding));
  return new Endpoint({ kind: 0, ...stretch }, stretch.at);
}

it('an endpoint is the same whatever its padding', () => {
  fc.assert(
    fc.property(addresses, fc.nat(255), (given, padding) => {
      expect(read(given, padding)).toEqual(read(given));
      expect(read(given, padding).equals(read(given))).toBe(true);
    }),
    runs(100),
  );
});

it('an endpoint is another if any bit of its address or its port is', () => {
  fc.assert(
    fc.property(addresses, fc.nat(63), ({ mac, port }, bit) => {
      const [high, low] = [BigInt(`0x${mac}`), BigInt(port)];
      const other = ((high << 16n) | low) ^ (1n << BigInt(bit));
      const changed = address((other >> 16n).toString(16).padStart(12, '0'), Number(other & 0xffffn));
      expect(read(changed).equals(read({ mac, port }))).toBe(false);
      expect(read(changed).text).not.toBe(read({ mac, port }).text);
      // Players are counted by address alone.
      expect(read(changed).mac === read({ mac, port }).mac).toBe(bit < 16);
    }),
    runs(200),
  );
});

it('an endpoint is written with zeros for padding', () => {
  fc.assert(
    fc.property(addresses, fc.nat(255), (given, padding) => {
      expect(read(given, padding).wire).toEqual(endpoint(given));
    }),
    runs(100),
  );
});

it('an endpoint keeps nothing of the frame that it was read from', () => {
  const stretch = amidPoison(endpoint(address('02aabbccdd01', 1)));
  const kept = new Endpoint({ kind: 0, ...stretch }, stretch.at);
  stretch.bytes.fill(0);
  expect(kept.wire).toEqual(endpoint(address('02aabbccdd01', 1)));
});
