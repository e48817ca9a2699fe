/**
 * Masks for one play: which bytes of a frame they hide.
 *
 * The rule: what several hide is merged, and addresses stay whole. Where masks would hide a whole payload, be it
 * together or because it is shorter than what they were made for, those that do not say why hide nothing of
 * it: no comparison says by mistake that all is well because nothing was compared.
 */
import { payloadRange } from '../../analysis/observe.ts';
import { hasPayload } from '../../analysis/payloads.ts';
import { dissect, flat } from '../../protocol/layout.ts';
import type { FrameKind, FrameSpec } from '../../protocol/types.ts';
import type { Cast } from '../cast.ts';
import { compileMatch, type Matcher } from '../rule-file/match.ts';
import type { ByteRange, Conversation, MaskedRange, Masks } from '../types.ts';
import { ADDRESS_BYTES, type Mask, type MaskFile } from './file.ts';

/** Of so many lengths of one kind in one conversation, answers are remembered; of more, those of the latest. */
export const LENGTHS_REMEMBERED_MAX = 4096;

interface Hidden {
  readonly ranges: readonly MaskedRange[];
  readonly by: readonly Mask[];
}

const NOTHING: Hidden = { ranges: [], by: [] };

/** The masks that may hide something of one kind of frame in one conversation. */
interface Candidates {
  readonly masks: readonly Mask[];
  readonly spec: FrameSpec | null;
  /** By the length of a frame; null where places depend on more than that. */
  readonly known: Map<number, Hidden> | null;
}

/** Failure code: `bad-masks`, where one names somebody who does not play in it. */
export function compileMasks(file: MaskFile, cast: Cast): CompiledMasks {
  return new CompiledMasks(file, cast);
}

export class CompiledMasks implements Masks {
  readonly #masks: readonly { readonly mask: Mask; readonly isMeant: Matcher }[];
  readonly #candidates = new WeakMap<Conversation, Map<FrameKind, Candidates>>();

  constructor({ masks }: MaskFile, cast: Cast) {
    this.#masks = masks.map((mask) => ({ mask, isMeant: compileMatch(mask.match, cast) }));
  }

  of(conversation: Conversation, kind: FrameKind, bytes: Uint8Array): readonly MaskedRange[] {
    return this.hidden(conversation, kind, bytes).ranges;
  }

  /** What is hidden, and by which masks. The same object for frames of the same layout. */
  hidden(conversation: Conversation, kind: FrameKind, bytes: Uint8Array): Hidden {
    const { masks, spec, known } = this.#candidatesOf(conversation, kind);
    if (masks.length === 0) return NOTHING;
    if (known === null) return hide(masks, spec, bytes);
    let hidden = known.get(bytes.length);
    if (hidden !== undefined) return hidden;
    if (known.size >= LENGTHS_REMEMBERED_MAX) known.clear();
    known.set(bytes.length, (hidden = hide(masks, spec, bytes)));
    return hidden;
  }

  #candidatesOf(conversation: Conversation, kind: FrameKind): Candidates {
    let byKind = this.#candidates.get(conversation);
    if (byKind === undefined) this.#candidates.set(conversation, (byKind = new Map<FrameKind, Candidates>()));
    let candidates = byKind.get(kind);
    if (candidates === undefined) {
      const spec = conversation.protocol.frames[kind] ?? null;
      const masks = this.#masks.filter(({ isMeant }) => isMeant(conversation, kind)).map(({ mask }) => mask);
      candidates = {
        masks,
        spec,
        known: spec === null || isByLength(spec) ? new Map<number, Hidden>() : null,
      };
      byKind.set(kind, candidates);
    }
    return candidates;
  }
}

/** The game's own bytes; all of a frame of a kind that carries none; null where it ends before they begin. */
export function maskable(spec: FrameSpec | null, bytes: Uint8Array): ByteRange | null {
  if (spec === null || !hasPayload(spec)) return { at: 0, size: bytes.length };
  return payloadRange(spec, bytes);
}

/** Frames of this kind that are equally long have their fields in the same places. */
function isByLength({ fields }: FrameSpec): boolean {
  return (
    fields.every(({ inside }) => inside === undefined) &&
    fields.slice(0, -1).every(({ size }) => typeof size === 'number')
  );
}

function hide(candidates: readonly Mask[], spec: FrameSpec | null, bytes: Uint8Array): Hidden {
  const body = maskable(spec, bytes);
  if (body === null) return NOTHING;
  const found = candidates.flatMap((mask) => {
    if (body.size < mask.sizeMin || body.size > mask.sizeMax) return [];
    const range =
      'field' in mask.place ? fieldRange(mask.place.field, spec, bytes) : within(body, mask.place);
    if (range === null || (mask.means === 'address' && range.size !== ADDRESS_BYTES)) return [];
    return [{ mask, range }];
  });
  const kept = withReason(found, body);
  return kept.length === 0 ? NOTHING : { ranges: merged(kept), by: kept.map(({ mask }) => mask) };
}

interface Found {
  readonly mask: Mask;
  readonly range: ByteRange;
}

/** Where in a frame a stretch of its body is; null where the body ends before it. */
function within(
  body: ByteRange,
  { at, bytes }: { readonly at: number; readonly bytes: number },
): ByteRange | null {
  const size = Math.min(bytes, body.size - at);
  return size > 0 ? { at: body.at + at, size } : null;
}

function fieldRange(name: string, spec: FrameSpec | null, bytes: Uint8Array): ByteRange | null {
  const field = spec === null ? undefined : flat(dissect(spec, bytes)).find((each) => each.name === name);
  return field === undefined || field.size === 0 ? null : { at: field.at, size: field.size };
}

/** Without those that hide bytes of a body of which nothing else is left, and do not say why. */
function withReason(found: readonly Found[], body: ByteRange): readonly Found[] {
  const isIn = ({ range }: Found) => range.at < body.at + body.size && range.at + range.size > body.at;
  const hiding = found.filter(isIn);
  const hidden = merged(hiding).reduce((sum, { size }) => sum + size, 0);
  return hidden < body.size ? found : found.filter((each) => each.mask.why !== null || !isIn(each));
}

/** In order, without overlaps. Of two addresses that overlap, the first is one. */
function merged(found: readonly Found[]): readonly MaskedRange[] {
  const addresses: MaskedRange[] = [];
  const noise: ByteRange[] = [];
  for (const { mask, range } of found) {
    const isAddress = mask.means === 'address' && !addresses.some((each) => overlap(each, range));
    if (isAddress) addresses.push({ ...range, means: 'address' });
    else noise.push(range);
  }
  addresses.sort(byPlace);
  const ranges: MaskedRange[] = [...addresses];
  let end = 0;
  for (const { at, size } of noise.sort(byPlace)) {
    // What is new of it, less the addresses in it.
    let from = Math.max(at, end);
    end = Math.max(end, at + size);
    for (const address of addresses) {
      if (address.at + address.size <= from || address.at >= end) continue;
      if (address.at > from) ranges.push({ at: from, size: address.at - from, means: 'noise' });
      from = address.at + address.size;
    }
    if (end > from) ranges.push({ at: from, size: end - from, means: 'noise' });
  }
  return joined(ranges.sort(byPlace));
}

/** Noise next to noise is one range. */
function joined(ranges: readonly MaskedRange[]): readonly MaskedRange[] {
  const all: MaskedRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last?.means === 'noise' && range.means === 'noise' && last.at + last.size === range.at)
      all[all.length - 1] = { ...last, size: last.size + range.size };
    else all.push(range);
  }
  return all;
}

function byPlace(one: ByteRange, other: ByteRange): number {
  return one.at - other.at;
}

function overlap(one: ByteRange, other: ByteRange): boolean {
  return one.at < other.at + other.size && other.at < one.at + one.size;
}
