/**
 * Where two streams that differ at their first byte are the same again.
 *
 * The rule: it tries a bounded number of shifts, each in one pass over what is in sight, so that it takes as long as
 * there is to see, whatever the bytes are. A shift is tried because it is none; because the bytes that come
 * next in one stream stand further on in the other; because it is as long as some blocks; or because sixteen bytes that
 * are in sight only once in each say so. The one that leaves the fewest bytes unexplained is taken.
 */
import { Buffer } from 'node:buffer';

/** What comes next of both. */
export interface Sight {
  readonly expected: Uint8Array;
  /** By expected byte: not 0 where it does not matter. */
  readonly noise: Uint8Array;
  readonly actual: Uint8Array;
  /** Nothing comes after. */
  readonly isWhole: boolean;
  /** How much may well be missing, or be there twice. */
  readonly sizes: readonly number[];
}

export interface Resync {
  /** Bytes until then. */
  readonly expected: number;
  readonly actual: number;
  /** No accident, and nothing else in sight explains as much. */
  readonly isClear: boolean;
  /** It explains most of what is in sight. */
  readonly isMost: boolean;
}

/** So many are the same in a row, or all to the end, where streams are the same again. */
export const ANCHOR_BYTES = 16;
/** So many are the same in a row where that is no accident. */
const SURE_BYTES = 64;
const MOST_SHARE = 0.75;
/** Of a byte before both are the same again. One that differs after costs 1, because it may be of another fault. */
const SKIPPED_COST = 2;
/** Shifts that come from bytes that are in sight once. */
const UNIQUE_SHIFTS_MAX = 6;

interface Trial extends Resync {
  /** Of the bytes in sight that it does not explain. */
  readonly cost: number;
}

export function resync(sight: Sight): Resync | null {
  const { expected, actual, isWhole, sizes } = sight;
  const shifts = new Set<number>([0]);
  if (isWhole) shifts.add(expected.length - actual.length);
  shifts.add(placeOf(actual, expected));
  shifts.add(-placeOf(expected, actual));
  for (const size of sizes) shifts.add(size).add(-size);
  for (const shift of uniqueShifts(expected, actual)) shifts.add(shift);

  let best: Trial | null = null;
  let isTied = false;
  for (const shift of shifts) {
    const trial = attempt(sight, shift, best?.cost ?? Infinity);
    if (trial === null) continue;
    isTied = trial.cost === best?.cost;
    if (!isTied) best = trial;
  }
  return best && { ...best, isClear: best.isClear && !isTied };
}

/** How far from the front of the other its first bytes are; 0 where they are not. */
function placeOf(first: Uint8Array, other: Uint8Array): number {
  if (first.length < ANCHOR_BYTES) return 0;
  return Math.max(0, bufferOf(other).indexOf(first.subarray(0, ANCHOR_BYTES), 1));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** What it takes if so many more expected than actual bytes are left out; null where that is more than `costMax`. */
function attempt({ expected, noise, actual, isWhole }: Sight, shift: number, costMax: number): Trial | null {
  const end = Math.min(expected.length, actual.length + shift);
  const isSame = (i: number) => expected[i] === actual[i - shift] || noise[i] !== 0;
  const startMax = Math.min(end, costMax / SKIPPED_COST + Math.min(shift, 0) + ANCHOR_BYTES);
  let i = Math.max(shift, 0);
  let run = 0;
  for (; i < startMax && run < ANCHOR_BYTES; i++) run = isSame(i) ? run + 1 : 0;
  const isSameToTheEnd = isWhole && run > 0 && expected.length === actual.length + shift;
  if (run < ANCHOR_BYTES && !(isSameToTheEnd && i === end)) return null;

  const start = i - run;
  while (i < end && isSame(i)) i++;
  const unbroken = i - start;
  const left = isWhole ? Math.abs(expected.length - actual.length - shift) : 0;
  const least = SKIPPED_COST * (Math.max(start, start - shift) + left);
  let different = 0;
  for (; i < end && least + different <= costMax; i++) if (!isSame(i)) different++;
  if (least + different > costMax) return null;
  const isMost = different <= (end - start) * (1 - MOST_SHARE);
  return {
    expected: start,
    actual: start - shift,
    isClear: isMost || unbroken >= SURE_BYTES,
    isMost,
    cost: least + different,
  };
}

// Bytes that are in sight once ----------------------------------------------------------------------

const FACTOR = 0x01000193;
const SPREAD = 0x9e3779b1;
/** What the first of the bytes in a hash has become by the time it leaves. */
const FACTOR_OF_FIRST = Array.from({ length: ANCHOR_BYTES }).reduce<number>(
  (power) => Math.imul(power, FACTOR),
  1,
);
const SEEN_TWICE = -1;

/** By hash: where the bytes start, counted from 1. Shared: nothing in it outlasts a call. */
let places = new Int32Array(512);

function uniqueShifts(expected: Uint8Array, actual: Uint8Array): ReadonlySet<number> {
  const bits = 32 - Math.clz32(expected.length);
  if (places.length < 1 << bits) places = new Int32Array(1 << bits);
  places.fill(0, 0, 1 << bits);
  hashes(expected, bits, (slot, at) => {
    places[slot] = places[slot] === 0 ? at + 1 : SEEN_TWICE;
    return true;
  });
  const shifts = new Set<number>();
  hashes(actual, bits, (slot, at) => {
    const place = places[slot]! - 1;
    if (place >= 0 && isAnchor(expected, place, actual, at)) shifts.add(place - at);
    return shifts.size < UNIQUE_SHIFTS_MAX;
  });
  return shifts;
}

function hashes(bytes: Uint8Array, bits: number, take: (slot: number, at: number) => boolean): void {
  let hash = 0;
  for (let i = 0; i < bytes.length; i++) {
    hash = (Math.imul(hash, FACTOR) + bytes[i]! + 1) | 0;
    if (i >= ANCHOR_BYTES) hash = (hash - Math.imul(bytes[i - ANCHOR_BYTES]! + 1, FACTOR_OF_FIRST)) | 0;
    if (i < ANCHOR_BYTES - 1) continue;
    if (!take(Math.imul(hash, SPREAD) >>> (32 - bits), i + 1 - ANCHOR_BYTES)) return;
  }
}

function isAnchor(expected: Uint8Array, place: number, actual: Uint8Array, at: number): boolean {
  for (let i = 0; i < ANCHOR_BYTES; i++) if (expected[place + i] !== actual[at + i]) return false;
  return true;
}
