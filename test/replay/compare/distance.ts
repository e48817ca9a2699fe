/** How many items must be left out, put in or replaced to make one sequence of another: Levenshtein's distance, by his table. */
export function distance<T>(
  expected: ArrayLike<T>,
  actual: ArrayLike<T>,
  isSame: (expected: T, actual: T) => boolean = (a, b) => a === b,
): number {
  let row = Array.from({ length: actual.length + 1 }, (_, j) => j);
  for (let i = 0; i < expected.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < actual.length; j++) {
      const replaced = row[j]! + (isSame(expected[i]!, actual[j]!) ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[actual.length]!;
}
