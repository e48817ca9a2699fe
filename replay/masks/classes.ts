/**
 * What differs between recordings: for every class of frames (conversation, kind, length), which bytes.
 *
 * The rule: memory is bounded by classes of bytes, never by frames. Bytes that a comparison translates from one
 * play to another (addresses, their ports, numbers that the relay made up) are no difference.
 */
import { dissect, flat, flatSpecs } from '../../protocol/layout.ts';
import type { FrameKind, FrameSpec } from '../../protocol/types.ts';
import type { Cast } from '../cast.ts';
import type { RecordedUnit } from '../recorded.ts';
import type { ByteRange } from '../types.ts';
import { type Budget, PairAligner, type Sample } from './align.ts';
import { maskable } from './compile.ts';
import { type Talk, Talks } from './pairing.ts';

/** Of more classes of frames, or of more bytes in them, nothing is learned. */
export const CLASSES_MAX = 4096;
export const CLASS_BYTES_MAX = 4 * 1024 * 1024;
/** What waits for its counterpart in the other recordings. */
export const HELD_BYTES_MAX = 64 * 1024 * 1024;

/** A recorded session, as `RecordedPlay` reads it. */
export interface Play {
  readonly cast: Cast;
  readonly session: { readonly frames: number };
  units(): Iterable<RecordedUnit>;
}

export interface FrameClass {
  readonly talk: Talk;
  readonly kind: FrameKind;
  readonly length: number;
  readonly spec: FrameSpec | null;
  /** What masks count from. */
  readonly body: ByteRange;
  /** The first of them. */
  readonly sample: Uint8Array;
  /** How many pairs were compared, and in how many of them each byte differed. */
  pairs: number;
  readonly differs: Uint32Array;
}

export interface Differences {
  readonly talks: Talks;
  readonly classes: readonly FrameClass[];
  classOf(talk: Talk, sample: Sample): FrameClass | null;
  readonly pairs: number;
  /** Frames without a counterpart, by recording; the first one lacks those that any other does. */
  readonly alone: readonly number[];
  /** Frames of which nothing can be learned: with strangers, or beyond what is remembered. */
  readonly left: number;
}

/** Reads all plays at once, evenly. `heard` is told of every frame. */
export function findDifferences(plays: readonly Play[], heard: () => void = () => undefined): Differences {
  const talks = new Talks(plays.map(({ cast }) => cast));
  const classes = new Classes();
  const budget: Budget = { bytes: 0, bytesMax: HELD_BYTES_MAX };
  const alone = plays.map(() => 0);
  let pairs = 0;
  let left = 0;
  const aligners = plays.map(() => new Map<Talk, PairAligner>());
  const alignerOf = (run: number, talk: Talk) => {
    const known = aligners[run]?.get(talk);
    if (known !== undefined) return known;
    const compare = (one: Sample, other: Sample) => {
      const frameClass = classes.of(talk, one);
      if (frameClass === null) left++;
      else count(frameClass, one.bytes, other.bytes);
      pairs++;
    };
    const lost = (side: 0 | 1) => {
      const whose = side === 0 ? 0 : run;
      alone[whose] = (alone[whose] ?? 0) + 1;
    };
    const aligner = new PairAligner(budget, compare, lost);
    aligners[run]?.set(talk, aligner);
    return aligner;
  };
  for (const { run, item } of evenly(plays)) {
    heard();
    const talk = talks.of(run, item.conversation);
    if (talk === null) left++;
    else if (run > 0) alignerOf(run, talk).came(1, item.unit);
    else for (let other = 1; other < plays.length; other++) alignerOf(other, talk).came(0, item.unit);
  }
  for (const each of aligners) for (const aligner of each.values()) aligner.end();
  const classOf = (talk: Talk, sample: Sample) => classes.known(talk, sample);
  return { talks, classes: classes.list, classOf, pairs, alone, left };
}

/** Each play's share of frames read stays about the same, so that little has to wait. */
function* evenly(plays: readonly Play[]): Generator<{ readonly run: number; readonly item: RecordedUnit }> {
  const readers = plays.map((play, run) => ({
    run,
    units: play.units()[Symbol.iterator](),
    step: 1 / Math.max(play.session.frames, 1),
    read: 0,
  }));
  while (readers.length > 0) {
    const reader = readers.reduce((least, each) => (each.read < least.read ? each : least));
    reader.read += reader.step;
    const next = reader.units.next();
    if (next.done === true) readers.splice(readers.indexOf(reader), 1);
    else yield { run: reader.run, item: next.value };
  }
}

class Classes {
  readonly #byTalk = new Map<Talk, Map<string, FrameClass>>();
  readonly list: FrameClass[] = [];
  #bytes = 0;

  known(talk: Talk, { kind, bytes }: Sample): FrameClass | null {
    return this.#byTalk.get(talk)?.get(`${kind} ${bytes.length}`) ?? null;
  }

  of(talk: Talk, sample: Sample): FrameClass | null {
    return this.known(talk, sample) ?? this.#add(talk, sample);
  }

  #add(talk: Talk, { kind, bytes }: Sample): FrameClass | null {
    const { length } = bytes;
    if (this.list.length >= CLASSES_MAX || this.#bytes + length > CLASS_BYTES_MAX) return null;
    const spec = talk.conversations[0]?.protocol.frames[kind] ?? null;
    const body = maskable(spec, bytes);
    if (body === null) return null;
    const differs = new Uint32Array(length);
    const frameClass = { talk, kind, length, spec, body, sample: bytes, pairs: 0, differs };
    const ofTalk = this.#byTalk.get(talk) ?? new Map<string, FrameClass>();
    this.#byTalk.set(talk, ofTalk.set(`${kind} ${length}`, frameClass));
    this.list.push(frameClass);
    this.#bytes += length;
    return frameClass;
  }
}

function count(frameClass: FrameClass, one: Uint8Array, other: Uint8Array): void {
  frameClass.pairs++;
  const { differs, spec } = frameClass;
  let isAny = false;
  for (let i = 0; i < one.length && !isAny; i++) isAny = one[i] !== other[i];
  if (!isAny) return;
  const translated = translatedRanges(spec, one);
  for (let i = 0; i < one.length; i++) {
    if (one[i] === other[i] || translated.some(({ at, size }) => i >= at && i < at + size)) continue;
    differs[i] = (differs[i] ?? 0) + 1;
  }
}

/** Addresses, ports and handles in what is not the game's own. */
function translatedRanges(spec: FrameSpec | null, bytes: Uint8Array): readonly ByteRange[] {
  if (spec === null) return [];
  const translated = new Set(
    flatSpecs(spec.fields)
      .filter(
        ({ type, portOf, handle }) =>
          type === 'mac' || type === 'macs' || portOf !== undefined || handle !== undefined,
      )
      .map(({ name }) => name),
  );
  return translated.size === 0 ? [] : flat(dissect(spec, bytes)).filter(({ name }) => translated.has(name));
}
