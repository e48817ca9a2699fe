/** However long a recording is, and however little of it comes back, only so much is read ahead and on its way. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bigPlay } from '../../../bench/replay/big-play.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { BYTES_AHEAD, Engine, STEPS_AHEAD } from '../../../replay/engine/engine.ts';
import { playLimits, receiverLimits } from '../../../replay/engine/window.ts';
import { Script } from '../../../replay/script/script.ts';
import { ReceiveStep, SendStep, type Step } from '../../../replay/script/steps.ts';
import type { Pace } from '../../../replay/types.ts';
import { temporaryFile } from '../../kit/capture-file.ts';
import { usual } from '../../kit/replaying.ts';

/** Takes all, and says nothing. */
let silent: Server;
beforeEach(async () => {
  silent = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterEach(() => void silent.close());

/** All that was read when nothing more could be done. */
async function readUntilStuck(frames: number, payloadBytes: number, pace: Pace): Promise<readonly Step[]> {
  const file = temporaryFile();
  bigPlay(file, frames, { payloadBytes });
  const reader = CaptureFile.open(file);
  const { port } = silent.address() as AddressInfo;
  const script = new Script(reader, reader.capture(), { session: null, whyNot: () => null });
  const read: Step[] = [];
  const steps = script.steps.bind(script);
  Object.assign(script, {
    *steps() {
      for (const step of steps()) {
        read.push(step);
        yield step;
      }
    },
  });
  const stop = new AbortController();
  const engine = new Engine({
    ...usual(reader, file),
    script,
    pace,
    patienceMs: 60_000,
    settleMs: 20,
    signal: stop.signal,
    comparison: null,
    target: () => ({ host: '127.0.0.1', port }),
    external: null,
    rewriting: null,
    onProgress: () => undefined,
    beforeLeaving: () => Promise.resolve(),
  });
  const played = engine.play();
  for (let before = -1; before !== read.length || before === 0;) {
    before = read.length;
    await sleep(300);
  }
  stop.abort();
  await played;
  reader.close();
  return read;
}

const isLeft = (step: Step) => !step.isDone;
const bytesOf = (step: Step) =>
  step instanceof SendStep ? step.bytes.length : step instanceof ReceiveStep ? step.unit.bytes.length : 0;
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

function byClientOf(steps: readonly Step[]): ReadonlyMap<number, readonly Step[]> {
  const found = new Map<number, Step[]>();
  for (const step of steps) found.set(step.client.conn, [...(found.get(step.client.conn) ?? []), step]);
  return found;
}

test('steps are read ahead up to a limit', async () => {
  const left = (await readUntilStuck(30_000, 20, 'causal')).filter(isLeft);
  expect(left.length).toBeLessThanOrEqual(STEPS_AHEAD);
  expect(left.length).toBeGreaterThan(0.9 * STEPS_AHEAD);
});

test('steps of large frames are read ahead up to a limit of their bytes', async () => {
  const left = (await readUntilStuck(3_000, 10_000, 'causal')).filter(isLeft);
  const bytes = sum(left.map(bytesOf));
  expect(left.length).toBeLessThan(STEPS_AHEAD / 2);
  expect(bytes).toBeLessThanOrEqual(BYTES_AHEAD + 10_000 + 14);
  expect(bytes).toBeGreaterThan(0.9 * BYTES_AHEAD);
});

test('so many frames are on their way to one client, and so many to all of them', async () => {
  const steps = await readUntilStuck(30_000, 20, 'max');
  const pending = steps.filter((step) => step instanceof ReceiveStep && step.isPending);
  const byClient = byClientOf(pending);
  expect(pending.length).toBe(playLimits.framesMax);
  expect(Math.max(...[...byClient.values()].map(({ length }) => length))).toBeLessThanOrEqual(
    receiverLimits.framesMax,
  );
});

test('so many bytes are on their way to one client, and so many to all of them', async () => {
  const steps = await readUntilStuck(3_000, 10_000, 'max');
  const pending = steps.filter((step) => step instanceof ReceiveStep && step.isPending);
  const byClient = byClientOf(pending);
  const bytes = sum(pending.map(bytesOf));
  expect(bytes).toBeGreaterThanOrEqual(playLimits.bytesMax);
  expect(bytes).toBeLessThan(playLimits.bytesMax + 10_014);
  for (const own of byClient.values())
    expect(sum(own.map(bytesOf))).toBeLessThan(receiverLimits.bytesMax + 10_014);
});
