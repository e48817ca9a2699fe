/**
 * The bytes that the load's clients send, written anew from the protocol's description.
 *
 * The rule: nothing of the relay's own code is used here, or a bug in it would be measured as correct.
 */

/** Where a receiver finds the size in a frame, and how much of a frame it wants to have in one piece. */
export interface Shape {
  readonly headerBytes: number;
  readonly sizeAt: number;
  readonly headBytes: number;
}

export const PDP: Shape = { headerBytes: 14, sizeAt: 10, headBytes: 14 };
export const PTP: Shape = { headerBytes: 4, sizeAt: 0, headBytes: 4 };
/** With the first 12 bytes of the payload: when it was sent, and to whom. */
export const STAMPED_PDP: Shape = { ...PDP, headBytes: 26 };

/** Where a client's number is in a frame: in the last four bytes of the MAC address. */
export const ID_AT = 2;
export const STAMP_AT = 14;
export const TARGET_AT = 22;

const InitType = { pdp: 0, listen: 1, connect: 2, accept: 3 } as const;
const INIT_BYTES = 24;
const ADDRESS_BYTES = 10;

/** The MAC address and the port of the client with this number. */
function putAddress(bytes: Buffer, at: number, id: number): void {
  bytes.writeUInt16BE(0x02be, at);
  bytes.writeInt32BE(id, at + ID_AT);
  bytes.writeUInt16LE(20_000 + (id % 10_000), at + 8);
}

export function address(id: number): Buffer {
  const bytes = Buffer.alloc(ADDRESS_BYTES);
  putAddress(bytes, 0, id);
  return bytes;
}

export function init(type: keyof typeof InitType, id: number, toward: number | null = null): Buffer {
  const bytes = Buffer.alloc(INIT_BYTES);
  bytes.writeInt32LE(InitType[type], 0);
  putAddress(bytes, 4, id);
  if (toward !== null) putAddress(bytes, 14, toward);
  return bytes;
}

/** A datagram to that client; what the client gets differs only in whose address is in it. */
export function datagram(to: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(PDP.headerBytes + payloadBytes, 0x5a);
  bytes.fill(0, 0, PDP.headerBytes);
  putAddress(bytes, 0, to);
  bytes.writeUInt32LE(payloadBytes, PDP.sizeAt);
  return bytes;
}

export function block(payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(PTP.headerBytes + payloadBytes, 0x5a);
  bytes.writeUInt32LE(payloadBytes, PTP.sizeAt);
  return bytes;
}
