/**
 * All the fields that filters can name: those of every frame, and those of every layout of every protocol, by the
 * names that the layouts give them.
 */
import { type GivenName, protocolsWith } from '../../protocol/given-names.ts';
import { contentSize, type Field, flat, flatSpecs, type Layout } from '../../protocol/layout.ts';
import { type PayloadProtocol, payloadProtocols } from '../../protocol/payload.ts';
import { protocols as registry } from '../../protocol/registry.ts';
import type { FieldSpec, FieldType, Protocol } from '../../protocol/types.ts';
import { carriesPayload } from '../payloads.ts';
import { type DecodedFrame, isCutShort } from './decode.ts';
import { type FilterField, frameFields, type NamedValue, rowsWhere } from './fields.ts';
import type { Sql } from './sql.ts';
import type { FieldTypeName, Value } from './types.ts';

export interface Language {
  /** By their names in lower case, in the order in which people read them. */
  readonly fields: ReadonlyMap<string, FilterField>;
  readonly payloads: readonly PayloadProtocol[];
  /** The rows that may carry a payload. */
  readonly payloadRows: Sql;
}

export function languageOf(protocols: readonly Protocol[], payloads: readonly PayloadProtocol[]): Language {
  const fields = [
    ...frameFields(protocols),
    ...protocols.flatMap((protocol) => fieldsOfProtocol(protocol)),
    ...payloads.flatMap((payload) => fieldsOfPayload(payload, protocols)),
  ];
  return {
    fields: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    payloads,
    payloadRows: rowsWhere(protocols, carriesPayload),
  };
}

const typeOf: Readonly<Record<FieldType, FieldTypeName>> = {
  u8: 'number',
  u16le: 'number',
  u32le: 'number',
  i32le: 'number',
  u16be: 'number',
  u32be: 'number',
  mac: 'mac',
  macs: 'mac',
  ascii: 'text',
  utf8: 'text',
  escaped: 'escaped',
  line: 'escaped',
  decimal: 'number',
  bytes: 'bytes',
  padding: 'bytes',
};

/** Of this version of the program. */
export const language: Language = languageOf(registry, payloadProtocols);

/** The same, with the names that were given in a capture. */
export function languageWith(given: readonly GivenName[]): Language {
  return given.length === 0 ? language : languageOf(protocolsWith(given, registry), payloadProtocols);
}

function fieldsOfProtocol(protocol: Protocol): readonly FilterField[] {
  return grouped(protocol.frames).map(({ name, specs, notes }) => ({
    ...dissected(protocol.name, name, specs, notes),
    values: ({ protocol: own, spec, fields, frame }: DecodedFrame) =>
      own?.id === protocol.id ? valuesOf(fields, name, specs, spec, frame.bytes) : [],
    sql: {
      as: 'rows' as const,
      rows: rowsWhere([protocol], ({ fields }) => flatSpecs(fields).some((field) => field.name === name)),
      isInBytes: true,
    },
    follows: false,
  }));
}

function fieldsOfPayload(payload: PayloadProtocol, protocols: readonly Protocol[]): readonly FilterField[] {
  return grouped(payload.frames).map(({ name, specs, notes }) => ({
    ...dissected(payload.name, name, specs, notes),
    values: ({ reading, payloadFields, payload: bytes }: DecodedFrame) =>
      reading?.protocol === payload && bytes !== null
        ? valuesOf(payloadFields, name, specs, payload.frames[reading.kind], bytes)
        : [],
    sql: { as: 'rows' as const, rows: rowsWhere(protocols, carriesPayload), isInBytes: true },
    follows: true,
  }));
}

interface Group {
  readonly name: string;
  readonly specs: readonly FieldSpec[];
  /** The kinds that have it. */
  readonly notes: readonly string[];
}

/** Fields of one name are one field, in whichever kinds they are. */
function grouped(
  frames: readonly { readonly name: string; readonly fields: readonly FieldSpec[] }[],
): Group[] {
  const groups = new Map<string, { specs: FieldSpec[]; notes: string[] }>();
  for (const frame of frames) {
    for (const spec of flatSpecs(frame.fields)) {
      const group = groups.get(spec.name) ?? { specs: [], notes: [] };
      groups.set(spec.name, group);
      group.specs.push(spec);
      if (!group.notes.includes(frame.name)) group.notes.push(frame.name);
    }
  }
  return [...groups].map(([name, group]) => ({ name, ...group }));
}

function dissected(owner: string, name: string, specs: readonly FieldSpec[], kinds: readonly string[]) {
  const notes = new Set(specs.flatMap(({ note }) => (note === undefined ? [] : [note])));
  const note = notes.size === 1 ? ([...notes][0] as string) : '';
  return {
    name: `${owner}.${name}`,
    type: typeOfAll(specs),
    note: `${note === '' ? '' : `${note}; `}in ${kinds.join(', ')}`,
    scale: 0,
    names: namesOf(specs),
    unnamed: null,
  };
}

/** Fields that share a name and are not of one type are compared as bytes, which both are. */
function typeOfAll(specs: readonly FieldSpec[]): FieldTypeName {
  const types = new Set(specs.map(({ type }) => typeOf[type]));
  return types.size === 1 ? ([...types][0] as FieldTypeName) : 'bytes';
}

function namesOf(specs: readonly FieldSpec[]): readonly NamedValue[] {
  const names = new Map<string, NamedValue>();
  for (const { names: own = {} } of specs) {
    for (const [value, name] of Object.entries(own)) {
      if (!names.has(name)) names.set(name, { name, value: Number(value) });
    }
  }
  return [...names.values()];
}

function valuesOf(
  fields: readonly Field[],
  name: string,
  specs: readonly FieldSpec[],
  layout: Layout | null | undefined,
  bytes: Uint8Array,
): readonly Value[] {
  const type = typeOfAll(specs);
  const own = flatSpecs(layout?.fields ?? []).find((spec) => spec.name === name);
  return flat(fields)
    .filter((field) => field.name === name && !isCutShort(field))
    .flatMap((field): readonly Value[] => {
      const { value, at, size } = field;
      if (type === 'bytes')
        return [bytes.subarray(at, at + (own === undefined ? size : contentSize(own, field)))];
      // Digits that are no number have no value that numbers could be compared with.
      if (type === 'number' && typeof value !== 'number') return [];
      // Several addresses in one field are several values.
      if (type === 'mac') return (value as string).split(' ').filter((mac) => mac !== '');
      return [value];
    });
}
