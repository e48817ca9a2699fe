/**
 * What a field of a filter is, and the fields that every frame has, as one table: the parser, the evaluator, the SQL
 * compiler, completion and the docs work from it.
 */
import { kindName, UNFRAMED, unframed } from '../../protocol/kind.ts';
import { outcomes } from '../../protocol/outcome.ts';
import type { FrameSpec, Protocol } from '../../protocol/types.ts';
import { hasPayload } from '../payloads.ts';
import type { DecodedFrame, FilterConnection } from './decode.ts';
import { all, any, FALSE, list, not, sql, type Sql } from './sql.ts';
import type { Literal } from './tree.ts';
import { isPlayer, type FieldTypeName, type Value } from './types.ts';

export interface NamedValue {
  readonly name: string;
  readonly value: number | string;
  readonly note?: string;
}

/**
 * How SQL gets at a field, over `frame`, its `capture`, and `source` and `target`, the connections at its ends.
 *
 * - `column`: its value; NULL where the frame does not have it.
 * - `equals`: whether it equals a literal; NULL where the frame does not have it.
 * - `rows`: it cannot, but knows in which rows it may be. `isInBytes`: where it is, its bytes are among the frame's.
 */
export type FieldSql =
  | { readonly as: 'column'; readonly column: Sql }
  | { readonly as: 'equals'; readonly equals: (literal: Literal) => Sql }
  | { readonly as: 'rows'; readonly rows: Sql; readonly isInBytes: boolean };

export interface FilterField {
  readonly name: string;
  readonly type: FieldTypeName;
  readonly note: string;
  /** A number is stored as it is written, times ten to the power of this. */
  readonly scale: number;
  /** The values that have a name. */
  readonly names: readonly NamedValue[];
  /** How values that have no name are written. */
  readonly unnamed: RegExp | null;
  /** None where the frame does not have it; several where it has it several times. */
  readonly values: (frame: DecodedFrame) => readonly Value[];
  readonly sql: FieldSql;
  /** It is of a protocol inside payloads, so all payloads before it must have been seen. */
  readonly follows: boolean;
}

const usual = { scale: 0, names: [], unnamed: null, follows: false } as const;

/** In the order in which people read them. */
export function frameFields(protocols: readonly Protocol[]): readonly FilterField[] {
  return [
    number('sequence', 'its number in the capture', sql`frame.id - capture.frame_base`, ({ frame }) => [
      frame.sequence,
    ]),
    {
      ...number('time', 'seconds from the start of the capture to its arrival', sql`frame.arrived`, (it) => [
        it.frame.arrived,
      ]),
      scale: 9,
    },
    {
      ...number('delay', 'milliseconds in the relay; only of frames that left it', sql`frame.delay`, (it) =>
        it.frame.departed === null ? [] : [it.frame.departed - it.frame.arrived],
      ),
      scale: 6,
    },
    ...endFields(ENDS.from),
    ...endFields(ENDS.to),
    protocolField(protocols),
    kindField(protocols),
    {
      ...usual,
      name: 'outcome',
      type: 'name',
      note: 'what became of it',
      names: outcomes.map(({ name, text }) => ({ name, value: name, note: text })),
      unnamed: /^outcome-(0|[1-9]\d{0,8})$/,
      values: ({ frame }) => [outcomes[frame.outcome]?.name ?? `outcome-${frame.outcome}`],
      sql: {
        as: 'equals',
        equals: ({ value }) => {
          const code = outcomes.findIndex(({ name }) => name === value);
          if (code !== -1) return sql`frame.outcome = ${code}`;
          // A known outcome goes by its name alone.
          const other = numberIn(value as string);
          return other < outcomes.length ? FALSE : sql`frame.outcome = ${other}`;
        },
      },
    },
    number('size', 'bytes of the whole frame', sql`length(frame.bytes)`, ({ frame }) => [frame.bytes.length]),
    {
      ...usual,
      name: 'bytes',
      type: 'bytes',
      note: 'the whole frame, as it arrived',
      values: ({ frame }) => [frame.bytes],
      sql: { as: 'column', column: sql`frame.bytes` },
    },
    {
      ...usual,
      name: 'payload',
      type: 'bytes',
      note: 'what the frame carries for the game; only of frames whose layout has such a field',
      values: ({ payload }) => (payload === null ? [] : [payload]),
      sql: { as: 'rows', rows: rowsWhere(protocols, hasPayload), isInBytes: true },
    },
    {
      ...usual,
      name: 'payload.size',
      type: 'number',
      note: 'bytes of the payload',
      values: ({ payload }) => (payload === null ? [] : [payload.length]),
      sql: { as: 'rows', rows: rowsWhere(protocols, hasPayload), isInBytes: false },
    },
  ];
}

// The ends of a frame -----------------------------------------------------------------------------

interface End {
  readonly name: 'from' | 'to';
  readonly who: string;
  readonly relayNote: string;
  readonly conn: Sql;
  /** Columns of the connection at this end; NULL where there is none. */
  readonly endpoint: Sql;
  readonly address: Sql;
  readonly port: Sql;
  readonly role: Sql;
  readonly nickname: Sql;
  readonly connection: (frame: DecodedFrame) => FilterConnection | null;
}

const ENDS: Readonly<Record<'from' | 'to', End>> = {
  from: {
    name: 'from',
    who: 'the sender',
    relayNote: 'relay where the relay wrote it itself',
    conn: sql`coalesce(frame.from_connection - capture.connection_base, 0)`,
    endpoint: sql`source.endpoint`,
    address: sql`source.remote_address`,
    port: sql`source.remote_port`,
    role: sql`source.role`,
    nickname: sql`nullif(source.nickname, ${''})`,
    connection: ({ source }) => source,
  },
  to: {
    name: 'to',
    who: 'the receiver',
    relayNote: 'relay where it went no further than the relay',
    conn: sql`coalesce(frame.to_connection - capture.connection_base, 0)`,
    endpoint: sql`target.endpoint`,
    address: sql`target.remote_address`,
    port: sql`target.remote_port`,
    role: sql`target.role`,
    nickname: sql`nullif(target.nickname, ${''})`,
    connection: ({ target }) => target,
  },
};

function endFields(end: End): readonly FilterField[] {
  const { name, who, conn } = end;
  const ofConnection =
    (read: (connection: FilterConnection) => Value | undefined) =>
    (frame: DecodedFrame): readonly Value[] => {
      const connection = end.connection(frame);
      const value = connection === null ? null : read(connection);
      return value === null || value === undefined ? [] : [value];
    };
  const text = (field: string, note: string, type: FieldTypeName, column: Sql) =>
    ({ ...usual, name: `${name}.${field}`, note, type, sql: { as: 'column', column } }) as const;
  return [
    {
      ...usual,
      name,
      type: 'end',
      note: `${who}: an endpoint, or what stands before its slash; ${end.relayNote}; a connection that has not said who it is equals none`,
      names: [{ name: 'relay', value: 'relay', note: 'the relay itself' }],
      // A connection that has not said who it is is there, and is like no other.
      values: (frame) => [frame.frame[name] === 0 ? null : (end.connection(frame)?.endpoint ?? '')],
      sql: { as: 'equals', equals: ({ value }) => endEquals(end, value as string | null) },
    },
    {
      ...text('address', `the IP address of ${who}`, 'address', end.address),
      values: ofConnection(({ remoteAddress }) => remoteAddress),
    },
    number(
      `${name}.port`,
      `the TCP port of ${who}`,
      end.port,
      ofConnection(({ remotePort }) => remotePort),
    ),
    number(
      `${name}.conn`,
      `the number of ${who}'s connection in the capture; 0 for the relay itself`,
      conn,
      ({ frame }) => [frame[name]],
    ),
    {
      ...text('role', `what ${who}'s connection is for, such as pdp or ptp-listen`, 'text', end.role),
      values: ofConnection(({ role }) => role),
    },
    {
      ...text('nickname', `what ${who} calls itself, where that is known`, 'text', end.nickname),
      values: ofConnection(({ nickname }) => (nickname === '' ? null : nickname)),
    },
  ];
}

function endEquals({ conn, endpoint }: End, value: string | null): Sql {
  if (value === null) return sql`${conn} = 0`;
  // "0" is the character after "/": between the two are all that start with the value and a slash.
  const isPort = isPlayer(value)
    ? sql`(${endpoint} >= ${`${value}/`} AND ${endpoint} < ${`${value}0`})`
    : FALSE;
  return sql`${any([sql`${endpoint} = ${value}`, isPort])} IS TRUE`;
}

// Protocols and kinds -----------------------------------------------------------------------------

/** Of the connection at either end, the sender's first, as `DecodedFrame` has it. */
const protocolId = sql`coalesce(source.protocol, target.protocol)`;

function protocolField(protocols: readonly Protocol[]): FilterField {
  const known = list(protocols.map(({ id }) => sql`${id}`));
  return {
    ...usual,
    name: 'protocol',
    type: 'name',
    note: 'of its connections; only where this version knows it',
    names: protocols.map(({ name, title }) => ({ name, value: name, note: title })),
    values: ({ protocol }) => (protocol === null ? [] : [protocol.name]),
    sql: {
      as: 'equals',
      equals({ value }) {
        const id = protocols.find(({ name }) => name === value)?.id ?? -1;
        return sql`CASE WHEN ${protocolId} IN (${known}) THEN ${protocolId} = ${id} END`;
      },
    },
  };
}

function kindField(protocols: readonly Protocol[]): FilterField {
  const names = new Map<string, NamedValue>();
  for (const { frames } of protocols) {
    for (const { name, note } of frames) {
      if (!names.has(name)) names.set(name, { name, value: name, ...(note === undefined ? {} : { note }) });
    }
  }
  names.set(unframed.name, { name: unframed.name, value: unframed.name, note: unframed.text });
  return {
    ...usual,
    name: 'kind',
    type: 'name',
    note: 'of its protocol; kind-200, for instance, is one that this version does not know',
    names: [...names.values()],
    unnamed: /^kind-(0|[1-9]\d{0,8})$/,
    values: ({ protocol, frame }) => [kindName(protocol, frame.kind)],
    sql: { as: 'equals', equals: ({ value }) => kindEquals(protocols, value as string) },
  };
}

function kindEquals(protocols: readonly Protocol[], name: string): Sql {
  if (name === unframed.name) return sql`frame.kind = ${UNFRAMED}`;
  const named = protocols.flatMap(({ id, frames }) =>
    frames.flatMap((frame, kind) =>
      frame.name === name ? [sql`(${protocolId} IS ${id} AND frame.kind = ${kind})`] : [],
    ),
  );
  if (named.length > 0) return any(named);
  const kind = numberIn(name);
  if (kind === UNFRAMED) return FALSE;
  const namers = protocols.filter(({ frames }) => kind < frames.length);
  return all([sql`frame.kind = ${kind}`, ...namers.map(({ id }) => not(sql`(${protocolId} IS ${id})`))]);
}

/** The rows whose frames are of certain kinds. */
export function rowsWhere(protocols: readonly Protocol[], isWanted: (spec: FrameSpec) => boolean): Sql {
  return any(
    protocols.flatMap(({ id, frames }) => {
      const kinds = frames.flatMap((spec, kind) => (isWanted(spec) ? [sql`${kind}`] : []));
      return kinds.length === 0 ? [] : [sql`(${protocolId} IS ${id} AND frame.kind IN (${list(kinds)}))`];
    }),
  );
}

// Helpers -----------------------------------------------------------------------------------------

function number(
  name: string,
  note: string,
  column: Sql,
  values: (frame: DecodedFrame) => readonly Value[],
): FilterField {
  return { ...usual, name, type: 'number', note, values, sql: { as: 'column', column: sql`(${column})` } };
}

function numberIn(name: string): number {
  return Number(/\d+$/.exec(name)?.[0]);
}
