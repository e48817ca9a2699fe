/**
 * How properties are run: from one seed, so that a run says the same everywhere. To look further, name
 * another: `POSTREEL_TEST_SEED=7 POSTREEL_TEST_RUNS=20 npx vitest run test/every` takes seed 7 and
 * twenty times as many cases. A failure prints its seed and its path.
 */
const seed = Number(process.env['POSTREEL_TEST_SEED'] ?? 27313);
const factor = Number(process.env['POSTREEL_TEST_RUNS'] ?? 1);

export function runs(count: number): { readonly seed: number; readonly numRuns: number } {
  return { seed, numRuns: count * factor };
}

/** Properties are given time by what they do, not by the clock of a busy machine. */
export const PROPERTY_TIMEOUT_MS = 60_000 * factor;
