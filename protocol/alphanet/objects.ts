/**
 * What AlphaNET's objects say, without the objects: each is a row of plain values, which tables, filters and the hub work
 * with. An address that is null is the empty one, of port 0.
 */
import type { FieldSpec, Inside, InsideRow } from '../types.ts';
import { IP_BYTES_MAX, type ClassName } from './classes.ts';
import {
  type NetObject,
  type NetValue,
  type Place,
  readObject,
  type ReadObject,
  type Reason,
} from './nrbf.ts';
import { writeObject } from './nrbf-write.ts';

/** Where a virtual socket is. */
export interface Address {
  /** As it was written: not all texts are addresses. */
  readonly ip: string;
  readonly port: number;
}

export const NO_ADDRESS: Address = { ip: '', port: 0 };

const yesNo = { 0: 'no', 1: 'yes' } as const;

function flag(name: string, note: string): FieldSpec {
  return { name, type: 'u8', size: 1, names: yesNo, max: 1, note };
}

function ipField(name: string, note: string, handle: FieldSpec['handle'] & {} = true): FieldSpec {
  return { name, type: 'utf8', size: { max: IP_BYTES_MAX }, handle, note };
}

function addressFields(name: string, note: string): readonly FieldSpec[] {
  return [ipField(name, note), { name: `${name}_port`, type: 'u16le', size: 2 }];
}

/** How the member of an object, or of an object in it, is called as a value of its own. */
interface Path {
  readonly name: string;
  readonly keys: readonly string[];
}

function path(name: string, ...keys: readonly string[]): Path {
  return { name, keys };
}

function addressPaths(name: string): readonly Path[] {
  return [path(name, name, 'ip'), path(`${name}_port`, name, 'port')];
}

interface Packed {
  readonly type: ClassName;
  readonly fields: readonly FieldSpec[];
  readonly paths: readonly Path[];
}

const requestFields = [
  ...addressFields('source', 'who asks'),
  ...addressFields('destination', 'which virtual socket it is about'),
];
const requestPaths = [...addressPaths('source'), ...addressPaths('destination')];

const statusFields = [flag('open', 'it is in use'), flag('listening', 'it takes connections')];

/** The classes that packets are made of; addresses are only ever in others. */
const packed = {
  virtualIp: {
    type: 'VirtualIP',
    fields: [ipField('ip', 'the virtual IP address of the client', 'given')],
    paths: [path('ip', 'ip')],
  },
  socketStatus: {
    type: 'SocketStatus',
    fields: statusFields,
    paths: [path('open', 'open'), path('listening', 'listening')],
  },
  socketStatusRequest: { type: 'SocketStatusRequest', fields: requestFields, paths: requestPaths },
  socketStatusResponse: {
    type: 'SocketStatusResponse',
    fields: [
      ...statusFields,
      ...addressFields(
        'destination',
        'which virtual socket it is about; empty, with port 0, where it names none',
      ),
    ],
    paths: [
      path('open', 'status', 'open'),
      path('listening', 'status', 'listening'),
      ...addressPaths('destination'),
    ],
  },
  socketConnectionRequest: { type: 'SocketConnectionRequest', fields: requestFields, paths: requestPaths },
  socketConnectionStatus: {
    type: 'SocketConnectionStatus',
    fields: [flag('connected', 'the connection is there')],
    paths: [path('connected', 'connected')],
  },
} as const satisfies Record<string, Packed>;

export type ObjectName = keyof typeof packed;

/** The values of an object, by their names in the tables. */
export type ObjectValues = Readonly<Record<string, number | string>>;

function rowOf({ object, places }: ReadObject, { name, keys }: Path): InsideRow {
  let at: NetObject = object;
  let place: Place = { at: 0, size: 0 };
  let value: NetValue = null;
  for (const key of keys) {
    value = at.values[key] ?? null;
    place = places.get(at)?.[key] ?? place;
    if (value === null || typeof value !== 'object') break;
    at = value;
  }
  // Of an address that is null, the text has the byte that says so, and the port none.
  if (value === null && name.endsWith('_port')) return { name, at: place.at + place.size, size: 0, value: 0 };
  return { name, ...place, value: value === null || typeof value === 'object' ? '' : value };
}

/** The rows of the object that is all of `[at, end)`, in order, or why it is none. */
export function objectRows(
  name: ObjectName,
  bytes: Uint8Array,
  at: number,
  end: number,
): readonly InsideRow[] | Reason {
  const { type, paths } = packed[name];
  const found = readObject(bytes, at, end, type);
  if (typeof found === 'string') return found;
  return paths.map((each) => rowOf(found, each)).sort((one, other) => one.at - other.at);
}

export function objectBytes(name: ObjectName, values: Readonly<Record<string, unknown>>): Uint8Array {
  const { type, paths } = packed[name];
  const root: Record<string, NetValue> = {};
  for (const { name: own, keys } of paths) {
    const [outer = '', inner] = keys;
    const value = values[own] as number | string;
    if (inner === undefined) root[outer] = value;
    else root[outer] = { type: innerType(outer), values: { ...innerValues(root[outer]), [inner]: value } };
  }
  if (type === 'SocketStatusResponse' && isNone(innerValues(root['destination']))) root['destination'] = null;
  return writeObject({ type, values: root });
}

function innerType(key: string): ClassName {
  return key === 'status' ? 'SocketStatus' : 'Address';
}

function innerValues(value: NetValue | undefined): NetObject['values'] {
  return typeof value === 'object' && value !== null ? value.values : {};
}

function isNone({ ip, port }: NetObject['values']): boolean {
  return ip === NO_ADDRESS.ip && port === NO_ADDRESS.port;
}

/** For the layout tables. */
export function insideOf(name: ObjectName): Inside {
  return {
    fields: packed[name].fields,
    read(bytes, at, end) {
      const rows = objectRows(name, bytes, at, end);
      return typeof rows === 'string' ? null : rows;
    },
    write: (values) => objectBytes(name, values),
  };
}
