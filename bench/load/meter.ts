/** What the relay and the load itself used of the machine while something was measured. */
import { monotonic } from '../../common/clock.ts';
import { processCpuSeconds } from '../procfs.ts';

export interface Used {
  readonly seconds: number;
  /** Of the relay, all threads; null where the system does not tell. */
  readonly relayCpuSeconds: number | null;
  /** Of the load, as a share of one core: near 1 means that it may have been the limit. */
  readonly loadBusy: number;
}

export class Meter {
  readonly #pid: number;
  readonly #startedAt = monotonic();
  readonly #relayCpu: number | null;
  readonly #loadCpu = process.cpuUsage();

  /** Begins to measure. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#relayCpu = processCpuSeconds(pid);
  }

  read(): Used {
    const seconds = (monotonic() - this.#startedAt) / 1000;
    const relayCpu = processCpuSeconds(this.#pid);
    const { user, system } = process.cpuUsage(this.#loadCpu);
    return {
      seconds,
      relayCpuSeconds: relayCpu === null || this.#relayCpu === null ? null : relayCpu - this.#relayCpu,
      loadBusy: (user + system) / 1e6 / seconds,
    };
  }
}

/** In microseconds. */
export function cpuPerFrame({ relayCpuSeconds }: Used, frames: number): number | null {
  return relayCpuSeconds === null || frames === 0 ? null : (relayCpuSeconds * 1e6) / frames;
}
