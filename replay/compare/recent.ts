/**
 * What a sender's frames of late were, and to whom they went: so that of one that nobody expected it can be said
 * that it went to somebody else as well.
 *
 * The rule: a frame costs a few stores. Only where more comes than is expected is one looked for among the others:
 * among those before it, and for a while among those behind it.
 */
import { UNFRAMED } from '../../protocol/kind.ts';
import type { Conversation, Unit } from '../types.ts';
import type { Budget } from './budget.ts';
import { payloadIn } from './field.ts';

/** Frames of each sender. */
export const RECENT_MAX = 32;
/** Of those of all senders together: one with whose frame it becomes more forgets its own. */
export const RECENT_BYTES_MAX = 1024 * 1024;
/** Suspects of each sender whose twin may still come; where there are more, the oldest is given up. */
export const SUSPECTS_MAX = 8;
/** Senders whose frames are remembered; of more, nothing is said. */
export const SENDERS_MAX = 4096;

interface Sent {
  readonly conversation: Conversation;
  readonly unit: Unit;
}

export class Recent {
  readonly #budget: Budget;
  #units: Unit[] = [];
  #conversations: Conversation[] = [];
  #next = 0;
  readonly #suspects: Sent[] = [];
  readonly #twins = new WeakMap<Unit, Conversation>();

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  add(conversation: Conversation, unit: Unit): void {
    const oldest = this.#units[this.#next];
    if (oldest !== undefined) this.#budget.giveBack(oldest);
    this.#budget.take(unit);
    if (this.#budget.isOver) this.#forget();
    this.#units[this.#next] = unit;
    this.#conversations[this.#next] = conversation;
    this.#next = (this.#next + 1) % RECENT_MAX;
    if (this.#suspects.length > 0) this.#clear(conversation, unit);
  }

  /** More has come in this conversation than is expected, and this was the last of it. */
  suspect(conversation: Conversation, unit: Unit): void {
    const at = this.#units.findIndex(
      (each, i) => this.#conversations[i] !== conversation && isTwin(conversation, unit, each),
    );
    const twin = this.#conversations[at];
    if (twin !== undefined) this.#twins.set(unit, twin);
    else this.#addSuspect({ conversation, unit });
  }

  /** In which conversation a frame with the same content came; null where none is known. */
  twin(unit: Unit): Conversation | null {
    return this.#twins.get(unit) ?? null;
  }

  /** All but the one in hand, which takes the place of the oldest. */
  #forget(): void {
    for (const [at, unit] of this.#units.entries()) if (at !== this.#next) this.#budget.giveBack(unit);
    this.#units = [];
    this.#conversations = [];
    this.#next = 0;
  }

  #clear(conversation: Conversation, unit: Unit): void {
    const at = this.#suspects.findIndex(
      (each) => each.conversation !== conversation && isTwin(conversation, each.unit, unit),
    );
    const cleared = this.#suspects[at];
    if (cleared === undefined) return;
    this.#twins.set(cleared.unit, conversation);
    this.#suspects.splice(at, 1);
    this.#budget.giveBack(cleared.unit);
  }

  #addSuspect(suspect: Sent): void {
    this.#suspects.push(suspect);
    this.#budget.take(suspect.unit);
    if (this.#suspects.length <= SUSPECTS_MAX && !this.#budget.isOver) return;
    this.#budget.giveBack((this.#suspects.shift() as Sent).unit);
  }
}

/** Whether two frames hold the same, whatever their headers say. Frames without a payload are all header. */
export function isTwin({ protocol }: Conversation, one: Unit, other: Unit): boolean {
  // What is no frame may be the same by chance.
  if (one === other || one.kind === UNFRAMED) return false;
  if (one.kind !== other.kind || one.bytes.length !== other.bytes.length) return false;
  const [mine, its] = [one, other].map(({ kind, bytes }) => payloadIn(protocol, kind, bytes) ?? bytes);
  return Buffer.compare(mine as Uint8Array, its as Uint8Array) === 0;
}
