/** Players with sockets, and frames between them, for tests of masks and policies. */
import { Cast } from '../../replay/cast.ts';
import { unitOf } from '../../replay/recorded.ts';
import type { RecordedUnit } from '../../replay/recorded.ts';
import type { Conversation } from '../../replay/types.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { MadeSession } from './session-view.ts';
import { address, datagram } from './postoffice-wire.ts';

export const ANN = '02:aa:bb:cc:dd:01';
export const BOB = '02:aa:bb:cc:dd:02';
export const CAT = '02:aa:bb:cc:dd:03';

/** P1 is Ann, P2 is Bob, and P3 has no name. */
export function someCast(): Cast {
  return new Cast([
    { player: ANN, nickname: 'Ann' },
    { player: BOB, nickname: 'Bob' },
    { player: CAT, nickname: '' },
  ]);
}

/** Between two endpoints, or between a player's socket and the relay, which is `relay`. */
export function talk(
  cast: Cast,
  from: string,
  to: string,
  kind: number | null = Kind.pdpDelivered,
): Conversation {
  const end = (endpoint: string) =>
    endpoint === 'relay' ? { role: 'relay', endpoint: '' } : cast.end(endpoint);
  return cast.conversation(postoffice, end(from), end(to), kind);
}

/** A delivered datagram: 14 bytes of header, and this. */
export function delivered(payload: readonly number[] | number): Uint8Array {
  const body = typeof payload === 'number' ? new Uint8Array(payload) : Uint8Array.from(payload);
  return Uint8Array.from(datagram(address('02aabbccdd01', 100), body));
}

/** What `RecordedPlay` makes of a file, made of a session in memory. */
export function playOf(made: MadeSession): {
  readonly cast: Cast;
  readonly session: { readonly frames: number };
  units(): IterableIterator<RecordedUnit>;
} {
  const session = made.session();
  const cast = new Cast(session.players);
  return {
    cast,
    session,
    *units() {
      for (const frame of made.frames) {
        const from = made.connections.get(frame.from) ?? null;
        const to = made.connections.get(frame.to) ?? null;
        const conversation = cast.ofHop(frame, from, to);
        if (conversation !== null) yield { conversation, unit: unitOf(frame, from, to) };
      }
    },
  };
}
