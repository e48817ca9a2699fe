/** After the last send: waits until all has come, and says so where it has not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../common/clock.ts';

const WAIT_MS = 10_000;

export async function arrival(sent: number, received: () => number): Promise<void> {
  const deadline = monotonic() + WAIT_MS;
  while (received() < sent && monotonic() < deadline) await sleep(5);
  // Anything that comes twice comes soon after.
  await sleep(20);
  if (received() !== sent) throw new Error(`of ${sent} frames sent, ${received()} came`);
}
