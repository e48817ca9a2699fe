/** What an engine is given to play, and what it answers. */
import type { Millis, Peer, Protocol } from '../../protocol/types.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { Script } from '../script/script.ts';
import type { DeedStep, ScriptedPlayer, SendStep } from '../script/steps.ts';
import type { Hold, Pace, Sending, Unit } from '../types.ts';
import type { Address } from './client.ts';

/** Releases frames one by one. */
export interface Hand {
  /** The frame that is next; called again whenever that is another. */
  offer(step: SendStep): void;
  /** Whether it may go: then it does. */
  takes(step: SendStep): boolean;
  /** To be told whenever it takes more than it did. */
  onLetGo: () => void;
}

/** What stands between the recording's addresses and those of the play. */
export interface Rewriting {
  outgoing(step: SendStep): Uint8Array;
  /** `expected` answers what the relay itself is to say next by the same connection. */
  incoming(
    protocol: Protocol,
    kind: number,
    bytes: Uint8Array,
    expected: () => Pick<Unit, 'kind' | 'bytes'> | null,
  ): Uint8Array;
}

/** A player that somebody else plays. */
export interface External {
  readonly player: ScriptedPlayer;
  /** Until it is, it is waited for without end. */
  readonly isThere: boolean;
  /** All that came before its first step has been done, and nothing goes on without it. May be told again. */
  awaited(): void;
  /** Whether it has done what this step changes; true of whatever changes nothing. */
  happened(step: DeedStep): boolean;
  /** Whether the connection that it ends with this is over. */
  hasEnded(step: DeedStep): boolean;
  /** It may do this from now on, or was given up on. */
  released(step: DeedStep): void;
  /** It was waited for in vain to do this. */
  gaveUp(step: DeedStep): void;
  /** How long it is waited for, where others are for so long. */
  patienceOf(patienceMs: Millis): Millis;
  /** From there comes one of the others. */
  metOther(peer: Peer): void;
}

export interface EngineOptions {
  readonly script: Script;
  /** What arrives at the clients is compared here; null where something else is. */
  readonly comparison: Comparison | null;
  readonly target: (protocol: Protocol) => Address;
  readonly pace: Pace;
  /** For the recorded pace: twice as fast is 2. */
  readonly speed: number;
  readonly patienceMs: Millis;
  readonly settleMs: Millis;
  readonly signal: AbortSignal;
  readonly hand: Hand | null;
  readonly external: External | null;
  readonly rewriting: Rewriting | null;
  readonly onSent: (sending: Sending) => void;
  /** Told once a turn. */
  readonly onProgress: (framesSent: number) => void;
  /** After the last step, before the clients leave. */
  readonly beforeLeaving: () => Promise<void>;
}

export interface Played {
  readonly sent: number;
  readonly holds: readonly Hold[];
  /** It came to its end. */
  readonly isWhole: boolean;
  /** Why the target cannot be talked to at all; null where it can. */
  readonly unanswered: string | null;
  readonly lasted: Millis;
}
