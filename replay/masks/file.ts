/**
 * The mask file: which bytes mean nothing, for people to keep beside their captures, edit and comment.
 *
 *     { "masks": [
 *       { "conversation": { "from": "P1", "to": "P2" }, "kind": "pdp-delivered", "size": 64,
 *         "at": 8, "bytes": 4, "means": "counter", "why": "number of the game's frame" } ] }
 *
 * Sizes and offsets count the game's own bytes; where a kind of frame carries none, the whole frame.
 *
 * The rule: what hides a whole payload says why, or the file is refused.
 */
import { flatSpecs } from '../../protocol/layout.ts';
import { protocols as registered } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';
import { type FrameMatch, matchKeys, readMatch } from '../rule-file/match.ts';
import { type Entry, type Place, RuleReader, suggestion } from '../rule-file/reader.ts';

export const MASKS_MAX = 10_000;

/** What masked bytes are. An `address` is a player's MAC address, which a replay also maps. */
export const meanings = ['constant', 'counter', 'time', 'random', 'address', 'other'] as const;
export type Meaning = (typeof meanings)[number];

/** Bytes of an address. */
export const ADDRESS_BYTES = 6;

/** A stretch of the payload, to its end where `bytes` is Infinity; or a field of the frame, by name. */
export type MaskPlace = { readonly at: number; readonly bytes: number } | { readonly field: string };

export interface Mask {
  /** From 1, in the order of the file. */
  readonly number: number;
  readonly match: FrameMatch;
  readonly sizeMin: number;
  readonly sizeMax: number;
  readonly place: MaskPlace;
  readonly means: Meaning;
  /** Null where it is not said. */
  readonly why: string | null;
  /** Where it stands. */
  readonly source: Place;
}

export interface MaskFile {
  readonly file: string;
  readonly masks: readonly Mask[];
}

const KIND = { code: 'bad-masks', called: 'mask file' } as const;

const keys = [...matchKeys, 'size', 'at', 'bytes', 'field', 'means', 'why'] as const;

/** Failure code: `bad-masks`. */
export function readMasks(file: string, protocols: readonly Protocol[] = registered): MaskFile {
  return masksOf(file, RuleReader.open(KIND, file), protocols);
}

/** `file` is its name, for refusals. Failure code: `bad-masks`. */
export function parseMasks(
  file: string,
  text: string,
  protocols: readonly Protocol[] = registered,
): MaskFile {
  return masksOf(file, new RuleReader(KIND, file, text), protocols);
}

function masksOf(file: string, reader: RuleReader, protocols: readonly Protocol[]): MaskFile {
  const top = reader.object(reader.root, ['masks']);
  const list = top.get('masks');
  if (list === null) return top.place().refuse('"masks" is missing: the list of masks');
  const masks = reader
    .list(list, MASKS_MAX)
    .map((node, i) => readMask(reader.object(node, keys, `mask ${i + 1}`), i + 1, protocols));
  return { file, masks };
}

function readMask(entry: Entry, number: number, protocols: readonly Protocol[]): Mask {
  const match = readMatch(entry, protocols);
  const { min: sizeMin, max: sizeMax } = readSize(entry);
  const place = readPlace(entry, match);
  const means =
    entry.choice('means', meanings) ?? entry.place().refuse(`"means" is missing: ${meanings.join(', ')}`);
  const why = entry.text('why')?.trim() ?? '';
  if (means === 'address' && 'bytes' in place && place.bytes !== ADDRESS_BYTES)
    entry.place('bytes').refuse(`an address takes "bytes": ${ADDRESS_BYTES}`);
  if (why === '' && 'at' in place && place.at === 0 && place.bytes >= sizeMax)
    entry.place('why').refuse('it hides a whole payload, so it must say why, in "why"');
  return {
    number,
    match,
    sizeMin,
    sizeMax,
    place,
    means,
    why: why === '' ? null : why,
    source: entry.place(),
  };
}

function readSize(entry: Entry): { readonly min: number; readonly max: number } {
  const node = entry.get('size');
  if (node === null) return { min: 0, max: Infinity };
  if (typeof node.value === 'number') {
    const size = entry.whole('size', 0) ?? 0;
    return { min: size, max: size };
  }
  if (!(node.value instanceof Map)) entry.wrong('size', 'a number, or {"min": 20, "max": 64}');
  const range = entry.reader.object(node, ['min', 'max'], entry.whose);
  const min = range.whole('min', 0) ?? 0;
  const max = range.whole('max', 0) ?? Infinity;
  if (max < min) range.place('max').refuse(`"size" ends at ${max}, before it begins at ${min}`);
  return { min, max };
}

function readPlace(entry: Entry, match: FrameMatch): MaskPlace {
  const field = entry.text('field');
  const all = entry.get('bytes')?.value === 'all';
  const toEnd = entry.get('bytes')?.value === 'rest';
  const at = entry.whole('at', 0);
  if (field !== null) {
    for (const key of ['at', 'bytes'])
      if (entry.get(key) !== null) entry.place(key).refuse(`"field" says where, so "${key}" must not`);
    return readField(entry, field, match);
  }
  if (all) {
    if (at !== null)
      entry.place('at').refuse('"bytes": "all" is the whole payload; from "at" on it is "rest"');
    return { at: 0, bytes: Infinity };
  }
  if (typeof entry.get('bytes')?.value === 'string' && !toEnd)
    entry.wrong('bytes', 'a whole number from 1 up, "rest" or "all"');
  const bytes = toEnd ? Infinity : entry.whole('bytes', 1);
  if (bytes === null && at === null)
    entry.place().refuse('it does not say which bytes: "at" and "bytes", or "bytes": "all", or "field"');
  if (bytes === null) return entry.place('at').refuse('"at" says where, and "bytes" must say how many');
  if (at === null) return entry.place('bytes').refuse('"bytes" says how many, and "at" must say where');
  return { at, bytes };
}

function readField(entry: Entry, field: string, { kinds, protocol }: FrameMatch): MaskPlace {
  if (kinds === null)
    return entry.place('field').refuse('fields are of a kind of frames, so "kind" must say which');
  const fields = kinds.flatMap(({ spec }) => flatSpecs(spec?.fields ?? []));
  const named = fields.filter(({ name }) => name === field);
  const kind = entry.text('kind') ?? '';
  if (named.length === 0) {
    const names = new Set(fields.map(({ name }) => name));
    const whose = protocol === null ? kind : `${protocol.name}/${kind}`;
    return entry
      .place('field')
      .refuse(`${whose} has no field ${JSON.stringify(field.slice(0, 60))}${suggestion(field, names)}`);
  }
  if (field === 'payload') entry.place('field').refuse('of the payload, "at" and "bytes" say which bytes');
  if (entry.get('means')?.value === 'address' && !named.some(({ type }) => type === 'mac'))
    entry.place('field').refuse(`${field} is no address`);
  return { field };
}
