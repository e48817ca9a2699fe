/** IP addresses as the relay names its clients, so that two spellings of one address are equal. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** IPv4 in its own notation, also where it came as `::ffff:a.b.c.d`; IPv6 short and in lower case. Null for what is none. */
export function canonicalIp(text: string): string | null {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return null;
  const [address = '', zone] = text.split('%');
  const short = new SocketAddress({ address, family: 'ipv6' }).address;
  if (short.startsWith('::ffff:') && short.includes('.')) return short.slice('::ffff:'.length);
  return zone === undefined ? short : `${short}%${zone}`;
}

/** Of this machine itself. */
export function isLoopback(address: string): boolean {
  const ip = canonicalIp(address);
  return ip !== null && (ip === '::1' || (isIPv4(ip) && ip.startsWith('127.')));
}
