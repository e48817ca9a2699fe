/** What the relay tells of itself, as log lines: its limits and errors for everyone, its connections for those who debug. */
import { monotonic } from '../common/clock.ts';
import type { RelayEvent } from '../relay/relay.ts';
import { printable } from '../common/printable.ts';
import { hostPortText } from './format.ts';
import type { Log } from './log.ts';

/** A warning that repeats is logged once in this time, so that no flood of clients becomes a flood of lines. */
const REPEAT_MS = 10_000;

/** Of different warnings, of which there are a handful. */
const WARNINGS_MAX = 100;

/** Tells of a warning once in a while, and how often it was not told of. */
export class Repeats {
  readonly #clock: () => number;
  readonly #warnings = new Map<string, { at: number; unsaid: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** What to log of a warning whose `line` may name who caused it: of whoever is the first; of the others only how many there were. */
  line(warning: string, line: string): string | null {
    const last = this.#warnings.get(warning);
    const now = this.#clock();
    if (last !== undefined && now - last.at < REPEAT_MS) {
      last.unsaid++;
      return null;
    }
    const unsaid = last?.unsaid ?? 0;
    if (this.#warnings.size >= WARNINGS_MAX) this.#warnings.clear();
    this.#warnings.set(warning, { at: now, unsaid: 0 });
    return unsaid === 0 ? line : `${line} (and ${unsaid} times since the last such line)`;
  }
}

export function logEvents(log: Log, clock: () => number = monotonic): (event: RelayEvent) => void {
  const repeats = new Repeats(clock);
  return (event) => {
    const { kind, text, conn, peer, fault } = event;
    const who = () => {
      const from = peer === undefined ? '' : ` from ${hostPortText(peer.address, peer.port)}`;
      return `connection ${conn ?? '?'}${from} ${kind}: `;
    };
    if (kind === 'limit' || (kind === 'error' && conn === undefined)) {
      warn(text, '');
    } else if (event.warn === true) {
      warn(text, who());
    } else if (log.isLevelEnabled('debug')) {
      log.debug({ event: kind, conn, peer, fault }, printable(who() + text));
    }
  };

  function warn(text: string, who: string): void {
    const line = repeats.line(text, printable(who + text));
    if (line !== null) log.warn(line);
  }
}
