import { describe, expect, it } from 'vitest';
import { filterDoc, filterExamples } from '../../cli/filter-doc.ts';
import { readFilter } from '../../cli/filter.ts';
import { language } from '../../analysis/filter/language.ts';

describe('--filter', () => {
  it('is null where it is not given', () => expect(readFilter(null)).toBeNull());

  it('fails with the text, a caret and the reason', () => {
    expect(() => readFilter('size >')).toThrow(
      expect.objectContaining({
        kind: 'input',
        code: 'bad-filter',
        message:
          'the filter cannot be read:\n  size >\n        ^\n' +
          'the filter ends here too early; expected a number such as 12, 1.5 or 0x0c',
      }) as Error,
    );
  });
});

describe('docs/filter.md', () => {
  it.each(filterExamples)('shows $filter, which is a filter', ({ filter }) => {
    expect(readFilter(filter)?.text).not.toBe('');
    expect(filterDoc()).toContain(`\`${filter.replaceAll('|', '\\|')}\``);
  });

  it('tells of every field and of every name of a value', () => {
    const doc = filterDoc();
    for (const { name, names } of language.fields.values()) {
      expect(doc).toMatch(new RegExp(`^\\| \`${name.replaceAll('.', '\\.')}\` `, 'm'));
      for (const named of names) expect(doc).toContain(named.name);
    }
  });
});
