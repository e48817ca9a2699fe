import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressTags, NumberTags } from '../../../protocol/adhocctl/tags.ts';
import { runs } from '../../kit/property.ts';

describe('numbers', () => {
  it('count from 0, little-endian', () => {
    const tags = new NumberTags();
    expect([...tags.take()]).toEqual([0, 0, 0, 0]);
    expect([...tags.take()]).toEqual([1, 0, 0, 0]);
    for (let n = 2; n < 258; n++) tags.take();
    expect([...tags.take()]).toEqual([2, 1, 0, 0]);
  });

  it('suit whoever comes', () => {
    expect(new NumberTags().suits()).toBe(true);
  });

  it('are not handed out again at once', () => {
    const tags = new NumberTags();
    tags.give(tags.take());
    expect([...tags.take()]).toEqual([1, 0, 0, 0]);
  });

  it('go on at 0 after the last, and leave out those that are in use', () => {
    const tags = new NumberTags(4);
    const held = Array.from({ length: 4 }, () => tags.take());
    expect(held.map(([number]) => number)).toEqual([0, 1, 2, 3]);
    tags.give(held[2] as Uint8Array);
    expect([...tags.take()]).toEqual([2, 0, 0, 0]);
    tags.give(held[0] as Uint8Array);
    tags.give(held[3] as Uint8Array);
    expect([...tags.take()]).toEqual([3, 0, 0, 0]);
    expect([...tags.take()]).toEqual([0, 0, 0, 0]);
  });

  it('never are two of the same', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(9)), { maxLength: 60 }), (steps) => {
        const tags = new NumberTags(60);
        const held: Uint8Array[] = [];
        for (const step of [...steps, ...steps]) {
          if ((step === null && held.length < 60) || held.length === 0) held.push(tags.take());
          else tags.give(held.splice((step ?? 0) % held.length, 1)[0] as Uint8Array);
          expect(new Set(held.map(String)).size).toBe(held.length);
        }
      }),
      runs(100),
    );
  });
});

describe('addresses', () => {
  const tags = new AddressTags();

  it('are written in network order', () => {
    expect([...tags.take('192.0.2.255')]).toEqual([192, 0, 2, 255]);
  });

  it.each(['::1', '2001:db8::1', '::ffff:192.0.2.1', 'fe80::1%eth0', ''])(
    'are of IPv4: not %s',
    (address) => {
      expect(tags.suits(address)).toBe(false);
    },
  );

  it('suit everybody who has one', () => {
    expect(tags.suits('0.0.0.0')).toBe(true);
    expect(tags.suits('255.255.255.255')).toBe(true);
  });
});
