/** The fast path is held against the slow one, which knows nothing but the layout tables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counterOf, encode, endOf } from '../../protocol/layout.ts';
import { span } from '../../protocol/memory.ts';
import { protocols } from '../../protocol/registry.ts';
import type { FrameSpec } from '../../protocol/types.ts';
import { expectSameCuts, kindsIn, places, streamBytes, streams } from '../kit/generate.ts';
import { naiveMeasure, naiveRead } from '../kit/naive.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';
import { read } from '../kit/reading.ts';
import { scribe } from '../kit/scribe.ts';

const lowByte = fc.oneof(fc.constantFrom(0, 0, 1, 2, 3), fc.nat(255));
const garbage = fc.array(lowByte, { minLength: 1, maxLength: 100 }).map((bytes) => Uint8Array.from(bytes));

/** Each kind whose length is counted by one field, at the edges of what it may be. */
function edges(spec: FrameSpec): readonly { readonly head: Uint8Array; readonly length: number }[] {
  const body = spec.fields.at(-1);
  const from = body === undefined ? undefined : counterOf(body)?.from;
  if (body === undefined || from === undefined) return [];
  // Where more than one field says where the frame ends, its own tests have the edges.
  if (spec.fields.some((field) => endOf(field) !== null || (field !== body && counterOf(field) !== null)))
    return [];
  const blank: Record<string, number | string> = {};
  for (const { name, type } of spec.fields) blank[name] = type === 'mac' ? '02:00:00:00:00:01' : 0;
  const headSpec: FrameSpec = { ...spec, fields: spec.fields.filter((field) => field !== body) };
  const headBytes = encode(headSpec, blank).length;
  return [0, 1, spec.bytesMax - headBytes, spec.bytesMax - headBytes + 1].map((size) => ({
    head: encode(headSpec, { ...blank, [from]: size }),
    length: headBytes + size,
  }));
}

describe.each([...protocols, scribe])('$name', (protocol) => {
  describe.each([0, 1] as const)('direction %i', (direction) => {
    it(
      'valid streams are cut alike',
      () => {
        fc.assert(
          fc.property(streams(protocol, direction, { dirty: true, bodyMax: 2000 }), (stream) => {
            const bytes = streamBytes(stream);
            const fast = read(protocol, direction, stream.start, [bytes]);
            const slow = naiveRead(protocol, stream.start, direction, bytes);
            expectSameCuts(protocol, fast.cuts, slow.cuts);
          }),
          runs(300),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it(
      'streams with bits turned over are cut alike, and refused alike',
      () => {
        const flips = fc.array(fc.tuple(fc.nat(60), fc.nat(7)), { minLength: 1, maxLength: 3 });
        fc.assert(
          fc.property(streams(protocol, direction, { bodyMax: 40 }), flips, (stream, flipped) => {
            const bytes = streamBytes(stream);
            if (bytes.length === 0) return;
            for (const [place, bit] of flipped) bytes[place % bytes.length]! ^= 1 << bit;
            const fast = read(protocol, direction, stream.start, [bytes]);
            const slow = naiveRead(protocol, stream.start, direction, bytes);
            expectSameCuts(protocol, fast.cuts, slow.cuts);
            // A slow answer is never ahead of a fast one.
            if (slow.refused) expect(fast.faults.length).toBe(1);
          }),
          runs(300),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );
  });

  describe.each(places(protocol))('mode $mode, direction $direction', ({ mode, direction }) => {
    it(
      'garbage is measured alike',
      () => {
        fc.assert(
          fc.property(garbage, (bytes) => {
            const fast = protocol.framing.measure(mode, span(bytes).view, 0, bytes.length);
            const slow = naiveMeasure(protocol, mode, direction, bytes);
            if (slow.refused) expect(fast).toBeLessThan(0);
            else if (slow.length > 0) expect(fast).toBe(slow.length);
          }),
          runs(300),
        );
      },
      PROPERTY_TIMEOUT_MS,
    );

    it.each(
      kindsIn(protocol, mode, direction).map(
        (kind) => [protocol.frames[kind]!.name, protocol.frames[kind]!] as const,
      ),
    )('%s is taken up to its greatest length, and refused beyond it from its header alone', (_, spec) => {
      for (const { head, length } of edges(spec)) {
        const answer = protocol.framing.measure(mode, span(head).view, 0, head.length);
        // Another kind may begin where this one ends.
        const other = naiveMeasure(protocol, mode, spec.direction, head);
        if (length > spec.bytesMax && !other.refused) expect(answer).toBe(other.length);
        else if (length > spec.bytesMax) expect(answer).toBeLessThan(0);
        else expect(answer).toBe(length);
      }
    });
  });
});
