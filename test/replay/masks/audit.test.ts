import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import { auditMasks, differsUnder, FLIPS_MAX } from '../../../replay/masks/audit.ts';
import { CLASS_BYTES_MAX } from '../../../replay/masks/classes.ts';
import { parseMasks } from '../../../replay/masks/file.ts';
import type { Masks } from '../../../replay/types.ts';
import { ANN, BOB, playOf, someCast, talk } from '../../kit/masks.ts';
import { runs } from '../../kit/property.ts';
import { MadeSession } from '../../kit/session-view.ts';

const file = (...masks: object[]) => parseMasks('m.json', JSON.stringify({ masks }));
const annToBob = talk(someCast(), `${ANN}/100`, `${BOB}/200`);

describe('a difference', () => {
  const masked = (...ranges: [at: number, size: number][]): Masks => ({
    of: () => ranges.map(([at, size]) => ({ at, size, means: 'noise' })),
  });

  it('is seen where no mask is, and nowhere else', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        bytes,
        fc.nat(19),
        fc.nat(10),
        fc.nat(10),
        fc.nat(19),
        (expected, first, size, gap, flip) => {
          const at = flip % expected.length;
          const actual = expected.with(at, expected[at]! ^ 1);
          const ranges: [number, number][] = [
            [first, size],
            [first + size + gap, 3],
          ];
          const isMasked = ranges.some(([from, count]) => at >= from && at < from + count);
          expect(differsUnder(masked(...ranges), annToBob, 0, expected, actual)).toBe(!isMasked);
          expect(differsUnder(masked(...ranges), annToBob, 0, expected, expected.slice())).toBe(false);
        },
      ),
      runs(300),
    );
  });

  it('in length is always seen', () => {
    expect(differsUnder(masked([0, 9]), annToBob, 0, new Uint8Array(8), new Uint8Array(9))).toBe(true);
  });
});

/** Ann sends Bob ten frames of 36 bytes, of which he answers one in two with 26. */
function play() {
  const made = new MadeSession();
  const [ann, bob] = [made.pdp(ANN, 100), made.pdp(BOB, 200)];
  for (let i = 0; i < 10; i++) {
    made.after(0.1).datagram(ann, bob, new Uint8Array(22).fill(i));
    if (i % 2 === 0) made.datagram(bob, ann, new Uint8Array(12));
  }
  return playOf(made);
}

describe('an audit', () => {
  it('says what share of faults would be missed, weighted by frames', () => {
    const audit = auditMasks(
      play(),
      file(
        { kind: 'pdp-delivered', conversation: { from: 'P1' }, at: 4, bytes: 9, means: 'random' },
        { kind: 'pdp-delivered', at: 8, bytes: 4, means: 'counter' },
        { kind: 'ptp', at: 8, bytes: 4, means: 'counter' },
        { kind: 'pdp', size: 23, at: 8, bytes: 4, means: 'counter' },
      ),
    );
    // Two frames of 24 bytes opened the sockets.
    const faults = 10 * 36 + 5 * 26 + 2 * 24;
    expect(audit).toMatchObject({ frames: 17, faults, missed: 10 * 9 + 5 * 4, stale: [3, 4], left: 0 });
    expect(
      audit.rows.map(({ from, to, kind, frames, missed, masks }) => [from, to, kind, frames, missed, masks]),
    ).toEqual([
      ['P1', 'P2', 'pdp-delivered', 10, 90, [1, 2]],
      ['P2', 'P1', 'pdp-delivered', 5, 20, [2]],
      ['P1', 'relay', 'control', 1, 0, []],
      ['P2', 'relay', 'control', 1, 0, []],
    ]);
  });

  it('finds nothing missed without masks, and everything where all of a frame is hidden', () => {
    expect(auditMasks(play(), file()).missed).toBe(0);
    const all = { bytes: 'all', means: 'other', why: 'so' };
    const { missed, faults } = auditMasks(play(), file(all));
    expect(faults - missed).toBe(15 * 14);
  });

  it('names masks that hide nothing because they would hide a whole payload without a reason', () => {
    const halves = [
      { size: 12, at: 0, bytes: 6, means: 'random' },
      { size: 12, at: 6, bytes: 6, means: 'random' },
    ];
    expect(auditMasks(play(), file(...halves))).toMatchObject({ missed: 0, stale: [1, 2] });
  });

  it('flips so many bytes of a long frame, and says the same share', () => {
    const made = new MadeSession();
    const [ann, bob] = [made.pdp(ANN, 100), made.pdp(BOB, 200)];
    made.block(ann, bob, new Uint8Array(4 * FLIPS_MAX));
    const audit = auditMasks(
      playOf(made),
      file({ kind: 'ptp', at: 0, bytes: 2 * FLIPS_MAX, means: 'random' }),
    );
    expect(audit.missed / audit.faults).toBeCloseTo(0.5, 2);
  });

  it('looks at so many bytes of classes, and counts the frames of others', () => {
    const made = new MadeSession();
    const [ann, bob] = [made.pdp(ANN, 100), made.pdp(BOB, 200)];
    const size = CLASS_BYTES_MAX / 2;
    for (let i = 0; i < 4; i++) made.frame(ann, bob, Kind.ignored, new Uint8Array(size + i));
    expect(auditMasks(playOf(made), file())).toMatchObject({ left: 3, frames: 6 });
  });
});
