/** Good bytes gone bad, and chances that are the same each time. */

/** Numbers from 0 up to 1. */
export function seeded(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d);
    state = (state + 0x6d2b_79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a_2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

type Damage = (bytes: Buffer, next: () => number) => Buffer;

const place = (bytes: Uint8Array, next: () => number) => Math.floor(next() * bytes.length);

const damages: readonly Damage[] = [
  // Noise alone.
  (_, next) => Buffer.from(Array.from({ length: 1 + Math.floor(next() * 300) }, () => next() * 256)),
  // Bits turned over.
  (bytes, next) => {
    const bad = Buffer.from(bytes);
    for (let left = 1 + next() * 6; left > 0; left--) bad[place(bad, next)]! ^= 1 << Math.floor(next() * 8);
    return bad;
  },
  // Cut off.
  (bytes, next) => bytes.subarray(0, 1 + place(bytes, next)),
  // Something taken out, or put in.
  (bytes, next) => {
    const [from, to] = [place(bytes, next), place(bytes, next)].sort((x, y) => x - y) as [number, number];
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, next) => {
    const at = place(bytes, next);
    const noise = Buffer.from(Array.from({ length: 1 + Math.floor(next() * 20) }, () => next() * 256));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  // A part of it again, and again.
  (bytes, next) => {
    const at = place(bytes, next);
    const part = bytes.subarray(at, at + 1 + Math.floor(next() * 40));
    const times = Math.floor(next() * 50);
    return Buffer.concat([
      bytes.subarray(0, at),
      ...Array.from({ length: times }, () => part),
      bytes.subarray(at),
    ]);
  },
  // All of one byte.
  (bytes, next) => Buffer.alloc(bytes.length, next() * 256),
];

/** Damaged in one of several ways; never empty. */
export function damaged(bytes: Buffer, next: () => number): Buffer {
  const bad = damages[Math.floor(next() * damages.length)]!(bytes, next);
  return bad.length === 0 ? Buffer.of(0) : bad;
}
