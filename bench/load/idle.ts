/** Sessions that say nothing: what they cost all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from '../procfs.ts';
import type { Answer, IdleLoad, Job } from './job.ts';
import { Meter } from './meter.ts';
import { openMany, openPdp, PDP_ROWS } from './sessions.ts';
import { PDP } from './wire.ts';

/** After the sessions were opened, until the relay has come to rest. */
const SETTLE_MS = 1_000;

/**
 * Until the runtime has given back what the rush of openings took, which it does once it has been
 * idle for some seconds: what a host sees on the evening, not in the second.
 */
const REST_MS = 14_000;

export async function idle(job: Job & IdleLoad): Promise<Answer> {
  const alone = residentBytes(job.pid);
  let opened = 0;
  const open = async (upTo: number): Promise<void> => {
    await openMany(upTo - opened, () => ({ client: openPdp(job.port, ++opened, PDP, unexpected) }));
    await sleep(SETTLE_MS);
  };
  await open(job.sessions);
  const meter = new Meter(job.pid);
  await sleep(job.measureMs);
  const { relayCpuSeconds, seconds } = meter.read();
  await open(job.sessionsMax);
  await sleep(REST_MS);
  const crowded = residentBytes(job.pid);
  return {
    figures: {
      cpuShare: relayCpuSeconds === null ? null : relayCpuSeconds / seconds,
      aloneBytes: alone,
      crowdedBytes: crowded,
      bytesPerSession: alone === null || crowded === null ? null : (crowded - alone) / opened,
    },
    rows: opened * PDP_ROWS,
  };
}

function unexpected(): void {
  throw new Error('a frame came to somebody to whom nothing was sent');
}
