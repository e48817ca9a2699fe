/**
 * Where a message of AlphaNET ends, and which kind it is.
 *
 * The rule: what is of no client's doing alone is checked here, because data is forwarded without being looked at again:
 * that the header is known, and that the lengths inside data and closes add up to the length before them.
 */
import { CommonFault } from '../fault.ts';
import type { Fault, FrameKind, Framing, Mode as AnyMode } from '../types.ts';
import { IP_BYTES_MAX, Packet } from './classes.ts';
import { AlphanetFault } from './faults.ts';
import {
  ADDRESS_BYTES_MIN,
  AUTH_TEXT_BYTES_MAX,
  BITMAP_BYTES,
  BODY_AT,
  COLON,
  Header,
  HEADER_BYTES,
  KEY_BYTES,
  Kind,
  LENGTH_DIGITS_MAX,
  MESSAGE_BYTES_MAX,
  Mode,
  packetNames,
  Status,
  STATUS_BYTES,
} from './layout.ts';
import { OBJECT_BYTES_MAX } from './nrbf.ts';

const NONE = -1;
const ZERO = 0x30;
const TYPES = Object.keys(packetNames).length + 1;

function byPacket(kinds: Readonly<Partial<Record<number, FrameKind>>>): Int8Array {
  return Int8Array.from({ length: TYPES }, (_, type) => kinds[type] ?? NONE);
}

/** By mode, and by the type of the packet. */
const packets: Readonly<Record<AnyMode, Int8Array>> = {
  [Mode.toRelay]: byPacket({
    [Packet.socketStatusRequest]: Kind.socketStatusRequest,
    [Packet.socketConnectionRequest]: Kind.socketConnectionRequest,
    [Packet.socketConnectionStatus]: Kind.socketConnectionStatus,
    [Packet.data]: Kind.data,
    [Packet.socketStatusResponse]: Kind.socketStatusResponse,
    [Packet.socketClosed]: Kind.socketClosed,
    [Packet.requestFailed]: Kind.requestFailed,
  }),
  [Mode.toPeer]: byPacket({
    [Packet.socketStatusRequest]: Kind.socketStatusRequestDelivered,
    [Packet.socketStatus]: Kind.socketStatus,
    [Packet.socketConnectionRequest]: Kind.socketConnectionRequestDelivered,
    [Packet.socketConnectionStatus]: Kind.socketConnectionStatusDelivered,
    [Packet.data]: Kind.dataDelivered,
    [Packet.virtualIp]: Kind.virtualIp,
    [Packet.socketStatusResponse]: Kind.socketStatusResponseDelivered,
    [Packet.socketClosed]: Kind.socketClosedDelivered,
    [Packet.requestFailed]: Kind.requestFailedDelivered,
  }),
};

/** By mode, and by status: messages that are no packets. */
const words: Readonly<Record<AnyMode, Readonly<Partial<Record<number, FrameKind>>>>> = {
  [Mode.toRelay]: {},
  [Mode.toPeer]: {
    [Status.authRequired]: Kind.authRequired,
    [Status.authSuccess]: Kind.authSuccess,
    [Status.authFailure]: Kind.authFailure,
  },
};

/** By mode: what the least message has after its colon. */
const leastBytes: Readonly<Record<AnyMode, number>> = {
  [Mode.toRelay]: BODY_AT,
  [Mode.toPeer]: HEADER_BYTES,
};

/** Where the header starts; 0 where that is not known yet, `-fault` where it never will be. */
function headerAt(view: DataView, at: number, end: number): number {
  const last = Math.min(end, at + LENGTH_DIGITS_MAX + 1);
  for (let i = at; i < last; i++) {
    const byte = view.getUint8(i);
    if (byte === COLON) return i > at ? i + 1 : -AlphanetFault.notDecimal;
    if (byte < ZERO || byte > ZERO + 9) return -AlphanetFault.notDecimal;
    if (i === at + LENGTH_DIGITS_MAX) return -CommonFault.tooLong;
  }
  return 0;
}

function lengthAt(view: DataView, at: number, header: number): number {
  let length = 0;
  for (let i = at; i < header - 1; i++) length = 10 * length + view.getUint8(i) - ZERO;
  return length;
}

function statusOf(view: DataView, at: number): number {
  let status = 0;
  for (let i = at; i < at + STATUS_BYTES; i++) {
    const digit = view.getUint8(i) - ZERO;
    if (digit < 0 || digit > 9) return NONE;
    status = 10 * status + digit;
  }
  return status <= Status.authFailure ? status : NONE;
}

/** What is wrong with a header of this kind in this direction. */
function headerFault(flags: number): Fault {
  if ((flags & ~Header.keyAndStatus) !== 0) return AlphanetFault.unknownHeader;
  return (flags & Header.status) === 0 ? AlphanetFault.noStatus : AlphanetFault.strayKey;
}

/** Nothing is wrong, and nothing more must be known. */
const OKAY = 1;

/** A message whose header starts at `header`: `OKAY`, 0 where more must be known, or `-fault`. */
function check(mode: AnyMode, view: DataView, header: number, end: number, length: number): number {
  if (length > MESSAGE_BYTES_MAX) return -CommonFault.tooLong;
  if (length < (leastBytes[mode] as number)) return -AlphanetFault.lengthsDiffer;
  if (end - header < 4) return 0;
  const flags = view.getUint32(header);
  const hasKey = flags === Header.keyAndStatus && mode === Mode.toRelay;
  if (flags !== Header.status && !hasKey) return -headerFault(flags);
  if (end - header < BITMAP_BYTES) return 0;
  if (view.getUint32(header + 4) !== 0) return -AlphanetFault.unknownHeader;
  const statusAt = header + BITMAP_BYTES + (hasKey ? KEY_BYTES : 0);
  if (length < statusAt + STATUS_BYTES - header) return -AlphanetFault.lengthsDiffer;
  if (end - statusAt < STATUS_BYTES) return 0;
  const status = statusOf(view, statusAt);
  if (status === NONE) return -AlphanetFault.badStatus;
  if (!hasKey && status === Status.normal) return checkPacket(mode, view, header, end, length);
  if (hasKey && status !== Status.authRequested) return -AlphanetFault.strayKey;
  if (!hasKey && words[mode]?.[status] === undefined) return -CommonFault.unexpected;
  return length > statusAt + STATUS_BYTES - header + AUTH_TEXT_BYTES_MAX ? -CommonFault.tooLong : OKAY;
}

function checkPacket(mode: AnyMode, view: DataView, header: number, end: number, length: number): number {
  if (length < BODY_AT) return -AlphanetFault.lengthsDiffer;
  if (end - header < BODY_AT) return 0;
  const type = view.getUint8(header + HEADER_BYTES);
  if (type === 0 || type >= TYPES) return -AlphanetFault.unknownPacket;
  if (packets[mode]?.[type] === NONE) return -CommonFault.unexpected;
  const body = header + BODY_AT;
  const size = length - BODY_AT;
  switch (type) {
    case Packet.data: {
      const after = pastAddresses(view, body, end, size, 2, 2);
      if (after <= 0 || end - after < 2) return Math.min(after, 0);
      return size === after - body + 2 + view.getUint16(after, true) ? OKAY : -AlphanetFault.lengthsDiffer;
    }
    case Packet.socketClosed: {
      const after = pastAddresses(view, body, end, size, 2, 0);
      if (after <= 0) return after;
      return size === after - body ? OKAY : -AlphanetFault.lengthsDiffer;
    }
    case Packet.requestFailed: {
      const after = pastAddresses(view, body + 1, end, size - 1, 1, 1);
      if (after <= 0 || end - after < 1) return Math.min(after, 0);
      return size === after - body + 1 + view.getUint8(after) ? OKAY : -AlphanetFault.lengthsDiffer;
    }
    default:
      return size > OBJECT_BYTES_MAX ? -CommonFault.tooLong : OKAY;
  }
}

/**
 * Where `count` addresses end that start at `at`, with `size` bytes for them and at least `more` others; 0 or `-fault` as
 * in `measure`. Their texts need not be there yet.
 */
function pastAddresses(
  view: DataView,
  at: number,
  end: number,
  size: number,
  count: number,
  more: number,
): number {
  let next = at;
  for (let left = count; left > 0; left--) {
    if (at + size < next + left * ADDRESS_BYTES_MIN + more) return -AlphanetFault.lengthsDiffer;
    if (end <= next) return 0;
    const text = view.getUint8(next);
    if (text > IP_BYTES_MAX) return -AlphanetFault.addressTooLong;
    next += ADDRESS_BYTES_MIN + text;
  }
  return at + size < next + more ? -AlphanetFault.lengthsDiffer : next;
}

export const framing: Framing = {
  start: { toRelay: Mode.toRelay, toPeer: Mode.toPeer },

  measure(mode, view, at, end) {
    const header = headerAt(view, at, end);
    if (header <= 0) return header;
    const length = lengthAt(view, at, header);
    const found = check(mode, view, header, end, length);
    return found === OKAY ? header - at + length : found;
  },

  classify(mode, view, at, end): FrameKind {
    const header = headerAt(view, at, end);
    if (view.getUint32(header) === Header.keyAndStatus) return Kind.authAnswer;
    const status = statusOf(view, header + BITMAP_BYTES);
    if (status !== Status.normal) return words[mode]?.[status] ?? NONE;
    return packets[mode]?.[view.getUint8(header + HEADER_BYTES)] ?? NONE;
  },
};
