/** Games at a steady rate: how long a datagram takes from its sender to its receiver. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../common/clock.ts';
import type { Millis } from '../../protocol/types.ts';
import { Histogram } from '../../common/histogram.ts';
import type { Client } from './client.ts';
import type { Answer, Job, RateLoad } from './job.ts';
import { enterLobby } from './lobby.ts';
import { cpuPerFrame, Meter, type Used } from './meter.ts';
import { Pacemaker } from './pacemaker.ts';
import { openMany, openPdp, PDP_ROWS } from './sessions.ts';
import { arrival } from './arrival.ts';
import { datagram, ID_AT, STAMP_AT, STAMPED_PDP, TARGET_AT } from './wire.ts';

/** The most that a send is late by on a machine that has a core to spare. */
const BEAT_MS = 0.25;
/** So many at a time at most, then what has come is looked at. */
const BURST_MAX = 64;

/** Who sends when: one after the other, evenly over the period, always in the same order. */
class Schedule {
  readonly lags = new Histogram();
  readonly #players: readonly Player[];
  readonly #gap: Millis;
  readonly #base: Millis;
  readonly #end: Millis;
  #turns = 0;
  #due: Millis;
  /** From when on it counts how late it is. */
  from: Millis = Infinity;

  constructor(players: readonly Player[], hz: number, base: Millis, end: Millis) {
    this.#players = players;
    this.#gap = 1000 / (hz * players.length);
    this.#base = this.#due = base;
    this.#end = end;
  }

  get turns(): number {
    return this.#turns;
  }

  /** What is still due is not sent any more. */
  stop(): void {
    this.#due = Infinity;
  }

  catchUp(now: Millis): void {
    for (let burst = 0; burst < BURST_MAX && this.#due <= now; burst++) {
      if (this.#due >= this.from) this.lags.add(now - this.#due);
      this.#players[this.#turns++ % this.#players.length]?.send();
      const next = this.#base + this.#turns * this.#gap;
      this.#due = next < this.#end ? next : Infinity;
    }
  }
}

class Player {
  readonly client: Client;
  readonly #frames: readonly Buffer[];
  readonly #together: boolean;
  #all: Buffer;
  #views: readonly DataView[] = [];
  #pieces: readonly Buffer[] = [];

  constructor(client: Client, frames: readonly Buffer[], together: boolean) {
    this.client = client;
    this.#frames = frames;
    this.#together = together;
    this.#all = this.#renew();
  }

  send(): void {
    // What the socket still holds must stay as it is.
    if (this.client.waitingBytes > 0) this.#all = this.#renew();
    for (const [i, piece] of this.#pieces.entries()) {
      this.#views[i]?.setFloat64(STAMP_AT, monotonic());
      if (!this.#together) this.client.write(piece);
    }
    if (this.#together) this.client.write(this.#all);
  }

  #renew(): Buffer {
    const all = Buffer.concat(this.#frames);
    let at = 0;
    this.#pieces = this.#frames.map(({ length }) => all.subarray(at, (at += length)));
    this.#views = this.#pieces.map((piece) => new DataView(piece.buffer, piece.byteOffset, piece.length));
    return all;
  }
}

export async function rate(job: Job & RateLoad): Promise<Answer> {
  const { games, players: perGame, payloadBytes } = job;
  const delays = new Histogram();
  let schedule: Schedule | null = null;
  let from: Millis = Infinity;
  let received = 0;

  const receive = (id: number) => {
    const game = Math.floor((id - 1) / perGame);
    return (view: DataView, at: number, size: number): void => {
      const now = monotonic();
      const sender = view.getInt32(at + ID_AT);
      if (size !== payloadBytes || view.getInt32(at + TARGET_AT) !== id)
        throw new Error('frames got mixed up');
      if (sender === id || Math.floor((sender - 1) / perGame) !== game) throw new Error('a wrong sender');
      received++;
      const sentAt = view.getFloat64(at + STAMP_AT);
      if (sentAt >= from) delays.add(now - sentAt);
      // While much comes in, the load is awake anyway, and need not be late until the next beat.
      schedule?.catchUp(now);
    };
  };

  const everybody = Array.from({ length: games * perGame }, (_, index) => index);
  await enterLobby(
    job.controlPort,
    everybody.map((index) => ({ id: index + 1, group: Math.floor(index / perGame) })),
  );
  const players = await openMany(everybody.length, (index) => {
    const id = index + 1;
    const first = index - (index % perGame) + 1;
    const frames: Buffer[] = [];
    for (let other = first; other < first + perGame; other++) {
      if (other === id) continue;
      const frame = datagram(other, payloadBytes);
      frame.writeInt32BE(other, TARGET_AT);
      frames.push(frame);
    }
    return new Player(openPdp(job.port, id, STAMPED_PDP, receive(id)), frames, job.together);
  });
  shuffle(players);

  const base = monotonic() + 50;
  const measureFrom = base + job.warmMs;
  const end = measureFrom + job.measureMs;
  schedule = new Schedule(players, job.hz, base, end);
  let meter: Meter | null = null;
  let receivedBefore = 0;
  const pacemaker = new Pacemaker(BEAT_MS, () => {
    const now = monotonic();
    if (meter === null && now >= measureFrom) {
      from = schedule.from = now;
      receivedBefore = received;
      meter = new Meter(job.pid);
    }
    schedule.catchUp(now);
  });
  await sleep(end - monotonic());
  schedule.stop();
  await pacemaker.stop();
  const used: Used = (meter as Meter | null)?.read() ?? new Meter(job.pid).read();
  const measured = received - receivedBefore;
  const sent = schedule.turns * (perGame - 1);
  await arrival(sent, () => received);
  return {
    figures: {
      p50Ms: delays.quantile(0.5),
      p99Ms: delays.quantile(0.99),
      framesPerSecond: measured / used.seconds,
      cpuMicrosPerFrame: cpuPerFrame(used, measured),
      sendLagP99Ms: schedule.lags.quantile(0.99),
      loadBusy: used.loadBusy,
    },
    rows: players.length * PDP_ROWS + sent,
  };
}

/** Always the same way: who sends after whom matters, and must not differ between two runs. */
function shuffle(items: unknown[]): void {
  let seed = 12_345;
  for (let i = items.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    const j = seed % (i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
}
