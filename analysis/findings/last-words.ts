/** What a client sent last, before the relay closed it for that: the kind of a frame, or how the bytes look. */
import { hex } from '../../protocol/address.ts';
import { kindName } from '../../protocol/kind.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import type { SeenFrame } from '../observe.ts';

/** Of bytes that are no frame. */
const SHOWN_BYTES_MAX = 16;

/** Beginnings of what is not meant for a relay of games. */
const strangers: readonly (readonly [start: RegExp, name: string])[] = [
  [/^(GET|POST|HEAD|PUT|OPTIONS|CONNECT) /, 'a web browser or a scanner'],
  [/^\x16\x03/, 'TLS'],
  [/^SSH-/, 'SSH'],
  [/^\x03\0\0/, 'a remote desktop client'],
];

/** `47 45 54 20 ("GET "), which look like a web browser`. */
export function bytesLook(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, SHOWN_BYTES_MAX);
  const digits = hex(shown).replaceAll(/(..)(?=.)/g, '$1 ');
  const letters = Buffer.from(shown).toString('latin1');
  const known = strangers.find(([start]) => start.test(letters));
  const text = /^[\x20-\x7e]{4,}$/.test(letters) ? ` ("${letters}")` : '';
  return `${digits}${text}${known === undefined ? '' : `, which look like ${known[1]}`}`;
}

/** Of connections that were closed for what they sent, the last of it. */
export class LastWords {
  readonly #last: Map<number, { sequence: number; text: string }>;

  constructor(connections: readonly RecordedConnection[]) {
    this.#last = new Map(connections.map(({ conn }) => [conn, { sequence: 0, text: '' }]));
  }

  note({ frame, from }: SeenFrame): void {
    const last = this.#last.get(frame.from);
    if (last === undefined || from === null) return;
    last.sequence = frame.sequence;
    last.text =
      frame.outcome === Outcome.unframed
        ? `its last bytes began with ${bytesLook(frame.bytes)}`
        : `the last frame before was ${kindName(from.protocol, frame.kind)}`;
  }

  of(conn: number): { readonly sequence: number; readonly text: string } {
    const last = this.#last.get(conn);
    return last === undefined || last.sequence === 0 ? { sequence: 0, text: '' } : last;
  }
}
