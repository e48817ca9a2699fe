/**
 * One conversation under comparison: feeds its aligner, and makes differences of what that tells.
 *
 * The rule: what is as it should be costs no more than a count. What a payload is gets asked only until it is
 * known, and what a field is called only of differences that are kept.
 */
import type { PayloadReader, PayloadReading } from '../../protocol/payload.ts';
import type { Millis } from '../../protocol/types.ts';
import type { Conversation, DifferenceClass, Unit } from '../types.ts';
import type { Aligner, Match } from './aligner.ts';
import type { Lane } from './comparison.ts';
import { fieldsAt, type Frame, payloadIn } from './field.ts';
import { type Found, type Ledger, type Place, Rank } from './ledger.ts';
import { isTwin, type Recent } from './recent.ts';
import type { Likeness } from './same.ts';

/** What all lanes of a replay share. */
export interface Shared {
  readonly likeness: Likeness;
  readonly ledger: Ledger;
  readonly payloads: PayloadReader;
  expected: number;
  came: number;
  equal: number;
  held: number;
  /** The time of the last frame that came. */
  now: Millis;
  /** The highest number of a recorded frame that has come. */
  reached: number;
}

export class ConversationLane implements Lane {
  readonly conversation: Conversation;
  readonly #shared: Shared;
  readonly #recent: Recent | null;
  readonly #aligner: Aligner;
  /** By which the payloads of both directions are read; null where they are not, or not any more. */
  readonly #talk: string | null;
  #isTalkKnown = false;
  /** How many more have come than were expected so far. */
  #ahead = 0;
  /** How far the play was when the first one came. */
  #began = -1;
  #rights = 0;
  #lastCame = 0;

  constructor(
    conversation: Conversation,
    shared: Shared,
    recent: Recent | null,
    aligner: (tell: (match: Match) => void) => Aligner,
  ) {
    this.conversation = conversation;
    this.#shared = shared;
    this.#recent = conversation.isStream ? null : recent;
    this.#aligner = aligner((match) => this.#tell(match));
    this.#talk = talkOf(conversation);
  }

  /** The number of the last expected frame that came, in whatever state; 0 before. */
  get lastCame(): number {
    return this.#lastCame;
  }

  expect(unit: Unit): void {
    if (!unit.isOptional) this.#shared.expected++;
    this.#ahead--;
    if (this.#talk !== null && !this.#isTalkKnown) this.#isTalkKnown = this.#reading(unit) !== null;
    const before = this.#aligner.held;
    this.#aligner.expect(unit);
    this.#shared.held += this.#aligner.held - before;
  }

  came(unit: Unit): void {
    this.#shared.came++;
    this.#shared.now = Math.max(this.#shared.now, unit.at);
    if (this.#began === -1) this.#began = this.#shared.reached;
    this.#recent?.add(this.conversation, unit);
    if (++this.#ahead > 0) this.#recent?.suspect(this.conversation, unit);
    const before = this.#aligner.held;
    this.#aligner.came(unit);
    this.#shared.held += this.#aligner.held - before;
  }

  end(): void {
    const before = this.#aligner.held;
    this.#aligner.end();
    this.#shared.held += this.#aligner.held - before;
  }

  #tell(match: Match): void {
    const { expected, actual } = match;
    if (expected?.isOptional === true && match.run === null) {
      if (match.class === 'missing') return;
      this.#shared.expected++;
    }
    const what = this.#classOf(match);
    if (expected !== null && actual !== null) this.#arrived(expected);
    if (what === 'equal' || what === 'masked') this.#rights++;
    if (what === 'equal') this.#shared.equal++;
    else this.#differs(what, match);
  }

  /** Trials take numbers for the same that are not known yet, and several of them may not go together. */
  #classOf({ class: what, expected, actual }: Match): DifferenceClass | 'equal' {
    if (what === 'changed' || expected === null || actual === null || this.conversation.isStream) return what;
    const agrees = this.#shared.likeness.bind(this.conversation, expected, actual);
    // A mask may hide that a number is another one.
    return agrees || what === 'masked' ? what : 'changed';
  }

  #arrived({ sequence }: Unit): void {
    this.#lastCame = Math.max(this.#lastCame, sequence);
    this.#shared.reached = Math.max(this.#shared.reached, sequence);
  }

  #differs(what: DifferenceClass, { expected, actual, after, run }: Match): void {
    const { conversation } = this;
    const kind = (expected ?? actual)?.kind ?? null;
    const found = this.#shared.ledger.found(what, conversation, kind, () => ({
      class: what,
      conversation,
      expected,
      actual,
      run,
      place: this.#placeOf(expected, after),
      sequence: (expected ?? after)?.sequence ?? 0,
      at: actual?.at ?? this.#shared.now,
      rights: this.#rights,
    }));
    if (found === null || run !== null) return;
    if (expected !== null && actual !== null && found.offset !== null) {
      const readingOf = (unit: Frame) => this.#reading(unit);
      Object.assign(found, fieldsAt(conversation.protocol, expected, actual, found.offset, readingOf));
    }
    if (expected === null && actual !== null) this.#explain(found, actual, after);
  }

  #placeOf(expected: Unit | null, after: Unit | null): Place {
    if (expected !== null) return { sequence: expected.sequence, rank: Rank.own };
    return { sequence: after?.sequence ?? Math.max(0, this.#began), rank: Rank.extra };
  }

  #explain(found: Found, actual: Unit, after: Unit | null): void {
    if (after !== null && isTwin(this.conversation, actual, after)) found.twin = this.conversation;
    else found.twin = this.#recent?.twin(actual) ?? null;
  }

  #reading({ kind, bytes }: Frame): PayloadReading | null {
    const payload = payloadIn(this.conversation.protocol, kind, bytes);
    return payload === null || this.#talk === null ? null : this.#shared.payloads.read(this.#talk, payload);
  }
}

/** For conversations beyond the limit: holds nothing, and finds nothing. */
export class BeyondAligner implements Aligner {
  readonly held = 0;
  readonly #tell: (match: Match) => void;

  constructor(tell: (match: Match) => void) {
    this.#tell = tell;
  }

  expect(unit: Unit): void {
    this.#tell({ class: 'missing', expected: unit, actual: null, after: null, run: null });
  }

  came(unit: Unit): void {
    this.#tell({ class: 'extra', expected: null, actual: unit, after: null, run: null });
  }

  end(): void {
    // Nothing is left.
  }
}

/** Where a stream is cut into blocks means nothing, so that its payloads are not read. */
function talkOf({ protocol, from, to, kind, isStream }: Conversation): string | null {
  if (kind === null || isStream) return null;
  return [protocol.id, ...[from.endpoint, to.endpoint].sort()].join(' ');
}
