import { describe, expect, it } from 'vitest';
import { adhocMatching } from '../../../protocol/adhoc-matching/index.ts';

function named(...bytes: readonly number[]): string | null {
  const kind = adhocMatching.classify(Uint8Array.from(bytes));
  return kind === -1 ? null : adhocMatching.frames[kind]!.name;
}

const MAC = [2, 0xaa, 0xbb, 0xcc, 0xdd, 1];

describe('a message', () => {
  it.each([
    ['PING', [0]],
    ['HELLO', [1, 2, 0, 0, 0, 7, 8]],
    ['JOIN', [2, 0, 0, 0, 0]],
    ['ACCEPT', [3, 1, 0, 0, 0, 2, 0, 0, 0, 9, ...MAC, ...MAC]],
    ['ACCEPT', [3, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['CANCEL', [4, 1, 0, 0, 0, 9]],
    ['BULK', [5, 3, 0, 0, 0, 1, 2, 3]],
    ['BULK_ABORT', [6]],
    ['BIRTH', [7, ...MAC]],
    ['DEATH', [8, ...MAC]],
    ['BYE', [9]],
  ])('is %s where the lengths add up: %j', (name, bytes) => {
    expect(named(...bytes)).toBe(name);
  });

  it('may be long', () => {
    expect(named(5, 0x2c, 1, 0, 0, ...new Uint8Array(300))).toBe('BULK');
  });
});

describe('no message', () => {
  it.each([
    ['nothing', []],
    ['an opcode that does not exist', [10]],
    ['the opcode of another header', [0xff, 0, 0, 0]],
    ['a ping that goes on', [0, 0]],
    ['a length that breaks off', [1, 2, 0, 0]],
    ['less than the length says', [2, 2, 0, 0, 0, 7]],
    ['more than the length says', [2, 2, 0, 0, 0, 7, 8, 9]],
    ['a length in the other byte order', [1, 0, 0, 0, 2, 7, 8]],
    ['an address that breaks off', [7, ...MAC.slice(1)]],
    ['siblings that are not there', [3, 0, 0, 0, 0, 1, 0, 0, 0]],
    ['half a sibling', [3, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3]],
    ['twelve bytes of which the first is an opcode, as consoles send', [1, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]],
  ])('is %s: %j', (_, bytes) => expect(named(...bytes)).toBeNull());

  it('is a length that would be right if 32 bits were all there is', () => {
    // 9 + 0xfffffff7 = 0x100000000, and 6 * 0xaaaaaaab = 0x400000002.
    expect(named(1, 0xff, 0xff, 0xff, 0xff)).toBeNull();
    expect(named(3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)).toBeNull();
    expect(named(3, 0, 0, 0, 0, 0xab, 0xaa, 0xaa, 0xaa, 1, 2)).toBeNull();
    expect(named(3, 0xfa, 0xff, 0xff, 0xff, 1, 0, 0, 0)).toBeNull();
  });
});
