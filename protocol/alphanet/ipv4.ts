/** IPv4 addresses as numbers, which is what virtual ones are kept and compared as. */

const DOT = 0x2e;
const ZERO = 0x30;
const PARTS = 4;
/** Not an address. */
export const NOT_IPV4 = -1;

/** `[at, end)` as an address in the one notation that each has; `NOT_IPV4` for anything else. */
export function ipv4At(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let part = 0;
  let digits = 0;
  let parts = 1;
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === DOT) {
      if (digits === 0 || parts === PARTS) return NOT_IPV4;
      value = value * 256 + part;
      part = digits = 0;
      parts++;
      continue;
    }
    // A part that begins with a zero has no other digit.
    if (byte < ZERO || byte > ZERO + 9 || (digits > 0 && part === 0)) return NOT_IPV4;
    part = 10 * part + byte - ZERO;
    if (part > 255) return NOT_IPV4;
    digits++;
  }
  return digits > 0 && parts === PARTS ? value * 256 + part : NOT_IPV4;
}

export function ipv4Of(text: string): number {
  return ipv4At(
    Uint8Array.from(text, (letter) => Math.min(letter.charCodeAt(0), 0xff)),
    0,
    text.length,
  );
}

export function ipv4Text(ip: number): string {
  return [24, 16, 8, 0].map((bits) => (ip >>> bits) & 0xff).join('.');
}
