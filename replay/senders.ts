/**
 * Who sent a frame, known again by its header.
 *
 * The rule: what a protocol says of a frame's sender is in the fields of fixed size with which it begins (see
 * `Protocol.sender`), so that it has to be asked, and answers with a text, once for each header and not for each frame.
 */
import { span } from '../protocol/memory.ts';
import type { FrameKind, FrameSpec, Protocol } from '../protocol/types.ts';

/** Headers that are remembered. With more of them, all are forgotten, and learned anew. */
export const HEADERS_MAX = 16_384;
/** Of a longer one the protocol is asked each time. */
export const HEADER_BYTES_MAX = 64;

interface Known {
  readonly spec: FrameSpec;
  readonly header: Uint8Array;
  readonly sender: string | null;
}

export class Senders {
  /** By a hash of the header; of two with the same hash, the last one. */
  readonly #known = new Map<number, Known>();

  /** As `Protocol.sender`, of a whole frame. */
  of(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): string | null {
    const spec = protocol.frames[kind];
    if (protocol.sender === undefined || spec === undefined) return null;
    const size = headerBytes(spec);
    if (size === 0 || size > Math.min(bytes.length, HEADER_BYTES_MAX)) return ask(protocol, kind, bytes);
    const hash = hashOf(kind, bytes, size);
    const known = this.#known.get(hash);
    if (known?.spec === spec && begins(bytes, known.header)) return known.sender;
    const sender = ask(protocol, kind, bytes);
    if (this.#known.size >= HEADERS_MAX) this.#known.clear();
    this.#known.set(hash, { spec, header: Uint8Array.from(bytes.subarray(0, size)), sender });
    return sender;
  }
}

function ask(protocol: Protocol, kind: FrameKind, bytes: Uint8Array): string | null {
  return protocol.sender?.({ ...span(bytes), kind, at: 0, end: bytes.length }) ?? null;
}

const sizes = new WeakMap<FrameSpec, number>();

/** Of the fields of fixed size with which frames of this kind begin. */
export function headerBytes(spec: FrameSpec): number {
  let size = sizes.get(spec);
  if (size === undefined) {
    size = 0;
    for (const field of spec.fields) {
      if (typeof field.size !== 'number') break;
      size += field.size;
    }
    sizes.set(spec, size);
  }
  return size;
}

/** FNV-1a. What collides is only slow. */
function hashOf(kind: FrameKind, bytes: Uint8Array, size: number): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let i = 0; i < size; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash;
}

function begins(bytes: Uint8Array, header: Uint8Array): boolean {
  for (let i = 0; i < header.length; i++) if (bytes[i] !== header[i]) return false;
  return true;
}
