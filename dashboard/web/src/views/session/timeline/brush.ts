/**
 * A time that was chosen by dragging, as part of a filter: `time >= 1.5 && time < 3`.
 *
 * The rule: the filter is the only place where it is kept. Choosing another time replaces what the filter says of time
 * where that is a condition of its own, and leaves all else as it was written.
 */
import { FilterError } from '../../../../../../analysis/filter/errors.ts';
import { tokenize, type Token } from '../../../../../../analysis/filter/tokens.ts';
import { lengthOf, nanosOf, secondsOf, type TimeRange } from './range.ts';

/** A condition that must be met together with the others, or all of a filter that knows `||`. */
interface Part {
  readonly tokens: readonly Token[];
  readonly text: string;
}

/** What a filter that cannot be read ends with, where it was added here. */
const ADDED = /(?:^|\s*&&\s*)time >= [\d.]+ && time < [\d.]+$/;

/** The time that a filter leaves; null where it says nothing of it. Open ends are 0 and Infinity. */
export function brushOf(filter: string): TimeRange | null {
  const bounds = (partsOf(filter) ?? []).flatMap((part) => boundOf(part) ?? []);
  if (bounds.length === 0) return null;
  const from = Math.max(0, ...bounds.flatMap(({ least, at }) => (least ? at : [])));
  const to = Math.min(Infinity, ...bounds.flatMap(({ least, at }) => (least ? [] : at)));
  return from < to ? { from, to } : null;
}

/** The filter with this time instead of the one that it has; with none where `range` is null. */
export function withBrush(filter: string, range: TimeRange | null): string {
  const parts = partsOf(filter);
  const rest =
    parts === null ? [filter.replace(ADDED, '').trim()] : kept(parts, filter.trim(), range !== null);
  return [...rest.filter((text) => text !== ''), ...(range === null ? [] : [brushText(range)])].join(' && ');
}

function brushText(range: TimeRange): string {
  const [from, to] = [secondsOf(range.from, lengthOf(range)), secondsOf(range.to, lengthOf(range))];
  return `time >= ${from} && time < ${to}`;
}

/** What is written of the other conditions: what knows `||` is bracketed where something is to be joined to it. */
function kept(parts: readonly Part[], filter: string, isJoined: boolean): readonly string[] {
  const others = parts.filter((part) => boundOf(part) === null);
  const [only] = others;
  if (others.length !== 1 || only === undefined) return others.map(({ text }) => text);
  if (isJoined) return [hasOr(only.tokens) ? `(${only.text})` : only.text];
  // The brackets that were needed for a time are not needed without it.
  return [only.text !== filter && isBracketed(only.tokens) ? only.text.slice(1, -1).trim() : only.text];
}

/** Null where it cannot be read. */
function partsOf(filter: string): readonly Part[] | null {
  let tokens: readonly Token[];
  try {
    tokens = tokenize(filter).slice(0, -1);
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
  if (hasOr(tokens)) return [partOf(filter, tokens)];
  const parts: Part[] = [];
  let begin = 0;
  atTop(tokens, (token, i) => {
    if (token.text !== '&&') return;
    parts.push(partOf(filter, tokens.slice(begin, i)));
    begin = i + 1;
  });
  return [...parts, partOf(filter, tokens.slice(begin))];
}

function partOf(filter: string, tokens: readonly Token[]): Part {
  const [first, last] = [tokens[0], tokens.at(-1)];
  const text = first === undefined || last === undefined ? '' : filter.slice(first.at, last.at + last.length);
  return { tokens, text };
}

function boundOf({ tokens }: Part): { readonly least: boolean; readonly at: number } | null {
  const [field, operator, value] = tokens;
  if (tokens.length !== 3 || field?.kind !== 'word' || field.text.toLowerCase() !== 'time') return null;
  const at = value?.kind === 'word' ? nanosOf(value.text) : null;
  if (at === null || !/^[<>]=?$/.test(operator?.text ?? '')) return null;
  return { least: operator?.text.startsWith('>') === true, at };
}

function hasOr(tokens: readonly Token[]): boolean {
  let found = false;
  atTop(tokens, ({ text }) => (found ||= text === '||'));
  return found;
}

function isBracketed(tokens: readonly Token[]): boolean {
  // Between brackets that belong together, nothing is at the top but the last one.
  let outside = 0;
  atTop(tokens, () => outside++);
  return tokens[0]?.kind === 'symbol' && tokens[0].text === '(' && outside === 1;
}

/** Symbols and words that no brackets are around; a closing bracket that leads to the top is one. */
function atTop(tokens: readonly Token[], each: (token: Token, i: number) => void): void {
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const { kind, text } = token;
    if (kind === 'symbol' && text === '(') depth++;
    else if (kind === 'symbol' && text === ')') depth--;
    if (depth === 0 && kind !== 'quoted') each(token, i);
  }
}
