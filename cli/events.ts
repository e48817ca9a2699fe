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

export function logEvents(log: Log, clock: () => number = monotonic): (event: RelayEvent) => void {
  const warnings = new Map<string, { at: number; unsaid: number }>();
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

  /** Of whoever is the first; of the others only how many there were. */
  function warn(text: string, who: string): void {
    const last = warnings.get(text);
    if (last !== undefined && clock() - last.at < REPEAT_MS) {
      last.unsaid++;
      return;
    }
    const repeated =
      last === undefined || last.unsaid === 0 ? '' : ` (and ${last.unsaid} times since the last such line)`;
    if (warnings.size >= WARNINGS_MAX) warnings.clear();
    warnings.set(text, { at: clock(), unsaid: 0 });
    log.warn(printable(who + text) + repeated);
  }
}
