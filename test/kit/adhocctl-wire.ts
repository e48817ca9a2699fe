/**
 * What adhocctl clients and servers write, put together by hand from the wire page.
 *
 * Nothing here is taken from `protocol/`: these bytes are what it is held against.
 */
import { join } from './bytes.ts';

export interface Person {
  /** Twelve digits. */
  readonly mac: string;
  readonly nickname: string;
  readonly product: string;
}

/** A number that the relay hands out, or an IPv4 address. */
export type Tag = number | string;

export function person(mac: string, nickname: string, product = 'ULUS10511'): Person {
  return { mac, nickname, product };
}

function padded(text: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

export function macOf({ mac }: Pick<Person, 'mac'>): Uint8Array {
  return new Uint8Array(Buffer.from(mac, 'hex'));
}

function four(tag: Tag): Uint8Array {
  if (typeof tag === 'string') return Uint8Array.from(tag.split('.'), Number);
  return Uint8Array.of(tag & 0xff, (tag >>> 8) & 0xff, (tag >>> 16) & 0xff, tag >>> 24);
}

// From the client ---------------------------------------------------------------------------------

export const ping = Uint8Array.of(0);
export const disconnect = Uint8Array.of(3);
export const scan = Uint8Array.of(4);

export function login(who: Person): Uint8Array {
  return loginBytes(macOf(who), padded(who.nickname, 128), padded(who.product, 9));
}

export function loginBytes(mac: Uint8Array, nickname: Uint8Array, product: Uint8Array): Uint8Array {
  return join([Uint8Array.of(1), mac, nickname, product]);
}

export function connect(group: string): Uint8Array {
  return join([Uint8Array.of(2), padded(group, 8)]);
}

export function chat(message: string): Uint8Array {
  return join([Uint8Array.of(7), padded(message, 64)]);
}

// From the server ---------------------------------------------------------------------------------

export function connected(who: Person, tag: Tag): Uint8Array {
  return join([Uint8Array.of(2), padded(who.nickname, 128), macOf(who), four(tag)]);
}

export function disconnected(tag: Tag): Uint8Array {
  return join([Uint8Array.of(3), four(tag)]);
}

export function scanned(group: string, founder: Person): Uint8Array {
  return join([Uint8Array.of(4), padded(group, 8), macOf(founder)]);
}

export const scanComplete = Uint8Array.of(5);

export function bssid(founder: Person): Uint8Array {
  return join([Uint8Array.of(6), macOf(founder)]);
}

export function said(message: string, who: Person): Uint8Array {
  return join([Uint8Array.of(7), padded(message, 64), padded(who.nickname, 128)]);
}
