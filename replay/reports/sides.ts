/** Both sides of a difference, ready to be shown: their bytes, with what differs marked, field by field. */
import type { Difference } from '../types.ts';
import { type ByteLayout, type BytePair, bytePair, type Part } from './bytes.ts';
import { type FieldSides, fieldSides, namedRange } from './fields.ts';

export function bytesOfDifference(difference: Difference, layout: ByteLayout): BytePair {
  const sides = fieldSides(difference);
  return bytePair(difference, layout, {
    expected: namedRange(sides.expected, difference),
    actual: namedRange(sides.actual, difference),
    parts: partsOf(sides),
  });
}

/** None where the two are not of the same fields. What lies within a field is not a part of its own. */
function partsOf({ expected, actual }: FieldSides): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const [i, field] of expected.entries()) {
    const other = actual[i];
    if (other?.name !== field.name) return [];
    if (field.at < end) continue;
    parts.push({ expected: field, actual: other });
    end = field.at + field.size;
  }
  return expected.length === actual.length ? parts : [];
}
