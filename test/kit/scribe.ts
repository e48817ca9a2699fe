/**
 * A protocol that was made up, in which every word of the language of tables stands at least once: a table that says
 * something in a new way is tested here before a real protocol says it so.
 *
 * A stream begins with a letter. After `P` and a name come parcels, `{to}|{n}|` and n bytes; after `C` come lines; after `B`
 * come boxes, `{n}:` and n bytes, of which the first says what is in them. A datagram is a mark and a line. The relay
 * sends news: a number, a blank and a line.
 */
import { CommonFault } from '../../protocol/fault.ts';
import {
  Direction,
  type FieldSpec,
  type FrameSpec,
  type Inside,
  type InsideRow,
  type Protocol,
} from '../../protocol/types.ts';
import { escapedBytes, escapedText } from '../../protocol/escaped.ts';

export const ScribeKind = {
  post: 0,
  talk: 1,
  pack: 2,
  parcel: 3,
  parcelData: 4,
  silence: 5,
  say: 6,
  card: 7,
  note: 8,
  box: 9,
  ping: 10,
  news: 11,
} as const;
export const ScribeMode = { start: 0, parcels: 1, lines: 2, boxes: 3, ping: 4, news: 5 } as const;

const [BAR, COLON, BLANK, LINE_END] = [0x7c, 0x3a, 0x20, 0x0a];
const NAME_MAX = 12;
export const PARCEL_MAX = 5000;
const BOX_MAX = 3000;
const LINE_MAX = 30;
const NEWS_MAX = 40;
const WORDS_MAX = 100;
const PING = 0x50_4f_4e_47;
const HELLO = 'HELLO';
/** Tag, word and count. */
const NOTE_HEAD = 1 + HELLO.length + 1;

/** `{length}{name}{level}{port}`, the last in two bytes. */
const card: Inside = {
  fields: [
    { name: 'owner', type: 'escaped', size: { max: 20 } },
    { name: 'level', type: 'u8', size: 1, names: { 1: 'LOW', 9: 'HIGH' }, note: 'how well it is known' },
    { name: 'port', type: 'u16be', size: 2 },
  ],
  read(bytes, at, end): readonly InsideRow[] | null {
    const length = bytes[at];
    if (length === undefined || at >= end || end - at !== 1 + length + 3) return null;
    const after = at + 1 + length;
    const port = (bytes[after + 1] as number) * 256 + (bytes[after + 2] as number);
    return [
      { name: 'owner', at: at + 1, size: length, value: escapedText(bytes, at + 1, after) },
      { name: 'level', at: after, size: 1, value: bytes[after] as number },
      { name: 'port', at: after + 1, size: 2, value: port },
    ];
  },
  write(values) {
    const owner = escapedBytes(values['owner'] as string);
    const [level, port] = [values['level'] as number, values['port'] as number];
    return Uint8Array.of(owner.length, ...owner, level, port >> 8, port & 0xff);
  },
};

function letter(always: string): FieldSpec {
  return { name: 'letter', type: 'ascii', size: 1, always };
}

const boxSize: FieldSpec = {
  name: 'size',
  type: 'decimal',
  size: { until: COLON, max: 4 },
  max: BOX_MAX,
  countsRest: true,
};
const boxMost = 4 + 1 + BOX_MAX;

const toRelay = { direction: Direction.toRelay } as const;
const pieces = { bytesMin: 1, bytesMax: Number.MAX_SAFE_INTEGER, pieces: true } as const;

const frames: readonly FrameSpec[] = [
  {
    ...toRelay,
    name: 'post',
    bytesMin: 3,
    bytesMax: 1 + NAME_MAX + 1,
    fields: [
      letter('P'),
      { name: 'name', type: 'escaped', size: { until: BAR, max: NAME_MAX, min: 1 }, note: 'who it is' },
    ],
    then: { toRelay: ScribeMode.parcels },
    note: 'parcels come after it',
  },
  {
    ...toRelay,
    name: 'talk',
    bytesMin: 1,
    bytesMax: 1,
    fields: [letter('C')],
    then: { toRelay: ScribeMode.lines },
  },
  {
    ...toRelay,
    name: 'pack',
    bytesMin: 1,
    bytesMax: 1,
    fields: [letter('B')],
    then: { toRelay: ScribeMode.boxes },
  },
  {
    ...toRelay,
    name: 'parcel',
    bytesMin: 3,
    bytesMax: NAME_MAX + 1 + 6 + 1,
    fields: [
      { name: 'to', type: 'escaped', size: { until: BAR, max: NAME_MAX } },
      { name: 'bytes', type: 'decimal', size: { until: BAR, max: 6 }, max: PARCEL_MAX },
    ],
    announces: { kind: ScribeKind.parcelData, field: 'bytes' },
  },
  { ...toRelay, ...pieces, name: 'parcel-data', fields: [{ name: 'payload', type: 'bytes', size: 'rest' }] },
  { ...toRelay, ...pieces, name: 'silence', fields: [{ name: 'blank', type: 'bytes', size: 'controls' }] },
  {
    ...toRelay,
    name: 'say',
    bytesMin: 2,
    bytesMax: LINE_MAX + 1,
    fields: [{ name: 'said', type: 'line', size: { until: LINE_END, max: LINE_MAX, min: 1 } }],
  },
  {
    ...toRelay,
    name: 'card',
    bytesMin: 2 + 1 + 4,
    bytesMax: boxMost,
    fields: [
      boxSize,
      { name: 'tag', type: 'u8', size: 1, always: 1 },
      { name: 'card', type: 'bytes', size: 'rest', inside: card, note: 'of its owner' },
    ],
  },
  {
    ...toRelay,
    name: 'note',
    bytesMin: 2 + NOTE_HEAD,
    bytesMax: boxMost,
    fields: [
      boxSize,
      { name: 'tag', type: 'u8', size: 1, min: 2, max: 4, names: { 2: 'RED', 3: 'BLUE' } },
      { name: 'word', type: 'ascii', size: HELLO.length, always: HELLO },
      { name: 'count', type: 'u8', size: 1 },
      { name: 'text', type: 'bytes', size: { from: 'count' } },
    ],
  },
  {
    ...toRelay,
    name: 'box',
    bytesMin: 2,
    bytesMax: boxMost,
    otherwise: true,
    fields: [boxSize, { name: 'body', type: 'bytes', size: 'rest' }],
  },
  {
    ...toRelay,
    name: 'ping',
    bytesMin: 4 + 1,
    bytesMax: 4 + WORDS_MAX + 1,
    fields: [
      { name: 'mark', type: 'u32be', size: 4, always: PING },
      { name: 'words', type: 'utf8', size: { until: LINE_END, max: WORDS_MAX } },
    ],
  },
  {
    direction: Direction.toPeer,
    name: 'news',
    bytesMin: 3,
    bytesMax: 3 + 1 + NEWS_MAX + 1,
    fields: [
      {
        name: 'code',
        type: 'decimal',
        size: { until: BLANK, max: 3 },
        min: 1,
        max: 999,
        names: { 7: 'FAIR' },
      },
      { name: 'report', type: 'escaped', size: { until: LINE_END, max: NEWS_MAX } },
    ],
  },
];

const MISSING = -1;
const TOO_FAR = -2;

/** Where a byte is found, within so many after `at`. */
function find(view: DataView, at: number, end: number, wanted: number, max: number): number {
  for (let i = at; i < end && i <= at + max; i++) if (view.getUint8(i) === wanted) return i;
  return end - at > max ? TOO_FAR : MISSING;
}

function digits(view: DataView, at: number, end: number): number {
  let number = at === end ? NaN : 0;
  for (let i = at; i < end; i++) {
    const digit = view.getUint8(i) - 0x30;
    number = digit >= 0 && digit <= 9 ? 10 * number + digit : NaN;
  }
  return number;
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}

/** A field that ends at a byte: where it ends, or what `measure` has to say instead. */
function ended(
  view: DataView,
  at: number,
  end: number,
  until: number,
  max: number,
): { at: number } | { says: number } {
  const found = find(view, at, end, until, max);
  return found >= 0 ? { at: found } : { says: found === TOO_FAR ? -CommonFault.tooLong : 0 };
}

function measureParcel(view: DataView, at: number, end: number): number {
  const name = ended(view, at, end, BAR, NAME_MAX);
  if ('says' in name) return name.says;
  const size = ended(view, name.at + 1, end, BAR, 6);
  if ('says' in size) return size.says;
  const number = digits(view, name.at + 1, size.at);
  return number <= PARCEL_MAX ? size.at + 1 - at : -CommonFault.malformed;
}

function measureLine(view: DataView, at: number, end: number): number {
  let i = at;
  while (i < end && isControl(view.getUint8(i))) i++;
  if (i > at) return i - at;
  const line = ended(view, at, end, LINE_END, LINE_MAX);
  return 'says' in line ? line.says : line.at + 1 - at;
}

function measureBox(view: DataView, at: number, end: number): number {
  const size = ended(view, at, end, COLON, 4);
  if ('says' in size) return size.says;
  const number = digits(view, at, size.at);
  return number <= BOX_MAX ? size.at + 1 - at + number : -CommonFault.malformed;
}

function measureNews(view: DataView, at: number, end: number): number {
  const code = ended(view, at, end, BLANK, 3);
  if ('says' in code) return code.says;
  if (!(digits(view, at, code.at) >= 1)) return -CommonFault.malformed;
  const text = ended(view, code.at + 1, end, LINE_END, NEWS_MAX);
  return 'says' in text ? text.says : text.at + 1 - at;
}

function measureStart(view: DataView, at: number, end: number): number {
  const first = String.fromCharCode(view.getUint8(at));
  if (first === 'C' || first === 'B') return 1;
  if (first !== 'P') return -CommonFault.malformed;
  const name = ended(view, at + 1, end, BAR, NAME_MAX);
  if ('says' in name) return name.says;
  return name.at === at + 1 ? -CommonFault.malformed : name.at + 1 - at;
}

function measurePing(view: DataView, at: number, end: number): number {
  if (end - at < 4) return 0;
  if (view.getUint32(at) !== PING) return -CommonFault.malformed;
  const words = ended(view, at + 4, end, LINE_END, WORDS_MAX);
  return 'says' in words ? words.says : words.at + 1 - at;
}

function boxKind(view: DataView, at: number, end: number): number {
  const body = find(view, at, end, COLON, 4) + 1;
  const tag = body < end ? view.getUint8(body) : 0;
  if (tag === 1) return ScribeKind.card;
  if (tag < 2 || tag > 4 || end - body < NOTE_HEAD) return ScribeKind.box;
  for (let i = 0; i < HELLO.length; i++)
    if (view.getUint8(body + 1 + i) !== HELLO.charCodeAt(i)) return ScribeKind.box;
  return view.getUint8(body + NOTE_HEAD - 1) === end - body - NOTE_HEAD ? ScribeKind.note : ScribeKind.box;
}

type Measure = (view: DataView, at: number, end: number) => number;
const measures: readonly Measure[] = [
  measureStart,
  measureParcel,
  measureLine,
  measureBox,
  measurePing,
  measureNews,
];

function unused(): never {
  throw new Error('nobody listens for it');
}

export const scribe: Protocol = {
  id: 98,
  name: 'scribe',
  title: 'Scribe',
  revision: 1,
  transports: ['tcp', 'udp'],
  port: 1,
  outboxBytesMax: 1_000_000,
  faults: [],
  frames,
  framing: {
    start: { toRelay: ScribeMode.start, toPeer: ScribeMode.news },
    datagram: ScribeMode.ping,
    measure: (mode, view, at, end) => (measures[mode] as Measure)(view, at, end),
    classify(mode, view, at, end) {
      switch (mode) {
        case ScribeMode.start:
          return 'PCB'.indexOf(String.fromCharCode(view.getUint8(at)));
        case ScribeMode.parcels:
          return ScribeKind.parcel;
        case ScribeMode.lines:
          return isControl(view.getUint8(at)) ? ScribeKind.silence : ScribeKind.say;
        case ScribeMode.boxes:
          return boxKind(view, at, end);
        default:
          return mode === ScribeMode.ping ? ScribeKind.ping : ScribeKind.news;
      }
    },
    announced(view, at, end) {
      const bar = find(view, at, end, BAR, NAME_MAX);
      return digits(view, bar + 1, end - 1);
    },
  },
  summarize: ({ kind, at, end }) => `${frames[kind]?.name ?? 'kind'} of ${end - at} bytes`,
  createHub: unused,
};
