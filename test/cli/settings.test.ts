import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../cli/config.ts';
import { allOptions, COMMANDS, environmentName } from '../../cli/options.ts';
import { resolveSettings, settingsDifference, type Environment } from '../../cli/settings.ts';
import { Failure } from '../../common/failure.ts';

function relay(flags: Record<string, string | true> = {}, environment: Environment = {}, config?: object) {
  const filed = config === undefined ? null : parseConfig('relay.json', JSON.stringify(config));
  return resolveSettings('relay', new Map(Object.entries(flags)), environment, filed);
}

const port = (settings: ReturnType<typeof relay>) => settings.listeners[0]?.port;

describe('settings without anything given', () => {
  it('are the defaults', () => {
    expect(relay()).toMatchObject({
      record: null,
      host: '::',
      maxConnections: 5000,
      recordPolicy: 'gap',
      recordFlush: 100,
      logLevel: 'info',
      logFormat: 'pretty',
      readyJson: false,
      config: null,
    });
    expect(relay().listeners.map(({ protocol, port }) => [protocol.name, port])).toContainEqual([
      'postoffice',
      27_313,
    ]);
  });
});

describe('precedence', () => {
  const environment = { POSTREEL_POSTOFFICE: '2', POSTREEL_RECORD: 'environment.db' };
  const config = { postoffice: 3, record: 'config.db' };

  it('is command line, environment, config file, default', () => {
    expect(port(relay({ postoffice: '1' }, environment, config))).toBe(1);
    expect(port(relay({}, environment, config))).toBe(2);
    expect(port(relay({}, {}, config))).toBe(3);
    expect(port(relay({}, {}, {}))).toBe(27_313);
  });

  it('lets a "no" that was said on purpose hide a "yes" from further down', () => {
    expect(relay({}, { POSTREEL_RECORD: '0' }, config).record).toBeNull();
    expect(relay({ record: 'off' }, environment, config).record).toBeNull();
    expect(relay({}, {}, { record: false }).record).toBeNull();
  });

  it('takes an empty variable as not set', () => {
    expect(relay({}, { POSTREEL_RECORD: '' }, config).record).toBe('config.db');
  });
});

describe('--record', () => {
  it.each([
    ['alone', relay({ record: true }), 'postreel.db'],
    ['with a name', relay({ record: 'games.db' }), 'games.db'],
    ['as POSTREEL_RECORD=1', relay({}, { POSTREEL_RECORD: '1' }), 'postreel.db'],
    ['as POSTREEL_RECORD=true', relay({}, { POSTREEL_RECORD: 'true' }), 'postreel.db'],
    ['as POSTREEL_RECORD=games.db', relay({}, { POSTREEL_RECORD: 'games.db' }), 'games.db'],
    ['as true in a file', relay({}, {}, { record: true }), 'postreel.db'],
  ])('%s', (_, settings, file) => expect(settings.record).toBe(file));
});

describe('a bad value', () => {
  it.each([
    [() => relay({ postoffice: 'x' }), '--postoffice takes a port from 0 to 65535, not "x"'],
    [() => relay({ 'record-policy': 'drop' }), '--record-policy takes one of gap, block, not "drop"'],
    [() => relay({ 'record-flush': '5' }), '--record-flush takes milliseconds from 10 to 60000, not "5"'],
    [
      () => relay({ 'log-level': 'loud' }),
      '--log-level takes one of trace, debug, info, warn, error, silent, not "loud"',
    ],
    [() => relay({ host: '' }), '--host takes a name or an address of at most 255 characters, not ""'],
    [
      () => relay({}, { POSTREEL_MAX_CONNECTIONS: '0' }),
      'POSTREEL_MAX_CONNECTIONS takes a number from 1 to 100000, not "0"',
    ],
    [() => relay({}, { POSTREEL_READY_JSON: 'ja' }), 'POSTREEL_READY_JSON takes true or false, not "ja"'],
    [
      () => relay({}, {}, { postoffice: '27313' }),
      'relay.json: "postoffice" takes a port from 0 to 65535, not "27313"',
    ],
    [
      () => relay({}, {}, { record: 7 }),
      'relay.json: "record" takes a file name, true (postreel.db) or false, not 7',
    ],
    [
      () => relay({}, {}, { limit: 'x'.repeat(100) }),
      `relay.json: "limit" takes a number from 1 to 1000000000, not "${'x'.repeat(56)}...`,
    ],
  ])('is refused in one line that names its place: %#', (resolve, line) => {
    expect(resolve).toThrow(new Failure('input', 'bad-option', line));
  });

  it('is refused wherever it stands, for every option', () => {
    for (const spec of allOptions) {
      const [command] = spec.commands as [(typeof COMMANDS)[number]];
      const flags = new Map([[spec.name, '\0']]);
      expect(() => resolveSettings(command, flags, {}, null)).toThrow(`--${spec.name} takes `);
      const environment = { [environmentName(spec)]: '\0' };
      expect(() => resolveSettings(command, new Map(), environment, null)).toThrow(
        `${environmentName(spec)} takes `,
      );
    }
  });

  it('of an option that the command does not take matters only in the file, which is one for all commands', () => {
    const bad = parseConfig('relay.json', '{"postoffice": -1}');
    expect(() => resolveSettings('frames', new Map(), {}, bad)).toThrow('relay.json: "postoffice"');
    expect(resolveSettings('frames', new Map(), { POSTREEL_POSTOFFICE: 'x' }, null).follow).toBe(false);
  });
});

it('two settings are compared option by option', () => {
  const differences = settingsDifference('relay', relay(), relay({ postoffice: '1', 'log-level': 'warn' }));
  expect(differences.map(({ spec, before, after }) => [spec.name, before, after])).toEqual([
    ['postoffice', 27_313, 1],
    ['log-level', 'info', 'warn'],
  ]);
});
