/** What a relay counts, made by hand. */
import { Histogram } from '../../common/histogram.ts';
import type { Figures } from '../../dashboard/server/backend.ts';
import { outcomes } from '../../protocol/outcome.ts';

/** Of a relay at which nothing has happened yet, but for what is told; `delays` in milliseconds. */
export function figures({
  delays = [],
  ...told
}: Partial<Omit<Figures, 'delays'>> & { readonly delays?: readonly number[] } = {}): Figures {
  const delay = new Histogram();
  for (const each of delays) delay.add(each);
  return {
    players: 0,
    connections: 0,
    connectionsRefused: 0,
    frames: 0,
    bytes: 0,
    outcomes: new Float64Array(outcomes.length),
    faults: new Map(),
    delays: delay.counts(),
    recorder: null,
    ...told,
  };
}

/** Frames by outcome code: `counted({ [Outcome.forwarded]: 3 })`. */
export function counted(frames: Readonly<Record<number, number>>): Float64Array {
  return Float64Array.from(outcomes, (_, code) => frames[code] ?? 0);
}
