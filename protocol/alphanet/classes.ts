/**
 * The seven .NET classes of which AlphaNET's objects are, and no other: what their members are called, in the order in
 * which .NET writes them, and what is in each.
 */
export type ClassName =
  | 'Address'
  | 'VirtualIP'
  | 'SocketStatus'
  | 'SocketStatusRequest'
  | 'SocketStatusResponse'
  | 'SocketConnectionRequest'
  | 'SocketConnectionStatus';

export type MemberType = 'boolean' | 'byte' | 'uint16' | 'string' | ClassName;

export interface Member {
  /** What we call it. */
  readonly key: string;
  /** What .NET calls it. */
  readonly name: string;
  readonly type: MemberType;
  /** The one value that it has. */
  readonly always?: number;
  /** It may be null; only members that are objects may. */
  readonly nullable?: true;
  /** Bytes of a text, at most. */
  readonly bytesMax?: number;
}

export interface NetClass {
  readonly key: ClassName;
  readonly name: string;
  readonly members: readonly Member[];
}

/** As addresses are limited everywhere else. */
export const IP_BYTES_MAX = 32;

export const Packet = {
  socketStatusRequest: 1,
  socketStatus: 2,
  socketConnectionRequest: 3,
  socketConnectionStatus: 4,
  data: 5,
  virtualIp: 6,
  socketStatusResponse: 7,
  socketClosed: 8,
  requestFailed: 9,
} as const;

/** What the compiler calls the field behind a property. */
function behind(property: string): string {
  return `<${property}>k__BackingField`;
}

/** It names the type of the packet once more. */
function packetType(always: number): Member {
  return { key: 'type', name: `Packet+${behind('Type')}`, type: 'byte', always };
}

function boolean(property: string): Member {
  return { key: property.toLowerCase(), name: behind(property), type: 'boolean' };
}

function ip(property: string): Member {
  return { key: 'ip', name: behind(property), type: 'string', bytesMax: IP_BYTES_MAX };
}

const source: Member = { key: 'source', name: behind('SourceAddress'), type: 'Address' };
const destination: Member = { key: 'destination', name: behind('DestinationAddress'), type: 'Address' };

function packet(key: ClassName, type: number, ...members: readonly Member[]): NetClass {
  return { key, name: `AlphaNET.Framework.Net.Packets.${key}`, members: [...members, packetType(type)] };
}

export const classes: Readonly<Record<ClassName, NetClass>> = {
  Address: {
    key: 'Address',
    name: 'AlphaNET.Framework.Net.Address',
    members: [{ key: 'port', name: behind('Port'), type: 'uint16' }, ip('IpAddress')],
  },
  VirtualIP: packet('VirtualIP', Packet.virtualIp, ip('ip')),
  SocketStatus: packet('SocketStatus', Packet.socketStatus, boolean('Open'), boolean('Listening')),
  SocketStatusRequest: packet('SocketStatusRequest', Packet.socketStatusRequest, source, destination),
  SocketStatusResponse: packet(
    'SocketStatusResponse',
    Packet.socketStatusResponse,
    { key: 'status', name: behind('SocketStatus'), type: 'SocketStatus' },
    { ...destination, nullable: true },
  ),
  SocketConnectionRequest: packet(
    'SocketConnectionRequest',
    Packet.socketConnectionRequest,
    source,
    destination,
  ),
  SocketConnectionStatus: packet(
    'SocketConnectionStatus',
    Packet.socketConnectionStatus,
    boolean('Connected'),
  ),
};

/** By the name that .NET gives it. */
export const classesByName: ReadonlyMap<string, NetClass> = new Map(
  Object.values(classes).map((known) => [known.name, known]),
);

/** How the format numbers the types of members, and primitive types. */
export const MemberKind = { primitive: 0, string: 1, class: 4 } as const;

const primitives: Readonly<Partial<Record<MemberType, number>>> = { boolean: 1, byte: 2, uint16: 14 };

/** Null where it is none. */
export function primitiveOf(type: MemberType): number | null {
  return primitives[type] ?? null;
}
