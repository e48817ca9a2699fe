/** What puts the expected and the actual frames of one conversation side by side. */
import type { Unit } from '../types.ts';

export type Sameness = 'equal' | 'masked' | 'different';

export type MatchClass = 'equal' | 'masked' | 'changed' | 'missing' | 'extra' | 'reordered' | 'late';

/** Bytes of a stream that differ. */
export interface StreamRun {
  /** How many bytes of the expected stream come before it. */
  readonly at: number;
  readonly expected: Uint8Array;
  readonly actual: Uint8Array;
}

/** What became of one expected unit, or of an actual one that nobody expected. */
export interface Match {
  readonly class: MatchClass;
  /** Of a stream: the block in which the run begins. */
  readonly expected: Unit | null;
  readonly actual: Unit | null;
  /** The last expected unit before an extra one; null where there was none. */
  readonly after: Unit | null;
  /** Null except in streams, where `class` is neither `equal` nor `late`. */
  readonly run: StreamRun | null;
}

export interface Aligner {
  expect(unit: Unit): void;
  came(unit: Unit): void;
  /** Nothing more is expected, and nothing more comes: tells all that is left. */
  end(): void;
  /** Units that are held because it is not known yet what became of them. Bounded. */
  readonly held: number;
}
