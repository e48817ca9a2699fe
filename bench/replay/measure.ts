/** One measurement of a replay: a long capture, a fresh relay, and all that its player takes from its start to its end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pace } from '../../replay/types.ts';
import type { Measured } from '../measure.ts';
import { Interrupted, start } from '../processes.ts';
import { startSubject, type SubjectName } from '../subjects.ts';
import { bigPlay } from './big-play.ts';
import type { Took } from './measured.ts';

/** The baseline is the plain player; all else is a replay as people run it, with what it writes into the file. */
export async function measureReplay(name: SubjectName, frames: number, pace: Pace): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'postreel-bench-'));
  try {
    const file = join(folder, 'capture.db');
    bigPlay(file, frames);
    const took = await play(name, file, pace);
    const { seconds, cpuSeconds, peakBytes } = took;
    const cpuMicrosPerFrame = (cpuSeconds * 1e6) / frames;
    return { figures: { framesPerSecond: frames / seconds, cpuMicrosPerFrame, peakBytes }, failure: null };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    return { figures: {}, failure: (error as Error).message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A replay that does not come to `same` ends with another code than 0, which is an error here. */
async function play(name: SubjectName, file: string, pace: Pace): Promise<Took> {
  const relay = await startSubject('relay');
  try {
    const words =
      name === 'baseline'
        ? ['bench/replay/plain-player.js', file, String(relay.port)]
        : ['cli/main.js', 'replay', file, '--against', `127.0.0.1:${relay.port}`, '--pace', pace];
    const output = await start('bench/replay/measured.js', words).output;
    return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Took;
  } finally {
    await relay.stop();
  }
}
