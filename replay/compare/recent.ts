/**
 * What a sender's frames of late were, and to whom they went: so that of one that nobody expected it can be said
 * that it went to somebody else as well.
 *
 * The rule: a frame costs two stores. Only where more comes than is expected is one looked for among the others:
 * among those before it, and for a while among those behind it.
 */
import type { Conversation, Unit } from '../types.ts';
import { payloadIn } from './field.ts';

/** Frames of each sender. */
export const RECENT_MAX = 32;
/** Suspects of each sender whose twin may still come; where there are more, the oldest is given up. */
export const SUSPECTS_MAX = 8;
/** Senders whose frames are remembered; of more, nothing is said. */
export const SENDERS_MAX = 4096;

interface Sent {
  readonly conversation: Conversation;
  readonly unit: Unit;
}

export class Recent {
  readonly #units: Unit[] = [];
  readonly #conversations: Conversation[] = [];
  #next = 0;
  readonly #suspects: Sent[] = [];
  readonly #twins = new WeakMap<Unit, Conversation>();

  add(conversation: Conversation, unit: Unit): void {
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
    else if (this.#suspects.push({ conversation, unit }) > SUSPECTS_MAX) this.#suspects.shift();
  }

  /** In which conversation a frame with the same content came; null where none is known. */
  twin(unit: Unit): Conversation | null {
    return this.#twins.get(unit) ?? null;
  }

  #clear(conversation: Conversation, unit: Unit): void {
    const at = this.#suspects.findIndex(
      (each) => each.conversation !== conversation && isTwin(conversation, each.unit, unit),
    );
    const cleared = this.#suspects[at];
    if (cleared === undefined) return;
    this.#twins.set(cleared.unit, conversation);
    this.#suspects.splice(at, 1);
  }
}

/** Whether two frames hold the same, whatever their headers say. Frames without a payload are all header. */
export function isTwin({ protocol }: Conversation, one: Unit, other: Unit): boolean {
  if (one === other || one.kind !== other.kind || one.bytes.length !== other.bytes.length) return false;
  const [mine, its] = [one, other].map(({ kind, bytes }) => payloadIn(protocol, kind, bytes) ?? bytes);
  return Buffer.compare(mine as Uint8Array, its as Uint8Array) === 0;
}
