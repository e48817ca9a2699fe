/** The one file that asks the machine for the time. Everywhere else time is an argument called `now`. */
import type { Millis } from '../protocol/types.ts';

/** Milliseconds since some moment before this process ran, with nanosecond fractions. Never jumps. */
export function monotonic(): Millis {
  return performance.now();
}

/** Microseconds since 1970-01-01 UTC. May jump: use it to name a moment for people, never to measure. */
export function wallMicros(): number {
  return Date.now() * 1000;
}
