/** Counts frames that went no further, by who sent them and where they were to go. */
import type { RecordedConnection } from '../../recorder/captures.ts';
import type { SeenFrame } from '../observe.ts';
import type { Bounded } from './bounded.ts';
import { addresseeOf, type Cast } from './cast.ts';

export interface Tally {
  readonly sender: RecordedConnection;
  readonly target: string;
  frames: number;
  readonly first: number;
  readonly firstAt: number;
  last: number;
  lastAt: number;
  bytesMax: number;
}

/** Counts frames unless there are too many already. */
export function tally(tallies: Bounded<string, Tally>, cast: Cast, seen: SeenFrame): void {
  const { frame, from } = seen;
  const target = addresseeOf(seen);
  if (from === null || target === null) return;
  const made = tallies.take(`${cast.numberOf(from.conn)} ${target}`, () => ({
    sender: from,
    target,
    frames: 0,
    first: frame.sequence,
    firstAt: frame.arrived,
    last: 0,
    lastAt: 0,
    bytesMax: 0,
  }));
  if (made === null) return;
  made.frames += 1;
  made.last = frame.sequence;
  made.lastAt = frame.arrived;
  made.bytesMax = Math.max(made.bytesMax, frame.bytes.length);
}
