/** How bytes were split on their way never shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protocols } from '../../protocol/registry.ts';
import { Direction } from '../../protocol/types.ts';
import { cut } from '../kit/bytes.ts';
import { expectSameCuts, streamBytes, streams } from '../kit/generate.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { read } from '../kit/reading.ts';
import { scribe } from '../kit/scribe.ts';

const ways = Object.entries(Direction);

describe.each([...protocols, scribe])('$name', (protocol) => {
  describe.each(ways)('%s', (_, direction) => {
    const anyStream = streams(protocol, direction, { dirty: true });

    it(
      'a stream in one piece gives the frames that it was made of',
      () => {
        fc.assert(
          fc.property(anyStream, (stream) => {
            const { cuts, faults } = read(protocol, direction, stream.start, [streamBytes(stream)]);
            expect(faults).toEqual([]);
            expectSameCuts(protocol, cuts, stream.frames);
          }),
          runs(300),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'a stream in any pieces gives the same frames',
      () => {
        const places = fc.array(fc.nat(), { maxLength: 12 });
        fc.assert(
          fc.property(anyStream, places, (stream, at) => {
            const { cuts, faults } = read(protocol, direction, stream.start, cut(streamBytes(stream), at));
            expect(faults).toEqual([]);
            expectSameCuts(protocol, cuts, stream.frames);
          }),
          runs(500),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'a stream byte by byte gives the same frames',
      () => {
        const shortStream = streams(protocol, direction, { dirty: true, bodyMax: 200 });
        fc.assert(
          fc.property(shortStream, (stream) => {
            const bytes = Array.from(streamBytes(stream), (byte) => Uint8Array.of(byte));
            const { cuts, faults } = read(protocol, direction, stream.start, bytes);
            expect(faults).toEqual([]);
            expectSameCuts(protocol, cuts, stream.frames);
          }),
          runs(200),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  });
});
