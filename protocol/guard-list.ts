/** A guard's players as another control server lists them: each list takes the place of the one before. */
import { type Guard, type Move, Party, type Presence } from './guard.ts';
import type { Millis } from './types.ts';

export interface ListedPlayer {
  /** The address as one number. */
  readonly mac: number;
  readonly address: string;
  /** Whoever names the same group is in the same. */
  readonly group: string;
}

interface Listed {
  readonly presence: Presence;
  readonly group: string;
}

export class GuardList {
  readonly #guard: Guard;
  #listed = new Map<number, Listed>();
  #parties = new Map<string, Party>();

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  get size(): number {
    return this.#listed.size;
  }

  /** Of a MAC address that is listed twice, the last counts. */
  replace(players: readonly ListedPlayer[], now: Millis): void {
    const guard = this.#guard;
    const next = new Map(players.map((player) => [player.mac, player]));
    for (const [mac, { presence }] of this.#listed) {
      if (next.get(mac)?.address !== presence.address) guard.logout(presence, now);
    }
    const parties = new Map<string, Party>();
    const listed = new Map<number, Listed>();
    const moves: Move[] = [];
    for (const { mac, address, group } of next.values()) {
      const party = parties.get(group) ?? this.#parties.get(group) ?? new Party(group);
      parties.set(group, party);
      const before = this.#listed.get(mac);
      const stays = before?.presence.address === address;
      const presence = stays ? before.presence : guard.login(mac, address, now);
      if (!stays || before.group !== group) moves.push({ presence, party });
      listed.set(mac, { presence, group });
    }
    guard.regroup(moves, now);
    this.#listed = listed;
    this.#parties = parties;
  }
}
