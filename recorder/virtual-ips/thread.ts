/** The thread that has the file of virtual IP addresses. A thin shell: what it wraps is tested without it. */
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '../../common/failure.ts';
import { Keeper, RETRY_MS } from './keeper.ts';
import { type Given, VirtualIpStore } from './store.ts';
import type { ThreadNews } from './virtual-ips.ts';

const tell = (news: ThreadNews): void => parentPort?.postMessage(news);

function work(): void {
  const store = VirtualIpStore.open((workerData as { readonly file: string }).file);
  const keeper = new Keeper(
    store,
    { trouble: (text) => tell({ news: 'trouble', text }), recovered: () => tell({ news: 'recovered' }) },
    (again) => setTimeout(again, RETRY_MS).unref(),
  );
  // Null is the end: all that came before it has been taken.
  parentPort?.on('message', (given: readonly Given[] | null) => {
    if (given !== null) {
      keeper.keep(given);
      return;
    }
    const lost = keeper.close();
    store.close();
    tell({ news: 'finished', lost });
    parentPort?.close();
  });
  tell({ news: 'ready', given: store.all() });
}

try {
  work();
} catch (error) {
  const { message } = error as Error;
  const failure = error instanceof Failure ? error : new Failure('outside', 'cannot-open', message);
  tell({ news: 'failed', kind: failure.kind, code: failure.code, message: failure.message });
}
