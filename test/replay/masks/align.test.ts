import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HELD_FRAMES_MAX, PairAligner, type Sample, SHIFT_MAX } from '../../../replay/masks/align.ts';
import { runs } from '../../kit/property.ts';

const sample = (id: number, kind = 0, length = 8): Sample => ({
  kind,
  bytes: Uint8Array.from({ length }, (_, i) => (Math.imul(id + 1, 0x9e37_79b1 + i * 7) >>> (i + 8)) & 255),
});

/** Tells who was paired with whom; both sides come by turns, as far as they go. */
function aligned(ones: readonly Sample[], others: readonly Sample[], bytesMax = 1e9) {
  const pairs: [number, number][] = [];
  const lost: [number, number] = [0, 0];
  const budget = { bytes: 0, bytesMax };
  const aligner = new PairAligner(
    budget,
    (one, other) => pairs.push([ones.indexOf(one), others.indexOf(other)]),
    (side) => lost[side]++,
  );
  let heldMax = 0;
  for (let i = 0; i < Math.max(ones.length, others.length); i++) {
    if (i < ones.length) aligner.came(0, ones[i]!);
    if (i < others.length) aligner.came(1, others[i]!);
    heldMax = Math.max(heldMax, aligner.held);
  }
  aligner.end();
  return { pairs, lost, heldMax, held: aligner.held, bytes: budget.bytes };
}

const line = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('frames side by side', () => {
  it('are pairs where nothing is lost, and few are held', () => {
    const { pairs, lost, heldMax } = aligned(
      line(0, 500).map((i) => sample(i)),
      line(0, 500).map((i) => sample(i)),
    );
    expect(pairs).toEqual(line(0, 500).map((i) => [i, i]));
    expect(lost).toEqual([0, 0]);
    expect(heldMax).toBeLessThan(2 * SHIFT_MAX);
  });

  it.each([1, 5, SHIFT_MAX])('are found again after %i are lost in a row', (count) => {
    const ones = line(0, 100).map((i) => sample(i));
    const { pairs, lost } = aligned(
      ones,
      ones.filter((_, i) => i < 40 || i >= 40 + count).map((each) => ({ ...each })),
    );
    expect(pairs).toHaveLength(100 - count);
    expect(pairs.every(([one, other]) => one === other + (one >= 40 ? count : 0))).toBe(true);
    expect(lost).toEqual([count, 0]);
  });

  it('are found again at the very end', () => {
    const ones = line(0, 20).map((i) => sample(i));
    const others = [...line(0, 19).map((i) => sample(i)), sample(99), sample(19)];
    expect(aligned(ones, others).pairs.at(-1)).toEqual([19, 20]);
  });

  it('stay side by side where they differ, though counters would be equal after a shift', () => {
    const counting = (from: number, i: number, state: number): Sample => ({
      kind: 0,
      bytes: Uint8Array.of(from + i, 5, state, 5),
    });
    const ones = line(0, 100).map((i) => counting(0, i, 5));
    const others = line(0, 100).map((i) => counting(7, i, i === 50 ? 9 : 5));
    expect(aligned(ones, others)).toMatchObject({ pairs: line(0, 100).map((i) => [i, i]), lost: [0, 0] });
  });

  it('are no pair where their kinds or lengths differ', () => {
    const ones = [sample(1), sample(2, 1), sample(3), sample(4), sample(5)];
    const others = [sample(1), sample(2, 0, 9), sample(3), sample(4), sample(5)];
    expect(aligned(ones, others).pairs).toEqual([
      [0, 0],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it('wait in bounds: for so many frames, and so many bytes', () => {
    const many = line(0, HELD_FRAMES_MAX + 100).map((i) => sample(i));
    const alone = aligned(many, []);
    expect(alone.heldMax).toBe(HELD_FRAMES_MAX);
    expect(alone).toMatchObject({ pairs: [], lost: [many.length, 0], held: 0, bytes: 0 });
    expect(aligned(many, [], 80).heldMax).toBe(10);
  });

  it('are in order, each at most once, whatever is lost', () => {
    const kept = fc.array(fc.boolean(), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(kept, kept, fc.integer({ min: 1, max: 3 }), (first, second, kinds) => {
        const of = (keep: boolean[]) => keep.flatMap((is, i) => (is ? [sample(i, i % kinds)] : []));
        const [ones, others] = [of(first), of(second)];
        const { pairs, lost, held, bytes } = aligned(ones, others);
        for (const [i, [one, other]] of pairs.entries()) {
          expect(one).toBeGreaterThan(pairs[i - 1]?.[0] ?? -1);
          expect(other).toBeGreaterThan(pairs[i - 1]?.[1] ?? -1);
          expect(ones[one]!.kind).toBe(others[other]!.kind);
        }
        expect([pairs.length + lost[0], pairs.length + lost[1]]).toEqual([ones.length, others.length]);
        expect([held, bytes]).toEqual([0, 0]);
      }),
      runs(150),
    );
  });
});
