/**
 * What the payloads of one session are, as its rows are told, and when they can be told better.
 *
 * What a payload is depends on how its conversation began, so at a random place only those know it who have read all before.
 * The rule: a row that had to be told without it is remembered, and once that is known, the version is raised.
 */
import type { PayloadReadings } from '../../../analysis/observe.ts';
import { payloadProtocols, type PayloadProtocol, type PayloadReading } from '../../../protocol/payload.ts';
import type { KnownPayloads } from '../archive.ts';

/** Where nobody reads payloads. */
export const NOTHING_KNOWN: KnownPayloads = { through: 0, protocolOf: () => undefined };

export class Telling {
  readonly known: KnownPayloads;
  /** The last frame that was told without it being known what it is; 0 for none. */
  #unsettled = 0;
  #version = 0;

  constructor(known: KnownPayloads) {
    this.known = known;
  }

  unsettled(sequence: number): void {
    if (sequence > this.#unsettled) this.#unsettled = sequence;
  }

  /** Raised when rows that were told before may be told better now. */
  get version(): number {
    if (this.#unsettled === 0 || this.known.through < this.#unsettled) return this.#version;
    this.#unsettled = 0;
    return ++this.#version;
  }
}

/** Reads the payloads of single frames, wherever they stand. */
export class KnownReadings implements PayloadReadings {
  readonly #known: KnownPayloads;
  readonly #protocols: readonly PayloadProtocol[];
  /** The payload that was read last may be one of a protocol, and too little is known of its conversation. */
  isUnsure = false;

  constructor(known: KnownPayloads, protocols = payloadProtocols) {
    this.#known = known;
    this.#protocols = protocols;
  }

  read(conversation: string, payload: Uint8Array): PayloadReading | null {
    const protocol = this.#known.protocolOf(conversation);
    this.isUnsure = protocol === undefined && this.#protocols.some((each) => each.classify(payload) !== -1);
    if (protocol === undefined || protocol === null) return null;
    const kind = protocol.classify(payload);
    return kind === -1 ? null : { protocol, kind };
  }
}
