/** Both sides of a difference, ready to be shown: their bytes with what differs marked, and their fields. */
import type { Difference } from '../types.ts';
import { type ByteLayout, type BytePair, bytePair } from './bytes.ts';
import { fieldSides, namedRange } from './fields.ts';

export function bytesOfDifference(difference: Difference, layout: ByteLayout): BytePair {
  const { expected, actual } = fieldSides(difference);
  return bytePair(difference, layout, {
    expected: namedRange(expected, difference),
    actual: namedRange(actual, difference),
  });
}
