/**
 * Two protocols that say no more than a finder of sessions must hear: a control server with groups, and a
 * field on which players send to each other. Their frames are text.
 */
import {
  Direction,
  type FrameSpec,
  type FrameView,
  type GroupNotice,
  type Protocol,
} from '../../protocol/types.ts';

export const LobbyKind = { login: 0, ask: 1, leave: 2, leader: 3, say: 4 } as const;
export const FieldKind = { open: 0, send: 1 } as const;

/** `02:00:00:00:00:0N`. */
export function mac(n: number): string {
  return `02:00:00:00:00:${n.toString(16).padStart(2, '0')}`;
}

function spec(name: string, direction: Direction = Direction.toRelay): FrameSpec {
  return { name, direction, bytesMin: 1, bytesMax: 1000, fields: [] };
}

function unused(): never {
  throw new Error('nobody plays here: this is only ever read');
}

function text({ bytes, at, end }: FrameView): string {
  return Buffer.from(bytes.subarray(at, end)).toString();
}

const notices: Readonly<Record<number, (text: string) => GroupNotice>> = {
  [LobbyKind.ask]: (group) => ({ does: 'asks', group }),
  [LobbyKind.leave]: () => ({ does: 'leaves' }),
  [LobbyKind.leader]: (leader) => ({ does: 'joins', leader }),
};

const common = {
  revision: 1,
  transports: ['tcp'],
  port: 1,
  faults: [],
  outboxBytesMax: 1,
  framing: { start: { toRelay: 0, toPeer: 0 }, measure: unused, classify: unused },
  summarize: unused,
  createHub: unused,
} as const;

/** Asks with the group's name, is answered with the leader's endpoint. */
export const lobby: Protocol = {
  ...common,
  id: 97,
  name: 'lobby',
  title: 'Lobby',
  frames: [spec('login'), spec('ask'), spec('leave'), spec('leader', Direction.toPeer), spec('say')],
  groupNotice: (frame) => notices[frame.kind]?.(text(frame)) ?? null,
};

/** Frames begin with the endpoint that they are for, and a space. */
export const field: Protocol = {
  ...common,
  id: 98,
  name: 'field',
  title: 'Field',
  frames: [spec('open'), spec('send')],
  addressee: (frame) => (frame.kind === FieldKind.send ? (text(frame).split(' ')[0] ?? null) : null),
};
