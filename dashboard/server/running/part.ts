/** Starting replays of a session and looking on: their routes, and their topic. */
import { resolve } from 'node:path';
import type { Archive } from '../archive.ts';
import type { Handlers } from '../handlers.ts';
import type { Topics } from '../watching.ts';
import { Runner, type RunnerOptions } from './runner.ts';

export interface RunningPart {
  readonly handlers: Handlers<'runningReplays' | 'startReplay' | 'cancelReplay'>;
  readonly topics: Pick<Topics, 'running'>;
  readonly close: () => void;
}

export function runningPart(
  { file, reader }: Archive,
  options: Pick<RunnerOptions, 'program' | 'wallMicros' | 'cancelMs'>,
): RunningPart {
  const { program, wallMicros, cancelMs } = options;
  const runner = new Runner({
    program,
    file: resolve(file),
    wallMicros,
    ...(cancelMs !== undefined && { cancelMs }),
  });
  return {
    handlers: {
      runningReplays: () => ({ replays: runner.list }),
      startReplay({ body }) {
        // One that is not there is refused.
        reader.session(body.session);
        return runner.start(body);
      },
      cancelReplay({ params: { run } }) {
        runner.cancel(run);
        return { done: true };
      },
    },
    topics: {
      running() {
        let seen = -1;
        return {
          take() {
            if (runner.version === seen) return null;
            seen = runner.version;
            return { news: 'running', replays: runner.list };
          },
          close: () => undefined,
        };
      },
    },
    close: () => runner.close(),
  };
}
