/**
 * What masks would let through: a byte of every class of bytes is flipped, and the comparison asked whether it
 * sees it.
 *
 * The rule: faults count by frames, so that what is common weighs more. One frame of a class stands for all of it.
 */
import { conversationKind } from '../cast.ts';
import type { Conversation, Masks } from '../types.ts';
import type { FrameKind } from '../../protocol/types.ts';
import { CLASS_BYTES_MAX, CLASSES_MAX, type Play } from './classes.ts';
import { compileMasks } from './compile.ts';
import type { MaskFile } from './file.ts';

/** Bytes that are flipped in one frame; of longer ones, so many evenly spaced ones stand for all. */
export const FLIPS_MAX = 2048;

export interface AuditRow {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly kind: string;
  readonly frames: number;
  /** Single-byte faults that there may be in its frames, and that would not be seen. */
  readonly faults: number;
  readonly missed: number;
  /** The numbers of the masks that hide something in it. */
  readonly masks: readonly number[];
}

export interface Audit {
  /** All conversations, those first in which the largest share is missed. */
  readonly rows: readonly AuditRow[];
  readonly frames: number;
  readonly faults: number;
  readonly missed: number;
  /** The numbers of masks that hid nothing in any frame. */
  readonly stale: readonly number[];
  /** Frames of further classes, which were not looked at. */
  readonly left: number;
}

/**
 * Whether the comparison of a replay sees a difference between two frames: they differ in a byte that is not
 * masked. Pure.
 */
export function differsUnder(
  masks: Masks,
  conversation: Conversation,
  kind: FrameKind,
  expected: Uint8Array,
  actual: Uint8Array,
): boolean {
  if (expected.length !== actual.length) return true;
  let from = 0;
  for (const { at, size } of masks.of(conversation, kind, expected)) {
    if (!isSame(expected, actual, from, at)) return true;
    from = at + size;
  }
  return !isSame(expected, actual, from, expected.length);
}

function isSame(one: Uint8Array, other: Uint8Array, from: number, to: number): boolean {
  return from >= to || Buffer.compare(one.subarray(from, to), other.subarray(from, to)) === 0;
}

interface Class {
  readonly conversation: Conversation;
  readonly kind: FrameKind;
  readonly sample: Uint8Array;
  frames: number;
}

/** Failure code: `bad-masks`, where a mask names somebody who does not play. `heard` is told of every frame. */
export function auditMasks(play: Play, file: MaskFile, heard: () => void = () => undefined): Audit {
  const masks = compileMasks(file, play.cast);
  const { classes, left } = classesOf(play, heard);
  const rows = new Map<string, { -readonly [K in keyof AuditRow]: AuditRow[K] }>();
  const used = new Set<number>();
  for (const { conversation, kind, sample, frames } of classes) {
    const by = masks.hidden(conversation, kind, sample).by.map(({ number }) => number);
    for (const number of by) used.add(number);
    const { from, to, protocol } = conversation;
    const name = conversationKind(conversation);
    const key = JSON.stringify([from.role, to.role, protocol.name, name]);
    let row = rows.get(key);
    if (row === undefined) {
      const nothing = { frames: 0, faults: 0, missed: 0, masks: [] };
      row = { from: from.role, to: to.role, protocol: protocol.name, kind: name, ...nothing };
      rows.set(key, row);
    }
    row.frames += frames;
    row.faults += frames * sample.length;
    row.missed += frames * missedIn(masks, conversation, kind, sample);
    row.masks = [...new Set([...row.masks, ...by])].sort((one, other) => one - other);
  }
  const sorted = [...rows.values()].sort(
    (one, other) => other.missed / other.faults - one.missed / one.faults || other.missed - one.missed,
  );
  const total = (of: (row: AuditRow) => number) => sorted.reduce((sum, row) => sum + of(row), 0);
  return {
    rows: sorted,
    frames: total(({ frames }) => frames) + left,
    faults: total(({ faults }) => faults),
    missed: total(({ missed }) => missed),
    stale: file.masks.map(({ number }) => number).filter((number) => !used.has(number)),
    left,
  };
}

/** In how many of its bytes a fault would not be seen. */
function missedIn(masks: Masks, conversation: Conversation, kind: FrameKind, sample: Uint8Array): number {
  const actual = Uint8Array.from(sample);
  const step = Math.max(1, Math.ceil(sample.length / FLIPS_MAX));
  let missed = 0;
  let flipped = 0;
  for (let at = 0; at < sample.length; at += step) {
    actual[at] = (sample[at] ?? 0) ^ 0xff;
    if (!differsUnder(masks, conversation, kind, sample, actual)) missed++;
    actual[at] = sample[at] ?? 0;
    flipped++;
  }
  return flipped === 0 ? 0 : (missed / flipped) * sample.length;
}

function classesOf(
  play: Play,
  heard: () => void,
): { readonly classes: readonly Class[]; readonly left: number } {
  const classes = new Map<Conversation, Map<string, Class>>();
  const list: Class[] = [];
  let bytes = 0;
  let left = 0;
  for (const { conversation, unit } of play.units()) {
    heard();
    const key = `${unit.kind} ${unit.bytes.length}`;
    let known = classes.get(conversation)?.get(key);
    if (known === undefined) {
      if (
        list.length >= CLASSES_MAX ||
        bytes + unit.bytes.length > CLASS_BYTES_MAX ||
        unit.bytes.length === 0
      ) {
        left++;
        continue;
      }
      known = { conversation, kind: unit.kind, sample: unit.bytes, frames: 0 };
      classes.set(conversation, (classes.get(conversation) ?? new Map<string, Class>()).set(key, known));
      list.push(known);
      bytes += unit.bytes.length;
    }
    known.frames++;
  }
  return { classes: list, left };
}
