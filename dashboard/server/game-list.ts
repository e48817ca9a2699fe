/**
 * `POST /game_list_sync`: reads the list of another control server, in which games have groups and groups
 * have players: `{"games":[{"groups":[{"players":[{"mac_addr","ip_addr"}]}]}]}`.
 *
 * The rule: a list is taken whole or not at all, because it says who may play, and by that who may not.
 * What it says beyond that (names, counts) is nobody's business here and may be anything.
 */
import { canonicalIp } from './ip-address.ts';
import { LISTED_PLAYERS_MAX } from './limits.ts';

export interface NamedPlayer {
  /** The address as one number. */
  readonly mac: number;
  readonly address: string;
}

/** The players of each group. */
export type GroupList = readonly (readonly NamedPlayer[])[];

/** Why a list is refused: one line that names the place, such as `games[0].groups[1].players[0].mac_addr`. */
export class BadList extends Error {}

export function readGameList(body: unknown): GroupList {
  const groups: NamedPlayer[][] = [];
  let count = 0;
  for (const [game, gamePath] of items(body, 'games', '')) {
    for (const [group, groupPath] of items(game, 'groups', gamePath)) {
      const players: NamedPlayer[] = [];
      groups.push(players);
      for (const [player, path] of items(group, 'players', groupPath)) {
        if (++count > LISTED_PLAYERS_MAX)
          throw new BadList(`${path}: ${LISTED_PLAYERS_MAX} players are the most that are taken`);
        players.push(readPlayer(player, path));
      }
    }
  }
  return groups;
}

function readPlayer(player: unknown, path: string): NamedPlayer {
  const mac = member(player, 'mac_addr', path, 'a MAC address such as "02:aa:bb:cc:dd:01"', macNumber);
  const address = member(player, 'ip_addr', path, 'an IPv4 or IPv6 address', canonicalIp);
  return { mac, address };
}

/** With colons, with dashes, or without either. */
function macNumber(text: string): number | null {
  if (!/^[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5}|[0-9a-f]{10})$/i.test(text)) return null;
  return Number.parseInt(text.replaceAll(/[:-]/g, ''), 16);
}

/** The items of a list in an object, each with its path. */
function* items(object: unknown, key: string, path: string): Generator<[item: unknown, path: string]> {
  const list = fields(object, path)[key];
  const at = path === '' ? key : `${path}.${key}`;
  if (!Array.isArray(list)) throw new BadList(`${at} must be a list, ${not(list)}`);
  for (const [i, item] of list.entries()) yield [item, `${at}[${i}]`];
}

function member<T>(
  object: unknown,
  key: string,
  path: string,
  what: string,
  read: (text: string) => T | null,
): T {
  const value = fields(object, path)[key];
  const found = typeof value === 'string' ? read(value) : null;
  if (found === null) throw new BadList(`${path}.${key} must be ${what}, ${not(value)}`);
  return found;
}

function fields(object: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw new BadList(`${path === '' ? 'the body' : path} must be an object, ${not(object)}`);
  return object as Record<string, unknown>;
}

function not(value: unknown): string {
  if (value === undefined) return 'and is not there';
  if (typeof value === 'object' && value !== null)
    return `not ${Array.isArray(value) ? 'a list' : 'an object'}`;
  const shown = JSON.stringify(value);
  return `not ${shown.length > 40 ? `${shown.slice(0, 37)}...` : shown}`;
}
