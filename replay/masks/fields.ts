/**
 * What the bytes that differ are: constants of a recording, counters, times, addresses, random numbers.
 *
 * The rule: a byte that was the same in all recordings is part of a field only to complete the width of a number
 * or an address. Sums are kept, by field that may be one, and never frames.
 */
import { macBytes } from '../../protocol/address.ts';
import type { Millis } from '../../protocol/types.ts';
import type { Cast } from '../cast.ts';
import type { FrameClass } from './classes.ts';
import { ADDRESS_BYTES, type Meaning } from './file.ts';
import { NumberStudy, type NumberVerdict, WIDTHS } from './number.ts';

/** Numbers and addresses are looked for in groups of no more differing bytes than this. */
export const GROUP_STUDIED_MAX = 64;
/** And no more numbers than this in one class of frames. */
export const NUMBERS_STUDIED_MAX = 2048;

/** Without that it was seen to, a number is taken to be so wide at most. */
const WIDTH_GROWN_MAX = 4;
/** What changes from frame to frame so often is random; what changes less, is something else. */
const RANDOM_SHARE = 0.5;
/** What an even place counts for, in differing bytes that a time explains. */
const ALIGNED_BYTES = 2;

export interface FoundField {
  /** From the frame's start. */
  readonly at: number;
  readonly bytes: number;
  readonly means: Meaning;
}

/** Bytes next to each other: from the first to before the last. */
interface Group {
  readonly from: number;
  readonly to: number;
}

/** The addresses of a play's players, as numbers. */
export function addressesOf({ roles }: Cast): ReadonlySet<number> {
  const addresses = roles.map(({ player }) => macBytes(player)).filter((mac) => mac !== null);
  return new Set(addresses.map((mac) => addressAt(mac, 0)));
}

/** The differing bytes of one class of frames. */
export class ClassStudy {
  readonly frameClass: FrameClass;
  readonly #numbers: readonly NumberStudy[];
  /** Where an address may be: it was one in all frames so far. */
  readonly #addresses: Set<number>;
  readonly #bytes: ByteStudy;

  /** Of a class in which something differs. */
  constructor(frameClass: FrameClass, numbersMax = NUMBERS_STUDIED_MAX) {
    this.frameClass = frameClass;
    const { body, differs, length } = frameClass;
    const groups = groupsOf(body.at, body.at + body.size, (at) => (differs[at] ?? 0) > 0);
    const studied = groups.filter(({ from, to }) => to - from <= GROUP_STUDIED_MAX);
    const numbers = studied.flatMap((group) => numbersIn(group, frameClass));
    numbers.length = Math.min(numbers.length, numbersMax, NUMBERS_STUDIED_MAX);
    this.#numbers = numbers;
    this.#addresses = new Set(
      studied.flatMap(({ from, to }) =>
        range(Math.max(from - ADDRESS_BYTES + 1, body.at), Math.min(to, length - ADDRESS_BYTES + 1)),
      ),
    );
    this.#bytes = new ByteStudy(length);
  }

  get numbersStudied(): number {
    return this.#numbers.length;
  }

  frame(bytes: Uint8Array, at: Millis, addresses: ReadonlySet<number>): void {
    this.#bytes.frame(bytes);
    for (const place of this.#addresses)
      if (!addresses.has(addressAt(bytes, place))) this.#addresses.delete(place);
    for (const number of this.#numbers) number.frame(bytes, at);
  }

  endRun(): void {
    this.#bytes.endRun();
    for (const number of this.#numbers) number.endRun();
  }

  /** In order; they do not overlap, and hold every byte of the body that differs. */
  fields(): readonly FoundField[] {
    const { body, differs } = this.frameClass;
    const open = new Set(range(body.at, body.at + body.size).filter((at) => (differs[at] ?? 0) > 0));
    const fields: FoundField[] = [];
    const take = (field: FoundField) => {
      fields.push(field);
      for (let i = 0; i < field.bytes; i++) open.delete(field.at + i);
    };
    const taken = (at: number, bytes: number) =>
      fields.some((field) => at < field.at + field.bytes && field.at < at + bytes);
    for (const at of this.#addresses)
      if (!taken(at, ADDRESS_BYTES)) take({ at, bytes: ADDRESS_BYTES, means: 'address' });
    for (const number of this.#bestNumbers()) {
      const { at, width } = number.study;
      if (taken(at, width)) continue;
      const grown = this.#grown(number, taken);
      take({ at: grown.at, bytes: grown.width, means: number.verdict.means });
    }
    for (const { from, to } of groupsOf(body.at, body.at + body.size, (at) => open.has(at)))
      fields.push(...this.#rest(from, to));
    return fields.sort((one, other) => one.at - other.at);
  }

  /** Those that explain most bytes come first, and of these the plainest. */
  #bestNumbers(): FoundNumber[] {
    const { differs } = this.frameClass;
    const found = this.#numbers.flatMap((study) => {
      const verdict = study.verdict();
      if (verdict === null) return [];
      // Bytes that never differ may only be the most significant ones.
      const places = study.places().map((at) => (differs[at] ?? 0) > 0);
      const explains = places.lastIndexOf(true) + 1;
      if (places.slice(0, explains).includes(false)) return [];
      return [{ study, verdict, explains: explains + (this.#isLikely(study, verdict) ? ALIGNED_BYTES : 0) }];
    });
    return found.sort(
      (one, other) =>
        other.explains - one.explains ||
        Number(one.verdict.means === 'time') - Number(other.verdict.means === 'time') ||
        one.verdict.misfits - other.verdict.misfits ||
        Math.abs(one.verdict.step) - Math.abs(other.verdict.step) ||
        one.study.width - other.study.width ||
        Number(other.study.isLittle) - Number(one.study.isLittle),
    );
  }

  /** Noise below a time is hard to tell from a finer clock, but games keep their times at even places. */
  #isLikely({ at, width }: NumberStudy, { means }: NumberVerdict): boolean {
    return means === 'time' && (at - this.frameClass.body.at) % width === 0;
  }

  /** The whole width of a counter, whose upper bytes may not have come to differ yet. */
  #grown({ study, verdict }: FoundNumber, taken: (at: number, bytes: number) => boolean): NumberStudy {
    let grown = study;
    if (verdict.means === 'time') return grown;
    for (const wider of this.#numbers) {
      if (wider.width <= grown.width || taken(wider.at, wider.width)) continue;
      const places = wider.places();
      const isSame = grown.places().every((at, i) => at === places[i]);
      const other = isSame ? wider.verdict() : null;
      if (other?.means !== 'counter' || other.step !== verdict.step || other.misfits > verdict.misfits)
        continue;
      const upper = places.slice(grown.width);
      const isAligned = (wider.at - this.frameClass.body.at) % wider.width === 0;
      const mayBe =
        isAligned && wider.width <= WIDTH_GROWN_MAX && upper.every((at) => this.#bytes.isZero(at));
      if (mayBe || this.#bytes.varies(upper[0] ?? 0)) grown = wider;
    }
    return grown;
  }

  /** What is no number and no address: constants beside each other are one, and so is what else there is. */
  #rest(from: number, to: number): FoundField[] {
    const constants = groupsOf(from, to, (at) => !this.#bytes.varies(at));
    const others = groupsOf(from, to, (at) => this.#bytes.varies(at));
    return [
      ...constants.map((group) => fieldOf(group, 'constant')),
      ...others.map((group) => {
        const shares = range(group.from, group.to).map((at) => this.#bytes.changes(at));
        const mean = shares.reduce((sum, each) => sum + each, 0) / shares.length;
        return fieldOf(group, mean >= RANDOM_SHARE ? 'random' : 'other');
      }),
    ];
  }
}

interface FoundNumber {
  readonly study: NumberStudy;
  readonly verdict: NumberVerdict;
  /** Differing bytes. */
  readonly explains: number;
}

/** How each byte behaves within a recording. */
class ByteStudy {
  #before: Uint8Array | null = null;
  readonly #changes: Uint32Array;
  readonly #nonZero: Uint8Array;
  #steps = 0;

  constructor(length: number) {
    this.#changes = new Uint32Array(length);
    this.#nonZero = new Uint8Array(length);
  }

  frame(bytes: Uint8Array): void {
    const before = this.#before;
    for (const [i, byte] of bytes.entries()) {
      if (byte !== 0) this.#nonZero[i] = 1;
      if (before !== null && before[i] !== byte) this.#changes[i] = (this.#changes[i] ?? 0) + 1;
    }
    if (before !== null) this.#steps++;
    this.#before = bytes;
  }

  endRun(): void {
    this.#before = null;
  }

  varies(at: number): boolean {
    return (this.#changes[at] ?? 0) > 0;
  }

  /** In what share of the frames it is another than in the one before. */
  changes(at: number): number {
    return this.#steps === 0 ? 0 : (this.#changes[at] ?? 0) / this.#steps;
  }

  isZero(at: number): boolean {
    return this.#nonZero[at] === 0;
  }
}

/** Each number whose least significant byte differs, and that lies in the body. */
function numbersIn({ from, to }: Group, { body }: FrameClass): NumberStudy[] {
  const end = body.at + body.size;
  return WIDTHS.flatMap((width) =>
    range(from, to).flatMap((least) => {
      const little = least + width <= end ? [new NumberStudy(least, width, true)] : [];
      const at = least - width + 1;
      const big = width > 1 && at >= body.at ? [new NumberStudy(at, width, false)] : [];
      return [...little, ...big];
    }),
  );
}

function groupsOf(from: number, to: number, isIn: (at: number) => boolean): Group[] {
  const groups: Group[] = [];
  let start = -1;
  for (let at = from; at <= to; at++) {
    if (at < to && isIn(at)) {
      if (start === -1) start = at;
    } else if (start !== -1) {
      groups.push({ from: start, to: at });
      start = -1;
    }
  }
  return groups;
}

function fieldOf({ from, to }: Group, means: Meaning): FoundField {
  return { at: from, bytes: to - from, means };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);
}

/** Six bytes as a number, which is exact. */
function addressAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < ADDRESS_BYTES; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
