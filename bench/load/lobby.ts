/**
 * Logs the load's players in at the control server and puts them into groups, where the relay has a
 * guard that asks for it. Written anew from the protocol's description, like `wire.ts`.
 */
import { connect } from 'node:net';
import { address } from './wire.ts';

export interface LobbyPlayer {
  readonly id: number;
  /** Whoever plays with whom. */
  readonly group: number;
}

const LOGIN = 1;
const CONNECT = 2;
const CONNECT_BSSID = 6;
const MAC_BYTES = 6;
const NICKNAME_BYTES = 128;
const GROUP_BYTES = 8;
/** A player of whom nothing is heard is dropped after half a minute. */
const PING_MS = 5_000;
const PING = Buffer.of(0);

/** Resolves once all are where they belong, in order: who comes first to a group is its founder. */
export async function enterLobby(controlPort: number | null, players: readonly LobbyPlayer[]): Promise<void> {
  if (controlPort === null) return;
  for (const player of players) await enter(controlPort, player);
}

/** The last thing that a player hears on its way into a group is who founded it. */
function enter(port: number, { id, group }: LobbyPlayer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let heard = Buffer.alloc(0);
    let isIn = false;
    socket.on('data', (bytes) => {
      // What the others do later is of no interest.
      if (isIn) return;
      heard = Buffer.concat([heard, bytes]);
      isIn = heard.at(-1 - MAC_BYTES) === CONNECT_BSSID;
      if (isIn) resolve();
    });
    socket.on('error', (error) => {
      throw new Error(`a login broke: ${error.message}`);
    });
    socket.on('close', () => {
      throw new Error('the control server closed a login');
    });
    socket.write(Buffer.concat([login(id), join(group)]));
    setInterval(() => socket.write(PING), PING_MS).unref();
  });
}

function login(id: number): Buffer {
  const nickname = Buffer.alloc(NICKNAME_BYTES);
  nickname.write(`load ${id}`);
  return Buffer.concat([
    Buffer.of(LOGIN),
    address(id).subarray(0, MAC_BYTES),
    nickname,
    Buffer.from('BENCH0001'),
  ]);
}

function join(group: number): Buffer {
  const name = Buffer.alloc(GROUP_BYTES);
  name.write(`G${group}`);
  return Buffer.concat([Buffer.of(CONNECT), name]);
}
