/**
 * Two pairs of players who talk in turns, in one capture: two sessions whose frames lie between each other's.
 *
 * The rule: frames with an odd sequence number are of the first pair, and what a frame says is known by its number: its size
 * (one byte more where it is a multiple of ten), who sends it, and what it says.
 */
import type { CaptureStore } from '../../recorder/store.ts';
import { protocol } from './capture-file.ts';
import { macs, pdp } from './filters.ts';

const MAC = ['', macs[0], macs[1], '02:00:00:00:00:03', '02:00:00:00:00:04'] as const;

/** By number: connections 1 and 2 are the first pair, 3 and 4 the second. */
export function meet(store: CaptureStore): void {
  for (const conn of [1, 2, 3, 4]) {
    store.opened(conn, protocol.id, '192.0.2.1', 4000 + conn, conn);
    store.identified(conn, 'pdp', `${MAC[conn] as string}/1`, '', Buffer.alloc(0), `player ${conn}`);
  }
}

export function talk(store: CaptureStore, first: number, last: number): void {
  for (let sequence = first; sequence <= last; sequence++) {
    const [one, two] = sequence % 2 === 1 ? [1, 2] : [3, 4];
    const [from, to] = Math.ceil(sequence / 2) % 2 === 1 ? [one, two] : [two, one];
    const payload = Buffer.from(
      `number ${String(sequence).padStart(6, '0')}${sequence % 10 === 0 || sequence % 10 === 5 ? '!' : ''}`,
    );
    store.frame(sequence, sequence * 1e6, 50_000, from, to, 4, 0, pdp(MAC[to] as string, 1, payload));
  }
}

export function part(store: CaptureStore): void {
  for (const conn of [1, 2, 3, 4]) store.closed(conn, 0, 8e9);
}

/** Of one of the pairs, from the first to the last. */
export function numbers(first: number, last: number): number[] {
  return Array.from({ length: Math.floor((last - first) / 2) + 1 }, (_, i) => first + 2 * i);
}
