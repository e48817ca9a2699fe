import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../cli/config.ts';
import { allOptions, COMMANDS, environmentName } from '../../cli/options.ts';
import { refuseContradictions } from '../../cli/contradictions.ts';
import {
  resolveSettings,
  settingsDifference,
  type Environment,
  type Settings,
  unknownVariables,
} from '../../cli/settings.ts';
import { Failure } from '../../common/failure.ts';
import { protocols } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';

function relay(flags: Record<string, string | true> = {}, environment: Environment = {}, config?: object) {
  const filed = config === undefined ? null : parseConfig('relay.json', JSON.stringify(config));
  return resolveSettings('relay', new Map(Object.entries(flags)), environment, filed);
}

/** Listeners of these names, whichever protocols there are. */
const listening = (...names: string[]): Settings['listeners'] =>
  names.map((name) => ({ protocol: { ...(protocols[0] as Protocol), name }, port: 0 }));

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
      http: 27_314,
      httpHost: '127.0.0.1',
      httpToken: null,
      guard: 'off',
      gameDb: null,
      adhocctlP2p: false,
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

describe('what can be turned off', () => {
  it.each([
    ['on the command line', relay({ http: 'off' })],
    ['in the environment', relay({}, { POSTREEL_HTTP: 'off' })],
    ['in the config file', relay({}, {}, { http: false })],
  ])('%s', (_, settings) => expect(settings.http).toBeNull());

  it('and on again, by what stands above', () => {
    expect(relay({ http: '8080' }, {}, { http: false }).http).toBe(8080);
    expect(relay({}, { POSTREEL_HTTP: '0' }, { http: false }).http).toBe(0);
  });

  it('any listener that is there unasked', () => {
    const usual = protocols.filter(({ isOptional }) => isOptional !== true);
    for (const { name } of usual) {
      const rest = usual.filter((protocol) => protocol.name !== name);
      for (const settings of [
        () => relay({ [name]: 'off' }),
        () => relay({}, { [`POSTREEL_${name.toUpperCase()}`]: 'no' }),
        () => relay({}, {}, { [name]: false }),
      ]) {
        if (rest.length === 0) expect(settings).toThrow('every listener is turned off');
        else expect(settings().listeners.map(({ protocol }) => protocol)).toEqual(rest);
      }
    }
  });

  it('and no other listens but where it is asked for', () => {
    for (const { name, port, isProxy } of protocols.filter(({ isOptional }) => isOptional === true)) {
      const listening = (ports: Record<string, string>) =>
        relay(ports).listeners.flatMap((each) => (each.protocol.name === name ? [each.port] : []));
      expect(listening({})).toEqual([]);
      expect(listening({ [name]: `${port}${isProxy === true ? '=game.example:1' : ''}` })).toEqual([port]);
    }
  });

  it('but not every listener', () => {
    const off = Object.fromEntries(protocols.map(({ name }) => [name, 'off']));
    expect(() => relay(off)).toThrow(
      new Failure(
        'input',
        'contradiction',
        'every listener is turned off: a relay needs one, or there is nothing to relay',
      ),
    );
    // A command that is no relay has no use for listeners.
    expect(resolveSettings('frames', new Map(Object.entries(off)), {}, null).json).toBe(false);
  });
});

describe('what means nothing without the control server', () => {
  it.each([
    ['--adhocctl-p2p', { adhocctlP2p: true }],
    ['--game-db', { gameDb: 'games.json' }],
  ])('%s is refused where it is off', (name, given) => {
    const without = { ...relay(), ...given, listeners: listening('postoffice') };
    expect(() => refuseContradictions(without)).toThrow(`${name} means nothing without the control server`);
    expect(() => refuseContradictions({ ...relay(), ...given })).not.toThrow();
  });
});

describe('ports', () => {
  it('are refused where two are the same, and not where they are any that is free', () => {
    const same = 'two listeners are to have the same port';
    expect(() => relay({ postoffice: '5000', adhocctl: '5000' })).toThrow(same);
    expect(() => relay({ postoffice: '5000', http: '5000' })).toThrow(same);
    expect(() => relay({ postoffice: '0', adhocctl: '0', http: '0' })).not.toThrow();
  });
});

describe('variables that look like ours', () => {
  it('are told apart from those that are', () => {
    const environment = { POSTREEL_GAURD: 'group', POSTREEL_GUARD: 'off', POSTREEL_TEST_SEED: '1', PATH: '' };
    expect(unknownVariables(environment)).toEqual(['POSTREEL_GAURD']);
  });
});

describe('--guard', () => {
  it.each(['login', 'group'])('%s is refused where nobody could ever log in', (guard) => {
    const nobody = () =>
      refuseContradictions({
        ...relay({ http: 'off' }),
        listeners: listening('postoffice'),
        guard: guard as 'login',
      });
    expect(nobody).toThrow(/^--guard admits nobody without the control server/);
  });

  it('may be fed by this relay, or over HTTP by another', () => {
    const guarded = { ...relay(), guard: 'login' } as const;
    for (const http of [27_314, 0])
      expect(() =>
        refuseContradictions({ ...guarded, listeners: listening('postoffice'), http }),
      ).not.toThrow();
    expect(() =>
      refuseContradictions({ ...guarded, listeners: listening('postoffice', 'adhocctl'), http: null }),
    ).not.toThrow();
    expect(() =>
      refuseContradictions({ ...guarded, listeners: listening('postoffice'), guard: 'off', http: null }),
    ).not.toThrow();
  });
});

describe('a bad value', () => {
  it.each([
    [() => relay({ postoffice: 'x' }), '--postoffice takes a port from 0 to 65535, or off, not "x"'],
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
      'relay.json: "postoffice" takes a port from 0 to 65535, or off, not "27313"',
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

  it('is not shown where it is a secret', () => {
    const lines = [
      () => relay({ 'http-token': 'my secret' }),
      () => relay({}, { POSTREEL_HTTP_TOKEN: 'my secret' }),
      () => relay({}, {}, { 'http-token': 'my secret' }),
    ].map((resolve) => {
      try {
        resolve();
      } catch (error) {
        return (error as Failure).message;
      }
      return '';
    });
    const refused = 'takes 8 to 256 letters, digits and signs without spaces, not what was given';
    expect(lines).toEqual([
      `--http-token ${refused}`,
      `POSTREEL_HTTP_TOKEN ${refused}`,
      `relay.json: "http-token" ${refused}`,
    ]);
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

describe('names of numbers', () => {
  const given = 'COMMAND1=1,COMMAND2=4294967295';
  const wanted = [
    { protocolId: 6, field: 'type', value: 1, name: 'COMMAND1' },
    { protocolId: 6, field: 'type', value: 2 ** 32 - 1, name: 'COMMAND2' },
  ];

  it('are given by command line, environment or config file, for the field of the protocol that takes some', () => {
    expect(relay().names).toEqual([]);
    expect(relay({ 'dpea-names': given }).names).toEqual(wanted);
    expect(relay({}, { POSTREEL_DPEA_NAMES: given }).names).toEqual(wanted);
    expect(relay({}, {}, { 'dpea-names': given.split(',') }).names).toEqual(wanted);
  });

  it.each([
    'A',
    'A=',
    '=1',
    'A=x',
    'A=-1',
    'A=4294967296',
    'A=1,',
    'A=1,A=2',
    'A=1,B=1',
    'A B=1',
    '1A=1',
    `${'A'.repeat(65)}=1`,
    Array.from({ length: 1001 }, (_, i) => `N${i}=${i}`).join(','),
  ])('are not given as %s', (wrong) => {
    expect(() => relay({ 'dpea-names': wrong })).toThrow(
      /^--dpea-names takes NAME=NUMBER, or several .*, not "/,
    );
  });

  it('may be a thousand', () => {
    const all = Array.from({ length: 1000 }, (_, i) => `N${i}=${i}`).join(',');
    expect(relay({ 'dpea-names': all }).names).toHaveLength(1000);
  });

  it('are changed by a restart alone', () => {
    const [one, other] = [relay({ 'dpea-names': given }), relay({ 'dpea-names': 'COMMAND1=2' })];
    expect(settingsDifference('relay', one, other).map(({ spec }) => spec.name)).toEqual(['dpea-names']);
    expect(settingsDifference('relay', one, relay({ 'dpea-names': given }))).toEqual([]);
  });
});

describe('a proxy', () => {
  const proxies = (settings: Settings) =>
    settings.listeners.flatMap(({ port, proxy }) => (proxy === undefined ? [] : [{ port, ...proxy }]));
  const given = '5001=game.example:5002,[::1]:0=127.0.0.1:5003';
  const wanted = [
    { port: 5001, host: null, target: { host: 'game.example', port: 5002 } },
    { port: 0, host: '::1', target: { host: '127.0.0.1', port: 5003 } },
  ];

  it('is not there unless asked for, by command line, environment or config file', () => {
    expect(proxies(relay())).toEqual([]);
    expect(proxies(relay({ dpea: given }))).toEqual(wanted);
    expect(proxies(relay({}, { POSTREEL_DPEA: given }))).toEqual(wanted);
    expect(proxies(relay({}, {}, { dpea: given }))).toEqual(wanted);
    expect(proxies(relay({}, {}, { dpea: given.split(',') }))).toEqual(wanted);
    expect(proxies(relay({ dpea: 'off' }, { POSTREEL_DPEA: given }))).toEqual([]);
  });

  it.each([
    '5001',
    '5001=',
    '=game:1',
    '5001=game',
    '5001=game:0',
    '5001=game:65536',
    '65536=game:1',
    'x=game:1',
    '1=a:1=b:2',
    '1=a:1,',
    `${'1=a:1,'.repeat(64)}1=a:1`,
  ])('is not asked for as %s', (wrong) => {
    expect(() => relay({ dpea: wrong })).toThrow('--dpea takes LISTEN=HOST:PORT');
    expect(() => relay({}, {}, { dpea: [wrong] })).toThrow('"dpea" takes LISTEN=HOST:PORT');
  });

  it('may have a port of another listener where it has an address of its own', () => {
    expect(() => relay({ dpea: '27313=a:1' })).toThrow('two listeners are to have the same port');
    expect(() => relay({ dpea: '127.0.0.1:5001=a:1,127.0.0.1:5001=b:1' })).toThrow('the same port');
    expect(proxies(relay({ dpea: '127.0.0.2:27313=a:1,127.0.0.3:27313=b:1' }))).toHaveLength(2);
  });

  it('is changed by a restart alone', () => {
    const [one, other] = [relay({ dpea: given }), relay({ dpea: '5001=game.example:5002' })];
    expect(settingsDifference('relay', one, other).map(({ spec }) => spec.name)).toEqual(['dpea']);
    expect(settingsDifference('relay', one, relay({ dpea: given }))).toEqual([]);
  });
});
