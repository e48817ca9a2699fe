/** A MAC address and a port, in each of the forms in which the postoffice needs them. */
import { endpointText, macText } from '../address.ts';
import type { FrameView } from '../types.ts';
import { ADDRESS_BYTES } from './layout.ts';

export class Endpoint {
  /** The two numbers under which an `EndpointTable` keeps it. */
  readonly a: number;
  readonly b: number;
  /** The address as one number, for counting. */
  readonly mac: number;
  /** As the relay writes it: with zeros for padding. */
  readonly wire: Uint8Array;
  /** As people write it. */
  readonly text: string;

  constructor(frame: FrameView, at: number) {
    this.a = addressA(frame.view, at);
    this.b = addressB(frame.view, at);
    this.mac = (this.a >>> 0) * 0x1_0000 + (this.b >>> 16);
    this.wire = frame.bytes.slice(at, at + ADDRESS_BYTES);
    this.wire.fill(0, 6, 8);
    this.text = endpointText(macText(frame.bytes, at), this.b & 0xffff);
  }

  equals(other: Endpoint): boolean {
    return this.a === other.a && this.b === other.b;
  }
}

/** The first four bytes of the MAC address at `at`. */
export function addressA(view: DataView, at: number): number {
  return view.getInt32(at);
}

/** The last two bytes of the MAC address, and the port behind its padding. */
export function addressB(view: DataView, at: number): number {
  return (view.getUint16(at + 4) << 16) | view.getUint16(at + 8, true);
}
