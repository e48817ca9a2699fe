/**
 * Compares a whole play with another: a lane for each conversation, and at the end one account of all of them.
 *
 * The rule: whatever is expected and whatever comes is counted once, and what becomes of it is told by the
 * aligner of its lane. Between lanes only the differences that were kept are looked at: `reconcile.ts` joins
 * those that are one, `folding.ts` says which follows from which, `sentences.ts` tells them.
 */
import { PayloadReader } from '../../protocol/payload.ts';
import type { Conversation, Difference, MaskedRange, Masks, Policy, Role, Unit } from '../types.ts';
import type { Aligner, Match, Sameness } from './aligner.ts';
import type { Compared, Comparison, EndDifference, Lane } from './comparison.ts';
import { Budget } from './budget.ts';
import { payloadIn } from './field.ts';
import { fold } from './folding.ts';
import { FrameAligner } from './frames.ts';
import { BeyondAligner, ConversationLane, type Shared } from './lane.ts';
import { type Found, Ledger, Rank } from './ledger.ts';
import { Recent, RECENT_BYTES_MAX, SENDERS_MAX } from './recent.ts';
import { reconcile } from './reconcile.ts';
import { Likeness } from './same.ts';
import { Names, sentence } from './sentences.ts';
import { StreamAligner } from './stream.ts';

/** Conversations that are aligned; of what belongs to others, everything is missing or extra. */
export const LANES_MAX = 100_000;

/** What all of them may hold together, of which it is not known yet what became of it. */
export const HELD_BYTES_MAX = 48 * 1024 * 1024;

export interface FrameAlignerOptions {
  readonly budget: Budget;
  readonly same: (expected: Unit, actual: Unit) => Sameness;
  readonly tell: (match: Match) => void;
}

export interface StreamAlignerOptions {
  readonly budget: Budget;
  readonly noise: (unit: Unit) => readonly MaskedRange[];
  readonly payload: (unit: Unit) => Uint8Array;
  readonly tell: (match: Match) => void;
}

export interface Aligners {
  frames(options: FrameAlignerOptions): Aligner;
  stream(options: StreamAlignerOptions): Aligner;
}

const realAligners: Aligners = {
  frames: (options) => new FrameAligner(options),
  stream: (options) => new StreamAligner(options),
};

export interface ComparatorOptions {
  readonly masks: Masks;
  readonly policy: Policy;
  /** Whose nicknames are told; without them, roles are. */
  readonly roles?: readonly Role[];
  readonly aligners?: Aligners;
}

export class Comparator implements Comparison {
  readonly #masks: Masks;
  readonly #names: Names;
  readonly #aligners: Aligners;
  readonly #shared: Shared;
  readonly #lanes = new Map<Conversation, ConversationLane>();
  readonly #senders = new Map<string, Recent>();
  readonly #held = new Budget(HELD_BYTES_MAX);
  readonly #remembered = new Budget(RECENT_BYTES_MAX);

  constructor({ masks, policy, roles = [], aligners = realAligners }: ComparatorOptions) {
    this.#masks = masks;
    this.#names = new Names(roles);
    this.#aligners = aligners;
    const likeness = new Likeness(masks);
    this.#shared = {
      likeness,
      ledger: new Ledger(policy, likeness),
      payloads: new PayloadReader(),
      expected: 0,
      came: 0,
      equal: 0,
      held: 0,
      now: 0,
      reached: 0,
    };
  }

  get held(): number {
    return this.#shared.held;
  }

  lane(conversation: Conversation): ConversationLane {
    const known = this.#lanes.get(conversation);
    if (known !== undefined) return known;
    const lane = new ConversationLane(conversation, this.#shared, this.#recentOf(conversation), (tell) =>
      this.#aligner(conversation, tell),
    );
    if (this.#lanes.size < LANES_MAX) this.#lanes.set(conversation, lane);
    return lane;
  }

  ended({ class: what, conversation, sequence, at, how }: EndDifference): void {
    const place = { sequence, rank: Rank.end };
    const sides = { expected: null, actual: null, run: null, rights: 0 };
    const found = this.#shared.ledger.found(what, conversation, null, () => {
      return { ...sides, class: what, conversation, sequence, place, at };
    });
    if (found !== null) found.detail = how;
  }

  overtook({ conversation }: Lane, unit: Unit): void {
    const what = 'reordered-across';
    this.#shared.ledger.found(what, conversation, unit.kind, () => {
      const { sequence, at } = unit;
      const place = { sequence: sequence === 0 ? this.#shared.reached : sequence, rank: Rank.own };
      const sides = { expected: null, actual: unit, run: null, rights: 0 };
      return { ...sides, class: what, conversation, sequence, place, at };
    });
  }

  end(): Compared {
    for (const lane of this.#lanes.values()) lane.end();
    const { ledger, likeness } = this.#shared;
    reconcile(ledger, likeness, this.#lanes.values());
    fold(ledger.kept, this.#lanes.keys());
    const { expected, came, equal } = this.#shared;
    const first = ledger.kept.findIndex(({ fails, follows }) => fails && follows === null);
    return {
      counts: { expected, came, equal, differences: { ...ledger.counts } },
      first: first === -1 ? null : first,
      differences: this.#told(ledger.kept),
    };
  }

  #aligner(conversation: Conversation, tell: (match: Match) => void): Aligner {
    if (this.#lanes.size >= LANES_MAX) return new BeyondAligner(tell);
    const { protocol, isStream } = conversation;
    if (!isStream)
      return this.#aligners.frames({
        budget: this.#held,
        same: (expected, actual) => this.#shared.likeness.same(conversation, expected, actual),
        tell,
      });
    return this.#aligners.stream({
      budget: this.#held,
      noise: ({ kind, bytes }) => this.#masks.of(conversation, kind, bytes),
      payload: ({ kind, bytes }) => payloadIn(protocol, kind, bytes) ?? bytes,
      tell,
    });
  }

  #recentOf({ protocol, from }: Conversation): Recent | null {
    const key = `${protocol.id} ${from.endpoint}`;
    let recent = this.#senders.get(key);
    if (recent === undefined) {
      if (this.#senders.size >= SENDERS_MAX) return null;
      this.#senders.set(key, (recent = new Recent(this.#remembered)));
    }
    return recent;
  }

  #told(kept: readonly Found[]): readonly Difference[] {
    const places = new Map(kept.map((found, i) => [found, i]));
    return kept.map((found) => ({
      class: found.class,
      fails: found.fails,
      follows: found.follows === null ? null : (places.get(found.follows) ?? null),
      conversation: found.conversation,
      sequence: found.sequence,
      at: found.at,
      expectedKind: found.expectedKind,
      expected: found.expected,
      actualKind: found.actualKind,
      actual: found.actual,
      offset: found.offset,
      field: found.field,
      streamOffset: found.streamOffset,
      text: sentence(found, this.#names),
    }));
  }
}
