import { describe, expect, it } from 'vitest';
import { choice, flag, optionalFile, orNone, port, text, whole } from '../../cli/values.ts';

describe('a port', () => {
  it.each([
    ['0', 0],
    ['27313', 27_313],
    ['65535', 65_535],
  ])('takes %s', (given, value) => {
    expect(port().fromText(given)).toBe(value);
    expect(port().fromJson(value)).toBe(value);
  });

  it.each(['', ' 1', '65536', '-1', '1e3', '0x10', '1.0', '1_000', 'http', '99999999999999999999'])(
    'refuses %j',
    (given) => expect(port().fromText(given)).toBeUndefined(),
  );

  it('takes no text for a number in JSON', () => {
    expect(port().fromJson('27313')).toBeUndefined();
    expect(port().fromJson(1.5)).toBeUndefined();
  });
});

it('what may be none is so in the word that refusals name, wherever it is said', () => {
  const kind = orNone(port());
  expect(kind.accepts).toBe('a port from 0 to 65535, or off');
  expect(['off', 'No', 'false', '0'].map((given) => kind.fromText(given))).toEqual([null, null, null, 0]);
  expect([false, 'off', 0, 'on', '0'].map((given) => kind.fromJson(given))).toEqual([
    null,
    null,
    0,
    undefined,
    undefined,
  ]);
});

it('a whole number takes both ends of its range and nothing outside', () => {
  const kind = whole('milliseconds', 10, 60_000);
  expect(['9', '10', '60000', '60001'].map((given) => kind.fromText(given))).toEqual([
    undefined,
    10,
    60_000,
    undefined,
  ]);
  expect(kind.accepts).toBe('milliseconds from 10 to 60000');
});

it('text is one line that is not empty and not endless', () => {
  const kind = text('a name', 5);
  expect(['', 'abcde', 'abcdef', 'a\nb', 'a\x1b'].map((given) => kind.fromText(given))).toEqual([
    undefined,
    'abcde',
    undefined,
    undefined,
    undefined,
  ]);
});

it('a choice takes its words, exactly as they are written', () => {
  const kind = choice('gap', 'block');
  expect(['gap', 'block', 'Gap', ''].map((given) => kind.fromText(given))).toEqual([
    'gap',
    'block',
    undefined,
    undefined,
  ]);
  expect(kind.accepts).toBe('one of gap, block');
});

it('a flag takes the usual words for yes and no', () => {
  const words = ['1', 'true', 'YES', 'on', '0', 'false', 'No', 'off', 'maybe'];
  expect(words.map((given) => flag().fromText(given))).toEqual([
    ...[true, true, true, true],
    ...[false, false, false, false],
    undefined,
  ]);
  expect([true, false, 1, 'true'].map((given) => flag().fromJson(given))).toEqual([
    true,
    false,
    undefined,
    undefined,
  ]);
});

it('an optional file takes a name, yes for the usual one, and no for none', () => {
  const kind = optionalFile('usual.db');
  expect(['games.db', '1', 'true', '0', 'off', ''].map((given) => kind.fromText(given))).toEqual([
    'games.db',
    'usual.db',
    'usual.db',
    null,
    null,
    undefined,
  ]);
  expect(['games.db', true, false, 1].map((given) => kind.fromJson(given))).toEqual([
    'games.db',
    'usual.db',
    null,
    undefined,
  ]);
});
