/**
 * Flows from one client to another, as fast as they go or at a set pace.
 *
 * The rule: a flow never has more under way than its window, so that what limits it is the relay's
 * work, and not the size of somebody's buffers.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../common/clock.ts';
import type { Millis } from '../../protocol/types.ts';
import type { Client } from './client.ts';
import type { Answer, FloodLoad, Job } from './job.ts';
import { enterLobby } from './lobby.ts';
import { cpuPerFrame, Meter } from './meter.ts';
import { openPdp, openPtp, PDP_ROWS, PTP_ROWS } from './sessions.ts';
import { arrival } from './arrival.ts';
import { block, datagram, ID_AT, PDP } from './wire.ts';

/** What one write takes at most. */
const WRITE_BYTES = 128 * 1024;

interface Ends {
  readonly sender: Client;
  readonly receiver: Client;
}

class Flow {
  readonly #sender: Client;
  readonly #receiver: Client;
  readonly #frameBytes: number;
  /** The same frame over and over. */
  readonly #many: Buffer;
  readonly #windowBytes: number;
  /** Less room than that is not worth a write. */
  readonly #worthBytes: number;
  #sentBytes = 0;
  /** What may have been sent by now, from the beginning. */
  allowedFrames = Infinity;
  readonly #resume = (): void => this.push();

  constructor({ sender, receiver }: Ends, frame: Buffer, job: FloodLoad) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#frameBytes = frame.length;
    this.#many = Buffer.concat(Array.from({ length: Math.ceil(WRITE_BYTES / frame.length) }, () => frame));
    this.#windowBytes = job.windowBytes;
    this.#worthBytes = job.framesPerSecond === null ? job.windowBytes / 4 : frame.length;
  }

  get sentFrames(): number {
    return this.#sentBytes / this.#frameBytes;
  }

  get receivedFrames(): number {
    return this.#receiver.receivedFrames;
  }

  push(): void {
    while (this.#sender.waitingBytes === 0) {
      const room = Math.min(
        this.#windowBytes - (this.#sentBytes - this.#receiver.receivedBytes),
        this.allowedFrames * this.#frameBytes - this.#sentBytes,
      );
      if (room < this.#worthBytes) return;
      const frames = Math.floor(Math.min(room, this.#many.length) / this.#frameBytes);
      const bytes = frames * this.#frameBytes;
      this.#sentBytes += bytes;
      this.#sender.write(this.#many.subarray(0, bytes), this.#resume);
    }
  }

  stop(): void {
    this.allowedFrames = 0;
  }
}

export async function flood(job: Job & FloodLoad): Promise<Answer> {
  const flows: Flow[] = [];
  for (let i = 0; i < job.flows; i++) flows.push(await open(job, i, () => flows[i]?.push()));
  const received = (): number => sum(flows, (flow) => flow.receivedFrames);

  let pacing: NodeJS.Timeout | null = null;
  if (job.framesPerSecond !== null) pacing = pace(flows, job.framesPerSecond / 1000 / job.flows);
  else for (const flow of flows) flow.push();
  await sleep(job.warmMs);
  const before = received();
  const meter = new Meter(job.pid);
  await sleep(job.measureMs);
  const used = meter.read();
  const measured = received() - before;
  if (pacing !== null) clearInterval(pacing);
  for (const flow of flows) flow.stop();
  const sent = sum(flows, (flow) => flow.sentFrames);
  await arrival(sent, received);
  return {
    figures: {
      framesPerSecond: measured / used.seconds,
      megabytesPerSecond: (measured * job.payloadBytes) / used.seconds / 1e6,
      cpuMicrosPerFrame: cpuPerFrame(used, measured),
      loadBusy: used.loadBusy,
    },
    rows: job.flows * (job.over === 'pdp' ? 2 * PDP_ROWS : PTP_ROWS) + sent,
  };
}

async function open(job: Job & FloodLoad, index: number, came: () => void): Promise<Flow> {
  const { port, payloadBytes } = job;
  const from = 2 * index + 1;
  const to = from + 1;
  await enterLobby(
    job.controlPort,
    [from, to].map((id) => ({ id, group: index })),
  );
  let isTold = false;
  const tell = (): void => {
    isTold = false;
    came();
  };
  const look = (isRight: boolean): void => {
    if (!isRight) throw new Error('frames got mixed up');
    if (isTold) return;
    // One look at the window for a read is enough, however many frames were in it.
    isTold = true;
    queueMicrotask(tell);
  };
  if (job.over === 'ptp') {
    const ends = await openPtp(port, from, to, (_view, _at, size) => look(size === payloadBytes));
    return new Flow(ends, block(payloadBytes), job);
  }
  const receiver = openPdp(port, to, PDP, (view, at, size) =>
    look(size === payloadBytes && view.getInt32(at + ID_AT) === from),
  );
  const sender = openPdp(port, from, PDP, () => look(false));
  await Promise.all([sender.opened, receiver.opened]);
  return new Flow({ sender, receiver }, datagram(to, payloadBytes), job);
}

/** Lets the flows send what is due by the clock, a little every millisecond. */
function pace(flows: readonly Flow[], framesPerMsAndFlow: number): NodeJS.Timeout {
  const startedAt: Millis = monotonic();
  return setInterval(() => {
    const allowed = Math.floor((monotonic() - startedAt) * framesPerMsAndFlow);
    for (const flow of flows) {
      flow.allowedFrames = allowed;
      flow.push();
    }
  }, 1);
}

function sum(flows: readonly Flow[], of: (flow: Flow) => number): number {
  return flows.reduce((total, flow) => total + of(flow), 0);
}
