/**
 * Where a frame of the TCP relay ends, and which kind it is.
 *
 * The rule: whatever is wrong with a message is found here, at the first byte that is wrong.
 */
import { CommonFault } from '../fault.ts';
import type { Framing } from '../types.ts';
import { TcpRelayFault } from './faults.ts';
import { BAR, Kind, MESSAGE_BYTES_MAX, Mode, NAME_BYTES_MAX, SIZE_DIGITS_MAX } from './layout.ts';

const ZERO = 0x30;

/** The bytes of the name at `at` and of the bar behind it; 0 while that has not come, `-fault` where it cannot. */
function measureName(view: DataView, at: number, end: number): number {
  const last = Math.min(end, at + NAME_BYTES_MAX + 1);
  for (let i = at; i < last; i++) {
    if (view.getUint8(i) !== BAR) continue;
    return i === at ? -TcpRelayFault.nameEmpty : i + 1 - at;
  }
  return end - at > NAME_BYTES_MAX ? -TcpRelayFault.nameTooLong : 0;
}

/** The same of a number of bytes. */
function measureSize(view: DataView, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) {
    const byte = view.getUint8(i);
    if (byte === BAR && i > at) return i + 1 - at;
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9 || i === at + SIZE_DIGITS_MAX) return -TcpRelayFault.notDecimal;
    value = 10 * value + digit;
    if (value > MESSAGE_BYTES_MAX) return -TcpRelayFault.messageTooLarge;
  }
  return 0;
}

/** The bytes that the whole `message` says that come after it: the digits before its last byte. */
export function sizeOf(view: DataView, at: number, end: number): number {
  let value = 0;
  let place = 1;
  for (let i = end - 2; i > at && view.getUint8(i) !== BAR; i--) {
    value += (view.getUint8(i) - ZERO) * place;
    place *= 10;
  }
  return value;
}

export const framing: Framing = {
  start: { toRelay: Mode.name, toPeer: Mode.silent },

  measure(mode, view, at, end) {
    switch (mode) {
      case Mode.name:
        return measureName(view, at, end);
      case Mode.messages: {
        const name = measureName(view, at, end);
        if (name <= 0 || at + name === end) return Math.min(name, 0);
        const size = measureSize(view, at + name, end);
        return size <= 0 ? size : name + size;
      }
      case Mode.delivered:
        return end - at;
      default:
        return -CommonFault.unexpected;
    }
  },

  classify(mode) {
    if (mode === Mode.name) return Kind.name;
    return mode === Mode.messages ? Kind.message : Kind.delivered;
  },

  announced: sizeOf,
};
