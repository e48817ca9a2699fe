/**
 * Whether a frame that came is the one that was recorded.
 *
 * The rule: what means nothing in any play (padding) is not looked at; numbers that the relay made up may be
 * others, if they are so one to one over the whole replay; what a mask hides is seen, and said. Trials bind no
 * numbers, since most of them come to nothing: only a match that is told does.
 */
import { hex } from '../../protocol/address.ts';
import { dissect } from '../../protocol/layout.ts';
import type { FrameSpec, Protocol } from '../../protocol/types.ts';
import type { ByteRange, Conversation, Masks, Unit } from '../types.ts';
import type { Sameness } from './aligner.ts';

/** Numbers of relays that are remembered; where there are more, the oldest is forgotten. */
export const HANDLES_MAX = 65_536;

type Frame = Pick<Unit, 'kind' | 'bytes'>;

/** Bytes of a frame that are not compared as bytes. */
interface Soft {
  readonly padding: readonly ByteRange[];
  readonly handles: readonly ByteRange[];
}

const NONE: readonly ByteRange[] = [];
const hard: Soft = { padding: NONE, handles: NONE };

export class Likeness {
  readonly #masks: Masks;
  readonly #handles: Handles;

  constructor(masks: Masks, handlesMax = HANDLES_MAX) {
    this.#masks = masks;
    this.#handles = new Handles(handlesMax);
  }

  same(conversation: Conversation, expected: Frame, actual: Frame): Sameness {
    if (expected.kind !== actual.kind || expected.bytes.length !== actual.bytes.length) return 'different';
    const soft = softOf(conversation.protocol, expected);
    if (soft.handles.length === 0 && areEqual(expected.bytes, actual.bytes)) return 'equal';
    if (this.#difference(conversation, soft, expected, actual, NONE) === -1) return 'equal';
    const masked = this.#masks.of(conversation, expected.kind, expected.bytes);
    if (masked.length === 0) return 'different';
    return this.#difference(conversation, soft, expected, actual, masked) === -1 ? 'masked' : 'different';
  }

  /** Where they first differ in what is compared; in a masked match, in what is hidden. Null where nowhere. */
  offset(conversation: Conversation, expected: Frame, actual: Frame): number | null {
    if (expected.kind !== actual.kind) {
      const at = firstDifference(expected.bytes, actual.bytes, 0);
      return at === -1 ? null : at;
    }
    const soft = softOf(conversation.protocol, expected);
    const masked = this.#masks.of(conversation, expected.kind, expected.bytes);
    for (const hidden of [masked, NONE]) {
      const at = this.#difference(conversation, soft, expected, actual, hidden);
      if (at !== -1) return at;
    }
    return null;
  }

  /** Takes the numbers of a match that is told for the same. False where they have been told to be others. */
  bind(conversation: Conversation, expected: Frame, actual: Frame): boolean {
    const { handles } = softOf(conversation.protocol, expected);
    return handles.every((place) =>
      this.#handles.bind(conversation.protocol, numberAt(expected, place), numberAt(actual, place)),
    );
  }

  #difference(
    { protocol }: Conversation,
    soft: Soft,
    expected: Frame,
    actual: Frame,
    masked: readonly ByteRange[],
  ): number {
    if (soft.handles.length === 0) return firstSeen(expected.bytes, actual.bytes, soft.padding, NONE, masked);
    const agrees = (place: ByteRange) =>
      this.#handles.agree(protocol, numberAt(expected, place), numberAt(actual, place));
    const known = soft.handles.filter(agrees);
    const seen = firstSeen(expected.bytes, actual.bytes, soft.padding, known, masked);
    // The same number may mean somebody else by now.
    const broken = soft.handles.find((place) => !agrees(place) && !covers(masked, place.at));
    if (broken === undefined) return seen;
    return seen === -1 ? broken.at : Math.min(seen, broken.at);
  }
}

/** Which number of one play is which of the other. */
class Handles {
  readonly #max: number;
  readonly #there = new Map<string, string>();
  readonly #back = new Map<string, string>();

  constructor(max: number) {
    this.#max = max;
  }

  agree(protocol: Protocol, expected: string, actual: string): boolean {
    const there = this.#there.get(`${protocol.id} ${expected}`);
    const back = this.#back.get(`${protocol.id} ${actual}`);
    return (there === undefined || there === actual) && (back === undefined || back === expected);
  }

  bind(protocol: Protocol, expected: string, actual: string): boolean {
    if (!this.agree(protocol, expected, actual)) return false;
    remember(this.#there, `${protocol.id} ${expected}`, actual, this.#max);
    remember(this.#back, `${protocol.id} ${actual}`, expected, this.#max);
    return true;
  }
}

function remember(map: Map<string, string>, key: string, value: string, max: number): void {
  if (!map.has(key) && map.size >= max)
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  map.set(key, value);
}

function numberAt({ bytes }: Frame, { at, size }: ByteRange): string {
  return hex(bytes.subarray(at, at + size));
}

/** The first byte that is not the same and not hidden; -1 where there is none. Of two lengths, where one ends. */
function firstSeen(one: Uint8Array, other: Uint8Array, ...hidden: readonly (readonly ByteRange[])[]): number {
  let at = firstDifference(one, other, 0);
  const common = Math.min(one.length, other.length);
  while (at !== -1 && at < common) {
    const end = hiddenUntil(hidden, at);
    if (end === at) return at;
    at = firstDifference(one, other, end);
  }
  return at;
}

/** Where the range ends that hides this place; the place itself where none does. */
function hiddenUntil(hidden: readonly (readonly ByteRange[])[], place: number): number {
  for (const ranges of hidden)
    for (const range of ranges) if (holds(range, place)) return range.at + range.size;
  return place;
}

/** Bytes that came as they were expected are not held twice, and then there is nothing to compare. */
export function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || (one.length === other.length && Buffer.compare(one, other) === 0);
}

/** From `from` on; -1 where there is none. Of two lengths, where one ends. */
export function firstDifference(one: Uint8Array, other: Uint8Array, from: number): number {
  const common = Math.min(one.length, other.length);
  for (let at = from; at < common; at++) if (one[at] !== other[at]) return at;
  return one.length === other.length ? -1 : common;
}

function holds({ at, size }: ByteRange, place: number): boolean {
  return at <= place && place < at + size;
}

function covers(ranges: readonly ByteRange[], place: number): boolean {
  return ranges.some((range) => holds(range, place));
}

// What is soft in a kind of frame -------------------------------------------------------------------

/** Null where it has to be looked for in each frame. */
const softs = new WeakMap<FrameSpec, Soft | null>();

function softOf(protocol: Protocol, { kind, bytes }: Frame): Soft {
  const spec = protocol.frames[kind];
  if (spec === undefined) return hard;
  let soft = softs.get(spec);
  if (soft === undefined) softs.set(spec, (soft = tableSoft(spec)));
  return soft ?? frameSoft(spec, bytes);
}

/** The same in all frames of the kind, as long as whatever comes before has a fixed size. */
function tableSoft({ fields }: FrameSpec): Soft | null {
  const padding: ByteRange[] = [];
  const handles: ByteRange[] = [];
  let at: number | null = 0;
  for (const field of fields) {
    const { type, size } = field;
    const handle = isMadeUp(field);
    const isSoft = type === 'padding' || handle;
    if (isSoft && (at === null || typeof size !== 'number')) return null;
    if (isSoft) (handle ? handles : padding).push({ at: at as number, size: size as number });
    at = at === null || typeof size !== 'number' ? null : at + size;
  }
  return { padding, handles };
}

function frameSoft(spec: FrameSpec, bytes: Uint8Array): Soft {
  const rows = dissect(spec, bytes);
  const places = (isWanted: (field: FrameSpec['fields'][number]) => boolean) =>
    spec.fields.flatMap((field, i) => (isWanted(field) && rows[i]?.name === field.name ? [rows[i]] : []));
  return {
    padding: places(({ type }) => type === 'padding'),
    handles: places(isMadeUp),
  };
}

/** A number that is another in each run. Names that are text have been put in each other's place by now. */
function isMadeUp({ handle, type }: FrameSpec['fields'][number]): boolean {
  return handle === true && /^[ui]\d/.test(type);
}
