/**
 * Protocols inside the payloads of others: dissected, never acted upon.
 *
 * Nothing in a payload says what it is. So a conversation counts as one of such a protocol from its
 * first payload on that could be one, and only if that is of a kind with which conversations begin.
 */
import { adhocMatching } from './adhoc-matching/index.ts';
import type { FieldSpec, FrameKind } from './types.ts';

export interface PayloadSpec {
  readonly name: string;
  readonly fields: readonly FieldSpec[];
  readonly note?: string;
}

export interface PayloadProtocol {
  /** Its name in filters and on screen. */
  readonly name: string;
  readonly title: string;
  /** As in `Protocol`. */
  readonly about?: readonly string[];
  /** By kind. */
  readonly frames: readonly PayloadSpec[];
  /** The kinds with which a conversation may begin. */
  readonly opens: ReadonlySet<FrameKind>;
  /** The kind of this payload; -1 if it cannot be one of this protocol. Pure. */
  classify(payload: Uint8Array): FrameKind;
  /** One line for the frame list. */
  summarize(kind: FrameKind, payload: Uint8Array): string;
}

export interface PayloadReading {
  readonly protocol: PayloadProtocol;
  readonly kind: FrameKind;
}

/** All of them, one list. */
export const payloadProtocols: readonly PayloadProtocol[] = [adhocMatching];

/** Conversations that are remembered; where there are more, the oldest is forgotten. */
export const CONVERSATIONS_MAX = 65_536;

/** Follows conversations. Payloads of one must be given in their order. */
export class PayloadReader {
  readonly #protocols: readonly PayloadProtocol[];
  /** What each conversation is; null where it is none of them. */
  readonly #conversations = new Map<string, PayloadProtocol | null>();

  constructor(protocols = payloadProtocols) {
    this.#protocols = protocols;
  }

  /** Null where the payload is the game's own. */
  read(conversation: string, payload: Uint8Array): PayloadReading | null {
    const known = this.#conversations.get(conversation);
    if (known === null) return null;
    if (known !== undefined) return reading(known, payload);
    for (const protocol of this.#protocols) {
      const first = reading(protocol, payload);
      if (first === null) continue;
      const begins = protocol.opens.has(first.kind);
      this.#remember(conversation, begins ? protocol : null);
      return begins ? first : null;
    }
    return null;
  }

  /** What a conversation is, as far as its payloads have told: null where it is none of the protocols, undefined where none has. */
  knownOf(conversation: string): PayloadProtocol | null | undefined {
    return this.#conversations.get(conversation);
  }

  #remember(conversation: string, protocol: PayloadProtocol | null): void {
    if (this.#conversations.size >= CONVERSATIONS_MAX)
      for (const oldest of this.#conversations.keys()) {
        this.#conversations.delete(oldest);
        break;
      }
    this.#conversations.set(conversation, protocol);
  }
}

function reading(protocol: PayloadProtocol, payload: Uint8Array): PayloadReading | null {
  const kind = protocol.classify(payload);
  return kind === -1 ? null : { protocol, kind };
}
