/**
 * The differences of a replay as they are found: all are counted, the first are kept.
 *
 * The rule: memory is bounded, and what fails comes first. What does not fail never takes the room of what
 * does, and of classes that may be met millions of times there are only examples. Bytes are cut around what
 * differs, and cut shorter once there are many.
 */
import { createHash } from 'node:crypto';
import type { FrameKind, Millis } from '../../protocol/types.ts';
import {
  type Conversation,
  type DifferenceClass,
  differenceClasses,
  DIFFERENCES_KEPT_MAX,
  type Policy,
  type Unit,
} from '../types.ts';
import type { StreamRun } from './aligner.ts';
import { payloadIn } from './field.ts';
import { firstDifference, type Likeness } from './same.ts';

/** Of each of these classes so many are kept, where they do not fail. */
export const EXAMPLES_MAX = 5;
const onlyExamples: ReadonlySet<DifferenceClass> = new Set(['masked', 'late', 'reordered-across']);
/** Of all classes together that do not fail. */
export const HARMLESS_KEPT_MAX = 1000;
/** Of each frame, and of each side of a stream. */
export const FRAME_BYTES_KEPT_MAX = 4096;
/** Behind the first differing byte, where that is further on. */
export const BYTES_BEHIND_KEPT = 64;
/** Of all frames together; of those that come after, `FEW_BYTES_KEPT`. */
export const BYTES_KEPT_MAX = 32 << 20;
export const FEW_BYTES_KEPT = 256;

/** Where a difference stands among others: by the capture's order, and behind or before what has the same number. */
export interface Place {
  readonly sequence: number;
  readonly rank: number;
}

/** Ranks of a place. What follows from something stands right behind it. */
export const Rank = { before: -1, own: 0, extra: 1, behind: 2, end: 3 } as const;

/** A difference before it is told. */
export interface Found {
  class: DifferenceClass;
  conversation: Conversation;
  /** As in `Difference`. */
  readonly sequence: number;
  place: Place;
  at: Millis;
  expectedKind: FrameKind | null;
  expected: Uint8Array | null;
  actualKind: FrameKind | null;
  actual: Uint8Array | null;
  /** Of whole frames, before their bytes were cut. */
  readonly expectedBytes: number;
  actualBytes: number;
  offset: number | null;
  streamOffset: number | null;
  field: string | null;
  /** What the field says: `size is 63 instead of 64`; of an end, the clause that tells it. */
  detail: string | null;
  /** Of an extra one: the conversation in which the same came as it should; its own, where it came again. */
  twin: Conversation | null;
  /** Of a missing one that came to somebody else: to whom. Of an extra one: for whom it was. */
  instead: Conversation | null;
  /** How many frames of its conversation had been right before it was found. */
  readonly rights: number;
  /** What its frame holds, whatever its header says; null where nobody asks for it. */
  readonly content: string | null;
  fails: boolean;
  follows: Found | null;
}

/** The differing sides of a match, or of a stream's run. */
export interface Sides {
  readonly class: DifferenceClass;
  readonly conversation: Conversation;
  readonly expected: Unit | null;
  readonly actual: Unit | null;
  readonly run: StreamRun | null;
  readonly sequence: number;
  readonly place: Place;
  readonly at: Millis;
  readonly rights: number;
}

export class Ledger {
  readonly #policy: Policy;
  readonly #likeness: Likeness;
  readonly counts: Record<DifferenceClass, number>;
  readonly kept: Found[] = [];
  readonly #examples = new Map<DifferenceClass, number>();
  #harmless = 0;
  #bytes = 0;

  constructor(policy: Policy, likeness: Likeness) {
    this.#policy = policy;
    this.#likeness = likeness;
    this.counts = Object.fromEntries(
      Object.keys(differenceClasses).map((name) => [name, 0]),
    ) as typeof this.counts;
  }

  /** Counts it. Null where it is not kept; `sidesOf` is asked only where it is. */
  found(
    what: DifferenceClass,
    conversation: Conversation,
    kind: FrameKind | null,
    sidesOf: () => Sides,
  ): Found | null {
    this.counts[what]++;
    const fails = this.#policy.fails(conversation, kind, what);
    return this.#takes(what, fails) ? this.#keep(sidesOf(), fails) : null;
  }

  #keep(sides: Sides, fails: boolean): Found {
    const { class: what, conversation, expected, actual, run } = sides;
    const [one, other] = run === null ? [expected?.bytes, actual?.bytes] : [run.expected, run.actual];
    const offset = this.#offset(sides);
    const found: Found = {
      class: what,
      conversation,
      sequence: sides.sequence,
      place: sides.place,
      at: sides.at,
      expectedKind: expected?.kind ?? null,
      expected: this.#cut(one, offset),
      actualKind: actual?.kind ?? null,
      actual: this.#cut(other, offset),
      expectedBytes: one?.length ?? 0,
      actualBytes: other?.length ?? 0,
      offset,
      streamOffset: run === null ? null : run.at + (offset ?? 0),
      field: null,
      detail: null,
      twin: null,
      instead: null,
      rights: sides.rights,
      content: contentOf(sides),
      fails,
      follows: null,
    };
    this.kept.push(found);
    return found;
  }

  /** What was taken for a missing and an extra one is one that came with another header. */
  join(missing: Found, extra: Found): void {
    const { conversation, expectedKind } = missing;
    this.counts.missing--;
    this.counts.extra--;
    this.counts.changed++;
    this.kept.splice(this.kept.indexOf(extra), 1);
    const { actualKind, actual, actualBytes, at } = extra;
    const what = 'changed';
    const fails = this.#policy.fails(conversation, expectedKind, what);
    Object.assign(missing, { class: what, actualKind, actual, actualBytes, at, fails });
  }

  #takes(what: DifferenceClass, fails: boolean): boolean {
    if (this.kept.length >= DIFFERENCES_KEPT_MAX) return false;
    if (fails) return true;
    const examples = this.#examples.get(what) ?? 0;
    if (onlyExamples.has(what) && examples >= EXAMPLES_MAX) return false;
    if (this.#harmless >= HARMLESS_KEPT_MAX) return false;
    this.#examples.set(what, examples + 1);
    this.#harmless++;
    return true;
  }

  #offset({ class: what, conversation, expected, actual, run }: Sides): number | null {
    if (run !== null) return Math.max(0, firstDifference(run.expected, run.actual, 0));
    if (expected === null || actual === null) return null;
    return what === 'changed' || what === 'masked'
      ? this.#likeness.offset(conversation, expected, actual)
      : null;
  }

  #cut(bytes: Uint8Array | undefined, offset: number | null): Uint8Array | null {
    if (bytes === undefined) return null;
    const much = Math.max(FRAME_BYTES_KEPT_MAX, (offset ?? 0) + BYTES_BEHIND_KEPT);
    const size = Math.min(bytes.length, this.#bytes < BYTES_KEPT_MAX ? much : FEW_BYTES_KEPT);
    this.#bytes += size;
    // Copied, so that nothing larger is kept with it.
    return new Uint8Array(bytes.subarray(0, size));
  }
}

/** Frames with the same content may have come with another header, or to another receiver. */
function contentOf({ class: what, conversation: { protocol }, expected, actual, run }: Sides): string | null {
  const unit = expected ?? actual;
  if (unit === null || run !== null || (what !== 'missing' && what !== 'extra')) return null;
  const bytes = payloadIn(protocol, unit.kind, unit.bytes) ?? unit.bytes;
  return `${protocol.id} ${unit.kind} ${createHash('sha1').update(bytes).digest('base64')}`;
}
