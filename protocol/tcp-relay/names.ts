/** Names are bytes, and compare as bytes. Here they become text: for tables, and for people. */
import { escapedText } from '../escaped.ts';

/** Each byte as the letter of that number: the same text for the same bytes alone. */
export function nameKey(bytes: Uint8Array, at: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(at, end));
}

/** As an endpoint: a `/` would be taken for what parts a player from a port, and a blank for an end. */
export function nameEndpoint(bytes: Uint8Array, at: number, end: number): string {
  return escapedText(bytes, at, end).replace(/[ /]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16)}`);
}
