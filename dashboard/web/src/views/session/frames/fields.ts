/**
 * The fields of one frame as the rows of a tree: those of its layout, and below a field those of what is inside.
 *
 * The rule: it is the layout tables that say what bytes are; what they do not cover stays bytes. A field has a name in
 * filters only where its layout names it.
 */
import { isCutShort } from '../../../../../../analysis/filter/decode.ts';
import { type Language, language } from '../../../../../../analysis/filter/language.ts';
import { contentSize, dissect, type Field, flatSpecs } from '../../../../../../protocol/layout.ts';
import { payloadProtocols } from '../../../../../../protocol/payload.ts';
import { protocolById } from '../../../../../../protocol/registry.ts';
import type { FieldSpec, Protocol } from '../../../../../../protocol/types.ts';

export interface FieldRow {
  /** Its place in the tree, from 0. */
  readonly index: number;
  readonly name: string;
  /** What filters call it; null where they cannot name it. */
  readonly filterName: string | null;
  /** From the start of the frame. */
  readonly at: number;
  readonly size: number;
  /** Without the byte that ends it. */
  readonly contentSize: number;
  readonly text: string;
  readonly fault: string | null;
  readonly note: string;
  /** 0 for the frame's own, 1 for those inside one of these, and so on. */
  readonly depth: number;
  /** What it and those after it are, where they begin to be of another layout. */
  readonly heading: string | null;
  readonly field: Field;
  /** Of its bytes, as a mask would name them. */
  readonly mask: MaskPlace | null;
}

/** Where a mask finds it: a field of the frame, a stretch of what the game itself says, or all that it says. */
export type MaskPlace =
  | { readonly field: string }
  | { readonly at: number; readonly bytes: number; readonly size: number }
  | { readonly bytes: 'all' };

export interface FieldTree {
  /** What the frame is, and what its payload is. */
  readonly title: string;
  readonly protocol: string | null;
  /** The kind that a replay compares: what its receiver sees. */
  readonly maskKind: string | null;
  readonly payloadTitle: string | null;
  readonly rows: readonly FieldRow[];
}

/** What of a frame's detail the tree is made of. */
export interface Dissectable {
  readonly protocolId: number | null;
  readonly kind: string;
  readonly kindIndex: number;
  readonly payload: { readonly protocol: string; readonly kind: number } | null;
}

/** Other protocols, and filters that name their fields, than those of this version. */
export interface Known {
  readonly protocolById: (id: number) => Protocol | null;
  readonly language: Pick<Language, 'fields'>;
}

export function fieldTree(
  detail: Dissectable,
  bytes: Uint8Array,
  known: Known = { protocolById, language },
): FieldTree {
  const protocol = detail.protocolId === null ? null : known.protocolById(detail.protocolId);
  const spec = protocol?.frames[detail.kindIndex];
  if (protocol === null || spec === undefined)
    return { title: detail.kind, protocol: null, maskKind: null, payloadTitle: null, rows: [] };
  const inside = payloadProtocols.find(({ name }) => name === detail.payload?.protocol);
  const payloadSpec = inside?.frames[detail.payload?.kind ?? -1];
  const rows: FieldRow[] = [];
  const add = (
    field: Field,
    owner: string,
    specs: readonly FieldSpec[],
    base: number,
    depth: number,
    mask: MaskPlace,
    heading: string | null = null,
  ) => {
    const own = flatSpecs(specs).find(({ name }) => name === field.name);
    const filterName = `${owner}.${field.name}`;
    const isNamed =
      own !== undefined && !isCutShort(field) && known.language.fields.has(filterName.toLowerCase());
    rows.push({
      index: rows.length,
      name: field.name,
      filterName: isNamed ? filterName : null,
      at: base + field.at,
      size: field.size,
      contentSize: own === undefined || isCutShort(field) ? field.size : contentSize(own, field),
      text: field.text,
      fault: field.fault,
      note: own?.note ?? '',
      depth,
      heading,
      field,
      mask: own === undefined || field.size === 0 ? null : mask,
    });
  };
  const payloadTitle = payloadSpec === undefined ? null : `${payloadSpec.name} of ${inside?.name ?? ''}`;
  for (const field of dissect(spec, bytes)) {
    const isPayload = field.name === 'payload';
    add(field, protocol.name, spec.fields, 0, 0, isPayload ? { bytes: 'all' } : { field: field.name });
    for (const part of field.inside ?? []) add(part, protocol.name, spec.fields, 0, 1, { field: part.name });
    if (!isPayload || isCutShort(field) || inside === undefined || payloadSpec === undefined) continue;
    const payload = bytes.subarray(field.at, field.at + field.size);
    const maskOf = ({ at, size }: Field) => ({ at, bytes: size, size: payload.length });
    for (const [i, inner] of dissect(payloadSpec, payload).entries()) {
      add(inner, inside.name, payloadSpec.fields, field.at, 1, maskOf(inner), i === 0 ? payloadTitle : null);
      for (const part of inner.inside ?? [])
        add(part, inside.name, payloadSpec.fields, field.at, 2, maskOf(part));
    }
  }
  return {
    title: `${spec.name} of ${protocol.name}`,
    protocol: protocol.name,
    maskKind: (spec.becomes === undefined ? spec : protocol.frames[spec.becomes])?.name ?? null,
    payloadTitle,
    rows,
  };
}

/** The innermost field that holds a byte. */
export function fieldAt(rows: readonly FieldRow[], at: number): FieldRow | null {
  return rows.findLast((row) => row.at <= at && at < row.at + row.size) ?? null;
}
