import { describe, expect, it } from 'vitest';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import { CLASS_BYTES_MAX, CLASSES_MAX, findDifferences, type Play } from '../../../replay/masks/classes.ts';
import { TALKS_MAX } from '../../../replay/masks/pairing.ts';
import type { RecordedUnit } from '../../../replay/recorded.ts';
import { ANN, BOB, someCast, talk } from '../../kit/masks.ts';

/** A play of any units. */
function play(
  units: (
    cast: Play['cast'],
  ) => Iterable<Pick<RecordedUnit, 'conversation'> & { bytes: Uint8Array; kind?: number }>,
): Play {
  const cast = someCast();
  const all = Array.from(units(cast), ({ conversation, bytes, kind = Kind.pdpDelivered }, i) => ({
    conversation,
    unit: { kind, bytes, sequence: i + 1, at: i, givenUp: false, isOptional: false },
  }));
  return { cast, session: { frames: all.length }, units: () => all };
}

const both = (units: Parameters<typeof play>[0]) => findDifferences([play(units), play(units)]);

describe('what is remembered', () => {
  it('are so many classes of frames; of others, nothing is learned', () => {
    const { classes, pairs, left } = both((cast) => {
      const conversation = talk(cast, `${ANN}/1`, `${BOB}/1`);
      return Array.from({ length: CLASSES_MAX + 5 }, (_, i) => ({
        conversation,
        bytes: new Uint8Array(i % 256),
        kind: 100 + (i >> 8),
      }));
    });
    expect([classes.length, pairs, left]).toEqual([CLASSES_MAX, CLASSES_MAX + 5, 5]);
  });

  it('are so many bytes of classes', () => {
    const { classes, left } = both((cast) => {
      const conversation = talk(cast, `${ANN}/1`, `${BOB}/1`);
      return [1, 2, 3].map((i) => ({ conversation, bytes: new Uint8Array(CLASS_BYTES_MAX / 2 - i) }));
    });
    expect([classes.length, left]).toEqual([2, 1]);
  });

  it('are so many conversations', () => {
    const { talks, left } = both((cast) =>
      Array.from({ length: TALKS_MAX + 3 }, (_, i) => ({
        conversation: talk(cast, `${ANN}/${i}`, `${BOB}/1`),
        bytes: new Uint8Array(20),
      })),
    );
    expect([talks.list.length, left]).toEqual([TALKS_MAX, 6]);
  });
});

it('strangers are left alone', () => {
  const { pairs, left } = both((cast) => [
    { conversation: talk(cast, `${ANN}/1`, '02:99:99:99:99:99/1'), bytes: new Uint8Array(20) },
  ]);
  expect([pairs, left]).toEqual([0, 2]);
});

it('plays of any number are compared with the first one', () => {
  const each = (byte: number) =>
    play((cast) => [
      {
        conversation: talk(cast, `${ANN}/1`, `${BOB}/1`),
        bytes: Uint8Array.of(...new Array<number>(14).fill(0), 7, byte),
      },
    ]);
  const { classes, pairs } = findDifferences([each(1), each(1), each(2)]);
  expect(pairs).toBe(2);
  expect([...classes[0]!.differs.slice(14)]).toEqual([0, 1]);
});
