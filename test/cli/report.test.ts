import { describe, expect, it } from 'vitest';
import { reportError } from '../../cli/report.ts';
import { Failure } from '../../common/failure.ts';

const fromSystem = Object.assign(new Error('EACCES: permission denied, open x'), {
  code: 'EACCES',
  syscall: 'open',
});

describe('an error', () => {
  it.each([
    [new Failure('input', 'bad-option', '--limit takes a number'), 2, 'postreel: --limit takes a number'],
    [new Failure('outside', 'port-in-use', 'port 1 is taken'), 3, 'postreel: port 1 is taken'],
    [fromSystem, 3, 'postreel: EACCES: permission denied, open x'],
    [
      new TypeError('a is not\n a function'),
      3,
      'postreel: a mistake in postreel itself: a is not a function (--log-level debug shows where)',
    ],
    ['text', 3, 'postreel: a mistake in postreel itself: text (--log-level debug shows where)'],
  ])('becomes one line and an exit code: %#', (error, exitCode, text) => {
    expect(reportError(error, false)).toEqual({ exitCode, text });
  });

  it('brings its stack and its causes only to those who debug', () => {
    const cause = new Error('the cause');
    const { text } = reportError(new Failure('outside', 'x', 'the effect', cause), true);
    expect(text).toMatch(/^postreel: the effect\nFailure: the effect\n {4}at /);
    expect(text).toContain('caused by Error: the cause\n    at ');
  });
});
