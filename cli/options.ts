/**
 * The one table of options. The command line, the environment, the config file, `--help`, `docs/options.md`
 * and what SIGHUP may change all come from it, so none of them can know an option that another does not.
 *
 * An option has one name, from which the others follow: `max-connections` is `--max-connections`,
 * `POSTREEL_MAX_CONNECTIONS`, and `"max-connections"` in the config file. One that can be turned off is
 * `--no-http`, `POSTREEL_HTTP=off`, and `"http": false`.
 */
import { FILTER_CHARACTERS_MAX } from '../analysis/filter/limits.ts';
import { paces } from '../replay/types.ts';
import { guardModes } from '../protocol/guard.ts';
import { namedField } from '../protocol/given-names.ts';
import { protocols } from '../protocol/registry.ts';
import type { Protocol } from '../protocol/types.ts';
import { NAME_BYTES_MAX } from '../tunnel/limits.ts';
import {
  choice,
  decimal,
  flag,
  givenNames,
  hostPort,
  optionalFile,
  orNone,
  port,
  proxyListeners,
  relayName,
  secret,
  sessionNumber,
  text,
  whole,
  type ValueKind,
} from './values.ts';

export const COMMANDS = [
  'relay',
  'tunnel',
  'ui',
  'captures',
  'sessions',
  'show',
  'frames',
  'replay',
  'diff',
  'replays',
  'mask learn',
  'mask audit',
  'index',
  'verify',
] as const;
/** Two words are a command in a group of commands. */
export type CommandName = (typeof COMMANDS)[number];

export type OptionValue = string | number | boolean | null;

export interface OptionSpec<T = OptionValue> {
  readonly name: string;
  /** How `--help` writes the value; null for an option that is only there or not. */
  readonly placeholder: string | null;
  readonly value: ValueKind<T>;
  /** What holds where nothing is given; null where that means "none". */
  readonly fallback: T;
  /** A sentence without a full stop. */
  readonly help: string;
  readonly commands: readonly CommandName[];
  /** What its `--no-` form does; null where it has none. A sentence without a full stop. */
  readonly without: string | null;
  /** SIGHUP can change it in a running relay. */
  readonly reloads: boolean;
  /** It may be given more than once on the command line: as if the values were one, with commas between them. */
  readonly repeats: boolean;
  /** It may stand in the config file. */
  readonly inFile: boolean;
  /** Its value is shown to nobody. */
  readonly isSecret: boolean;
}

interface Draft<T> {
  readonly placeholder?: string;
  readonly value: ValueKind<T>;
  readonly fallback: T;
  readonly help: string;
  readonly commands?: readonly CommandName[];
  readonly without?: string;
  readonly reloads?: boolean;
  readonly repeats?: boolean;
  readonly inFile?: boolean;
  readonly isSecret?: boolean;
}

function option<const T>(name: string, draft: Draft<T>): OptionSpec<T> {
  const usual = { placeholder: null, commands: ['relay'], without: null, reloads: false } as const;
  return { ...usual, repeats: false, inFile: true, isSecret: false, ...draft, name };
}

/** By their names in `Settings`. */
export const options = {
  record: option<string | null>('record', {
    placeholder: 'FILE',
    value: optionalFile('postreel.db'),
    fallback: null,
    help: 'Record every frame into FILE, an SQLite database (postreel.db if no name is given)',
  }),
  host: option('host', {
    placeholder: 'H',
    value: text('a name or an address', 255),
    fallback: '::',
    commands: ['relay', 'replay'],
    help: 'Listen on this address only; :: is every address of the machine, IPv4 and IPv6',
  }),
  adhocctlP2p: option('adhocctl-p2p', {
    value: flag(),
    fallback: false,
    help: 'Let the control server tell players each other’s real IPv4 addresses instead of numbers that mean nothing; who comes over IPv6 is refused',
  }),
  gatepunchNoLobby: option('gatepunch-no-lobby', {
    value: flag(),
    fallback: false,
    help: 'Let GATE.PUNCH tell nobody which servers there are: who knows the address of one is introduced to it',
  }),
  gatepunchName: option('gatepunch-name', {
    placeholder: 'N',
    value: text('a name', 64),
    fallback: 'Postreel',
    help: 'With --gatepunch-testing: what the relay calls itself to games that ask',
  }),
  gatepunchTesting: option('gatepunch-testing', {
    value: flag(),
    fallback: false,
    help: 'Let GATE.PUNCH tell games that it is for tests',
  }),
  alphanetDb: option<string | null>('alphanet-db', {
    placeholder: 'FILE',
    value: optionalFile('alphanet.db'),
    fallback: 'alphanet.db',
    help: 'Keep in FILE, an SQLite database, which real IP address has which virtual ones; off keeps them only while the relay runs',
  }),
  alphanetKey: option<string | null>('alphanet-key', {
    placeholder: 'KEY',
    value: secret(1, 16),
    fallback: null,
    isSecret: true,
    help: 'Let only those AlphaNET clients in that know this key; the environment is where other users do not see it',
  }),
  alphanetOnePerIp: option('alphanet-one-per-ip', {
    value: flag(),
    fallback: false,
    help: 'Turn an AlphaNET client away while another from the same real IP address is there, instead of giving it a virtual one of its own',
  }),
  alphanetIdle: option('alphanet-idle', {
    placeholder: 'SECONDS',
    value: whole('seconds', 1, 86_400),
    fallback: 600,
    help: 'End AlphaNET connections between virtual sockets that have carried nothing for this long',
  }),
  gameDb: option<string | null>('game-db', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    commands: ['relay', 'replay'],
    help: 'Read from FILE which product codes play together and what games are called: JSON, or the SQLite file of the original server',
  }),
  guard: option('guard', {
    placeholder: guardModes.join('|'),
    value: choice(...guardModes),
    fallback: 'off',
    help: 'Who may play: off is everybody; login is who is logged in at the control server, from the same IP address; group is that, and only with members of their own group',
  }),
  http: option<number | null>('http', {
    placeholder: 'PORT',
    value: orNone(port()),
    fallback: 27_314,
    commands: ['relay', 'ui'],
    without: 'Serve no HTTP',
    help: 'Serve HTTP on this tcp port: the dashboard, who plays what (/data.json), and lists of other control servers (/game_list_sync); 0 picks a free one',
  }),
  httpHost: option('http-host', {
    placeholder: 'H',
    value: text('a name or an address', 255),
    fallback: '127.0.0.1',
    commands: ['relay', 'ui'],
    help: 'Serve HTTP on this address only; where it is not one of this machine alone, the dashboard asks for a token, and one is made up if none is given',
  }),
  httpToken: option<string | null>('http-token', {
    placeholder: 'TOKEN',
    value: secret(8, 256),
    fallback: null,
    commands: ['relay', 'ui'],
    isSecret: true,
    help: 'Show the dashboard to whoever names this token, from any machine, and to nobody else, and take lists of players from nobody else; the environment is where other users do not see it',
  }),
  maxConnections: option('max-connections', {
    placeholder: 'N',
    value: whole('a number', 1, 100_000),
    fallback: 5000,
    help: 'Refuse connections beyond this many at a time',
    reloads: true,
  }),
  recordPolicy: option('record-policy', {
    placeholder: 'gap|block',
    value: choice('gap', 'block'),
    fallback: 'gap',
    help: 'When the recorder cannot keep up: gap leaves frames out of the recording and says how many, block slows the players down',
  }),
  recordFlush: option('record-flush', {
    placeholder: 'MS',
    value: whole('milliseconds', 10, 60_000),
    fallback: 100,
    help: 'Write to the file at least this often; a crash loses no more than that, as long as the recorder keeps up',
    reloads: true,
  }),
  json: option('json', {
    value: flag(),
    fallback: false,
    help: 'Print JSON',
    commands: [
      'captures',
      'sessions',
      'show',
      'frames',
      'replays',
      'mask learn',
      'mask audit',
      'index',
      'verify',
    ],
  }),
  against: option<string | null>('against', {
    placeholder: 'HOST:PORT',
    value: hostPort(),
    fallback: null,
    help: 'Replay against the relay that listens there: every recorded client becomes a client of it',
    commands: ['replay'],
    inFile: false,
  }),
  play: option<string | null>('play', {
    placeholder: 'ROLE',
    value: text('a player: an address, a nickname, or P1, P2, ...', 128),
    fallback: null,
    help: 'Replay for a game that takes the place of this player: be the relay, and all other players',
    commands: ['replay'],
    inFile: false,
  }),
  listen: option<number | null>('listen', {
    placeholder: 'PORT',
    value: port(),
    fallback: null,
    help: 'With --play: the tcp port on which the game finds the relay; without it, the protocol’s own',
    commands: ['replay'],
    inFile: false,
  }),
  pace: option('pace', {
    placeholder: paces.join('|'),
    value: choice(...paces),
    fallback: 'causal',
    help: 'When a frame is sent: causal is as soon as its client has got what it had got before it; recorded keeps the recorded times; max does not wait for what other players send; step waits for you',
    commands: ['replay'],
  }),
  speed: option('speed', {
    placeholder: 'F',
    value: decimal('a factor', 0.01, 1000),
    fallback: 1,
    help: 'With --pace recorded: 2 is twice as fast',
    commands: ['replay'],
  }),
  patience: option<number | null>('patience', {
    placeholder: 'S',
    value: decimal('seconds', 0.05, 3600),
    fallback: null,
    help: 'Give up after so long on what does not come; without it 2, and 60 with --play',
    commands: ['replay'],
  }),
  settle: option('settle', {
    placeholder: 'MS',
    value: whole('milliseconds', 5, 60_000),
    fallback: 100,
    help: 'How long an opening, a login or an end that the target does not acknowledge is given to take effect',
    commands: ['replay'],
  }),
  repeat: option('repeat', {
    placeholder: 'N',
    value: whole('a number', 1, 10_000),
    fallback: 1,
    help: 'Replay so many times, and say whether it always came out the same',
    commands: ['replay'],
    inFile: false,
  }),
  allowRemote: option('allow-remote', {
    value: flag(),
    fallback: false,
    help: 'Replay against a target that is not on this machine',
    commands: ['replay'],
    inFile: false,
  }),
  store: option('store', {
    value: flag(),
    fallback: true,
    without: 'Leave the capture file as it is',
    help: 'Keep the verdict, and when each frame was sent, in the capture file: postreel replays lists them',
    commands: ['replay'],
  }),
  capture: option<number | null>('capture', {
    placeholder: 'ID',
    value: whole('the number of a capture', 1, 2 ** 31 - 1),
    fallback: null,
    help: 'Look at this capture alone; without it, frames and replay take the newest, and the other commands all of them',
    commands: ['sessions', 'frames', 'replay', 'index'],
  }),
  session: option<number | null>('session', {
    placeholder: 'ID',
    value: sessionNumber(),
    fallback: null,
    help: 'Look at this session alone, as postreel sessions numbers them',
    commands: ['frames', 'replay', 'replays'],
    inFile: false,
  }),
  id: option<number | null>('id', {
    placeholder: 'N',
    value: whole('the number of a replay', 1, 2 ** 21 - 1),
    fallback: null,
    help: 'Show the verdict of this replay again',
    commands: ['replays'],
    inFile: false,
  }),
  html: option<string | null>('html', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    help: 'Write the verdict to FILE as a page of HTML that needs no other file',
    commands: ['replay', 'diff', 'replays'],
    inFile: false,
  }),
  junit: option<string | null>('junit', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    help: 'Write the verdict to FILE as JUnit XML, which CI systems read',
    commands: ['replay', 'diff', 'replays'],
    inFile: false,
  }),
  game: option<string | null>('game', {
    placeholder: 'CODE',
    value: text('the code of a game', 64),
    fallback: null,
    help: 'List only sessions of this game',
    commands: ['sessions'],
    inFile: false,
  }),
  player: option<string | null>('player', {
    placeholder: 'NICK|MAC',
    value: text('a nickname or an address', 128),
    fallback: null,
    help: 'List only sessions in which this player took part',
    commands: ['sessions'],
    inFile: false,
  }),
  again: option('again', {
    value: flag(),
    fallback: false,
    help: 'Also find the sessions of captures anew that have them',
    commands: ['index'],
    inFile: false,
  }),
  follow: option('follow', {
    value: flag(),
    fallback: false,
    help: 'Go on printing while the capture is being recorded',
    commands: ['frames'],
  }),
  limit: option<number | null>('limit', {
    placeholder: 'N',
    value: whole('a number', 1, 1_000_000_000),
    fallback: null,
    help: 'Stop after this many frames',
    commands: ['frames'],
  }),
  filter: option<string | null>('filter', {
    placeholder: 'EXPR',
    value: text('a filter', FILTER_CHARACTERS_MAX),
    fallback: null,
    help: "Print only the frames that pass this filter, such as 'kind == pdp && size > 1000'; docs/filter.md tells all of it",
    commands: ['frames'],
  }),
  masks: option<string | null>('masks', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    help: 'Read from FILE which bytes may differ: JSON, as postreel mask learn proposes it',
    commands: ['replay', 'diff', 'mask audit'],
  }),
  policy: option<string | null>('policy', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    help: 'Read from FILE which differences are failures: JSON; docs/replay.md says how it is written',
    commands: ['replay', 'diff'],
  }),
  verdictFile: option<string | null>('json', {
    placeholder: 'FILE',
    value: optionalFile('-'),
    fallback: null,
    help: 'Write the verdict as JSON to FILE, or to standard output where no name is given',
    commands: ['replay', 'diff'],
  }),
  out: option<string | null>('out', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    help: 'Write to FILE instead of standard output; a file that is there already is left alone',
    commands: ['mask learn'],
    inFile: false,
  }),
  force: option('force', {
    value: flag(),
    fallback: false,
    help: 'Let --out write over a file that is there already',
    commands: ['mask learn'],
    inFile: false,
  }),
  relay: option<string | null>('relay', {
    placeholder: 'HOST:PORT',
    value: hostPort(),
    fallback: null,
    help: 'Where the TCP relay is that both ends of the tunnel connect to',
    commands: ['tunnel'],
    inFile: false,
  }),
  name: option<string | null>('name', {
    placeholder: 'A',
    value: relayName(NAME_BYTES_MAX),
    fallback: null,
    help: 'What this end is called at the relay; nobody else may have the same name there',
    commands: ['tunnel'],
    inFile: false,
  }),
  peer: option<string | null>('peer', {
    placeholder: 'B',
    value: relayName(NAME_BYTES_MAX),
    fallback: null,
    help: 'What the other end is called there',
    commands: ['tunnel'],
    inFile: false,
  }),
  tunnelListen: option<string | null>('listen', {
    placeholder: 'ADDR:PORT',
    value: hostPort(0),
    fallback: null,
    help: 'Take connections here, and carry each to what the other end forwards to; port 0 picks a free one',
    commands: ['tunnel'],
    inFile: false,
  }),
  forward: option<string | null>('forward', {
    placeholder: 'HOST:PORT',
    value: hostPort(),
    fallback: null,
    help: 'Open a connection to this for each one that the other end takes; without it they are refused',
    commands: ['tunnel'],
    inFile: false,
  }),
  logLevel: option('log-level', {
    placeholder: 'L',
    value: choice('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    fallback: 'info',
    help: 'How much to log: trace, debug, info, warn, error or silent; debug names every connection and adds stack traces to errors',
    commands: COMMANDS,
    reloads: true,
  }),
  logFormat: option('log-format', {
    placeholder: 'pretty|json',
    value: choice('pretty', 'json'),
    fallback: 'pretty',
    help: 'Log lines for people or for machines; they go to standard error',
    commands: ['relay', 'tunnel'],
  }),
  readyJson: option('ready-json', {
    value: flag(),
    fallback: false,
    commands: ['relay', 'tunnel', 'ui'],
    help: 'Print one line of JSON on standard output once the relay, the tunnel or the dashboard listens, and nothing else',
  }),
  config: option<string | null>('config', {
    placeholder: 'FILE',
    value: text('a file name', 4096),
    fallback: null,
    help: 'Read options from this JSON file; the environment and the command line override it',
    commands: COMMANDS,
    inFile: false,
  }),
};

/**
 * Every protocol of the registry has an option of its own name: the port of its listener, or, of a proxy, where it listens and
 * where that leads. Null for none.
 */
export const listenerOptions: readonly OptionSpec<number | string | null>[] = protocols.map(
  (protocol): OptionSpec<number | string | null> =>
    protocol.isProxy === true ? proxyOption(protocol) : listenerOption(protocol),
);

/** Those of which people may name the values of a field. */
export const namedProtocols: readonly Protocol[] = protocols.filter((each) => namedField(each) !== null);

/** Each of them has one that names them. */
export const nameOptions: readonly OptionSpec<string | null>[] = namedProtocols.map((protocol) =>
  option<string | null>(`${protocol.name}-names`, {
    placeholder: 'A=1,B=2',
    value: givenNames(),
    fallback: null,
    repeats: true,
    help: `What the numbers in the field ${namedField(protocol)} of ${protocol.title} are called: what is recorded is shown and filtered with these names`,
  }),
);

/** Those that can be replayed. */
export const targetProtocols: readonly Protocol[] = protocols.filter(
  ({ noReplay }) => noReplay === undefined,
);

/** Each of them has one that says where a relay under test speaks it; `--against` is for the one that is left. */
export const targetOptions: readonly OptionSpec<string | null>[] = targetProtocols.map((protocol) =>
  option<string | null>(`against-${protocol.name}`, {
    placeholder: 'HOST:PORT',
    value: hostPort(),
    fallback: null,
    help: `Where the relay under test listens for ${protocol.title}`,
    commands: ['replay'],
    inFile: false,
  }),
);

/** All of them, in the order in which people read them. */
export const allOptions: readonly OptionSpec[] = Object.values(options).flatMap((spec: OptionSpec) =>
  spec === options.host
    ? [spec, ...listenerOptions, ...nameOptions]
    : spec === options.against
      ? [spec, ...targetOptions]
      : [spec],
);

export function optionsOf(command: CommandName): readonly OptionSpec[] {
  return allOptions.filter((spec) => spec.commands.includes(command));
}

export function environmentName(spec: OptionSpec): string {
  return `POSTREEL_${spec.name.toUpperCase().replaceAll('-', '_')}`;
}

/** As `--help` writes it: `--record [FILE]`, `--postoffice PORT`, `--json`. */
export function flagText(spec: OptionSpec): string {
  if (spec.placeholder === null) return `--${spec.name}`;
  return `--${spec.name} ${spec.value.bare === undefined ? spec.placeholder : `[${spec.placeholder}]`}`;
}

/** `--no-http`, for an option that has that form. */
export function withoutText(spec: OptionSpec): string {
  return `--no-${spec.name}`;
}

function listenerOption(protocol: Protocol): OptionSpec<number | null> {
  return option<number | null>(protocol.name, {
    placeholder: 'PORT',
    value: orNone(port()),
    fallback: protocol.isOptional === true ? null : protocol.port,
    ...(protocol.isOptional !== true && { without: `Do not listen for ${protocol.title}` }),
    // Where players find each other, a game under test looks for its players too.
    commands: protocol.groupNotice === undefined ? ['relay'] : ['relay', 'replay'],
    help: `Listen for ${protocol.title} on this ${protocol.transports.join(' and ')} port; 0 picks a free one`,
  });
}

function proxyOption(protocol: Protocol): OptionSpec<string | null> {
  return option<string | null>(protocol.name, {
    placeholder: 'LISTEN=HOST:PORT',
    value: orNone(proxyListeners()),
    fallback: null,
    repeats: true,
    help: `Stand before a server of ${protocol.title}: listen on ${protocol.transports.join(' and ')} port LISTEN, or on ADDRESS:PORT, connect to HOST:PORT for each client, and pass everything on unchanged; may be given more than once`,
  });
}
