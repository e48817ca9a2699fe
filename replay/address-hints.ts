/**
 * Tells people of addresses in payloads of which no mask says that they are there: a game that has another address than
 * in the recording sends other bytes in such a place, and its author would wonder why.
 */
import { payloadRange } from '../analysis/observe.ts';
import { hasPayload } from '../analysis/payloads.ts';
import { macBytes } from '../protocol/address.ts';
import type { ByteRange, Conversation, Unit } from './types.ts';

/** So many places are named. */
export const HINTS_MAX = 10;

export class AddressHints {
  readonly #addresses: readonly Uint8Array[];
  readonly #notes: string[];
  readonly #told = new Set<string>();

  /** What is found is told to `notes`, each place once. What is no MAC address is not looked for. */
  constructor(players: readonly string[], notes: string[]) {
    this.#addresses = players.flatMap((player) => macBytes(player) ?? []);
    this.#notes = notes;
  }

  /** `known` are those that masks name in this frame. */
  look(
    { protocol, from, to }: Conversation,
    { kind, bytes }: Pick<Unit, 'kind' | 'bytes'>,
    known: readonly ByteRange[],
  ): void {
    const spec = protocol.frames[kind];
    if (this.#told.size >= HINTS_MAX || spec === undefined || !hasPayload(spec)) return;
    const body = payloadRange(spec, bytes);
    if (body === null) return;
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset + body.at, body.size);
    for (const address of this.#addresses) {
      const at = payload.indexOf(address);
      if (at === -1 || known.some((range) => range.at === body.at + at)) continue;
      const text = `the payload of ${spec.name} from ${from.role} to ${to.role} (${body.size} bytes) holds the player’s address at ${at}: a mask of "means": "address" maps it`;
      if (this.#told.has(text)) continue;
      this.#told.add(text);
      this.#notes.push(text);
    }
  }
}
