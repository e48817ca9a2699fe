/** One pair, one datagram under way: how long there and back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../common/clock.ts';
import { Histogram } from '../../common/histogram.ts';
import type { Answer, Job, RoundTripLoad } from './job.ts';
import { enterLobby } from './lobby.ts';
import { cpuPerFrame, Meter } from './meter.ts';
import { openPdp, PDP_ROWS } from './sessions.ts';
import { arrival } from './arrival.ts';
import { datagram, ID_AT, PDP } from './wire.ts';

const NEAR = 1;
const FAR = 2;

export async function roundTrip(job: Job & RoundTripLoad): Promise<Answer> {
  const trips = new Histogram();
  const there = datagram(FAR, job.payloadBytes);
  const back = datagram(NEAR, job.payloadBytes);
  let going = true;
  let sentAt = 0;
  let sent = 0;
  let received = 0;

  const check = (view: DataView, at: number, size: number, sender: number): void => {
    if (size !== job.payloadBytes || view.getInt32(at + ID_AT) !== sender)
      throw new Error('frames got mixed up');
    received++;
  };
  const send = (): void => {
    sent += 2;
    sentAt = monotonic();
    near.write(there);
  };
  await enterLobby(
    job.controlPort,
    [NEAR, FAR].map((id) => ({ id, group: 1 })),
  );
  const near = openPdp(job.port, NEAR, PDP, (view, at, size) => {
    trips.add(monotonic() - sentAt);
    check(view, at, size, FAR);
    if (going) send();
  });
  const far = openPdp(job.port, FAR, PDP, (view, at, size) => {
    check(view, at, size, NEAR);
    far.write(back);
  });
  await Promise.all([near.opened, far.opened]);

  send();
  await sleep(job.warmMs);
  trips.reset();
  const before = received;
  const meter = new Meter(job.pid);
  await sleep(job.measureMs);
  const used = meter.read();
  const measured = received - before;
  const figures = {
    p50Ms: trips.quantile(0.5),
    p99Ms: trips.quantile(0.99),
    tripsPerSecond: trips.count / used.seconds,
    cpuMicrosPerFrame: cpuPerFrame(used, measured),
    loadBusy: used.loadBusy,
  };
  going = false;
  await arrival(sent, () => received);
  return { figures, rows: 2 * PDP_ROWS + sent };
}
