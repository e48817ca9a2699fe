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

/** Whom an address belongs to: one of IPv4 to a client, of IPv6 its first half, since who has one has as many as it likes. */
export function networkOf(address: string): string {
  const ip = canonicalIp(address) ?? address;
  if (!ip.includes(':')) return ip;
  const [left = [], right = []] = ip.split('::').map((half) => half.split(':').filter((part) => part !== ''));
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
