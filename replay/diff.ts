/**
 * Two recordings of the same play, compared offline: what the first has is expected, what the second has came.
 *
 * The rule: both are read in step, by their share of the way, so that what is held is bounded by what the
 * comparison holds, however long they are; and whoever waits can stop it between two batches.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '../common/failure.ts';
import type { Compared, Comparison } from './compare/comparison.ts';
import { pairPlays } from './pairing.ts';
import { RecordedEnds } from './recorded-ends.ts';
import type { PlacedUnit, RecordedPlay } from './recorded.ts';
import type { Masks, Role } from './types.ts';

/** Between two looks at what else there is to do. */
export const FRAMES_PER_BATCH = 5_000;
/** After a stop, so many more of the first are read, for what came in the second a little before its turn. */
export const RUN_OUT_FRAMES = 2_000;
/** The last that were expected before a stop, and may not be missed. */
export const RECENT_MAX = 10_000;

export interface HowToCompare {
  /** They tell where addresses are inside payloads. */
  readonly masks?: Pick<Masks, 'of'> | null;
  readonly signal?: AbortSignal;
  /** Told of the frames of both that have been read so far, and of how many there are. */
  readonly progress?: (done: number, total: number) => void;
}

export interface RecordingsCompared extends Compared {
  readonly roles: readonly Role[];
  readonly notes: readonly string[];
  /** Why it did not come to its end, for people; null where it did. */
  readonly partial: string | null;
}

/**
 * Notes of what was paired and of what the recordings lack come with the answer. Failure codes:
 * `other-protocol`, `other-revision`.
 */
export async function compareRecordings(
  first: RecordedPlay,
  second: RecordedPlay,
  comparison: Comparison,
  { masks = null, signal, progress }: HowToCompare = {},
): Promise<RecordingsCompared> {
  const differ = checkProtocols(first, second);
  const { cast } = first;
  const { translation, connections, notes } = pairPlays(first, second);
  const ends = new RecordedEnds(first, second, connections);
  const recent = new Recent();

  const expected = new Side(first, first.units(), (each) => {
    recent.add(each);
    comparison.lane(each.conversation).expect(each.unit);
    for (const conn of new Set([each.from, each.to])) ends.expect(conn, each.unit.sequence);
  });
  const actual = new Side(second, second.units({ cast, translation, masks }), (each) => {
    // Nobody got it.
    if (each.unit.isOptional) return;
    comparison.lane(each.conversation).came(each.unit);
    for (const conn of new Set([each.from, each.to])) ends.came(conn);
  });

  const isWhole = await readInStep(expected, actual, signal, progress);
  if (isWhole) {
    for (const difference of ends.differences(cast)) comparison.ended(difference);
  } else {
    for (let left = RUN_OUT_FRAMES; left > 0 && expected.read(); left--);
    recent.excuse();
  }
  return {
    ...comparison.end(),
    roles: cast.roles,
    notes: [...differ, ...notes, ...lacks(first, second)],
    partial: isWhole
      ? null
      : `stopped after ${expected.done + actual.done} of ${expected.total + actual.total} frames`,
  };
}

/** False where it was stopped before the last. */
async function readInStep(
  expected: Side,
  actual: Side,
  signal: AbortSignal | undefined,
  progress: HowToCompare['progress'],
): Promise<boolean> {
  const total = expected.total + actual.total;
  for (;;) {
    for (let i = 0; i < FRAMES_PER_BATCH; i++) {
      // What is expected is read first, so that what comes finds it.
      const next = actual.isOver || (!expected.isOver && expected.share <= actual.share) ? expected : actual;
      next.read();
      if (expected.isOver && actual.isOver) return true;
    }
    progress?.(expected.done + actual.done, total);
    await turn();
    if (signal?.aborted === true) return false;
  }
}

/** One of the two recordings on the way through it. */
class Side {
  readonly total: number;
  done = 0;
  isOver = false;
  readonly #units: Iterator<PlacedUnit>;
  readonly #tell: (each: PlacedUnit) => void;

  constructor({ session }: RecordedPlay, units: Iterator<PlacedUnit>, tell: (each: PlacedUnit) => void) {
    this.total = session.frames;
    this.#units = units;
    this.#tell = tell;
  }

  get share(): number {
    return this.done / Math.max(this.total, 1);
  }

  /** False where there is no more. */
  read(): boolean {
    const next = this.#units.next();
    if (next.done === true) {
      this.isOver = true;
      return false;
    }
    this.done += 1;
    this.#tell(next.value);
    return true;
  }
}

/** The newest that were expected: who stops the reading is the one to blame if their partners were not read. */
class Recent {
  readonly #units: PlacedUnit[] = [];
  #added = 0;

  add(each: PlacedUnit): void {
    this.#units[this.#added++ % RECENT_MAX] = each;
  }

  excuse(): void {
    for (const { unit } of this.#units) unit.isOptional = true;
  }
}

// What cannot be compared, and what people must know ------------------------------------------------------

const ordinals = ['first', 'second'] as const;

function checkProtocols(first: RecordedPlay, second: RecordedPlay): readonly string[] {
  const plays = [first, second];
  for (const [i, { connections }] of plays.entries()) {
    for (const { protocol, revision } of connections) {
      if (protocol === null || protocol.revision === revision) continue;
      const why = `was recorded with revision ${revision} of ${protocol.name}, of which this version reads revision ${protocol.revision}`;
      throw new Failure('input', 'other-revision', `the ${ordinals[i]} session ${why}`);
    }
  }
  const names = plays.map(({ protocols }) => Array.from(protocols, ({ name }) => name));
  const [ours = [], theirs = []] = names;
  if (!ours.some((name) => theirs.includes(name))) {
    const said = names.map((each) => each.join(' and ') || 'no protocol that this version knows');
    const why = `the first session is of ${said[0]} and the second of ${said[1]}: they are no two recordings of one play`;
    throw new Failure('input', 'other-protocol', why);
  }
  const only = (whose: readonly string[], other: readonly string[], which: string) =>
    whose.filter((name) => !other.includes(name)).map((name) => `only the ${which} recording has ${name}`);
  return [...only(ours, theirs, 'first'), ...only(theirs, ours, 'second')];
}

function lacks(first: RecordedPlay, second: RecordedPlay): readonly string[] {
  return [first, second].flatMap((play, i) => {
    const which = ordinals[i];
    const notes = [];
    const lost = play.gaps.reduce((sum, { frames }) => sum + frames, 0);
    const [gap] = play.gaps;
    if (gap !== undefined) {
      const where = gap.firstSequence === 1 ? 'from the start' : `from frame ${gap.firstSequence} on`;
      const told = i === 0 ? 'extra' : 'missing';
      notes.push(
        `the ${which} recording lacks ${framesText(lost)} ${where} (${gap.reason}), which may be told as ${told}`,
      );
    }
    if (play.unknown > 0) {
      const why = 'nothing is known of their protocol, or of an end of theirs';
      notes.push(`${framesText(play.unknown)} of the ${which} recording are left out: ${why}`);
    }
    if (play.session.ended === null)
      notes.push(`the ${which} session goes on: it was compared as far as it had come`);
    return notes;
  });
}

function framesText(frames: number): string {
  return frames === 1 ? '1 frame' : `${frames} frames`;
}
