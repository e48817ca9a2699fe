/**
 * Two protocols that have nothing of a console's: people with names, who write each other lines of text. Names have three letters.
 *
 *     Hann\n           to the relay: I am Ann                  W2\n         to its guest: you are one of two
 *     Sannbobhello\n   from Ann to Bob, as it is
 *
 * In the parlour they see each other, and the relay tells everybody else who comes and who goes; by pigeon they only write.
 *
 *     Nbob\n           Bob is here                             Gbob\n        Bob is gone
 *
 * The rule: a line says from whom it is, so that the relay changes nothing in it, and does not pass on what bears another's
 * name. Who says hello twice is closed; of two with one name, the newer one stays.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import {
  Direction,
  type FieldSpec,
  type FrameSpec,
  type FrameView,
  type Hub,
  type Outlet,
  type Protocol,
  type Session,
} from '../../protocol/types.ts';

export const ParlourKind = { hello: 0, say: 1, said: 2, welcome: 3, newcomer: 4, gone: 5 } as const;
const Mode = { toRelay: 0, toPeer: 1 } as const;
const LINE_MAX = 200;
const NEWLINE = 0x0a;

const kinds: readonly Readonly<Record<string, number>>[] = [
  { H: ParlourKind.hello, S: ParlourKind.say },
  { S: ParlourKind.said, W: ParlourKind.welcome, N: ParlourKind.newcomer, G: ParlourKind.gone },
];

const NAME_BYTES = 3;

function name(field: string): FieldSpec {
  return { name: field, type: 'ascii', size: NAME_BYTES };
}

const letter: FieldSpec = { name: 'letter', type: 'ascii', size: 1 };
const words: FieldSpec = { name: 'words', type: 'utf8', size: 'rest' };

function spec(
  title: string,
  direction: Direction,
  fields: readonly FieldSpec[],
  more: Partial<FrameSpec> = {},
): FrameSpec {
  return {
    name: title,
    direction,
    bytesMin: 2,
    bytesMax: LINE_MAX,
    fields: [letter, ...fields, words],
    ...more,
  };
}

/** Of a name: 0 for the first one in the line. */
function nameIn({ bytes, at }: FrameView, place: number): string {
  const start = at + 1 + place * NAME_BYTES;
  return Buffer.from(bytes.subarray(start, start + NAME_BYTES)).toString();
}

export function line(start: string, rest = ''): Buffer {
  return Buffer.from(`${start}${rest}\n`);
}

class Room implements Hub {
  readonly deadline = Infinity;
  /** Its guests see each other. */
  readonly #isSeen: boolean;
  readonly guests = new Map<string, Guest>();
  readonly all = new Set<Guest>();

  constructor(isSeen: boolean) {
    this.#isSeen = isSeen;
  }

  accept(outlet: Outlet): Session {
    return new Guest(this, outlet);
  }

  wake(): void {
    // Nobody waits for anything.
  }

  get players(): Hub['players'] {
    return this.guests;
  }

  sessions(): Iterable<Session> {
    return this.all;
  }

  /** By pigeon, nobody knows how many there are. */
  get welcome(): Buffer {
    return this.#isSeen ? line('W', String(this.guests.size)) : line('W');
  }

  tellOthers(about: Guest, kind: number, bytes: Uint8Array): void {
    if (!this.#isSeen) return;
    for (const guest of [...this.guests.values()]) if (guest !== about) guest.outlet.send(kind, bytes);
  }
}

class Guest implements Session {
  readonly state = 'sits';
  readonly outlet: Outlet;
  readonly #room: Room;
  #name = '';

  constructor(room: Room, outlet: Outlet) {
    this.outlet = outlet;
    this.#room = room;
    room.all.add(this);
  }

  get label(): string {
    return this.#name || 'nobody';
  }

  frame(frame: FrameView): Outcome {
    const from = nameIn(frame, 0);
    if (frame.kind === ParlourKind.hello) return this.#enter(from);
    if (from !== this.#name) return Outcome.refused;
    const target = this.#room.guests.get(nameIn(frame, 1));
    if (target === undefined) return Outcome.noTarget;
    target.outlet.forward(frame, this.outlet);
    return Outcome.forwarded;
  }

  #enter(name: string): Outcome {
    if (this.#name !== '') {
      this.outlet.close(CommonFault.unexpected);
      return Outcome.refused;
    }
    const { guests } = this.#room;
    this.#name = name;
    this.outlet.identify(
      { role: 'guest', endpoint: name, toward: '', nickname: name, game: '', gameName: '' },
      new Uint8Array(0),
    );
    const older = guests.get(name);
    guests.set(name, this);
    older?.outlet.close(CommonFault.replaced);
    this.outlet.send(ParlourKind.welcome, this.#room.welcome);
    this.#room.tellOthers(this, ParlourKind.newcomer, line('N', this.#name));
    return Outcome.consumed;
  }

  gone(): void {
    const { guests, all } = this.#room;
    all.delete(this);
    if (guests.get(this.#name) !== this) return;
    guests.delete(this.#name);
    this.#room.tellOthers(this, ParlourKind.gone, line('G', this.#name));
  }
}

const common = {
  revision: 1,
  transports: ['tcp'],
  port: 1,
  outboxBytesMax: 512_000,
  faults: [],
  frames: [
    spec('hello', Direction.toRelay, [name('who')], { forRelay: true }),
    spec('say', Direction.toRelay, [name('from'), name('to')], { becomes: ParlourKind.said }),
    spec('said', Direction.toPeer, [name('from'), name('to')]),
    spec('welcome', Direction.toPeer, []),
    spec('newcomer', Direction.toPeer, [name('who')]),
    spec('gone', Direction.toPeer, [name('who')]),
  ],
  framing: {
    start: { toRelay: Mode.toRelay, toPeer: Mode.toPeer },
    measure(mode, view, at, end) {
      if (kinds[mode]?.[String.fromCharCode(view.getUint8(at))] === undefined) return -CommonFault.malformed;
      for (let i = at; i < end && i < at + LINE_MAX; i++) if (view.getUint8(i) === NEWLINE) return i + 1 - at;
      return end - at >= LINE_MAX ? -CommonFault.tooLong : 0;
    },
    classify: (mode, view, at) => kinds[mode]?.[String.fromCharCode(view.getUint8(at))] ?? 0,
  },
  summarize: ({ bytes, at, end }: FrameView) => Buffer.from(bytes.subarray(at, end - 1)).toString(),
  addressee: (frame: FrameView) => (frame.kind === ParlourKind.say ? nameIn(frame, 1) : null),
  sender: (frame: FrameView) => (frame.kind === ParlourKind.said ? nameIn(frame, 0) : null),
} as const satisfies Partial<Protocol>;

export const parlour: Protocol = {
  ...common,
  id: 96,
  name: 'parlour',
  title: 'Parlour',
  createHub: () => new Room(true),
  groupNotice: ({ kind }) => (kind === ParlourKind.hello ? { does: 'asks', group: 'the parlour' } : null),
};

export const pigeon: Protocol = {
  ...common,
  id: 95,
  name: 'pigeon',
  title: 'Pigeon post',
  createHub: () => new Room(false),
};
