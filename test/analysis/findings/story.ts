/** A session told in a test, and what one finding says of it. */
import type { Player, Socket, Stage } from './stage.ts';

export interface Story {
  /** The finding that it is about. */
  readonly finding: string;
  readonly title: string;
  readonly play: (stage: Stage) => void;
  /** Its texts, in order; none where it must stay silent. */
  readonly says: readonly string[];
}

export function happens(
  finding: string,
  title: string,
  play: (stage: Stage) => void,
  ...says: readonly [string, ...string[]]
): Story {
  return { finding, title, play, says };
}

export function silent(finding: string, title: string, play: (stage: Stage) => void): Story {
  return { finding, title, play, says: [] };
}

/** Alice and Bob, each with a datagram socket on port 1. */
export function pair(stage: Stage): { alice: Player; bob: Player; a: Socket; b: Socket } {
  const [alice, bob] = stage.players('Alice', 'Bob');
  return { alice, bob, a: alice.pdp(1), b: bob.pdp(1) };
}

export const ALICE = 'Alice (02:00:00:00:00:01)';
export const BOB = 'Bob (02:00:00:00:00:02)';
export const CAROL = 'Carol (02:00:00:00:00:03)';
