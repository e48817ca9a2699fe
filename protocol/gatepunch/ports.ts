/** The UDP ports of addresses from which a packet came, for as long as it may be that somebody asks. */
import { Timeouts } from '../timeouts.ts';
import type { Millis } from '../types.ts';

/** What came by UDP alone is forgotten after so long. */
export const PORT_KEPT_MS: Millis = 30_000;
/** Of more addresses the oldest is forgotten: anybody may make them up. */
export const PORTS_MAX = 2_000;

export class Ports {
  /** By address. */
  readonly #ports = new Map<string, number>();
  readonly #kept = new Timeouts<string>(PORT_KEPT_MS);

  get size(): number {
    return this.#ports.size;
  }

  /** The newest of an address is the one that counts. */
  hear(ip: string, port: number, now: Millis): void {
    this.forget(ip);
    for (const oldest of this.#ports.keys()) {
      if (this.#ports.size < PORTS_MAX) break;
      this.forget(oldest);
    }
    this.#ports.set(ip, port);
    this.#kept.start(ip, now);
  }

  of(ip: string): number | null {
    return this.#ports.get(ip) ?? null;
  }

  forget(ip: string): void {
    this.#ports.delete(ip);
    this.#kept.cancel(ip);
  }

  get deadline(): Millis {
    return this.#kept.deadline;
  }

  expire(now: Millis): void {
    this.#kept.expire(now, (ip) => this.#ports.delete(ip));
  }
}
