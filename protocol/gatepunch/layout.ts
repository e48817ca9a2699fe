/** What the frames of GATE.PUNCH look like: lines of text to the relay, bytes from it. Kinds are stored in captures: append, never renumber. */
import { Direction, type FieldSpec, type FrameSpec } from '../types.ts';

export const Kind = {
  blank: 0,
  reg: 1,
  reg2: 2,
  ping: 3,
  connect: 4,
  lobby2: 5,
  version: 6,
  istesting: 7,
  testinginfos: 8,
  unknown: 9,
  udpReg: 10,
  udpConnect: 11,
  udpRegHeaded: 12,
  udpConnectHeaded: 13,
  introduced: 14,
  notFound: 15,
  lobby: 16,
  versionText: 17,
  testing: 18,
  noTesting: 19,
  testingInfos: 20,
} as const;

/** Which rule cuts the next bytes. */
export const Mode = {
  commands: 0,
  datagram: 1,
  /** After the command of a datagram. */
  datagramEnd: 2,
  // From the relay to its client:
  answers: 3,
} as const;

/** The first byte of what the relay says. */
export const Code = {
  introduced: 0xff,
  notFound: 0xfe,
  lobby: 0xf9,
  testing: 0xf8,
  testingInfos: 0xf7,
  version: 0xf6,
} as const;

export const LINE_FEED = 0x0a;
/** Bytes of a line before its line feed, at most. */
export const LINE_BYTES_MAX = 512;
/** What GameMaker puts before the text of a datagram. */
export const HEADER_BYTES = 12;
/** Strings that a server may tell about itself. */
export const DATA_COUNT = 8;
/** All servers that are told to one who asks, as JSON. */
export const LOBBY_BYTES_MAX = 400_000;
/** An IP address as text: `::` at least, an IPv6 address at most. */
export const IP_BYTES_MIN = 2;
export const IP_BYTES_MAX = 45;
export const PORT_DIGITS_MAX = 5;
export const PORT_MAX = 65_535;

export const DATA_NAMES: readonly string[] = Array.from({ length: DATA_COUNT }, (_, i) => `data${i + 1}`);

interface Line extends FieldSpec {
  readonly size: { readonly until: number; readonly max: number; readonly min?: number };
}

function line(name: string, note?: string): Line {
  const size = { until: LINE_FEED, max: LINE_BYTES_MAX };
  return { name, type: 'line', size, ...(note === undefined ? {} : { note }) };
}

function command(text: string): Line {
  const plain = line('command');
  return { ...plain, size: { ...plain.size, min: text.length }, always: text };
}

const { toRelay, toPeer } = Direction;

function lines(name: string, fields: readonly Line[], note: string): FrameSpec {
  return {
    name,
    direction: toRelay,
    bytesMin: fields.reduce((sum, { size }) => sum + (size.min ?? 0) + 1, 0),
    bytesMax: fields.reduce((sum, { size }) => sum + size.max + 1, 0),
    fields,
    forRelay: true,
    note,
  };
}

function asks(name: string, note: string, ...more: readonly Line[]): FrameSpec {
  return lines(name, [command(name), ...more], note);
}

const header: FieldSpec = {
  name: 'header',
  type: 'bytes',
  size: HEADER_BYTES,
  note: 'GameMaker’s own; whatever is in it means nothing here',
};

function datagram(name: string, text: string, note: string): FrameSpec {
  return { ...lines(name, [command(text)], note), then: { toRelay: Mode.datagramEnd } };
}

function headed(spec: FrameSpec): FrameSpec {
  const { name, bytesMin, bytesMax, fields, note = '' } = spec;
  return {
    ...spec,
    name: `${name}-headed`,
    bytesMin: HEADER_BYTES + bytesMin,
    bytesMax: HEADER_BYTES + bytesMax,
    fields: [header, ...fields],
    note: `${note} With the header of GameMaker before it.`,
  };
}

const udpReg = datagram(
  'udp-reg',
  'reg',
  'By UDP: the address from which it comes is that of a server, which is listed once it registers by TCP too.',
);
const udpConnect = datagram(
  'udp-connect',
  'connect',
  'By UDP: the address from which it comes is that of a client, which is about to ask for a server by TCP.',
);

function code(value: number): FieldSpec & { readonly size: number } {
  return { name: 'code', type: 'u8', size: 1, always: value };
}

function answer(
  name: string,
  value: number,
  note: string,
  [bytesMin, bytesMax]: readonly [number, number],
  ...fields: readonly FieldSpec[]
): FrameSpec {
  return {
    name,
    direction: toPeer,
    bytesMin: 1 + bytesMin,
    bytesMax: 1 + bytesMax,
    fields: [code(value), ...fields],
    note,
  };
}

const TEXT_BYTES_MAX = LINE_BYTES_MAX + 1;

/** By kind. */
export const frames: readonly FrameSpec[] = [
  {
    name: 'blank',
    direction: toRelay,
    bytesMin: 1,
    bytesMax: Number.MAX_SAFE_INTEGER,
    fields: [{ name: 'controls', type: 'bytes', size: 'controls' }],
    pieces: true,
    note: 'Control characters between commands: GameMaker ends each string that it writes with a NUL, after the line feed.',
  },
  asks(
    'reg',
    'Registers a server that tells nothing about itself. Games of one public address collide: the newest counts.',
  ),
  asks(
    'reg2',
    'Registers a server, with eight strings that lobbies show. Games of one public address collide: the newest counts.',
    line('version', '1.2.0 or newer, compared as numbers'),
    ...DATA_NAMES.map((name) => line(name)),
  ),
  asks('ping', 'Says that the server is still there. It is not answered.'),
  asks(
    'connect',
    'Asks to be introduced to a server. Its UDP packet and that of the server are waited for up to 1 s.',
    line('ip', 'of the server'),
  ),
  asks(
    'lobby2',
    'Asks which servers there are.',
    ...DATA_NAMES.map((name) => line(`filter${name.slice(-1)}`, 'matches exactly; empty matches all')),
    line(
      'sort',
      'date or data1 to data8; anything else is date. Data are compared as text, by its code units',
    ),
    line('order', 'DESC ascends and ASC descends, as ever; anything else is DESC'),
    line('limit', 'how many at most; empty, or anything that is no number, is all'),
  ),
  asks('version', 'Asks for the version of the relay.'),
  asks('istesting', 'Asks whether the relay is one for tests.'),
  asks('testinginfos', 'Asks what a relay for tests is called.'),
  {
    ...lines(
      'unknown',
      [{ ...line('command'), size: { until: LINE_FEED, max: LINE_BYTES_MAX, min: 1 } }],
      'A line that is no command. It is ignored.',
    ),
    otherwise: true,
  },
  udpReg,
  udpConnect,
  headed(udpReg),
  headed(udpConnect),
  answer(
    'introduced',
    Code.introduced,
    'Names the UDP address of the other one: the server’s to the client, the client’s to the server.',
    [IP_BYTES_MIN + 1 + 1 + 1, IP_BYTES_MAX + 1 + PORT_DIGITS_MAX + 1],
    { name: 'ip', type: 'line', size: { until: 0, max: IP_BYTES_MAX, min: IP_BYTES_MIN } },
    { name: 'port', type: 'decimal', size: { until: 0, max: PORT_DIGITS_MAX }, min: 1, max: PORT_MAX },
  ),
  answer(
    'not-found',
    Code.notFound,
    'There is no such server, or its UDP packet or that of the client did not come.',
    [0, 0],
  ),
  answer(
    'lobby',
    Code.lobby,
    'The servers that were asked for, as a JSON array of objects.',
    [1, LOBBY_BYTES_MAX + 1],
    {
      name: 'json',
      type: 'line',
      size: { until: LINE_FEED, max: LOBBY_BYTES_MAX },
    },
  ),
  answer('version-text', Code.version, 'The version of the relay.', [1, TEXT_BYTES_MAX], line('version')),
  answer('testing', Code.testing, 'Whether the relay is one for tests.', [1, 1], {
    name: 'testing',
    type: 'u8',
    size: 1,
    min: 0,
    max: 1,
  }),
  answer('no-testing', Code.testingInfos, 'The relay is not one for tests.', [1, 1], {
    name: 'none',
    type: 'u8',
    size: 1,
    always: 0,
  }),
  answer(
    'testing-infos',
    Code.testingInfos,
    'What the relay for tests is called, its version, and the oldest version of games that it serves.',
    [3, 3 * TEXT_BYTES_MAX],
    line('name'),
    line('version'),
    line('minimum'),
  ),
];
