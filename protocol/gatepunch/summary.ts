/** One line about a frame of GATE.PUNCH. */
import { escapedText } from '../escaped.ts';
import { isControl } from '../layout.ts';
import type { FrameView } from '../types.ts';
import { DATA_COUNT, HEADER_BYTES, Kind } from './layout.ts';

/** Of a text that a game made, so many letters. */
const TEXT_MAX = 60;

/** The texts of a frame from `skip` bytes on, as people may read them, without control characters. */
function texts({ bytes, at, end }: FrameView, until: number, skip = 0): string[] {
  const found: string[] = [];
  for (let from = at + skip; from < end;) {
    const next = bytes.subarray(from, end).indexOf(until);
    const to = next < 0 ? end : from + next;
    const seen = bytes.subarray(from, to).filter((byte) => !isControl(byte));
    found.push(escapedText(seen, 0, seen.length));
    from = to + 1;
  }
  return found;
}

function lines(frame: FrameView, skip = 0): string[] {
  return texts(frame, 0x0a, skip);
}

function quoted(text: string | undefined): string {
  const letters = Array.from(text ?? '');
  return `"${letters.length > TEXT_MAX ? `${letters.slice(0, TEXT_MAX).join('')}...` : letters.join('')}"`;
}

/** Those of the strings that say something, each with its number. */
function data(strings: readonly string[]): string {
  const told = strings
    .slice(0, DATA_COUNT)
    .flatMap((text, i) => (text === '' ? [] : [`${i + 1} ${quoted(text)}`]));
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function reg2(frame: FrameView): string {
  const [, version, ...strings] = lines(frame);
  return `registers as a server of version ${quoted(version)}, telling ${data(strings)}`;
}

function lobby2(frame: FrameView): string {
  const [, ...rest] = lines(frame);
  const [sort, order, limit] = rest.slice(DATA_COUNT).map(quoted);
  return `asks for servers that tell ${data(rest)}, by ${sort} ${order}, limit ${limit}`;
}

function introduced(frame: FrameView): string {
  const [ip, port] = texts(frame, 0, 1);
  return `the other one is ${quoted(ip)}, UDP port ${port}`;
}

function testingInfos(frame: FrameView): string {
  const [name, version, minimum] = lines(frame, 1).map(quoted);
  return `is ${name} of version ${version}, for games of ${minimum} and newer`;
}

/** By kind. Each is given a whole frame. */
const summaries: Readonly<Record<number, (frame: FrameView) => string>> = {
  [Kind.blank]: ({ at, end }) => `${end - at} control characters between commands`,
  [Kind.reg]: () => 'registers as a server',
  [Kind.reg2]: reg2,
  [Kind.ping]: () => 'is still there',
  [Kind.connect]: (frame) => `asks to be introduced to ${quoted(lines(frame)[1])}`,
  [Kind.lobby2]: lobby2,
  [Kind.version]: () => 'asks for the version',
  [Kind.istesting]: () => 'asks whether this is for tests',
  [Kind.testinginfos]: () => 'asks what is tested here',
  [Kind.unknown]: (frame) => `says ${quoted(lines(frame)[0])}, which is no command`,
  [Kind.udpReg]: () => 'is the address of a server',
  [Kind.udpConnect]: () => 'is the address of a client',
  [Kind.udpRegHeaded]: () => `is the address of a server, behind ${HEADER_BYTES} bytes of GameMaker’s`,
  [Kind.udpConnectHeaded]: () => `is the address of a client, behind ${HEADER_BYTES} bytes of GameMaker’s`,
  [Kind.introduced]: introduced,
  [Kind.notFound]: () => 'there is no such server',
  [Kind.lobby]: (frame) => `servers, in ${frame.end - frame.at - 2} bytes of JSON`,
  [Kind.versionText]: (frame) => `is of version ${quoted(lines(frame, 1)[0])}`,
  [Kind.testing]: ({ view, at }) => (view.getUint8(at + 1) === 1 ? 'is for tests' : 'is not for tests'),
  [Kind.noTesting]: () => 'nothing is tested here',
  [Kind.testingInfos]: testingInfos,
};

export function summarize(frame: FrameView): string {
  return summaries[frame.kind]?.(frame) ?? `${frame.end - frame.at} bytes`;
}
