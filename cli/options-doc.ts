/** `docs/options.md`, from the table of options. */
import { argumentText, commands, EXIT_CODES } from './commands.ts';
import { table } from './markdown.ts';
import {
  allOptions,
  COMMANDS,
  environmentName,
  flagText,
  optionsOf,
  withoutText,
  type OptionSpec,
} from './options.ts';

export function optionsDoc(): string {
  return [
    '<!-- Made by `npm run docs` from the table in cli/options.ts. Change that, not this. -->',
    '',
    '# Options',
    '',
    'Every option can be given in three places. The first of them that has it decides; where none has it, the default holds.',
    '',
    '1. On the command line: `--max-connections 100`.',
    '2. In the environment: `POSTREEL_MAX_CONNECTIONS=100`. A variable set to nothing counts as not set.',
    '3. In a JSON file that `--config FILE` or `POSTREEL_CONFIG` names: `{"max-connections": 100}`. One file serves all commands.',
    '   A key that is no option is refused. File names in it are relative to the folder in which postreel is started.',
    '',
    'A value that an option does not take ends the program with exit code 2 and one line that names the option.',
    '',
    ...commands.flatMap((command) => [
      `## ${['postreel', command.name, ...command.takes.map(argumentText)].join(' ')}`,
      '',
      `${command.summary}.`,
      '',
      ...table(
        ['option', 'default', 'takes', 'what it does'],
        optionsOf(command.name).flatMap((spec) => [
          [
            `\`${flagText(spec)}\``,
            fallbackText(spec),
            spec.placeholder === null ? '' : spec.value.accepts,
            spec.help,
          ],
          ...(spec.without === null ? [] : [[`\`${withoutText(spec)}\``, '', '', spec.without]]),
        ]),
      ),
      '',
    ]),
    '## Names',
    '',
    ...table(
      ['command line', 'environment', 'config file', 'commands', 'SIGHUP changes it'],
      allOptions.map((spec) => [
        `\`--${spec.name}\``,
        `\`${environmentName(spec)}\``,
        spec.inFile ? `\`"${spec.name}"\`` : '',
        spec.commands.length === COMMANDS.length ? 'all' : spec.commands.join(', '),
        spec.reloads ? 'yes' : '',
      ]),
    ),
    '',
    'A switch is on with `1`, `true`, `yes` or `on` in the environment and with `true` in the config file; off with `0`, `false`, `no`, `off`, and `false`.',
    '`POSTREEL_RECORD` takes the same words, or a file name.',
    '',
    `What has a \`--no-\` form (${allOptions
      .filter(({ without }) => without !== null)
      .map((spec) => `\`${withoutText(spec)}\``)
      .join(', ')}) is turned off with \`off\`, \`no\` or \`false\` in the environment, and with \`false\``,
    'in the config file: `POSTREEL_HTTP=off`, `{"http": false}`. There `0` is not off: it is any free port.',
    '',
    'On SIGHUP a running relay resolves its options again and applies those that are marked; for the others it logs that they need a',
    'restart. Where the file has become wrong, it logs why and changes nothing.',
    '',
    '## Exit codes',
    '',
    ...table(
      ['code', 'meaning'],
      EXIT_CODES.map(({ code, text }) => [String(code), text]),
    ),
    '',
  ].join('\n');
}

function fallbackText(spec: OptionSpec): string {
  if (spec.placeholder === null) return 'off';
  return spec.fallback === null ? 'none' : `\`${String(spec.fallback)}\``;
}
