/** What compares a whole play with another, and how whoever plays it tells what happened. */
import type { Millis } from '../../protocol/types.ts';
import type { Conversation, Counts, Difference, Unit } from '../types.ts';

/** One conversation under comparison. Held by whoever feeds it, so that no frame has to look for it. */
export interface Lane {
  readonly conversation: Conversation;
  /** In the order of the capture. */
  expect(unit: Unit): void;
  came(unit: Unit): void;
}

/** An end of a connection that was not as recorded. */
export interface EndDifference {
  readonly class: 'closed-early' | 'closed-late';
  /** Between the relay and the client whose connection it was; null kind. */
  readonly conversation: Conversation;
  /** The last sequence number before the end in the capture. */
  readonly sequence: number;
  readonly at: Millis;
  /** A clause: `the relay closed it while 3 frames to it were still to come`. */
  readonly how: string;
}

export interface Comparison {
  /** The same lane for the same conversation. */
  lane(conversation: Conversation): Lane;
  ended(difference: EndDifference): void;
  /** One frame overtook another of another conversation, on its way to the same client. */
  overtook(lane: Lane, unit: Unit): void;
  /** Units held because it is not known yet what became of them. */
  readonly held: number;
  /** Called once, when nothing more is expected and nothing more comes. */
  end(): Compared;
}

export interface Compared {
  /** `sent` is not known here. */
  readonly counts: Omit<Counts, 'sent'>;
  /** As in `Verdict`. */
  readonly first: number | null;
  readonly differences: readonly Difference[];
}
