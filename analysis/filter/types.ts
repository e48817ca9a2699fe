/**
 * The types of fields: how a value of each is written, what it can be compared by, and when two are equal.
 *
 * The type of the field decides how a word is read, so that `01:e0` needs no sign that it is bytes, and six
 * bytes no sign that they are an address.
 */
import { hex, macBytes } from '../../protocol/address.ts';
import { escapedText } from '../../protocol/escaped.ts';
import { utf8Bytes } from '../../protocol/utf8.ts';
import { canonicalAddress } from './address.ts';
import { FilterError } from './errors.ts';
import type { FilterField } from './fields.ts';
import { Pattern, PatternError } from './pattern.ts';
import type { Token } from './tokens.ts';
import type { Literal, Operator } from './tree.ts';

/** Of a field in a frame. For the ends of a frame: an endpoint, empty if it is not known, or null for the relay itself. */
export type Value = number | string | Uint8Array | null;

export type FieldTypeName = 'number' | 'name' | 'text' | 'escaped' | 'bytes' | 'mac' | 'end' | 'address';

export interface FieldType {
  /** What such a value is, with how it is written. */
  readonly accepts: string;
  readonly operators: readonly Operator[];
  /** Null if it is not written so. */
  read(token: Token, field: FilterField): Literal | null;
  isEqual(value: Value, literal: Literal['value']): boolean;
}

const EQUALITY = ['==', '!=', 'in'] as const;
const SEARCH = [...EQUALITY, 'contains', 'matches'] as const;
const WORDLIKE = /^[A-Za-z0-9_.:/%-]+$/;

export const fieldTypes: Readonly<Record<FieldTypeName, FieldType>> = {
  number: {
    accepts: 'a number such as 12, 1.5 or 0x0c',
    operators: ['==', '!=', '<', '<=', '>', '>=', 'in'],
    read: (token, field) => readNumber(token, field) ?? readName(token, field),
    isEqual: same,
  },
  name: { accepts: 'a name', operators: EQUALITY, read: readName, isEqual: same },
  text: {
    accepts: 'a word or "text"',
    operators: SEARCH,
    read: (token) => textLiteral(textOf(token)),
    isEqual: same,
  },
  escaped: {
    accepts: 'a word or "text"',
    operators: SEARCH,
    read: readEscaped,
    isEqual: same,
  },
  bytes: {
    accepts: 'bytes such as 01:e0, or "text"',
    operators: SEARCH,
    read: readBytes,
    isEqual: (value, literal) => areEqual(value as Uint8Array, literal as Uint8Array),
  },
  mac: {
    accepts: 'a MAC address such as 02:aa:bb:cc:dd:01',
    operators: EQUALITY,
    read({ text }) {
      const mac = text.toLowerCase();
      return macBytes(mac) === null ? null : { value: mac, text: mac };
    },
    isEqual: same,
  },
  end: {
    accepts: 'a MAC address, an endpoint such as 02:aa:bb:cc:dd:01/12345, or relay',
    operators: EQUALITY,
    read: readEnd,
    isEqual: isEnd,
  },
  address: {
    accepts: 'an IP address such as 192.0.2.1 or 2001:db8::2',
    operators: EQUALITY,
    read({ text }) {
      const address = canonicalAddress(text);
      return address === null ? null : { value: address, text: address };
    },
    isEqual: same,
  },
};

/** The value beside an operator: `matches` takes a pattern, whatever the field. @throws {FilterError} */
export function readPattern(token: Token): Literal | null {
  if (token.kind !== 'quoted') return null;
  try {
    return { value: new Pattern(token.text), text: `"${token.text}"` };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const at = Math.min(error.at, token.text.length);
    const length = Math.min(error.length, token.text.length - at);
    throw new FilterError(token.at + 1 + at, length, error.message);
  }
}

export function isContained(value: string | Uint8Array, part: string | Uint8Array): boolean {
  if (typeof value === 'string') return value.includes(part as string);
  return indexOf(value, part as Uint8Array) !== -1;
}

export function isMatch(value: string | Uint8Array, pattern: Pattern): boolean {
  if (typeof value !== 'string') return pattern.test(value);
  return pattern.test(Array.from(value, (character) => character.codePointAt(0) as number));
}

/** What has no slash in it is what stands before the slash: a player, whatever the port. */
export function isPlayer(literal: string): boolean {
  return !literal.includes('/');
}

function isEnd(value: Value, literal: Literal['value']): boolean {
  if (value === null || literal === null) return value === literal;
  const [endpoint, wanted] = [value as string, literal as string];
  return endpoint === wanted || (isPlayer(wanted) && endpoint.startsWith(`${wanted}/`));
}

function same(value: Value, literal: Literal['value']): boolean {
  return value === literal;
}

// Reading -----------------------------------------------------------------------------------------

function readNumber({ kind, text }: Token, { scale }: FilterField): Literal | null {
  if (kind !== 'word') return null;
  const isHex = /^-?0x[0-9a-f]+$/i.test(text);
  if (!isHex && !/^-?\d+(\.\d+)?$/.test(text)) return null;
  // Shifting the decimal point in the text is exact where multiplying would not be: 1.1 s are 1100000000 ns.
  const magnitude = isHex
    ? Number(text.replace('-', '')) * 10 ** scale
    : Number(`${text.replace('-', '')}e${scale}`);
  if (!Number.isFinite(magnitude)) return null;
  return { value: text.startsWith('-') ? -magnitude : magnitude, text: text.toLowerCase() };
}

function readName(token: Token, field: FilterField): Literal | null {
  const wanted = textOf(token).toLowerCase();
  const known = field.names.find(({ name }) => name.toLowerCase() === wanted);
  if (known !== undefined) return { value: known.value, text: nameText(known.name) };
  return field.unnamed?.test(wanted) === true ? { value: wanted, text: wanted } : null;
}

/** A name as filters write it. */
export function nameText(name: string): string {
  return WORDLIKE.test(name) ? name : quoted(name);
}

/** An endpoint as filters write it. */
export function endText(endpoint: string): string {
  const asWord = WORDLIKE.test(endpoint)
    ? readEnd({ kind: 'word', text: endpoint, at: 0, length: endpoint.length })
    : null;
  return asWord?.value === endpoint ? endpoint : quoted(endpoint);
}

function readEnd(token: Token): Literal | null {
  if (token.kind === 'word' && token.text === 'relay') return { value: null, text: 'relay' };
  const text = textOf(token);
  if (text === '') return null;
  if (token.kind === 'quoted') return textLiteral(text);
  // A word with colons is meant as an address, and one that is none would silently match nothing.
  const [mac = '', port, ...more] = text.toLowerCase().split('/');
  const isAddress = macBytes(mac) !== null && more.length === 0 && isPort(port);
  if (isAddress) return { value: text.toLowerCase(), text: text.toLowerCase() };
  return text.includes(':') ? null : { value: text, text };
}

function isPort(text: string | undefined): boolean {
  return text === undefined || (/^\d{1,5}$/.test(text) && Number(text) < 65_536);
}

/** Text that may say any byte is compared as it is shown, and a literal says the same bytes in the same way. */
function readEscaped(token: Token): Literal {
  const bytes = token.kind === 'quoted' ? bytesIn(token) : utf8Bytes(token.text);
  const shown = escapedText(bytes, 0, bytes.length);
  return { value: shown, text: quotedEscaped(shown) };
}

/** What is shown escaped, as filters write it. */
export function quotedEscaped(shown: string): string {
  return `"${shown.replaceAll('"', '\\"')}"`;
}

/** What stands in quotes, in UTF-8 where it is not written as a byte. */
function bytesIn(token: Token): Uint8Array {
  return Uint8Array.from(
    unescaped(token).flatMap(({ text, byte }) => (byte === null ? [...utf8Bytes(text)] : [byte])),
  );
}

function readBytes(token: Token): Literal | null {
  let bytes: Uint8Array;
  if (token.kind === 'quoted') {
    bytes = bytesIn(token);
  } else {
    if (!/^[0-9a-f]{2}(:?[0-9a-f]{2})*$/i.test(token.text)) return null;
    const digits = token.text.replaceAll(':', '');
    bytes = Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
      Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
    );
  }
  return { value: bytes, text: bytes.length === 0 ? '""' : hex(bytes).replaceAll(/..(?!$)/g, '$&:') };
}

function textLiteral(text: string): Literal {
  return { value: text, text: quoted(text) };
}

function textOf(token: Token): string {
  if (token.kind === 'word') return token.text;
  return unescaped(token)
    .map(({ text }) => text)
    .join('');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

interface Unit {
  readonly text: string;
  /** Set where it was written as a byte: `\xe0` is one byte among bytes, and U+00E0 in text. */
  readonly byte: number | null;
}

/** @throws {FilterError} */
function unescaped({ text, at }: Token): readonly Unit[] {
  const units: Unit[] = [];
  for (const { 0: written, index } of text.matchAll(/\\x[0-9A-Fa-f]{2}|\\[^]|[^\\]+/gu)) {
    const known = written.startsWith('\\') ? ESCAPES[written.slice(1)] : written;
    if (known !== undefined) units.push({ text: known, byte: null });
    else if (written.length === 4) {
      const byte = Number.parseInt(written.slice(2), 16);
      units.push({ text: String.fromCharCode(byte), byte });
    } else {
      const expected = ['\\"', '\\\\', '\\n', '\\r', '\\t', '\\xNN'];
      throw new FilterError(at + 1 + index, written.length, `text has no ${written}`, expected);
    }
  }
  return units;
}

const BACK: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

/** Text as filters write it. */
export function quoted(text: string): string {
  const inside = text.replaceAll(/[\0-\x1f"\\\x7f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return BACK[character] ?? `\\x${code}`;
  });
  return `"${inside}"`;
}

// Bytes -------------------------------------------------------------------------------------------

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  if (part.length === 0) return 0;
  const last = bytes.length - part.length;
  for (let at = bytes.indexOf(part[0] as number); at !== -1 && at <= last;) {
    let i = 1;
    while (i < part.length && bytes[at + i] === part[i]) i++;
    if (i === part.length) return at;
    at = bytes.indexOf(part[0] as number, at + 1);
  }
  return -1;
}
