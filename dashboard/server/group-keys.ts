/**
 * Tells which group of a list is which group of the list before. Lists of other control servers do not
 * name groups in a way that lasts: when one group is over, all that come after it move up. The guard
 * would take their players for players who went from one group to another, and part them.
 *
 * The rule: a group is the one before from which it has most players; each group is followed by one.
 */
import type { ListedPlayer } from '../../protocol/guard-list.ts';
import type { GroupList } from './game-list.ts';

export class GroupKeys {
  /** By MAC address: the key of the group in the list before. */
  #before = new Map<number, string>();
  #keys = 0;

  /** The players of a list, each with a group that has the same key as long as it goes on. */
  assign(groups: GroupList): ListedPlayer[] {
    const claims = groups.flatMap((players, index) => this.#claims(players, index));
    claims.sort((a, b) => b.players - a.players);
    const keys = new Map<number, string>();
    const taken = new Set<string>();
    for (const { index, key } of claims) {
      if (keys.has(index) || taken.has(key)) continue;
      keys.set(index, key);
      taken.add(key);
    }
    const listed = groups.flatMap((players, index) => {
      const group = keys.get(index) ?? String(++this.#keys);
      return players.map(({ mac, address }) => ({ mac, address, group }));
    });
    this.#before = new Map(listed.map(({ mac, group }) => [mac, group]));
    return listed;
  }

  /** The groups before from which a group has players, and how many. */
  #claims(players: GroupList[number], index: number) {
    const counts = new Map<string, number>();
    for (const { mac } of players) {
      const key = this.#before.get(mac);
      if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].map(([key, count]) => ({ index, key, players: count }));
  }
}
