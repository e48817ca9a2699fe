/** Parse it or refuse it: whatever bytes come, there are frames, or there is a fault, and never anything else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFault } from '../../protocol/fault.ts';
import { span } from '../../protocol/memory.ts';
import { protocols } from '../../protocol/registry.ts';
import type { Fault, FrameKind, Protocol } from '../../protocol/types.ts';
import { amidPoison, cut, join, sameBytes } from '../kit/bytes.ts';
import { kindsIn, modeAfter, places, streamBytes, streams } from '../kit/generate.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { read, type Reading } from '../kit/reading.ts';
import { scribe } from '../kit/scribe.ts';

const anyCuts = fc.array(fc.nat(), { maxLength: 8 });
/** Zeros and small numbers are what lengths are made of. */
const lowByte = fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat(255));
const garbage = fc.array(lowByte, { maxLength: 400 }).map((bytes) => Uint8Array.from(bytes));

function isNamed(protocol: Protocol, fault: Fault): boolean {
  return Number.isInteger(fault) && fault > 0 && !describeFault(protocol, fault).name.startsWith('fault-');
}

function expectFramesOrFault(protocol: Protocol, bytes: Uint8Array, reading: Reading): void {
  const taken = join(reading.cuts.map((frame) => frame.bytes));
  expect(sameBytes(taken, bytes.subarray(0, taken.length))).toBe(true);
  expect(reading.faults.length).toBeLessThanOrEqual(1);
  for (const fault of reading.faults) expect(isNamed(protocol, fault)).toBe(true);
  for (const { kind, bytes: frame } of reading.cuts) {
    const spec = protocol.frames[kind];
    expect(spec).toBeDefined();
    expect(frame.length).toBeGreaterThanOrEqual(spec!.bytesMin);
    expect(frame.length).toBeLessThanOrEqual(spec!.bytesMax);
  }
}

describe.each([...protocols, scribe])('$name', (protocol) => {
  const { framing } = protocol;

  describe.each(places(protocol))('mode $mode, direction $direction', ({ mode, direction }) => {
    const kinds = kindsIn(protocol, mode, direction);
    const takesPieces = kinds.some((kind) => protocol.frames[kind]?.pieces);

    it(
      'garbage gives frames or a fault',
      () => {
        fc.assert(
          fc.property(garbage, anyCuts, (bytes, at) => {
            expectFramesOrFault(protocol, bytes, read(protocol, direction, mode, cut(bytes, at)));
          }),
          runs(200),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'garbage gives the same frames and the same fault, however it is split',
      () => {
        fc.assert(
          fc.property(garbage, anyCuts, (bytes, at) => {
            const whole = read(protocol, direction, mode, [bytes]);
            const split = read(protocol, direction, mode, cut(bytes, at));
            expect(split.faults).toEqual(whole.faults);
            const [one, other] = [whole, split].map(({ cuts }) => join(cuts.map((frame) => frame.bytes)));
            expect(sameBytes(one!, other!)).toBe(true);
          }),
          runs(200),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'more bytes never change an answer',
      () => {
        fc.assert(
          fc.property(garbage, (bytes) => {
            let known = 0;
            for (let end = 1; end <= bytes.length; end++) {
              const answer = framing.measure(mode, span(bytes).view, 0, end);
              if (takesPieces && answer > 0) expect(answer).toBeLessThanOrEqual(end);
              else if (known !== 0) expect(answer).toBe(known);
              known = answer;
            }
          }),
          runs(100),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'only the bytes that are there are looked at',
      () => {
        fc.assert(
          fc.property(garbage, fc.nat(), (bytes, place) => {
            const present = bytes.subarray(0, 1 + (place % 40));
            if (present.length === 0) return;
            // A view that ends where the bytes end throws at whoever looks further.
            const alone = framing.measure(mode, span(present.slice()).view, 0, present.length);
            for (const poison of [0x00, 0xff]) {
              const { view, at, end } = amidPoison(present, 9, 200, poison);
              expect(framing.measure(mode, view, at, end)).toBe(alone);
            }
          }),
          runs(200),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'an answer comes before more bytes are there than a frame can have',
      () => {
        const bytesMost = Math.max(
          1,
          ...kinds.map((kind) => protocol.frames[kind]!.bytesMax).filter(isBounded),
        );
        fc.assert(
          fc.property(garbage, (bytes) => {
            const plenty = new Uint8Array(Math.max(bytesMost, bytes.length));
            plenty.set(bytes);
            const answer = framing.measure(mode, span(plenty).view, 0, plenty.length);
            expect(answer).not.toBe(0);
            expect(answer > 0 || isNamed(protocol, -answer)).toBe(true);
          }),
          runs(50),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  });

  describe.each([0, 1] as const)('direction %i', (direction) => {
    const anyStream = streams(protocol, direction, { dirty: true, bodyMax: 300 });

    it(
      'a stream that breaks off gives the frames that were whole, and no fault',
      () => {
        fc.assert(
          fc.property(anyStream, fc.nat(), (stream, place) => {
            const bytes = streamBytes(stream);
            const part = bytes.subarray(0, place % (bytes.length + 1));
            const reading = read(protocol, direction, stream.start, [part]);
            expectFramesOrFault(protocol, part, reading);
            expect(reading.faults).toEqual([]);
          }),
          runs(200),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'a stream with bits turned over gives frames or a fault',
      () => {
        const flips = fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1, maxLength: 6 });
        fc.assert(
          fc.property(anyStream, flips, anyCuts, (stream, flipped, at) => {
            const bytes = streamBytes(stream);
            if (bytes.length === 0) return;
            for (const [place, bit] of flipped) bytes[place % bytes.length]! ^= 1 << bit;
            expectFramesOrFault(protocol, bytes, read(protocol, direction, stream.start, cut(bytes, at)));
          }),
          runs(300),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'what kind a whole frame is depends on its own bytes alone',
      () => {
        fc.assert(
          fc.property(anyStream, (stream) => {
            let mode = stream.start;
            let announced: FrameKind | undefined;
            for (const { kind, bytes } of stream.frames) {
              // What was announced is of the kind that was announced, whatever it is.
              const isAnnounced = kind === announced;
              announced = protocol.frames[kind]?.announces?.kind;
              if (isAnnounced) continue;
              for (const poison of [0x00, 0xff]) {
                const { view, at, end } = amidPoison(bytes, 9, 50, poison);
                expect(framing.measure(mode, view, at, end)).toBe(bytes.length);
                expect(framing.classify(mode, view, at, end)).toBe(kind);
              }
              expect(framing.classify(mode, span(bytes.slice()).view, 0, bytes.length)).toBe(kind);
              mode = modeAfter(protocol, mode, kind, direction);
            }
          }),
          runs(200),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  });
});

/** Pieces have no greatest length. */
function isBounded(bytesMax: number): boolean {
  return bytesMax < Number.MAX_SAFE_INTEGER;
}
