/**
 * What postoffice clients and servers write, put together by hand from the wire page.
 *
 * Nothing here is taken from `protocol/`: these bytes are what it is held against.
 */
import { join } from './bytes.ts';

export interface Address {
  /** Twelve digits. */
  readonly mac: string;
  readonly port: number;
}

export function address(mac: string, port: number): Address {
  return { mac, port };
}

const NOBODY = address('000000000000', 0);
const INIT = { pdp: 0, listen: 1, connect: 2, accept: 3 } as const;

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

/** Ten bytes: address, padding, port. Requests and acknowledgements are no more than this. */
export function endpoint({ mac, port }: Address, padding = 0): Uint8Array {
  const bytes = mac.match(/../g)!.map((digits) => Number.parseInt(digits, 16));
  return Uint8Array.of(...bytes, padding, padding, port & 0xff, port >>> 8);
}

export function init(type: number, src: Address = NOBODY, dst: Address = NOBODY, padding = 0): Uint8Array {
  return join([u32(type), endpoint(src, padding), endpoint(dst, padding)]);
}

export const pdpOpen = (self: Address, padding = 0): Uint8Array => init(INIT.pdp, self, NOBODY, padding);
export const listen = (self: Address, padding = 0): Uint8Array => init(INIT.listen, self, NOBODY, padding);

export function connect(self: Address, to: Address, padding = 0): Uint8Array {
  return init(INIT.connect, self, to, padding);
}

export function accept(self: Address, from: Address, padding = 0): Uint8Array {
  return init(INIT.accept, self, from, padding);
}

/** A datagram. To the relay the address is the receiver's, from the relay the sender's. */
export function datagram(address: Address, body: Uint8Array, padding = 0): Uint8Array {
  return join([endpoint(address, padding), u32(body.length), body]);
}

/** The start of a datagram whose body may never come. */
export function datagramHeader(address: Address, size: number): Uint8Array {
  return join([endpoint(address), u32(size)]);
}

export function block(body: Uint8Array): Uint8Array {
  return join([u32(body.length), body]);
}

export function blockHeader(size: number): Uint8Array {
  return u32(size);
}
