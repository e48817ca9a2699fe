/**
 * Turns the words of a command line into a request, with commander fed from the tables.
 *
 * Commander only finds the words; their values are checked in `settings.ts`, where those of the
 * environment and the config file are checked too.
 */
import { Command, CommanderError, Option } from 'commander';
import { Failure } from '../common/failure.ts';
import { argumentText, commandGroups, commands, EXIT_CODES, type CommandSpec } from './commands.ts';
import { allOptions, environmentName, flagText, optionsOf, withoutText, type OptionSpec } from './options.ts';
import type { Flags } from './settings.ts';

export type Request =
  | {
      readonly kind: 'run';
      readonly command: CommandSpec;
      readonly file: string;
      readonly rest: readonly string[];
      readonly flags: Flags;
    }
  /** Something to read, asked for on purpose: help or the version. */
  | { readonly kind: 'tell'; readonly text: string };

/** `words` are the arguments alone. Fails with `Failure('input', 'bad-usage')`. */
export function parseCommandLine(words: readonly string[], version: string): Request {
  let told = '';
  let request: Request | null = null;
  const program = new Command('postreel')
    .description('A relay for games that cannot reach each other directly, with a flight recorder in it')
    .version(version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Print this help')
    .helpCommand('help [command]', 'Print the help of a command')
    .configureOutput({ writeOut: (text) => (told += text), writeErr: (text) => (told += text) })
    .exitOverride()
    .addHelpText(
      'after',
      `\nExit codes: ${EXIT_CODES.map(({ code, text }) => `${code} ${text}`).join('; ')}.`,
    );
  const groups = new Map<string, Command>();
  for (const command of commands) {
    const [name = '', group] = command.name.split(' ').reverse();
    const sub = groupOf(program, groups, group).command(name).description(command.summary);
    for (const argument of command.takes) sub.argument(`<${argumentText(argument)}>`, argument.help);
    const specs = optionsOf(command.name);
    for (const spec of specs) {
      const option = new Option(commanderFlags(spec), helpText(spec));
      sub.addOption(spec.repeats ? option.argParser(together) : option);
      if (spec.without !== null) sub.addOption(new Option(withoutText(spec), spec.without));
    }
    sub.action(() => {
      const [file = '', ...rest] = sub.args;
      request = { kind: 'run', command, file, rest, flags: givenFlags(sub, specs) };
    });
  }
  try {
    program.parse(helpLast(words), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'tell', text: told };
    if (error.code === 'commander.help') throw misused(whichCommand(words.find((word) => groups.has(word))));
    throw misused(missingValue(error, words) ?? oneLine(error.message));
  }
  if (request === null) throw misused(whichCommand());
  return request;
}

/** What is given more than once is one list. */
function together(value: string, before: string | undefined): string {
  return before === undefined ? value : `${before},${value}`;
}

/** The program itself, for commands of one word. */
function groupOf(program: Command, groups: Map<string, Command>, name: string | undefined): Command {
  if (name === undefined) return program;
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = program.command(name).description(commandGroups.get(name) ?? '');
  groups.set(name, group);
  return group;
}

/** `help mask learn` as `mask learn --help`: commander's own `help` takes one word. */
function helpLast(words: readonly string[]): readonly string[] {
  const [first, second = '', ...rest] = words;
  return first === 'help' && commandGroups.has(second) ? [second, ...rest, '--help'] : words;
}

function whichCommand(group?: string): string {
  return `which command? ${['postreel', group ?? [], '--help'].flat().join(' ')} lists them`;
}

/** In commander's own notation: `--record [FILE]`, `--postoffice <PORT>`, `--json`. */
function commanderFlags(spec: OptionSpec): string {
  return flagText(spec).replace(/ ([^[]+)$/, ' <$1>');
}

function helpText(spec: OptionSpec): string {
  const usual =
    spec.fallback === null || spec.fallback === false ? '' : `default ${spec.fallback as string}, `;
  return `${spec.help} (${usual}${environmentName(spec)})`;
}

function givenFlags(command: Command, specs: readonly OptionSpec[]): Flags {
  const values = command.opts<Record<string, string | boolean>>();
  const flags = new Map<string, string | true>();
  for (const spec of specs) {
    const value = values[new Option(commanderFlags(spec)).attributeName()];
    // Commander's word for `--no-http`; `off` is the word for it everywhere else.
    if (value !== undefined) flags.set(spec.name, value === false ? 'off' : value);
  }
  return flags;
}

/** In the words in which `settings.ts` refuses a wrong value. */
function missingValue({ code, message }: CommanderError, words: readonly string[]): string | null {
  if (code !== 'commander.optionMissingArgument') return null;
  // Two commands may have an option of one name and of two kinds.
  const command = commands.find(({ name }) => `${words.join(' ')} `.startsWith(`${name} `));
  const specs = command === undefined ? allOptions : optionsOf(command.name);
  const spec = specs.find(({ name }) => message.includes(`'--${name} `));
  return spec === undefined ? null : `--${spec.name} takes ${spec.value.accepts}, but nothing came after it`;
}

/** Commander says `error: unknown option '--recrod'\n(Did you mean --record?)`. */
function oneLine(message: string): string {
  return message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)/, ' (did you mean $1?)');
}

function misused(message: string): Failure {
  return new Failure('input', 'bad-usage', message);
}
