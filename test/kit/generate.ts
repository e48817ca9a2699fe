/**
 * Makes frames and streams of frames of any protocol from its layout tables, and knows nothing else
 * about it.
 *
 * Which kinds may come under which mode no table says. It is found out by trial: a kind is at home
 * where the framing recognises samples of it.
 */
import fc, { type Arbitrary } from 'fast-check';
import { expect } from 'vitest';
import { macText } from '../../protocol/address.ts';
import { escapedText } from '../../protocol/escaped.ts';
import { counterOf, encode, endOf, type FieldValue, flatSpecs, isControl } from '../../protocol/layout.ts';
import { span } from '../../protocol/memory.ts';
import {
  Direction,
  type FieldSpec,
  type FrameKind,
  type FrameSpec,
  type Mode,
  type Protocol,
} from '../../protocol/types.ts';
import { bytesText, join, sameBytes } from './bytes.ts';

export type Values = Readonly<Record<string, FieldValue>>;

export interface Options {
  /** Addresses, numbers and codes come from a handful, so that clients find each other. */
  readonly crowded?: boolean;
  /** Padding holds anything. */
  readonly dirty?: boolean;
  /** No body is longer. */
  readonly bodyMax?: number;
}

export interface Cut {
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
}

export interface Stream {
  readonly start: Mode;
  readonly frames: readonly Cut[];
}

// Fields and frames -------------------------------------------------------------------------------

const WIDTH = { u8: 1, u16le: 2, u32le: 4, i32le: 4, u16be: 2, u32be: 4 } as const;

export function isInteger(type: FieldSpec['type']): type is keyof typeof WIDTH {
  return type in WIDTH;
}

function integers(field: FieldSpec, crowded: boolean): Arbitrary<number> {
  const { type, always, min = 0, max = greatest(field) } = field;
  if (typeof always === 'number') return fc.constant(always);
  if (crowded) return fc.constantFrom(...[1, 1, 2].map((few) => Math.min(Math.max(few, min), max)));
  if (type === 'i32le') return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  return fc.integer({ min, max });
}

function greatest(field: FieldSpec): number {
  const { type } = field;
  return isInteger(type) ? 2 ** (8 * WIDTH[type]) - 1 : 10 ** Math.min(endOf(field)?.max ?? 9, 9) - 1;
}

function isNumber({ type }: FieldSpec): boolean {
  return isInteger(type) || type === 'decimal';
}

const macs = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => macText(bytes, 0));
const fewMacs = fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:01');

/** Mostly short ones; now and then none, or as many as may be. */
function sizes(max: number): Arbitrary<number> {
  const short = fc.integer({ min: 0, max: Math.min(max, 40) });
  return fc.oneof({ weight: 18, arbitrary: short }, { weight: 1, arbitrary: fc.constantFrom(0, max) });
}

/** Bytes, of which only the first few are drawn: more would take long and show no more. */
function bodies(sizeMax: number): Arbitrary<Uint8Array> {
  return fc
    .tuple(sizes(sizeMax), fc.uint8Array({ maxLength: 40 }), fc.nat(255))
    .map(([size, drawn, rest]) => {
      const bytes = new Uint8Array(size).fill(rest);
      bytes.set(drawn.subarray(0, size));
      return bytes;
    });
}

function texts(sizeMax: number): Arbitrary<string> {
  const letters = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
  return fc.string({ unit: letters, maxLength: Math.min(sizeMax, 40) });
}

/** One letter, as often as there is room: what stands for a name or a code. */
function fewTexts(size: number): Arbitrary<string> {
  return fc.constantFrom('A', 'A', 'B').map((letter) => letter.repeat(size));
}

/** Letters of all sizes, which take `sizeMax` bytes at most. */
function utf8Texts(sizeMax: number): Arbitrary<string> {
  const letters = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 1 })
    .filter((letter) => letter !== '\0');
  return fc.array(letters, { maxLength: Math.min(sizeMax, 40) }).map((drawn) => {
    let text = '';
    for (const letter of drawn) if (Buffer.byteLength(text + letter) <= sizeMax) text += letter;
    return text;
  });
}

function macLists(sizeMax: number, size?: number): Arbitrary<string> {
  const most = Math.floor(sizeMax / 6);
  const length =
    size === undefined ? { maxLength: Math.min(most, 40) } : { minLength: most, maxLength: most };
  return fc.array(macs, length).map((drawn) => drawn.join(' '));
}

/** Any bytes but the one that ends them. */
function escapedTexts(most: number, least: number, until: number): Arbitrary<string> {
  const letters = fc.oneof(
    fc.integer({ min: 0x61, max: 0x7a }),
    fc.nat(255).map((byte) => (byte === until ? 0x7a : byte)),
  );
  return fc
    .array(letters, { minLength: least, maxLength: Math.min(most, 70) })
    .map((bytes) => escapedText(Uint8Array.from(bytes), 0, bytes.length));
}

/** Short words, some of them with letters of more than one byte. */
function lines(most: number, least: number): Arbitrary<string> {
  const letters = fc.oneof(fc.integer({ min: 0x21, max: 0x5b }), fc.integer({ min: 0xe0, max: 0xf6 }));
  return fc
    .array(letters, { minLength: least, maxLength: Math.max(least, Math.min(Math.floor(most / 2), 20)) })
    .map((points) => String.fromCodePoint(...points));
}

function controls(): Arbitrary<Uint8Array> {
  const bytes = fc.nat(0x1f).filter(isControl);
  return fc.array(bytes, { minLength: 1, maxLength: 4 }).map((drawn) => Uint8Array.from(drawn));
}

/** How many bytes the fields of variable size may have in all. */
function room(spec: FrameSpec, bodyMax: number): number {
  const fixed = spec.fields.reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0);
  return Math.min(spec.bytesMax - fixed, bodyMax);
}

/** How many bytes a value of this field may have, in a frame with so much room for each. */
function most(spec: FrameSpec, field: FieldSpec, bodyMax: number): number {
  const { size } = field;
  if (typeof size === 'number') return size;
  const counter = counterOf(field);
  const counted = spec.fields.find(({ name }) => name === counter?.from);
  const times = counted === undefined ? Infinity : (counted.max ?? greatest(counted));
  const own = typeof size === 'object' && 'max' in size ? size.max : Infinity;
  return Math.min(bodyMax, own, times * (counter?.times ?? 1));
}

/** Values for all fields that `encode` must be given. */
export function values(spec: FrameSpec, options: Options = {}): Arbitrary<Values> {
  const counts = new Set(spec.fields.map((field) => counterOf(field)?.from ?? null));
  const variable = flatSpecs(spec.fields).filter(({ size }) => typeof size !== 'number').length;
  const bodyMax = Math.floor(room(spec, options.bodyMax ?? 300_000) / Math.max(variable, 1));
  const drawn: Record<string, Arbitrary<FieldValue>> = {};
  for (const field of flatSpecs(spec.fields)) {
    if (counts.has(field.name) || field.countsRest === true || field.inside !== undefined) continue;
    const value = fieldValues(spec, field, most(spec, field, bodyMax), options);
    if (value !== null) drawn[field.name] = value;
  }
  return fc.record(drawn);
}

/** Null for a field that has no value of its own. */
function fieldValues(
  spec: FrameSpec,
  field: FieldSpec,
  bytesMax: number,
  { crowded = false }: Options,
): Arbitrary<FieldValue> | null {
  const { type, size, always } = field;
  const end = endOf(field);
  const withoutEnd = (text: string) =>
    end === null ? text : text.replaceAll(String.fromCharCode(end.until), '');
  if (isNumber(field)) return integers(field, crowded);
  if (always !== undefined) return fc.constant(always);
  switch (type) {
    case 'mac':
      return crowded ? fewMacs : macs;
    case 'macs':
      return typeof size === 'number' ? macLists(size, size) : macLists(bytesMax);
    case 'ascii':
      return crowded ? fewTexts(Math.min(bytesMax, 40)) : texts(bytesMax).map(withoutEnd);
    case 'utf8':
      return utf8Texts(bytesMax).map(withoutEnd);
    case 'escaped':
      return crowded ? fewTexts(1) : escapedTexts(bytesMax, end?.min ?? 0, end?.until ?? -1);
    case 'line':
      return crowded ? fewTexts(1) : lines(bytesMax, end?.min ?? 0);
    case 'bytes':
      if (size === 'controls') return controls();
      if (typeof size === 'number') return fc.uint8Array({ minLength: size, maxLength: size });
      return bodies(bytesMax).filter((body) => body.length >= (spec.pieces ? spec.bytesMin : 0));
    default:
      return null;
  }
}

/** Where the padding lies in frames of this kind, as far as it lies at fixed places. */
export function paddings(spec: FrameSpec): readonly { readonly at: number; readonly end: number }[] {
  const found = [];
  let at = 0;
  for (const { type, size } of spec.fields) {
    if (typeof size !== 'number') break;
    if (type === 'padding') found.push({ at, end: at + size });
    at += size;
  }
  return found;
}

/** Whole frames of one kind, valid by its table. */
export function frames(spec: FrameSpec, options: Options = {}): Arbitrary<Uint8Array> {
  const clean = values(spec, options).map((drawn) => encode(spec, drawn));
  if (!options.dirty || paddings(spec).length === 0) return clean;
  return fc.tuple(clean, fc.nat(255)).map(([bytes, dirt]) => {
    for (const { at, end } of paddings(spec)) bytes.fill(dirt, at, end);
    return bytes;
  });
}

// Modes -------------------------------------------------------------------------------------------

const SAMPLES = { seed: 1, numRuns: 20 };
const homes = new WeakMap<Protocol, Map<string, readonly FrameKind[]>>();

/** The kinds that may come next under `mode`. */
export function kindsIn(protocol: Protocol, mode: Mode, direction: Direction): readonly FrameKind[] {
  let known = homes.get(protocol);
  if (known === undefined) homes.set(protocol, (known = new Map<string, readonly FrameKind[]>()));
  const key = `${mode} ${direction}`;
  let kinds = known.get(key);
  if (kinds === undefined) {
    kinds = protocol.frames.flatMap((spec, kind) =>
      spec.direction === direction && isAtHome(protocol, mode, kind) ? [kind] : [],
    );
    known.set(key, kinds);
  }
  return kinds;
}

function isAtHome(protocol: Protocol, mode: Mode, kind: FrameKind): boolean {
  const spec = protocol.frames[kind]!;
  const samples = fc.sample(frames(spec, { bodyMax: 100 }), SAMPLES);
  const isTaken = (bytes: Uint8Array) => isTakenAs(protocol, mode, kind, bytes);
  // What is of this kind because no other fits may come out as one that another fits.
  return spec.otherwise === true ? samples.some(isTaken) : samples.every(isTaken);
}

function isTakenAs({ framing }: Protocol, mode: Mode, kind: FrameKind, bytes: Uint8Array): boolean {
  const { view } = span(bytes);
  if (framing.measure(mode, view, 0, bytes.length) !== bytes.length) return false;
  return framing.classify(mode, view, 0, bytes.length) === kind;
}

export function modeAfter(protocol: Protocol, mode: Mode, kind: FrameKind, direction: Direction): Mode {
  const then = protocol.frames[kind]?.then;
  return (direction === Direction.toRelay ? then?.toRelay : then?.toPeer) ?? mode;
}

/** The modes in which a stream can start. What a client is sent depends on what it has opened. */
export function startModes(protocol: Protocol, direction: Direction): readonly Mode[] {
  const { start, datagram } = protocol.framing;
  if (direction === Direction.toRelay)
    return datagram === undefined ? [start.toRelay] : [start.toRelay, datagram];
  const opened = protocol.frames.flatMap((spec) =>
    spec.direction === Direction.toRelay && spec.then?.toPeer !== undefined ? [spec.then.toPeer] : [],
  );
  return [...new Set([start.toPeer, ...opened])];
}

/** All modes that a stream can come to. */
export function modes(protocol: Protocol, direction: Direction): readonly Mode[] {
  const found = new Set(startModes(protocol, direction));
  for (const mode of found) {
    for (const kind of kindsIn(protocol, mode, direction))
      found.add(modeAfter(protocol, mode, kind, direction));
  }
  return [...found];
}

/** Every mode of a protocol, with the direction in which it rules. */
export function places(
  protocol: Protocol,
): readonly { readonly mode: Mode; readonly direction: Direction }[] {
  return Object.values(Direction).flatMap((direction) =>
    modes(protocol, direction).map((mode) => ({ mode, direction })),
  );
}

// Streams -----------------------------------------------------------------------------------------

interface Walk {
  readonly start: Mode;
  /** Each with the mode under which it comes. */
  readonly steps: readonly { readonly mode: Mode; readonly kind: FrameKind }[];
}

function walk(protocol: Protocol, direction: Direction, start: Mode, choices: readonly number[]): Walk {
  const steps: { mode: Mode; kind: FrameKind }[] = [];
  let mode = start;
  for (const choice of choices) {
    const possible = kindsIn(protocol, mode, direction);
    if (possible.length === 0) break;
    const kind = possible[choice % possible.length]!;
    steps.push({ mode, kind });
    mode = modeAfter(protocol, mode, kind, direction);
  }
  return { start, steps };
}

/** A frame of this kind, and what it announces. */
function announcements(
  protocol: Protocol,
  { mode, kind }: Walk['steps'][number],
  options: Options,
): Arbitrary<readonly Cut[]> {
  const spec = protocol.frames[kind]!;
  const { announces, otherwise } = spec;
  if (announces === undefined)
    return frames(spec, options)
      .filter((bytes) => otherwise !== true || isTakenAs(protocol, mode, kind, bytes))
      .map((bytes) => [{ kind, bytes }]);
  const field = spec.fields.find(({ name }) => name === announces.field);
  const [least, greatest] = [field?.min ?? 0, field?.max ?? Infinity];
  const sizeMax = Math.min(options.bodyMax ?? 300_000, greatest);
  const body = bodies(Math.max(sizeMax - least, 0)).map((bytes) => {
    const long = new Uint8Array(least + bytes.length).fill(bytes[0] ?? 7);
    long.set(bytes, least);
    return long;
  });
  // What is longer than there is room for breaks off.
  const has = Math.max(sizeMax, 0);
  return fc.tuple(values(spec, options), body).map(([drawn, bytes]) => {
    const head = { kind, bytes: encode(spec, { ...drawn, [announces.field]: bytes.length }) };
    const there = bytes.subarray(0, has);
    return there.length === 0 ? [head] : [head, { kind: announces.kind, bytes: there }];
  });
}

/** Nothing comes after a body that breaks off. */
function untilBreak(protocol: Protocol, cuts: readonly Cut[]): readonly Cut[] {
  const end = cuts.findIndex(({ kind, bytes }, i) => {
    const spec = protocol.frames[kind]!;
    if (spec.announces === undefined) return false;
    const announced = protocol.framing.announced?.(span(bytes).view, 0, bytes.length) ?? 0;
    const next = cuts[i + 1];
    const has = next?.kind === spec.announces.kind ? next.bytes.length : 0;
    return has < announced;
  });
  return end < 0
    ? cuts
    : cuts.slice(
        0,
        cuts[end + 1]?.kind === protocol.frames[cuts[end]!.kind]!.announces!.kind ? end + 2 : end + 1,
      );
}

/** Valid streams of one direction, from their first byte on. */
export function streams(protocol: Protocol, direction: Direction, options: Options = {}): Arbitrary<Stream> {
  return fc
    .tuple(
      fc.constantFrom(...startModes(protocol, direction)),
      fc.array(fc.nat(59), { minLength: 1, maxLength: 10 }),
    )
    .map(([start, choices]) => walk(protocol, direction, start, choices))
    .chain(({ start, steps }) =>
      fc
        .tuple(...steps.map((step) => announcements(protocol, step, options)))
        .map((drawn) => ({ start, frames: untilBreak(protocol, drawn.flat()) })),
    );
}

export function streamBytes(stream: Stream): Uint8Array {
  return join(stream.frames.map(({ bytes }) => bytes));
}

/** Two ways to cut a stream: the same kinds and the same bytes, whatever seams mean nothing. */
export function expectSameCuts(protocol: Protocol, found: readonly Cut[], wanted: readonly Cut[]): void {
  const [one, other] = [withoutSeams(protocol, found), withoutSeams(protocol, wanted)];
  expect(one.map(({ kind, bytes }) => `${kind}: ${bytesText(bytes)}`)).toEqual(
    other.map(({ kind, bytes }) => `${kind}: ${bytesText(bytes)}`),
  );
  expect(one.every(({ bytes }, i) => sameBytes(bytes, other[i]!.bytes))).toBe(true);
}

/** Joins neighbours whose boundary means nothing. */
function withoutSeams(protocol: Protocol, cuts: readonly Cut[]): readonly Cut[] {
  const joined: Cut[] = [];
  for (const next of cuts) {
    const last = joined.at(-1);
    if (last?.kind === next.kind && protocol.frames[next.kind]?.pieces) {
      joined[joined.length - 1] = { kind: next.kind, bytes: join([last.bytes, next.bytes]) };
    } else {
      joined.push(next);
    }
  }
  return joined;
}
