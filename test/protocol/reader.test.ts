import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Direction } from '../../protocol/types.ts';
import { cut, join } from '../kit/bytes.ts';
import { runs } from '../kit/property.ts';
import { Reading } from '../kit/reading.ts';
import { hello, message, tailHello, toy, TOY_BODY_MAX, ToyKind, ToyMode } from '../kit/toy.ts';

const letters = fc.constantFrom('a', 'b', '\xff');
const short = fc.string({ unit: letters, maxLength: 5 });
const long = fc.string({ unit: letters, maxLength: 150 });
const bodies = fc.array(fc.oneof(short, long), {
  maxLength: 10,
});
const places = fc.array(fc.nat(), { maxLength: 10 });

function reading(): Reading {
  return new Reading(toy, Direction.toRelay);
}

/** The frames as text: the length is left out. */
function texts({ cuts }: Reading): readonly string[] {
  return cuts.map(({ kind, bytes }) =>
    Buffer.from(kind === ToyKind.message || kind === ToyKind.quit ? bytes.subarray(2) : bytes).toString(
      'latin1',
    ),
  );
}

describe('frames', () => {
  it('come out of one chunk, each with its kind', () => {
    const read = reading().push(join([hello, message('one'), message(''), message('Quit')]));
    expect(read.cuts.map(({ kind }) => kind)).toEqual([
      ToyKind.hello,
      ToyKind.message,
      ToyKind.message,
      ToyKind.quit,
    ]);
    expect(texts(read)).toEqual(['G', 'one', '', 'Quit']);
  });

  it('come out as soon as they are whole, and not earlier', () => {
    const read = reading().push(hello).push(message('one').subarray(0, 4));
    expect(texts(read)).toEqual(['G']);
    read.push(message('one').subarray(4));
    expect(texts(read)).toEqual(['G', 'one']);
  });

  it('change the rule for what follows them, in the same chunk too', () => {
    const read = reading().push(join([tailHello, Buffer.from('anything')]));
    expect(texts(read)).toEqual(['T', 'anything']);
    expect(read.reader.mode).toBe(ToyMode.tail);
  });

  it('change the rule back', () => {
    const read = reading().push(
      join([hello, message('Quit'), hello, message('one'), message('Q'), tailHello]),
    );
    expect(texts(read)).toEqual(['G', 'Quit', 'G', 'one', 'Q', 'T']);
    expect(read.reader.mode).toBe(ToyMode.tail);
  });

  it('leave the rule as it is where they say nothing about it', () => {
    const read = reading().push(join([hello, message('one')]));
    expect(read.reader.mode).toBe(ToyMode.messages);
  });

  it('of the other direction start by its own rule', () => {
    const read = new Reading(toy, Direction.toPeer).push(message('one'));
    expect(texts(read)).toEqual(['one']);
  });

  it('are read by another rule once somebody has set it', () => {
    const read = reading();
    read.reader.mode = ToyMode.tail;
    expect(texts(read.push(Buffer.from('xyz')))).toEqual(['xyz']);
  });

  it('are lent from the chunk itself where it holds them whole', () => {
    const read = reading().push(join([hello, message('one')]));
    expect(read.memory.heldBytesMost).toBe(0);
  });
});

describe('a fault', () => {
  it('comes after the frames before it, and nothing comes after', () => {
    const read = reading().push(join([hello, message('one'), Uint8Array.of(0xff, 0xff), message('two')]));
    read.push(message('three'));
    expect(texts(read)).toEqual(['G', 'one']);
    expect(read.faults).toEqual([CommonFault.tooLong]);
  });

  it('is found in a header that came in two halves', () => {
    const read = reading()
      .push(join([hello, Uint8Array.of(0xff)]))
      .push(Uint8Array.of(0xff, 1, 2, 3));
    expect(read.faults).toEqual([CommonFault.tooLong]);
    expect(read.memory.held).toBe(0);
  });

  it('waits behind a hold like anything else', () => {
    const read = reading();
    read.onFrame = () => read.reader.hold();
    read.push(join([hello, Uint8Array.of(0xff, 0xff)]));
    expect(read.faults).toEqual([]);
    read.reader.release();
    expect(read.faults).toEqual([CommonFault.tooLong]);
    expect(read.memory.held).toBe(0);
  });
});

describe('a hold', () => {
  it('before anything came lets nothing through, and a release everything', () => {
    const read = reading();
    read.reader.hold();
    read.push(hello).push(message('one').subarray(0, 3)).push(message('one').subarray(3));
    expect(read.cuts).toEqual([]);
    expect(read.reader.waitingBytes).toBe(6);
    read.reader.release();
    expect(texts(read)).toEqual(['G', 'one']);
    expect(read.reader.waitingBytes).toBe(0);
  });

  it('during a frame takes effect after it', () => {
    const read = reading();
    read.onFrame = (index) => {
      if (index === 1) read.reader.hold();
    };
    read.push(join([hello, message('one'), message('two')]));
    expect(texts(read)).toEqual(['G', 'one']);
    read.reader.release();
    expect(texts(read)).toEqual(['G', 'one', 'two']);
  });

  it('that is released during the same frame was none', () => {
    const read = reading();
    read.onFrame = () => {
      read.reader.hold();
      read.reader.release();
    };
    read.push(join([hello, message('one'), message('two')]));
    expect(texts(read)).toEqual(['G', 'one', 'two']);
  });

  it('that is released during the same frame was none, also while it is what waited that comes out', () => {
    const read = reading();
    read.reader.hold();
    read.push(join([hello, message('one'), message('two'), message('three').subarray(0, 3)]));
    read.onFrame = () => {
      read.reader.hold();
      read.reader.release();
    };
    read.reader.release();
    expect(texts(read)).toEqual(['G', 'one', 'two']);
    read.push(join([message('three').subarray(3), message('four')]));
    expect(texts(read)).toEqual(['G', 'one', 'two', 'three', 'four']);
    read.end();
  });

  it('may fall on every frame, and frames still come one by one and in order', () => {
    const read = reading();
    read.onFrame = () => read.reader.hold();
    read.push(join([hello, message('one'), message('two'), message('three').subarray(0, 4)]));
    const steps = [texts(read).length];
    for (let i = 0; i < 3; i++) {
      read.reader.release();
      steps.push(texts(read).length);
    }
    expect(steps).toEqual([1, 2, 3, 3]);
    read.push(message('three').subarray(4));
    expect(texts(read)).toEqual(['G', 'one', 'two', 'three']);
  });

  it('anywhere, with releases anywhere, changes nothing but the time', () => {
    const releases = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bodies, places, fc.array(fc.boolean()), releases, (sent, at, holds, frees) => {
        const read = reading();
        read.onFrame = (index) => {
          if (holds[index]) read.reader.hold();
        };
        for (const [i, piece] of cut(join([hello, ...sent.map(message)]), at).entries()) {
          read.push(piece);
          if (frees[i % frees.length]) read.reader.release();
        }
        for (let left = sent.length + 2; left > 0; left--) read.reader.release();
        expect(texts(read)).toEqual(['G', ...sent]);
        expect(read.reader.waitingBytes).toBe(0);
        expect(read.memory.held).toBe(0);
        read.end();
      }),
      runs(1000),
    );
  });

  it('counts the bytes that wait', () => {
    const read = reading().push(join([hello, message('one').subarray(0, 3)]));
    expect(read.reader.waitingBytes).toBe(3);
    read.reader.hold();
    read.push(new Uint8Array(100));
    expect(read.reader.waitingBytes).toBe(103);
    read.end();
    expect(read.reader.waitingBytes).toBe(0);
  });
});

describe('a stop', () => {
  it('during a frame lets nothing through after it, from the same chunk or another', () => {
    const read = reading();
    read.onFrame = (index) => {
      if (index === 1) read.stop();
    };
    read.push(join([hello, message('one'), message('two'), message('three').subarray(0, 3)]));
    read.push(message('four'));
    expect(texts(read)).toEqual(['G', 'one']);
    expect(read.memory.held).toBe(0);
  });

  it('is for ever: a release does not bring back what waited', () => {
    const read = reading();
    read.reader.hold();
    read.push(join([hello, message('one')]));
    read.stop();
    read.reader.release();
    read.push(message('two'));
    expect(read.cuts).toEqual([]);
    expect(read.memory.held).toBe(0);
  });

  it('at any frame, of any stream, in any pieces, gives all memory back', () => {
    fc.assert(
      fc.property(bodies, places, fc.nat(10), fc.array(fc.boolean()), (sent, at, last, holds) => {
        const read = reading();
        read.onFrame = (index) => {
          if (holds[index]) read.reader.hold();
          if (index === last) read.stop();
        };
        for (const piece of cut(join([hello, ...sent.map(message)]), at)) {
          read.push(piece);
          read.reader.release();
        }
        expect(read.cuts.length).toBeLessThanOrEqual(last + 1);
        expect(texts(read)).toEqual(['G', ...sent].slice(0, read.cuts.length));
        read.end();
      }),
      runs(500),
    );
  });
});

describe('what is left over', () => {
  const broken = Uint8Array.of(0xff, 0xff);

  function left({ leftovers }: Reading): Uint8Array {
    return join(leftovers);
  }

  it('after a fault are the bytes that have it, and all behind them', () => {
    const read = reading().push(join([hello, message('one'), broken, message('two')]));
    expect(left(read)).toEqual(join([broken, message('two')]));
  });

  it('after a fault in a header that came in two halves is the same', () => {
    const behind = message('x'.repeat(500));
    const read = reading().push(join([hello, broken.subarray(0, 1)]));
    read.push(join([broken.subarray(1), behind]));
    expect(left(read)).toEqual(join([broken, behind]));
  });

  it('when it is stopped is the start of a frame', () => {
    const read = reading().push(join([hello, message('one').subarray(0, 3)]));
    expect(read.leftovers).toEqual([]);
    read.stop();
    expect(left(read)).toEqual(message('one').subarray(0, 3));
  });

  it('when it is stopped during a hold is all that waited', () => {
    const read = reading();
    read.reader.hold();
    read.push(join([hello, message('one')]));
    read.stop();
    expect(left(read)).toEqual(join([hello, message('one')]));
  });

  it('when it is stopped during a frame is what comes behind that frame', () => {
    const read = reading();
    read.onFrame = () => read.stop();
    read.push(join([hello, message('one')]));
    expect(left(read)).toEqual(message('one'));
  });

  it('is told once: a second stop has nothing to say', () => {
    const read = reading().push(join([hello, message('one').subarray(0, 3)]));
    read.stop();
    read.stop();
    expect(read.leftovers.length).toBe(1);
  });

  it('is nothing where all bytes were frames', () => {
    const read = reading()
      .push(join([hello, message('one')]))
      .end();
    expect(read.leftovers).toEqual([]);
  });
});

describe('memory', () => {
  it('is not held between whole frames', () => {
    const read = reading();
    for (const piece of [hello, message('one').subarray(0, 3), message('one').subarray(3)]) read.push(piece);
    expect(read.memory.heldBytesMost).toBeGreaterThan(0);
    expect(read.memory.held).toBe(0);
    read.end();
  });

  it('is not spent on what a chunk holds whole behind the end of an unfinished frame', () => {
    const many = Array.from({ length: 100 }, () => message('x'.repeat(90)));
    for (const start of [1, 2, 50]) {
      const read = reading()
        .push(hello)
        .push(message('y'.repeat(90)).subarray(0, start));
      read.push(join([message('y'.repeat(90)).subarray(start), ...many]));
      expect(read.cuts.length).toBe(102);
      expect(read.memory.heldBytesMost).toBeLessThanOrEqual(256);
      read.end();
    }
  });

  it('is taken for what has come, not for what was announced', () => {
    const read = reading().push(hello);
    const large = message('x'.repeat(TOY_BODY_MAX));
    read.push(large.subarray(0, 2)).push(large.subarray(2, 3));
    expect(read.memory.heldBytes).toBeLessThan(100);
    read.end();
  });

  it('is never much more than what waits, byte by byte', () => {
    const read = reading().push(hello);
    for (const byte of message('x'.repeat(TOY_BODY_MAX)).subarray(0, TOY_BODY_MAX)) {
      read.push(Uint8Array.of(byte));
      expect(read.memory.heldBytes).toBeLessThanOrEqual(Math.max(64, 2 * read.reader.waitingBytes));
    }
    expect(read.memory.held).toBe(1);
    read.end();
  });
});
