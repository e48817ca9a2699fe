import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../../analysis/filter/compile.ts';
import { FilterError, nearest, renderFilterError } from '../../../analysis/filter/errors.ts';

function rendered(text: string): readonly string[] {
  try {
    compileFilter(text);
  } catch (error) {
    return renderFilterError(text, error as FilterError).split('\n');
  }
  throw new Error('this is a filter');
}

describe('an error on a terminal', () => {
  it('is the text, a caret below what is wrong, and the message', () => {
    expect(rendered('kind == pdp && sise > 1000')).toEqual([
      '  kind == pdp && sise > 1000',
      '                 ^^^^',
      'there is no field sise; expected size',
    ]);
    expect(rendered('size >')).toEqual([
      '  size >',
      '        ^',
      'the filter ends here too early; expected a number such as 12, 1.5 or 0x0c',
    ]);
    expect(rendered('outcome == lost')[2]).toMatch(/^no outcome has this name; expected one of forwarded, /);
  });

  it('shows of a long text the part that matters, and of a long list its start', () => {
    const [text = '', caret = ''] = rendered(
      `${'size > 1 && '.repeat(20)}sise > 3${' && size > 1'.repeat(20)}`,
    );
    expect(text.length).toBeLessThan(115);
    expect(text).toMatch(/^ {2}\.\.\..*\.\.\.$/);
    expect(text.slice(caret.indexOf('^'), caret.length)).toBe('sise');
    const error = new FilterError(
      0,
      1,
      'so many',
      Array.from({ length: 30 }, (_, i) => `n${i}`),
    );
    expect(renderFilterError('x', error)).toMatch(/n11, \.\.\. \(30 in all\)$/);
  });

  it('is always three lines that move no cursor, with the caret in its place', () => {
    const lines = rendered('from == "\x1b[2J\u{1f3ae}\n" && sise > 3');
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    expect(Array.from(lines[0]!).slice(lines[1]!.indexOf('^')).join('')).toBe('sise > 3');
    const long = new FilterError(2, 3000, 'much');
    expect(renderFilterError('x'.repeat(3002), long).split('\n')[1]!.length).toBeLessThan(60);
  });
});

describe('the nearest name', () => {
  const names = ['size', 'sequence', 'from.port', 'to.port', 'delay'];
  it.each([
    ['sise', ['size']],
    ['SIZE', ['size']],
    ['szie', ['size']],
    ['dlay', ['delay']],
    ['port', ['from.port', 'to.port']],
    ['seq', ['sequence']],
    ['x', []],
    ['nothing', []],
    ['y'.repeat(4000), []],
  ])('of %s', (text, found) => expect(nearest(text, names)).toEqual(found));
});
