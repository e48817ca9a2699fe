import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFileSession } from '../../cli/file-session.ts';
import { Failure } from '../../common/failure.ts';
import { runs } from '../kit/property.ts';

describe('FILE:SESSION', () => {
  it.each([
    ['capture.db:3', 'capture.db', 3],
    ['C:\\captures\\a.db:12', 'C:\\captures\\a.db', 12],
    ['10:04:05.db:1', '10:04:05.db', 1],
    ['with blanks.db:2147483647', 'with blanks.db', 2_147_483_647],
  ])('%s', (word, file, session) => {
    expect(readFileSession(word)).toEqual({ file, session });
  });

  it.each([
    ['capture.db', 'the number of the session is missing'],
    ['', 'the number of the session is missing'],
    [':3', 'the file is missing'],
    ['capture.db:', 'behind the last colon must be the number of a session from 1 to 2147483647'],
    ['capture.db:0', 'behind the last colon must be the number of a session from 1 to 2147483647'],
    ['C:\\captures\\a.db', 'behind the last colon must be the number of a session from 1 to 2147483647'],
    ['a.db:3.5', 'behind the last colon must be the number of a session from 1 to 2147483647'],
  ])('refuses %j', (word, why) => {
    const line = `FILE:SESSION takes a capture file and a session in it, such as capture.db:3, not ${JSON.stringify(word)}: ${why}`;
    expect(() => readFileSession(word)).toThrow(new Failure('input', 'bad-usage', line));
  });

  it('takes any file with any number, and refuses all else in one short line', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 2 ** 31 - 1 }), (file, session) => {
        expect(readFileSession(`${file}:${session}`)).toEqual({ file, session });
      }),
      runs(100),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 1000 }), (word) => {
        try {
          readFileSession(word);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect((error as Failure).message).toMatch(/^.{1,1500}$/);
        }
      }),
      runs(100),
    );
  });
});
