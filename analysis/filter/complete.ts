/**
 * What may be typed next. The parser itself is asked: it is given the text before the word at the cursor, and says
 * what it misses at its end.
 */
import { FilterError, type Want } from './errors.ts';
import type { FilterField } from './fields.ts';
import { type Language, language as everything } from './language.ts';
import { COMPLETIONS_MAX } from './limits.ts';
import { operatorsOf, parseFilter } from './parse.ts';
import { nameText } from './types.ts';

export interface Completion {
  readonly text: string;
  /** What it is, for people; may be empty. */
  readonly note: string;
}

export interface Completions {
  /** Where the word starts that an option takes the place of; it ends at the cursor. */
  readonly from: number;
  readonly options: readonly Completion[];
}

const WORD_BEFORE = /[A-Za-z0-9_.:/%-]*$/;
const SYMBOL_BEFORE = /[=!<>&|]*$/;

export function completions(text: string, cursor: number, language: Language = everything): Completions {
  const before = text.slice(0, cursor);
  for (const pattern of [WORD_BEFORE, SYMBOL_BEFORE]) {
    const begun = pattern.exec(before)?.[0] ?? '';
    const from = before.length - begun.length;
    const options = optionsAfter(before.slice(0, from), language).filter(
      (option) => option.text !== begun && option.text.toLowerCase().startsWith(begun.toLowerCase()),
    );
    if (options.length > 0) return { from, options: options.slice(0, COMPLETIONS_MAX) };
  }
  return { from: cursor, options: [] };
}

function optionsAfter(text: string, language: Language): readonly Completion[] {
  try {
    parseFilter(text, language);
    return connectives;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return error.at === text.length ? optionsFor(error.wants, language) : [];
  }
}

const connectives: readonly Completion[] = [
  { text: '&&', note: 'and' },
  { text: '||', note: 'or' },
];

function optionsFor(want: Want, language: Language): readonly Completion[] {
  const field = 'of' in want ? language.fields.get(want.of.toLowerCase()) : undefined;
  switch (want.what) {
    case 'field':
      return [...language.fields.values()].map(({ name, note }) => ({ text: name, note }));
    case 'operator':
      return field === undefined ? [] : operatorsOf(field).map((text) => ({ text, note: '' }));
    case 'value':
      return field === undefined ? [] : namedValues(field);
    case 'list':
      return [{ text: '(', note: 'a list of values' }];
    case 'separator':
      return [
        { text: ',', note: 'another value' },
        { text: ')', note: 'the end of the list' },
      ];
    case 'connective':
      return [...connectives, { text: ')', note: 'closes the parenthesis' }];
    case 'nothing':
      return [];
  }
}

function namedValues({ names }: FilterField): readonly Completion[] {
  return names.map(({ name, note = '' }) => ({ text: nameText(name), note }));
}
