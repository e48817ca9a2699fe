/** One measurement: a fresh subject, a load on it, and whether what came out is right. */
import type { Answer, Figures, Load } from './load/job.ts';
import { Interrupted, start } from './processes.ts';
import { type Recorded, startSubject, type SubjectName } from './subjects.ts';

export interface Measured {
  readonly figures: Figures;
  /** What went wrong; then there are no figures. Wrong results are never figures. */
  readonly failure: string | null;
}

/** Puts the load on a fresh subject, once. */
export async function measure(name: SubjectName, load: Load): Promise<Measured> {
  try {
    const { answer, recorded } = await run(name, load);
    const gaps = recorded === null ? {} : { framesNotRecorded: recorded.gaps };
    return { figures: { ...answer.figures, ...gaps }, failure: null };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return { figures: {}, failure: (error as Error).message };
  }
}

/** The share of the wanted rate from which on it counts as reached. */
const REACHED = 0.98;

/**
 * The same load at rising rates, until the recording has a gap, or the rate is not reached.
 * `framesPerSecond` of the answer is the last rate before that; 0, and nothing else, if there was none.
 */
export async function climb(
  name: SubjectName,
  rates: readonly number[],
  loadAt: (rate: number) => Load,
): Promise<Measured> {
  let figures: Figures = { framesPerSecond: 0 };
  try {
    for (const rate of rates) {
      const { answer, recorded } = await run(name, loadAt(rate));
      const reached = answer.figures['framesPerSecond'] ?? 0;
      if (recorded === null || recorded.gaps > 0 || reached < REACHED * rate) break;
      figures = {
        framesPerSecond: rate,
        bytesPerRow: recorded.fileBytes / recorded.frames,
        cpuMicrosPerFrame: answer.figures['cpuMicrosPerFrame'] ?? null,
      };
    }
    return { figures, failure: null };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return { figures: {}, failure: (error as Error).message };
  }
}

async function run(name: SubjectName, load: Load): Promise<{ answer: Answer; recorded: Recorded | null }> {
  const subject = await startSubject(name);
  let answer: Answer;
  try {
    const { port, controlPort, pid } = subject;
    answer = JSON.parse(
      await start('bench/load/main.js', [JSON.stringify({ ...load, port, controlPort, pid })]).output,
    ) as Answer;
  } catch (error) {
    await subject.stop();
    throw error;
  }
  const recorded = await subject.stop();
  if (recorded !== null && recorded.frames + recorded.gaps !== answer.rows)
    throw new Error(
      `${answer.rows} frames were to be recorded; ${recorded.frames} are, and ${recorded.gaps} are said to be missing`,
    );
  return { answer, recorded };
}
