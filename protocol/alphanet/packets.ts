/**
 * AlphaNET's messages, whole and by what they say: for whoever speaks it, relay and clients alike. All pure.
 *
 * A message is written in one piece, as the clients expect it.
 */
import type { FrameView } from '../types.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { IP_BYTES_MAX, Packet } from './classes.ts';
import {
  ADDRESS_BYTES_MIN,
  AUTH_TEXT_BYTES_MAX,
  BITMAP_BYTES,
  BODY_AT,
  COLON,
  Header,
  HEADER_BYTES,
  KEY_BYTES,
  REASON_BYTES_MAX,
  Status,
  STATUS_BYTES,
} from './layout.ts';
import { type Address, objectBytes, type ObjectName, objectRows, type ObjectValues } from './objects.ts';

const BLANK = 0x20;
const NOTHING = new Uint8Array(0);

// Writing -----------------------------------------------------------------------------------------

/** A message of this status; `key` where it has one. */
export function message(status: number, payload: Uint8Array, key: Uint8Array = NOTHING): Uint8Array {
  const length = HEADER_BYTES + key.length + payload.length;
  const prefix = utf8Bytes(`${length}:`);
  const bytes = new Uint8Array(prefix.length + length);
  bytes.set(prefix);
  const at = prefix.length;
  const view = new DataView(bytes.buffer);
  view.setUint32(at, key.length > 0 ? Header.keyAndStatus : Header.status);
  bytes.set(key, at + BITMAP_BYTES);
  bytes.set(utf8Bytes(String(status).padStart(STATUS_BYTES, '0')), at + BITMAP_BYTES + key.length);
  bytes.set(payload, at + HEADER_BYTES + key.length);
  return bytes;
}

/** What a message says that is no packet: about authentication. */
export function words(status: number, text: string): Uint8Array {
  return message(status, utf8Bytes(text).subarray(0, AUTH_TEXT_BYTES_MAX));
}

/** 16 bytes, whatever length it is typed in. */
export function keyBytes(key: string): Uint8Array {
  const padded = new Uint8Array(KEY_BYTES).fill(BLANK);
  padded.set(utf8Bytes(key).subarray(0, KEY_BYTES));
  return padded;
}

export function authAnswer(key: string, text = ''): Uint8Array {
  return message(Status.authRequested, utf8Bytes(text).subarray(0, AUTH_TEXT_BYTES_MAX), keyBytes(key));
}

/** A packet that is an object. */
export function objectPacket(name: ObjectName, values: ObjectValues): Uint8Array {
  const object = objectBytes(name, values);
  const payload = new Uint8Array(1 + object.length);
  payload[0] = Packet[name];
  payload.set(object, 1);
  return message(Status.normal, payload);
}

export function virtualIpPacket(ip: string): Uint8Array {
  return objectPacket('virtualIp', { ip });
}

export function requestPacket(
  name: 'socketStatusRequest' | 'socketConnectionRequest',
  source: Address,
  destination: Address,
): Uint8Array {
  return objectPacket(name, {
    source: source.ip,
    source_port: source.port,
    destination: destination.ip,
    destination_port: destination.port,
  });
}

export function socketStatusPacket(open: boolean, listening: boolean): Uint8Array {
  return objectPacket('socketStatus', { open: Number(open), listening: Number(listening) });
}

export function socketStatusResponsePacket(
  open: boolean,
  listening: boolean,
  destination: Address,
): Uint8Array {
  return objectPacket('socketStatusResponse', {
    open: Number(open),
    listening: Number(listening),
    destination: destination.ip,
    destination_port: destination.port,
  });
}

export function socketConnectionStatusPacket(connected: boolean): Uint8Array {
  return objectPacket('socketConnectionStatus', { connected: Number(connected) });
}

function addressBytes({ ip, port }: Address): Uint8Array {
  const text = utf8Bytes(ip).subarray(0, IP_BYTES_MAX);
  return Uint8Array.of(text.length, ...text, port & 0xff, port >> 8);
}

function packet(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const payload = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 1));
  payload[0] = type;
  let at = 1;
  for (const part of parts) {
    payload.set(part, at);
    at += part.length;
  }
  return message(Status.normal, payload);
}

/** Of 65 535 bytes at most. */
export function dataPacket(source: Address, destination: Address, bytes: Uint8Array): Uint8Array {
  const size = Uint8Array.of(bytes.length & 0xff, bytes.length >> 8);
  return packet(Packet.data, addressBytes(source), addressBytes(destination), size, bytes);
}

export function socketClosedPacket(source: Address, destination: Address): Uint8Array {
  return packet(Packet.socketClosed, addressBytes(source), addressBytes(destination));
}

/** `failed` is the type of the packet that asked. */
export function requestFailedPacket(failed: number, destination: Address, reason: string): Uint8Array {
  const text = utf8Bytes(reason).subarray(0, REASON_BYTES_MAX);
  return packet(
    Packet.requestFailed,
    Uint8Array.of(failed),
    addressBytes(destination),
    Uint8Array.of(text.length, ...text),
  );
}

// Reading -----------------------------------------------------------------------------------------

/** Where the header of a whole message starts. */
export function headerOf({ bytes, at, end }: FrameView): number {
  let i = at;
  while (i < end && bytes[i] !== COLON) i++;
  return i + 1;
}

/** Where the body of a whole packet starts. */
export function bodyOf(frame: FrameView): number {
  return headerOf(frame) + BODY_AT;
}

/** Where an address ends that starts at `at`. */
export function addressEnd(bytes: Uint8Array, at: number): number {
  return at + ADDRESS_BYTES_MIN + (bytes[at] as number);
}

/** The port of an address that ends at `end`. */
export function portBefore(bytes: Uint8Array, end: number): number {
  return (bytes[end - 2] as number) | ((bytes[end - 1] as number) << 8);
}

export function addressAt(bytes: Uint8Array, at: number): Address {
  const end = addressEnd(bytes, at);
  return { ip: utf8Text(bytes, at + 1, end - 2), port: portBefore(bytes, end) };
}

export interface Ends {
  readonly source: Address;
  readonly destination: Address;
  /** Where what follows them starts. */
  readonly after: number;
}

/** The addresses of a whole packet of data, or of a close. */
export function endsIn(frame: FrameView): Ends {
  const { bytes } = frame;
  const body = bodyOf(frame);
  const middle = addressEnd(bytes, body);
  return {
    source: addressAt(bytes, body),
    destination: addressAt(bytes, middle),
    after: addressEnd(bytes, middle),
  };
}

/** The bytes that a whole packet of data carries: a part of the frame, borrowed. */
export function dataIn(frame: FrameView): Uint8Array {
  return frame.bytes.subarray(endsIn(frame).after + 2, frame.end);
}

export interface Failed {
  /** The type of the packet that asked. */
  readonly failed: number;
  readonly destination: Address;
  readonly reason: string;
}

export function failedIn(frame: FrameView): Failed {
  const { bytes, end } = frame;
  const body = bodyOf(frame);
  const after = addressEnd(bytes, body + 1);
  return {
    failed: bytes[body] as number,
    destination: addressAt(bytes, body + 1),
    reason: utf8Text(bytes, after + 1, end),
  };
}

/** What the object of a whole packet says, by the names of the tables; a text where it is not what it must be: why. */
export function objectIn(name: ObjectName, frame: FrameView): ObjectValues | string {
  const rows = objectRows(name, frame.bytes, bodyOf(frame), frame.end);
  if (typeof rows === 'string') return rows;
  return Object.fromEntries(rows.map(({ name: own, value }) => [own, value as number | string]));
}

/** One of the addresses among the values of an object. */
export function addressOf(values: ObjectValues, name: 'source' | 'destination'): Address {
  return { ip: values[name] as string, port: values[`${name}_port`] as number };
}

/** The key in a whole answer to the question for it. */
export function keyIn(frame: FrameView): Uint8Array {
  const at = headerOf(frame) + BITMAP_BYTES;
  return frame.bytes.subarray(at, at + KEY_BYTES);
}
