/**
 * Any bytes as text: what is UTF-8 and can be seen stands for itself, every other byte is written `\x00`, and a
 * backslash is doubled. So different bytes are different texts, and no text does anything to a terminal.
 */
import { codePoint, sequenceBytes, utf8Bytes } from './utf8.ts';

const BACKSLASH = 0x5c;
/** Blanks of other kinds, what only formats, and what has no meaning. */
const UNSEEN = /[\p{C}\p{Z}]/u;

export function escapedText(bytes: Uint8Array, at: number, end: number): string {
  let text = '';
  while (at < end) {
    const size = sequenceBytes(bytes, at, end);
    const letter = size === 0 ? '' : String.fromCodePoint(codePoint(bytes, at, size));
    if (bytes[at] === BACKSLASH) text += '\\\\';
    else if (letter === ' ' || (letter !== '' && !UNSEEN.test(letter))) text += letter;
    else for (let i = at; i < at + Math.max(size, 1); i++) text += escape(bytes[i] as number);
    at += Math.max(size, 1);
  }
  return text;
}

/** The bytes that a text stands for; a backslash before anything else than what we write is itself. */
export function escapedBytes(text: string): Uint8Array {
  const parts: number[] = [];
  for (const [part] of text.matchAll(/\\x[0-9a-f]{2}|\\\\|[^\\]+|\\/gi)) {
    if (part.length === 4 && part.startsWith('\\x')) parts.push(Number.parseInt(part.slice(2), 16));
    else if (part.startsWith('\\')) parts.push(BACKSLASH);
    else parts.push(...utf8Bytes(part));
  }
  return Uint8Array.from(parts);
}

function escape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
