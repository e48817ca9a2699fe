/** Where a frame of GATE.PUNCH ends, and which kind it is: a command is all of its lines. */
import { CommonFault } from '../fault.ts';
import type { FrameKind, Framing, Mode as AnyMode } from '../types.ts';
import {
  Code,
  DATA_COUNT,
  HEADER_BYTES,
  IP_BYTES_MAX,
  IP_BYTES_MIN,
  Kind,
  LINE_FEED,
  LOBBY_BYTES_MAX,
  Mode,
  PORT_DIGITS_MAX,
  PORT_MAX,
} from './layout.ts';
import { commandText, controlsEnd, lineEnd, linesEnd, textEnd } from './lines.ts';

interface Command {
  readonly kind: FrameKind;
  readonly lines: number;
}

/** By TCP. */
const commands: ReadonlyMap<string, Command> = new Map([
  ['reg', { kind: Kind.reg, lines: 1 }],
  ['reg2', { kind: Kind.reg2, lines: 2 + DATA_COUNT }],
  ['ping', { kind: Kind.ping, lines: 1 }],
  ['connect', { kind: Kind.connect, lines: 2 }],
  ['lobby2', { kind: Kind.lobby2, lines: 4 + DATA_COUNT }],
  ['version', { kind: Kind.version, lines: 1 }],
  ['istesting', { kind: Kind.istesting, lines: 1 }],
  ['testinginfos', { kind: Kind.testinginfos, lines: 1 }],
]);
const unknown: Command = { kind: Kind.unknown, lines: 1 };

/** By UDP: as the text alone, and behind the header. */
const knocks: ReadonlyMap<string, { readonly bare: FrameKind; readonly headed: FrameKind }> = new Map([
  ['reg', { bare: Kind.udpReg, headed: Kind.udpRegHeaded }],
  ['connect', { bare: Kind.udpConnect, headed: Kind.udpConnectHeaded }],
]);

/** How a mode cuts: where the frame ends, which may be 0 or a fault, and then its kind. */
interface Cutter {
  end(view: DataView, at: number, end: number): number;
  kind(view: DataView, at: number, end: number): FrameKind;
}

const commandCutter: Cutter = {
  end(view, at, end) {
    const blankEnd = controlsEnd(view, at, end);
    if (blankEnd > at) return blankEnd;
    const first = lineEnd(view, at, end);
    if (first <= 0) return first;
    const { lines } = commands.get(commandText(view, at, first)) ?? unknown;
    return linesEnd(view, at, end, lines);
  },
  kind(view, at, end) {
    if (controlsEnd(view, at, at + 1) > at) return Kind.blank;
    return (commands.get(commandText(view, at, lineEnd(view, at, end))) ?? unknown).kind;
  },
};

/** Where the command of a datagram ends that starts at `at`; 0 where that cannot be told yet, -1 where none does. */
function knockEnd(view: DataView, at: number, end: number): number {
  if (at >= end) return 0;
  const to = lineEnd(view, at, end);
  if (to <= 0) return Math.sign(to);
  return knocks.has(commandText(view, at, to)) ? to : -1;
}

const datagramCutter: Cutter = {
  end(view, at, end) {
    const bare = knockEnd(view, at, end);
    if (bare > 0) return bare;
    const headed = knockEnd(view, at + HEADER_BYTES, end);
    if (headed > 0) return headed;
    return bare === 0 || headed === 0 ? 0 : -CommonFault.malformed;
  },
  kind(view, at, end) {
    const bare = knocks.get(commandText(view, at, lineEnd(view, at, end)));
    if (bare !== undefined) return bare.bare;
    return knocks.get(commandText(view, at + HEADER_BYTES, end))?.headed ?? Kind.udpRegHeaded;
  },
};

const blankCutter: Cutter = {
  end(view, at, end) {
    const to = controlsEnd(view, at, end);
    return to > at ? to : -CommonFault.malformed;
  },
  kind: () => Kind.blank,
};

/** By the first byte of an answer. */
const answers: ReadonlyMap<number, Cutter> = new Map<number, Cutter>([
  [Code.introduced, { end: introducedEnd, kind: () => Kind.introduced }],
  [Code.notFound, { end: (_, at) => at + 1, kind: () => Kind.notFound }],
  [
    Code.lobby,
    {
      end: (view, at, end) => textEnd(view, at + 1, end, LINE_FEED, LOBBY_BYTES_MAX),
      kind: () => Kind.lobby,
    },
  ],
  [Code.version, { end: (view, at, end) => lineEnd(view, at + 1, end), kind: () => Kind.versionText }],
  [Code.testing, { end: testingEnd, kind: () => Kind.testing }],
  [
    Code.testingInfos,
    {
      end: testingInfosEnd,
      kind: (view, at) => (view.getUint8(at + 1) === 0 ? Kind.noTesting : Kind.testingInfos),
    },
  ],
]);

/** Two texts that a NUL ends: an address, and a number that a port may have. */
function introducedEnd(view: DataView, at: number, end: number): number {
  const ipEnd = textEnd(view, at + 1, end, 0, IP_BYTES_MAX);
  if (ipEnd <= 0) return ipEnd;
  if (commandText(view, at + 1, ipEnd).length < IP_BYTES_MIN) return -CommonFault.malformed;
  const portEnd = textEnd(view, ipEnd, end, 0, PORT_DIGITS_MAX);
  if (portEnd <= 0) return portEnd;
  for (let i = ipEnd; i < portEnd - 1; i++)
    if (view.getUint8(i) < 0x30 || view.getUint8(i) > 0x39) return -CommonFault.malformed;
  const port = Number(commandText(view, ipEnd, portEnd));
  return port >= 1 && port <= PORT_MAX ? portEnd : -CommonFault.malformed;
}

function testingEnd(view: DataView, at: number, end: number): number {
  if (end - at < 2) return 0;
  return view.getUint8(at + 1) > 1 ? -CommonFault.malformed : at + 2;
}

function testingInfosEnd(view: DataView, at: number, end: number): number {
  if (end - at < 2) return 0;
  return view.getUint8(at + 1) === 0 ? at + 2 : linesEnd(view, at + 1, end, 3);
}

const answerCutter: Cutter = {
  end: (view, at, end) => answers.get(view.getUint8(at))?.end(view, at, end) ?? -CommonFault.malformed,
  kind: (view, at, end) => answers.get(view.getUint8(at))?.kind(view, at, end) ?? Kind.notFound,
};

const cutters: Readonly<Record<AnyMode, Cutter>> = {
  [Mode.commands]: commandCutter,
  [Mode.datagram]: datagramCutter,
  [Mode.datagramEnd]: blankCutter,
  [Mode.answers]: answerCutter,
};

export const framing: Framing = {
  start: { toRelay: Mode.commands, toPeer: Mode.answers },
  datagram: Mode.datagram,

  measure(mode, view, at, end) {
    const to = (cutters[mode] ?? blankCutter).end(view, at, end);
    return to > 0 ? to - at : to;
  },

  classify: (mode, view, at, end) => (cutters[mode] ?? blankCutter).kind(view, at, end),
};
