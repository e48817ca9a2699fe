import { describe, expect, it } from 'vitest';
import { commandGroups, commands } from '../../cli/commands.ts';
import { COMMANDS, environmentName, optionsOf } from '../../cli/options.ts';
import { parseCommandLine, type Request } from '../../cli/program.ts';
import { Failure } from '../../common/failure.ts';

function run(...words: string[]): Extract<Request, { kind: 'run' }> {
  const request = parseCommandLine(words, '1.2.3');
  if (request.kind !== 'run') throw new Error(request.text);
  return request;
}

function tell(...words: string[]): string {
  const request = parseCommandLine(words, '1.2.3');
  return request.kind === 'tell' ? request.text : `ran ${request.command.name}`;
}

describe('a command line', () => {
  it('becomes a command, a file and what was given of the options', () => {
    const { command, file, flags } = run('frames', 'games.db', '--capture', '3', '--json');
    expect(command.name).toBe('frames');
    expect(file).toBe('games.db');
    expect([...flags]).toEqual([
      ['json', true],
      ['capture', '3'],
    ]);
  });

  it('has the arguments behind the file in their order', () => {
    const { file, rest } = run('show', 'games.db', '--json', '3');
    expect([file, rest]).toEqual(['games.db', ['3']]);
    expect(run('captures', 'games.db').rest).toEqual([]);
    expect(run('relay')).toMatchObject({ file: '', rest: [] });
  });

  it('may have a command of two words, and arguments of any number', () => {
    const { command, file, rest } = run('mask', 'learn', 'a.db:1', '--json', 'b.db:2', 'b.db:3');
    expect([command.name, file, rest]).toEqual(['mask learn', 'a.db:1', ['b.db:2', 'b.db:3']]);
  });

  it('may leave out the file of --record', () => {
    expect([...run('relay', '--record').flags]).toEqual([['record', true]]);
    expect([...run('relay', '--record', '--host', '::1').flags]).toEqual([
      ['record', true],
      ['host', '::1'],
    ]);
    expect([...run('relay', '--record', 'games.db').flags]).toEqual([['record', 'games.db']]);
  });

  it('may say more than once what is a list', () => {
    expect([...run('relay', '--dpea', '1=a:2', '--dpea', '3=b:4,5=c:6').flags]).toEqual([
      ['dpea', '1=a:2,3=b:4,5=c:6'],
    ]);
    // Of all else the last word counts.
    expect([...run('relay', '--host', 'a', '--host', 'b').flags]).toEqual([['host', 'b']]);
  });

  it('turns off what has a --no- form, and the last word counts', () => {
    const words = optionsOf('relay').filter((spec) => spec.without !== null);
    expect(words.length).toBeGreaterThan(1);
    for (const { name } of words) {
      expect([...run('relay', `--no-${name}`).flags]).toEqual([[name, 'off']]);
      expect([...run('relay', `--no-${name}`, `--${name}`, '7').flags]).toEqual([[name, '7']]);
      expect([...run('relay', `--${name}`, '7', `--no-${name}`).flags]).toEqual([[name, 'off']]);
    }
    expect(() => run('relay', '--no-record')).toThrow("unknown option '--no-record'");
  });

  it('passes values on unread, so that all of them are refused in the same words', () => {
    expect(run('relay', '--postoffice', '-1').flags.get('postoffice')).toBe('-1');
  });

  it('knows every command of the table, and each command its options', () => {
    expect(commands.map(({ name }) => name)).toEqual(COMMANDS);
    for (const { name, takes } of commands) {
      for (const { placeholder, name: option } of optionsOf(name)) {
        const words = placeholder === null ? [`--${option}`] : [`--${option}`, 'x'];
        const request = run(...name.split(' '), ...takes.map(() => 'x'), ...words);
        expect(request.command.name).toBe(name);
        expect(request.flags.has(option)).toBe(true);
      }
    }
  });
});

describe('wrong use', () => {
  it.each([
    [[], 'which command? postreel --help lists them'],
    [['rely'], "unknown command 'rely' (did you mean relay?)"],
    [['mask'], 'which command? postreel mask --help lists them'],
    [['mask', 'lern'], "unknown command 'lern' (did you mean learn?)"],
    [['mask', 'learn', 'a.db:1'], "missing required argument 'FILE:SESSION'"],
    [['mask', 'audit', 'a.db:1', 'b.db:1'], "too many arguments for 'audit'. Expected 1 argument but got 2."],
    [['relay', '--recrod'], "unknown option '--recrod' (did you mean --record?)"],
    [['relay', '--follow'], "unknown option '--follow'"],
    [['relay', 'games.db'], "too many arguments for 'relay'. Expected 0 arguments but got 1."],
    [['captures'], "missing required argument 'FILE'"],
    [['show', 'games.db'], "missing required argument 'SESSION'"],
    [['show', 'games.db', '1', '2'], "too many arguments for 'show'. Expected 2 arguments but got 3."],
    [
      ['relay', '--max-connections'],
      '--max-connections takes a number from 1 to 100000, but nothing came after it',
    ],
  ])('%j is refused in one line', (words, line) => {
    expect(() => parseCommandLine(words, '1.2.3')).toThrow(new Failure('input', 'bad-usage', line));
  });
});

describe('what is told', () => {
  it('the version', () => expect(tell('--version')).toBe('1.2.3\n'));

  it('the help, with every command and the exit codes', () => {
    for (const words of [['--help'], ['help']]) {
      for (const { name, summary } of commands) {
        const [last = '', group] = name.split(' ').reverse();
        const help = group === undefined ? tell(...words) : tell(group, '--help');
        expect(help).toContain(last);
        expect(help.replaceAll(/\s+/g, ' ')).toContain(summary);
      }
      for (const [name, summary] of commandGroups) {
        expect(tell(...words)).toContain(name);
        expect(tell(...words).replaceAll(/\s+/g, ' ')).toContain(summary);
      }
      expect(tell(...words)).toContain('Exit codes: 0 done; 1 ');
    }
  });

  it.each(COMMANDS)('the help of %s, with its options and their variables', (name) => {
    const help = tell('help', ...name.split(' ')).replaceAll(/\s+/g, ' ');
    for (const spec of optionsOf(name)) {
      expect(help).toContain(`--${spec.name}`);
      expect(help).toContain(spec.help);
      expect(help).toContain(environmentName(spec));
      if (spec.without !== null) expect(help).toContain(`--no-${spec.name} ${spec.without}`);
    }
  });
});
