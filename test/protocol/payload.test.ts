import { beforeEach, describe, expect, it } from 'vitest';
import { CONVERSATIONS_MAX, PayloadReader, type PayloadProtocol } from '../../protocol/payload.ts';

/** A payload is of the kind that its only byte says, up to 2; 1 opens. */
function numbered(name: string, first: number): PayloadProtocol {
  return {
    name,
    title: name,
    frames: [0, 1, 2].map((kind) => ({ name: `KIND_${kind}`, fields: [] })),
    opens: new Set([1]),
    classify: (payload) =>
      payload.length === 1 && payload[0]! - first in [0, 1, 2] ? payload[0]! - first : -1,
    summarize: () => '',
  };
}

const digits = numbered('digits', 0);
const tens = numbered('tens', 10);
let reader: PayloadReader;

function read(conversation: string, ...bytes: readonly number[]): string | null {
  const found = reader.read(conversation, Uint8Array.from(bytes));
  return found === null ? null : `${found.protocol.name} ${found.kind}`;
}

beforeEach(() => {
  reader = new PayloadReader([digits, tens]);
});

describe('a conversation', () => {
  it('is of a protocol from a payload on that opens one', () => {
    expect(read('x', 1)).toBe('digits 1');
    expect(read('x', 2)).toBe('digits 2');
    expect(read('x', 0)).toBe('digits 0');
  });

  it('may begin with what is of no protocol', () => {
    expect(read('x', 7, 7)).toBeNull();
    expect(read('x', 1)).toBe('digits 1');
  });

  it('may have what is of no protocol within', () => {
    read('x', 1);
    expect(read('x', 7, 7)).toBeNull();
    expect(read('x', 2)).toBe('digits 2');
  });

  it('is the game’s own for good where its first payload that could be of a protocol opens none', () => {
    expect(read('x', 2)).toBeNull();
    expect(read('x', 1)).toBeNull();
    expect(read('x', 11)).toBeNull();
  });

  it('stays with its protocol', () => {
    read('x', 11);
    expect(read('x', 1)).toBeNull();
    expect(read('x', 12)).toBe('tens 2');
  });

  it('has nothing to do with another', () => {
    read('x', 2);
    expect(read('y', 1)).toBe('digits 1');
    expect(read('z', 11)).toBe('tens 1');
    expect(read('y', 0)).toBe('digits 0');
  });
});

describe('so many conversations', () => {
  it('are remembered, and then the oldest is forgotten', () => {
    read('first', 2);
    read('second', 2);
    for (let i = 2; i < CONVERSATIONS_MAX; i++) read(`more ${i}`, 1);
    expect([read('first', 1), read('second', 1)]).toEqual([null, null]);
    expect(read('one too many', 1)).toBe('digits 1');
    expect(read('second', 1)).toBeNull();
    expect(read('first', 1)).toBe('digits 1');
  });

  it('are not counted where nothing is known of them', () => {
    read('first', 2);
    for (let i = 0; i <= CONVERSATIONS_MAX; i++) read(`silent ${i}`, 7, 7);
    expect(read('first', 1)).toBeNull();
  });
});
