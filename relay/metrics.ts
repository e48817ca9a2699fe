/** What the relay counts about itself. Plain numbers: counting must cost the frame path nothing. */
import { outcomes } from '../protocol/outcome.ts';
import { Histogram } from '../common/histogram.ts';

export class RelayMetrics {
  connections = 0;
  connectionsTotal = 0;
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** By outcome code; forwarded, consumed and originated are counted here as well. */
  readonly outcomes = new Float64Array(outcomes.length);
  /** Connections that a guard turned away. */
  connectionsRefused = 0;
  /** What came or was to go by UDP and was dropped unread, because there was too much of it. */
  datagramsDropped = 0;
  /** How many connections ended for which reason. */
  readonly faults = new Map<string, number>();
  /** From the arrival of a frame to the moment at which it was handed to its target's socket. */
  readonly delay = new Histogram();

  /** Set by the relay. Not kept up to date, because few ask. */
  countPlayers: () => number = () => 0;

  get players(): number {
    return this.countPlayers();
  }

  countFault(name: string): void {
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
  }
}
