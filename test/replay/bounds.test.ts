/** A long recording is replayed and compared in little memory. How fast, no test says. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bigPlay } from '../../bench/replay/big-play.ts';
import { run, startRelay, temporaryFolder } from '../kit/program.ts';

/** Of which the program itself takes a fifth. If it needed more, it would break off. */
const HEAP_MEGABYTES = 48;
const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MEGABYTES}` };

function capture(frames: number, options: Parameters<typeof bigPlay>[2] = {}): string {
  const file = join(temporaryFolder(), 'big.db');
  bigPlay(file, frames, options);
  return file;
}

describe('in a small heap', () => {
  test.each([
    ['many frames', 100_000, {}],
    ['large frames', 10_000, { payloadBytes: 10_000 }],
  ] as const)('%s are replayed', { timeout: 120_000 }, async (_, frames, options) => {
    const relay = await startRelay();
    const file = capture(frames, options);
    const { code, stdout, stderr } = await run(
      ['replay', file, '--against', `127.0.0.1:${relay.port}`, '--pace', 'max'],
      { env },
    );
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    await relay.stop();
  });

  test('two recordings are compared', { timeout: 120_000 }, async () => {
    const [one, other] = [capture(100_000, { groups: 1 }), capture(100_000, { groups: 1 })];
    const { code, stderr, stdout } = await run(['diff', `${one}:1`, `${other}:1`], { env });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  });
});
