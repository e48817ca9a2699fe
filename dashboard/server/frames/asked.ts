/** What a viewer asks to see of frames, read from its text: a filter, and columns. Wrong ones are refused in one line. */
import { compileFilter, type Filter } from '../../../analysis/filter/compile.ts';
import { FilterError, filterErrorLine } from '../../../analysis/filter/errors.ts';
import type { FilterField } from '../../../analysis/filter/fields.ts';
import { type Language, language as everything } from '../../../analysis/filter/language.ts';
import { Failure } from '../../../common/failure.ts';
import { COLUMNS_MAX } from '../../api/frames.ts';

/** Filters that are kept as they were compiled: whoever scrolls asks with the same one again and again. */
export const FILTERS_KEPT_MAX = 64;

export class Filters {
  readonly #language: Language;
  /** By their text, the one that was asked for last at the end. */
  readonly #kept = new Map<string, Filter>();

  constructor(language: Language = everything) {
    this.#language = language;
  }

  /** Null where the text is empty: all frames pass. Failure code: `bad-filter`. */
  read(text: string): Filter | null {
    if (text.trim() === '') return null;
    const filter = this.#kept.get(text) ?? this.#compile(text);
    this.#kept.delete(text);
    this.#kept.set(text, filter);
    if (this.#kept.size > FILTERS_KEPT_MAX) this.#kept.delete(this.#kept.keys().next().value as string);
    return filter;
  }

  /** Failure code: `bad-columns`. */
  columns(text: string): readonly FilterField[] {
    const names = text.split(',').filter((name) => name.trim() !== '');
    if (names.length > COLUMNS_MAX)
      throw new Failure('input', 'bad-columns', `at most ${COLUMNS_MAX} columns may be added to a list`);
    return names.map((name) => {
      const field = this.#language.fields.get(name.trim().toLowerCase());
      if (field !== undefined) return field;
      throw new Failure(
        'input',
        'bad-columns',
        `there is no field ${JSON.stringify(name.trim().slice(0, 100))}`,
      );
    });
  }

  #compile(text: string): Filter {
    try {
      return compileFilter(text, this.#language);
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      const message = `the filter cannot be read, ${filterErrorLine(error)}`;
      throw new Failure('input', 'bad-filter', message, error);
    }
  }
}
