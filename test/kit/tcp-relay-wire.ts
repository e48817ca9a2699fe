/**
 * What clients of the TCP relay write, put together by hand from the wire page.
 *
 * Nothing here is taken from `protocol/`: these bytes are what it is held against.
 */
import { join } from './bytes.ts';

/** Text stands for its UTF-8. */
export function raw(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

export function named(name: Uint8Array | string): Uint8Array {
  return join([raw(name), raw('|')]);
}

/** All of a message but its bytes. */
export function head(dest: Uint8Array | string, size: number | string): Uint8Array {
  return join([raw(dest), raw(`|${size}|`)]);
}

export function message(dest: Uint8Array | string, content: Uint8Array | string): Uint8Array {
  const bytes = raw(content);
  return join([head(dest, bytes.length), bytes]);
}

/** Clients send it to themselves. */
export function keepAlive(name: Uint8Array | string): Uint8Array {
  return head(name, 0);
}
