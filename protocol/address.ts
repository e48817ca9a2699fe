/** MAC addresses and endpoints as people write them. Never used on the frame path. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The six bytes at `at` as `02:aa:bb:cc:dd:01`. */
export function macText(bytes: Uint8Array, at: number): string {
  const parts: string[] = [];
  for (let i = at; i < at + 6; i++) parts.push(HEX[bytes[i] ?? 0] as string);
  // Joined, not added up: a sum is kept as its parts, at ten times the size, for as long as the connection.
  return parts.join(':');
}

/** A MAC address and a port as `02:aa:bb:cc:dd:01/12345`. */
export function endpointText(mac: string, port: number): string {
  return [mac, port].join('/');
}

/** Six bytes of `02:aa:bb:cc:dd:01`, or null if it is not written like that. */
export function macBytes(text: string): Uint8Array | null {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return null;
  return Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
}

/** Lower-case hex, without separators. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte] as string;
  return text;
}
