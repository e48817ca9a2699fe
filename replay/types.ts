/**
 * The words of replay: who is compared with whom, in what, and what is said about it.
 *
 * The rule: nothing here is about one protocol. Frames are compared by the conversation that they are part
 * of, and conversations are between roles, never between addresses.
 */
import type { FrameKind, Millis, Protocol } from '../protocol/types.ts';

/** A player, as both plays have it. */
export interface Role {
  /** `P1`, `P2`, ... in the order in which the recorded players came. */
  readonly name: string;
  /** As the recording names the player: a MAC address, a name. */
  readonly player: string;
  /** Empty where none is known. */
  readonly nickname: string;
}

/** One end of a conversation. */
export interface End {
  /** The name of a role; `relay` for the relay itself; `?` for somebody who is no player of the recording. */
  readonly role: string;
  /** In the recording's own addresses; empty for the relay. */
  readonly endpoint: string;
}

export const RELAY_END: End = { role: 'relay', endpoint: '' };

/** Order means something within a conversation, and nothing between two. */
export interface Conversation {
  readonly protocol: Protocol;
  readonly from: End;
  readonly to: End;
  /** Null for what the relay itself says to somebody: that is one conversation, whatever its kinds. */
  readonly kind: FrameKind | null;
  /** Compared as bytes, wherever its blocks are cut. */
  readonly isStream: boolean;
}

/** One frame to be compared. Bytes are owned, and those of an actual one are in the recording's addresses. */
export interface Unit {
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
  /** Of an expected one: its number in the capture. Of an actual one in a recording: likewise. Else 0. */
  readonly sequence: number;
  /** Of a recorded one: since the capture's start. Of one that came: since the replay's start. */
  readonly at: Millis;
  /** Expected, and no longer waited for: if it comes all the same, it is late. */
  givenUp: boolean;
  /** Expected, but nobody is to blame if it does not come: it did not quite arrive in the recording either, or the play was stopped. */
  isOptional: boolean;
}

/** What can be said of a frame, or of an end. The words are those of policy files and reports. */
export const differenceClasses = {
  masked: 'differs only in bytes that a mask hides',
  changed: 'came with other bytes',
  missing: 'did not come',
  extra: 'came, and was not expected',
  reordered: 'came in another place of its conversation',
  'reordered-across': 'came in another order than frames of other conversations',
  late: 'came after it was given up',
  'closed-early': 'a connection was closed before its time',
  'closed-late': 'a connection was not closed in time',
} as const;
export type DifferenceClass = keyof typeof differenceClasses;

export interface Difference {
  readonly class: DifferenceClass;
  /** The policy says that this is not to be. */
  readonly fails: boolean;
  /** The index in `differences` of the one that this seems to follow from; null for one of its own. */
  readonly follows: number | null;
  readonly conversation: Conversation;
  /** The capture's frame: the one that was expected or, of an extra one, the last before it in its conversation; of an end, the last before it; 0 where there was none. */
  readonly sequence: number;
  /** When it was found, since the replay's start; of two recordings: in the second. */
  readonly at: Millis;
  /** Null where there is none; of a stream, the bytes that differ and some around them. */
  readonly expectedKind: FrameKind | null;
  readonly expected: Uint8Array | null;
  readonly actualKind: FrameKind | null;
  readonly actual: Uint8Array | null;
  /** Where the first differing byte is: from the frame's start, or in a stream's `expected` and `actual`. */
  readonly offset: number | null;
  /** The field that holds it: `size`, `matching.opcode`, `payload[12]`. */
  readonly field: string | null;
  /** Of a stream: how many of its bytes come before `offset`; else null. */
  readonly streamOffset: number | null;
  /** A sentence for people, without a full stop: who, what, and what was expected. */
  readonly text: string;
}

export interface Counts {
  /** By the replay, as the recorded clients did. */
  readonly sent: number;
  readonly expected: number;
  readonly came: number;
  readonly equal: number;
  /** Of all, also those that are not kept in `differences`. */
  readonly differences: Readonly<Record<DifferenceClass, number>>;
}

export const paces = ['causal', 'recorded', 'max', 'step'] as const;
export type Pace = (typeof paces)[number];

/** What was compared with the recording. */
export type Subject =
  | { readonly mode: 'relay'; readonly target: string; readonly pace: Pace }
  | { readonly mode: 'game'; readonly role: Role; readonly target: string; readonly pace: Pace }
  | { readonly mode: 'recording'; readonly file: string; readonly session: number };

export interface Verdict {
  /** `unanswered`: the target was not there, or said nothing at all. */
  readonly outcome: 'same' | 'differs' | 'unanswered';
  readonly subject: Subject;
  readonly file: string;
  readonly capture: number;
  /** Null where all of the capture was replayed. */
  readonly session: number | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly lasted: Millis;
  /** Why it did not come to its end, for people; null where it did. */
  readonly partial: string | null;
  /** What people must know to trust it: gaps of the capture, what could not be replayed. Sentences. */
  readonly notes: readonly string[];
  readonly roles: readonly Role[];
  readonly counts: Counts;
  /** How long sends were held, by what; empty where nothing was sent. */
  readonly holds: readonly Hold[];
  /** The index of the first that fails, in the capture's order, and follows from no other; null where none fails. */
  readonly first: number | null;
  /** In the capture's order. At most `DIFFERENCES_KEPT_MAX`. */
  readonly differences: readonly Difference[];
}

export const DIFFERENCES_KEPT_MAX = 10_000;

/** By what a send was held last, before it was let go. The words are stored in captures: append only. */
export const holdReasons = [
  'nothing',
  'answer',
  'opening',
  'settling',
  'order',
  'time',
  'rate',
  'window',
  'hand',
] as const;
export type HoldReason = (typeof holdReasons)[number];

/** Sentences without a full stop. */
export const holdTexts: Readonly<Record<HoldReason, string>> = {
  nothing: 'it went out as soon as it was next in its client’s line',
  answer: 'something that its client had received before it was still to come',
  opening: 'a connection that it needs was still being opened',
  settling: 'a connection that nobody acknowledges was given time to be known',
  order: 'something that was recorded before it was still to be done',
  time: 'its recorded time had not come',
  rate: 'its client had sent as much as was allowed in the time',
  window: 'too much was on its way and not yet come',
  hand: 'whoever steps through the replay had not let it go',
};

export interface Hold {
  readonly by: HoldReason;
  readonly sends: number;
  readonly total: Millis;
  readonly longest: Millis;
}

/** What became of one send. Times since the replay's start. */
export interface Sending {
  readonly sequence: number;
  /** When it was next in its client's line. */
  readonly scheduled: Millis;
  readonly sent: Millis;
  readonly by: HoldReason;
}

/** Where something lies in a frame. */
export interface ByteRange {
  readonly at: number;
  readonly size: number;
}

/** What a mask says of bytes: that they mean nothing, or that they are a player's address. */
export interface MaskedRange extends ByteRange {
  readonly means: 'noise' | 'address';
}

/** Which bytes of which frames do not matter. Ranges are from the frame's start, in order, and do not overlap. */
export interface Masks {
  of(conversation: Conversation, kind: FrameKind, bytes: Uint8Array): readonly MaskedRange[];
}

/** Which differences are failures. */
export interface Policy {
  fails(conversation: Conversation, kind: FrameKind | null, what: DifferenceClass): boolean;
}
