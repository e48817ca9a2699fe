/** What the frames of adhocctl look like. Kinds are stored in captures: append, never renumber. */
import type { FieldSpec, FrameSpec } from '../types.ts';
import { Direction } from '../types.ts';

export const Kind = {
  ping: 0,
  login: 1,
  connect: 2,
  disconnect: 3,
  scan: 4,
  chat: 5,
  peerConnected: 6,
  peerDisconnected: 7,
  scanResult: 8,
  scanComplete: 9,
  connectBssid: 10,
  chatDelivered: 11,
} as const;

/** Which rule cuts the next bytes. */
export const Mode = {
  login: 0,
  loggedIn: 1,
  // From the relay to its client:
  silent: 2,
  served: 3,
} as const;

/** The first byte of every frame. What one means depends on the direction. */
export const Opcode = {
  ping: 0,
  login: 1,
  connect: 2,
  disconnect: 3,
  scan: 4,
  scanComplete: 5,
  connectBssid: 6,
  chat: 7,
} as const;

export const OPCODE_BYTES = 1;
export const MAC_BYTES = 6;
export const NICKNAME_BYTES = 128;
export const PRODUCT_BYTES = 9;
export const GROUP_BYTES = 8;
export const MESSAGE_BYTES = 64;
export const TAG_BYTES = 4;

const opcodeNames = {
  [Opcode.ping]: 'PING',
  [Opcode.login]: 'LOGIN',
  [Opcode.connect]: 'CONNECT',
  [Opcode.disconnect]: 'DISCONNECT',
  [Opcode.scan]: 'SCAN',
  [Opcode.scanComplete]: 'SCAN_COMPLETE',
  [Opcode.connectBssid]: 'CONNECT_BSSID',
  [Opcode.chat]: 'CHAT',
} as const;

/** All fields of this protocol have a fixed size. */
type Fixed = FieldSpec & { readonly size: number };

function mac(note: string): Fixed {
  return { name: 'mac', type: 'mac', size: MAC_BYTES, note };
}

const nickname: Fixed = {
  name: 'nickname',
  type: 'utf8',
  size: NICKNAME_BYTES,
  note: 'padded with NUL; passed on as it came',
};

const product: Fixed = {
  name: 'product',
  type: 'ascii',
  size: PRODUCT_BYTES,
  note: 'the code of the game: nine of A-Z and 0-9',
};

const group: Fixed = {
  name: 'group',
  type: 'ascii',
  size: GROUP_BYTES,
  note: 'padded with NUL; what follows the first NUL means nothing, and the empty name is a name like others',
};

const message: Fixed = { name: 'message', type: 'utf8', size: MESSAGE_BYTES, note: 'padded with NUL' };

const ip: Fixed = {
  name: 'ip',
  type: 'u32le',
  size: TAG_BYTES,
  handle: true,
  note: 'a number that the relay gave the player, or, in peer-to-peer mode, an IPv4 address in network order',
};

function frame(
  direction: Direction,
  name: string,
  opcode: keyof typeof opcodeNames,
  note: string,
  ...fields: readonly Fixed[]
): FrameSpec {
  const bytes = fields.reduce((sum, { size }) => sum + size, OPCODE_BYTES);
  return {
    name,
    direction,
    bytesMin: bytes,
    bytesMax: bytes,
    note,
    fields: [
      { name: 'opcode', type: 'u8', size: OPCODE_BYTES, names: opcodeNames, always: opcode },
      ...fields,
    ],
    // Whatever a client says proves that it is still there.
    ...(direction === Direction.toRelay && { forRelay: true }),
  };
}

const { toRelay, toPeer } = Direction;

/** By kind. */
export const frames: readonly FrameSpec[] = [
  frame(toRelay, 'ping', Opcode.ping, 'Says that the client is still there; it does so every 2 s.'),
  {
    ...frame(
      toRelay,
      'login',
      Opcode.login,
      'Says who the player is, and what is played. Comes first, and once.',
      mac('of the player'),
      nickname,
      product,
    ),
    then: { toRelay: Mode.loggedIn, toPeer: Mode.served },
  },
  frame(toRelay, 'connect', Opcode.connect, 'Asks to be in this group, and in no other.', group),
  frame(toRelay, 'disconnect', Opcode.disconnect, 'Leaves the group.'),
  frame(toRelay, 'scan', Opcode.scan, 'Asks which groups of this game there are.'),
  frame(toRelay, 'chat', Opcode.chat, 'Says something to the other members of the group.', message),
  frame(
    toPeer,
    'peer-connected',
    Opcode.connect,
    'Names a member of the group: to those who are in it the newcomer, to the newcomer each of them.',
    nickname,
    mac('of the member'),
    ip,
  ),
  frame(toPeer, 'peer-disconnected', Opcode.disconnect, 'A member has left the group.', ip),
  frame(
    toPeer,
    'scan-result',
    Opcode.scan,
    'One of the groups that were asked for.',
    group,
    mac('of its founder'),
  ),
  frame(toPeer, 'scan-complete', Opcode.scanComplete, 'There are no more groups.'),
  frame(
    toPeer,
    'connect-bssid',
    Opcode.connectBssid,
    'The client is in the group that it asked for, and knows all members.',
    mac('of the founder, which may be the client itself'),
  ),
  frame(toPeer, 'chat-delivered', Opcode.chat, 'What another member of the group said.', message, {
    ...nickname,
    note: 'of who said it',
  }),
];
