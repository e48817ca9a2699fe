/** The last fifteen minutes, as they grow by a sample a second. Columns, as charts take them. */
import type { Samples } from '../../../../api/now.ts';

/** As in api/now.ts, whose values a page does not load. */
export const SAMPLES_MAX = 900;
const SAMPLE_MS = 1_000;
/** A sample may be late; after so long, some are missing. */
export const HOLE_MS = 3_500;

export type SeriesName = Exclude<keyof Samples, 'at'>;

/** The old ones and what is new among the others, no more than so many. */
export function joined(old: Samples, fresh: Samples, max = SAMPLES_MAX): Samples {
  const last = old.at.at(-1) ?? -Infinity;
  const from = fresh.at.findIndex((at) => at > last);
  if (from < 0) return old;
  const join = <T>(one: readonly T[], other: readonly T[]): T[] => [...one, ...other.slice(from)].slice(-max);
  return {
    at: join(old.at, fresh.at),
    players: join(old.players, fresh.players),
    framesPerSecond: join(old.framesPerSecond, fresh.framesPerSecond),
    bytesPerSecond: join(old.bytesPerSecond, fresh.bytesPerSecond),
    delayP50Ms: join(old.delayP50Ms, fresh.delayP50Ms),
    delayP99Ms: join(old.delayP99Ms, fresh.delayP99Ms),
    dropsPerSecond: join(old.dropsPerSecond, fresh.dropsPerSecond),
    lagMs: join(old.lagMs, fresh.lagMs),
  };
}

/** Whether there were others between the two: the page slept, or was not connected. */
export function hasHole(old: Samples, fresh: Samples): boolean {
  const [last, next] = [old.at.at(-1), fresh.at[0]];
  return last !== undefined && next !== undefined && next - last > HOLE_MS;
}

/** The last one that was measured; null where none was, or long ago. */
export function latest(samples: Samples, name: SeriesName, within = 5): number | null {
  const values = samples[name];
  for (let i = values.length - 1; i >= Math.max(0, values.length - within); i--) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** All of the last so many seconds that were measured. */
export function recent(samples: Samples, name: SeriesName, ms = 60_000): readonly number[] {
  return samples[name].slice(-Math.round(ms / SAMPLE_MS)).filter((value) => value !== null);
}
