/** Bytes in tests: joined, cut, compared, and surrounded by poison. */
import { hex } from '../../protocol/address.ts';
import { span } from '../../protocol/memory.ts';
import type { Span } from '../../protocol/types.ts';

/** What lies where nobody may look. */
export const POISON = 0xdd;

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The same bytes in as many pieces as there are places to cut; a place is taken modulo the length. */
export function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  if (bytes.length === 0) return [];
  const ends = [...new Set(places.map((place) => place % bytes.length)), bytes.length].sort((x, y) => x - y);
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

export interface Stretch extends Span {
  readonly at: number;
  readonly end: number;
}

/** A copy with poison before and behind it. */
export function amidPoison(bytes: Uint8Array, before = 5, behind = 3, poison = POISON): Stretch {
  const whole = new Uint8Array(before + bytes.length + behind).fill(poison);
  whole.set(bytes, before);
  return { ...span(whole), at: before, end: before + bytes.length };
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

/** For messages: all of what is short, the start of what is long. */
export function bytesText(bytes: Uint8Array): string {
  return bytes.length <= 64 ? hex(bytes) : `${hex(bytes.subarray(0, 64))}... (${bytes.length} bytes)`;
}

/** A payload of which every part looks different. */
export function payload(size: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (seed + i * 31 + (i >> 8)) & 0xff);
}
