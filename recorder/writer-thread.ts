/** The thread on which the writer runs. A thin shell: what it wraps is tested without it. */
import os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { monotonic } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import { protocols } from '../protocol/registry.ts';
import type { ThreadInput, ThreadNews } from './recorder.ts';
import { SlabRing, Stat } from './ring.ts';
import { SlabMemory } from './slab.ts';
import { CaptureStore } from './store.ts';
import { Writer } from './writer.ts';

const input = workerData as ThreadInput;
const tell = (news: ThreadNews): void => parentPort?.postMessage(news);

/** Enough to let the relay go first. At 10, on two cores that others kept busy too, the recorder was seen to fall behind. */
const NICENESS = 5;

/** A recorder that competes with the relay for a core is what players feel. On Linux this is the thread's own. */
function stepBack(): void {
  try {
    os.setPriority(0, NICENESS);
  } catch {
    // Some systems do not allow it; then the two are equals.
  }
}

function work(): void {
  const ring = new SlabRing(input.ring);
  const store = CaptureStore.open(input.file, input.meta, protocols, input.resume);
  if (input.trouble !== null) store.trouble(input.trouble);
  ring.stats[Stat.captureId] = store.captureId;
  tell({ news: 'ready', captureId: store.captureId });
  const writer = new Writer(
    new SlabMemory(input.memory),
    ring,
    store,
    {
      trouble: (text) => tell({ news: 'trouble', text }),
      recovered: (text) => tell({ news: 'recovered', text }),
      relieved: () => tell({ news: 'relieved' }),
    },
    monotonic,
  );
  writer.run();
  writer.finish(ring.stats[Stat.endedAt] as number, ring.stats[Stat.sequence] as number);
}

stepBack();
try {
  work();
  tell({ news: 'finished' });
} catch (error) {
  const { message } = error as Error;
  const failure = error instanceof Failure ? error : new Failure('outside', 'recorder-failed', message);
  tell({ news: 'failed', kind: failure.kind, code: failure.code, message: failure.message });
}
