/** Where a packet of dpea ends. Nothing is ever refused: what cannot be a packet is raw from there on. */
import type { FrameKind, Framing } from '../types.ts';
import { HEADER_BYTES, Kind, LENGTH_AT, Mode, PAYLOAD_MAX, PAYLOAD_WHOLE_MAX } from './layout.ts';

/** From a kind as it is said to the same one as it is delivered. */
const DELIVERED = Kind.packetDelivered - Kind.packet;

export const framing: Framing = {
  start: { toRelay: Mode.packets, toPeer: Mode.packetsDelivered },

  measure(mode, view, at, end) {
    if (mode === Mode.raw || mode === Mode.rawDelivered) return end - at;
    if (end - at < HEADER_BYTES) return 0;
    const length = view.getUint32(at + LENGTH_AT, true);
    return length > PAYLOAD_WHOLE_MAX ? HEADER_BYTES : HEADER_BYTES + length;
  },

  classify(mode, view, at): FrameKind {
    const delivered = mode === Mode.packetsDelivered || mode === Mode.rawDelivered ? DELIVERED : 0;
    if (mode === Mode.raw || mode === Mode.rawDelivered) return Kind.raw + delivered;
    const length = view.getUint32(at + LENGTH_AT, true);
    if (length > PAYLOAD_MAX) return Kind.rawStart + delivered;
    return (length > PAYLOAD_WHOLE_MAX ? Kind.packetStart : Kind.packet) + delivered;
  },

  announced: (view, at) => view.getUint32(at + LENGTH_AT, true),
};
