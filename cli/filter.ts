/** `--filter EXPR` as the commands that take it read it. */
import { compileFilter, type Filter } from '../analysis/filter/compile.ts';
import { FilterError, renderFilterError } from '../analysis/filter/errors.ts';
import { languageWith } from '../analysis/filter/language.ts';
import { Failure } from '../common/failure.ts';
import type { GivenName } from '../protocol/given-names.ts';

/** In the words of a capture with these names. Null where no filter is given. Failure code: `bad-filter`, with the text and a caret below what is wrong. */
export function readFilter(text: string | null, given: readonly GivenName[] = []): Filter | null {
  if (text === null) return null;
  try {
    return compileFilter(text, languageWith(given));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const message = `the filter cannot be read:\n${renderFilterError(text, error)}`;
    throw new Failure('input', 'bad-filter', message, error);
  }
}
