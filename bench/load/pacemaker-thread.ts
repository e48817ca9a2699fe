/** The thread that waits for the pacemaker. */
import { parentPort, workerData } from 'node:worker_threads';
import { monotonic } from '../../common/clock.ts';
import type { Pace } from './pacemaker.ts';

const { everyMs, posted } = workerData as Pace;
/** Nobody wakes this one: waiting for it is sleeping. */
const never = new Int32Array(new SharedArrayBuffer(4));

for (let due = monotonic(); ;) {
  const now = monotonic();
  // After a stall it goes on from now, instead of making up for what was missed.
  due = Math.max(due + everyMs, now);
  if (due > now) Atomics.wait(never, 0, 0, due - now);
  if (Atomics.exchange(posted, 0, 1) === 0) parentPort?.postMessage(null);
}
