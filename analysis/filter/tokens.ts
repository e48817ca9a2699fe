/**
 * Cuts a filter into words, quoted texts and symbols. What a word means (a name, a number, an address, bytes) is
 * decided later, by the type of the field that it stands beside.
 */
import { FilterError } from './errors.ts';

export interface Token {
  readonly kind: 'word' | 'quoted' | 'symbol' | 'end';
  /** As written. Of a quoted text: what is between the quotes, with its escapes. */
  readonly text: string;
  readonly at: number;
  readonly length: number;
}

export const SYMBOLS = ['==', '!=', '<=', '>=', '&&', '||', '<', '>', '!', '(', ')', ','] as const;

/** Names with their dots and hyphens, numbers with their sign, addresses with their colons and slashes. */
export const WORD = /[A-Za-z0-9_.:/%-]+/y;

const BLANK = /[ \t\r\n]+/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"/y;

/** What people write who think of another language. */
const SLIPS: Readonly<Record<string, string>> = { '=': '==', '&': '&&', '|': '||', "'": '"' };

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const blank = take(BLANK);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const word = take(WORD);
    const quoted = word === null ? take(QUOTED) : null;
    const symbol = SYMBOLS.find((each) => text.startsWith(each, at));
    if (word !== null) tokens.push({ kind: 'word', text: word[0], at, length: word[0].length });
    else if (quoted !== null)
      tokens.push({ kind: 'quoted', text: quoted[1] as string, at, length: quoted[0].length });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, at, length: symbol.length });
    else throw strange(text, at);
    at += (tokens.at(-1) as Token).length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length, length: 0 });
  return tokens;
}

function strange(text: string, at: number): FilterError {
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  if (character === '"')
    return new FilterError(at, text.length - at, 'this text has no closing quote', ['"']);
  const meant = SLIPS[character];
  const what = `${JSON.stringify(character)} means nothing here`;
  if (meant !== undefined) return new FilterError(at, character.length, what, [meant]);
  return new FilterError(at, character.length, `${what}; text with such characters goes into "quotes"`);
}
