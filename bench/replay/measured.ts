/**
 * Runs another program of this repository in this process, and says at its end, in a last line of JSON, what that took:
 * `measured.js PROGRAM ARGUMENT...`, named from dist/.
 */
import { writeSync } from 'node:fs';

/** All of it, from the start of the process on. */
export interface Took {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

const [node = '', , program = '', ...words] = process.argv;
process.argv = [node, program, ...words];
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const took: Took = {
    seconds: performance.now() / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakBytes: maxRSS * 1024,
  };
  writeSync(1, `\n${JSON.stringify(took)}\n`);
});
await import(new URL(`../../${program}`, import.meta.url).href);
