/**
 * `GET /data.json`: who plays what, in the form that emulators and web pages read as a server's status.
 *
 * Ports are those of the sockets that are open on the relay, found by the player's own address.
 */
import type { LobbyGame, LobbyPlayer } from '../../protocol/types.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import type { Census } from './backend.ts';

export interface DataJson {
  readonly games: readonly DataGame[];
}

interface DataGame {
  readonly game_ids: readonly string[];
  readonly name: string;
  /** With those who are in no group. */
  readonly usercount: number;
  readonly groups: readonly DataGroup[];
}

interface DataGroup {
  readonly name: string;
  readonly channel: number;
  readonly usercount: number;
  readonly users: readonly DataUser[];
}

interface DataUser {
  readonly name: string;
  readonly pdp_ports: readonly number[];
  readonly ptp_ports: readonly number[];
}

/** There are no radio channels here; readers expect one of those that there were. */
const CHANNEL = 11;

const PORT_LISTS = { pdp: 'pdp', 'ptp-listen': 'ptp', 'ptp-connect': 'ptp', 'ptp-accept': 'ptp' } as const;

interface Ports {
  readonly pdp: Set<number>;
  readonly ptp: Set<number>;
}

/** Whether a connection with this role is in the answer at all. */
export function hasPort(role: string): role is keyof typeof PORT_LISTS {
  return Object.hasOwn(PORT_LISTS, role);
}

export function dataJson({ games, sockets }: Census): DataJson {
  const ports = portsByPlayer(sockets);
  return { games: games.map((game) => dataGame(game, ports)) };
}

function dataGame({ codes, name, players }: LobbyGame, ports: ReadonlyMap<string, Ports>): DataGame {
  const groups = new Map<string, LobbyPlayer[]>();
  for (const player of players) {
    if (player.group === null) continue;
    const members = groups.get(player.group);
    if (members === undefined) groups.set(player.group, [player]);
    else members.push(player);
  }
  return {
    game_ids: codes,
    name,
    usercount: players.length,
    groups: [...groups].map(([group, members]) => ({
      name: group,
      channel: CHANNEL,
      usercount: members.length,
      users: members.map((member) => dataUser(member, ports.get(playerOf(member.endpoint)))),
    })),
  };
}

function dataUser({ nickname }: LobbyPlayer, ports: Ports | undefined): DataUser {
  return { name: nickname, pdp_ports: sorted(ports?.pdp), ptp_ports: sorted(ports?.ptp) };
}

function portsByPlayer(sockets: string): Map<string, Ports> {
  const byPlayer = new Map<string, Ports>();
  for (const line of sockets === '' ? [] : sockets.split('\n')) {
    const [role = '', endpoint = ''] = line.split(' ');
    const player = playerOf(endpoint);
    const port = endpoint.slice(player.length + 1);
    if (!hasPort(role) || !/^\d+$/.test(port)) continue;
    const ports = byPlayer.get(player) ?? { pdp: new Set(), ptp: new Set() };
    byPlayer.set(player, ports);
    ports[PORT_LISTS[role]].add(Number(port));
  }
  return byPlayer;
}

function sorted(ports: ReadonlySet<number> = new Set()): number[] {
  return [...ports].sort((a, b) => a - b);
}
