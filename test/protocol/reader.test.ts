import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Direction } from '../../protocol/types.ts';
import { cut, join } from '../kit/bytes.ts';
import { runs } from '../kit/property.ts';
import { Reading } from '../kit/reading.ts';
import { PARCEL_MAX, scribe, ScribeKind, ScribeMode } from '../kit/scribe.ts';
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

// Bytes that a frame announces ----------------------------------------------------------------------

function parcel(to: string, body: string): Uint8Array {
  return Buffer.from(`${to}|${body.length}|${body}`, 'latin1');
}

function parcels(): Reading {
  return new Reading(scribe, Direction.toRelay, ScribeMode.parcels);
}

/** Each head as it is, and the body that came after it, however it was cut. */
function delivered({ cuts }: Reading): readonly string[] {
  const texts: string[] = [];
  for (const { kind, bytes } of cuts) {
    const text = Buffer.from(bytes).toString('latin1');
    if (kind === ScribeKind.parcel) texts.push(text);
    else texts.push(`${texts.pop() ?? ''}${text}`);
  }
  return texts;
}

describe('announced bytes', () => {
  const sent = fc.array(
    fc.tuple(
      short.filter((to) => to.length < 13),
      fc.oneof(short, long),
    ),
    { maxLength: 8 },
  );
  const bytesOf = (all: readonly (readonly [string, string])[]) =>
    join(all.map(([to, body]) => parcel(to, body)));
  const wanted = (all: readonly (readonly [string, string])[]) =>
    all.map(([to, body]) => Buffer.from(parcel(to, body)).toString('latin1'));

  it('come after the frame that announces them, in its kind, and before the next frame', () => {
    const read = parcels().push(join([parcel('a', 'hello'), parcel('b', ''), parcel('c', '1|2|')]));
    expect(read.cuts.map(({ kind, bytes }) => [kind, Buffer.from(bytes).toString()])).toEqual([
      [ScribeKind.parcel, 'a|5|'],
      [ScribeKind.parcelData, 'hello'],
      [ScribeKind.parcel, 'b|0|'],
      [ScribeKind.parcel, 'c|4|'],
      [ScribeKind.parcelData, '1|2|'],
    ]);
    read.end();
  });

  it('are lent as they come, and nothing of them is held', () => {
    const read = parcels().push(Buffer.from(`a|${PARCEL_MAX}|`));
    const piece = new Uint8Array(500).fill(0x7c);
    for (let i = 1; i <= PARCEL_MAX / piece.length; i++) {
      read.push(piece);
      expect(read.cuts.length).toBe(1 + i);
      expect(read.reader.waitingBytes).toBe(0);
    }
    expect(read.memory.heldBytesMost).toBe(0);
    read.push(parcel('b', 'x'));
    expect(delivered(read).at(-1)).toBe('b|1|x');
    read.end();
  });

  it('that come in one read with what follows them end where they were said to end', () => {
    const read = parcels().push(join([parcel('a', 'xyz'), Buffer.from('b|')]));
    expect(delivered(read)).toEqual(['a|3|xyz']);
    expect(read.reader.waitingBytes).toBe(2);
    read.push(Buffer.from('1|y'));
    expect(delivered(read)).toEqual(['a|3|xyz', 'b|1|y']);
    read.end();
  });

  it('in any pieces are the same', () => {
    fc.assert(
      fc.property(sent, places, (all, at) => {
        const read = parcels();
        for (const piece of cut(bytesOf(all), at)) read.push(piece);
        expect(delivered(read)).toEqual(wanted(all));
        expect(read.memory.held).toBe(0);
        read.end();
      }),
      runs(1000),
    );
  });

  it('wait while they are held, in the middle as well, and go on from there', () => {
    const read = parcels();
    read.onFrame = (index) => {
      if (index === 1) read.reader.hold();
    };
    read.push(Buffer.from('a|6|abc')).push(Buffer.from('def')).push(parcel('b', 'x'));
    expect(delivered(read)).toEqual(['a|6|abc']);
    expect(read.reader.waitingBytes).toBe('defb|1|x'.length);
    read.reader.release();
    expect(delivered(read)).toEqual(['a|6|abcdef', 'b|1|x']);
    read.end();
  });

  it('held and released anywhere change nothing but the time', () => {
    const releases = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sent, places, fc.array(fc.boolean()), releases, (all, at, holds, frees) => {
        const read = parcels();
        read.onFrame = (index) => {
          if (holds[index]) read.reader.hold();
        };
        for (const [i, piece] of cut(bytesOf(all), at).entries()) {
          read.push(piece);
          if (frees[i % frees.length]) read.reader.release();
        }
        for (let left = read.cuts.length + 4 * all.length + 20; left > 0; left--) read.reader.release();
        expect(delivered(read)).toEqual(wanted(all));
        expect(read.reader.waitingBytes).toBe(0);
        expect(read.memory.held).toBe(0);
        read.end();
      }),
      runs(1000),
    );
  });

  it('that are stopped in the middle leave what had come and not been lent', () => {
    const read = parcels();
    read.onFrame = (index) => {
      if (index === 1) read.reader.hold();
    };
    read.push(Buffer.from('a|9|abc')).push(Buffer.from('def'));
    read.stop();
    expect(Buffer.from(join(read.leftovers)).toString()).toBe('def');
    read.push(Buffer.from('ghi'));
    expect(read.cuts.length).toBe(2);
    expect(read.memory.held).toBe(0);
  });

  it('stopped at any frame, in any pieces, give all memory back', () => {
    fc.assert(
      fc.property(sent, places, fc.nat(10), fc.array(fc.boolean()), (all, at, last, holds) => {
        const read = parcels();
        read.onFrame = (index) => {
          if (holds[index]) read.reader.hold();
          if (index === last) read.stop();
        };
        for (const piece of cut(bytesOf(all), at)) {
          read.push(piece);
          read.reader.release();
        }
        expect(read.cuts.length).toBeLessThanOrEqual(last + 1);
        read.end();
      }),
      runs(500),
    );
  });

  it('that are more than may be are refused from the frame that announces them', () => {
    const read = parcels().push(Buffer.from(`a|${PARCEL_MAX + 1}|x`));
    expect(read.cuts).toEqual([]);
    expect(read.faults).toEqual([CommonFault.malformed]);
    read.end();
  });
});
