/**
 * Who is together.
 *
 * The rule: a group is here for exactly as long as it has members, and the oldest of them counts as
 * its founder, because whoever founded it has left by then.
 */
import { Party } from '../guard.ts';
import type { FrameView } from '../types.ts';
import { GROUP_BYTES, MAC_BYTES, Opcode, OPCODE_BYTES } from './layout.ts';
import type { Player } from './sessions.ts';

const SCAN_MAC_AT = OPCODE_BYTES + GROUP_BYTES;
const SCAN_BYTES = SCAN_MAC_AT + MAC_BYTES;

/** The name at `at`: its bytes up to the first NUL, each as the letter of that number. */
export function groupName({ bytes }: Pick<FrameView, 'bytes'>, at: number): string {
  const name = bytes.subarray(at, at + GROUP_BYTES);
  const end = name.indexOf(0);
  return String.fromCharCode(...name.subarray(0, end === -1 ? GROUP_BYTES : end));
}

export class Group {
  readonly game: string;
  readonly name: string;
  /** Those who may talk to each other where a guard insists on groups. */
  readonly party: Party;
  /** The oldest first. */
  readonly members = new Set<Player>();
  readonly #scanned = new Uint8Array(SCAN_BYTES);

  constructor(game: string, name: string) {
    this.game = game;
    this.name = name;
    this.party = new Party(`${game} ${name}`);
    this.#scanned[0] = Opcode.scan;
    for (let i = 0; i < name.length; i++) this.#scanned[OPCODE_BYTES + i] = name.charCodeAt(i);
  }

  /** Null for a group that is gone. */
  get founder(): Player | null {
    for (const oldest of this.members) return oldest;
    return null;
  }

  /** What a SCAN answers about it. Valid until the next call. */
  scanned(): Uint8Array {
    if (this.founder !== null) this.#scanned.set(this.founder.macBytes, SCAN_MAC_AT);
    return this.#scanned;
  }
}

export class Groups {
  /** By game and by name, in the order of their founding. */
  readonly #games = new Map<string, Map<string, Group>>();

  /** Games that have groups. */
  get size(): number {
    return this.#games.size;
  }

  find(game: string, name: string): Group | null {
    return this.#games.get(game)?.get(name) ?? null;
  }

  /** Those of one game, the oldest first. */
  of(game: string): Iterable<Group> {
    return this.#games.get(game)?.values() ?? [];
  }

  /** Founds the group where there is none. */
  enter(player: Player, name: string): Group {
    const group = this.find(player.game, name) ?? this.#found(player.game, name);
    group.members.add(player);
    player.group = group;
    return group;
  }

  /** Answers what was left, if anything was. */
  leave(player: Player): Group | null {
    const { group } = player;
    if (group === null) return null;
    player.group = null;
    group.members.delete(player);
    if (group.members.size === 0) this.#dissolve(group);
    return group;
  }

  #found(game: string, name: string): Group {
    const group = new Group(game, name);
    const groups = this.#games.get(game) ?? new Map<string, Group>();
    this.#games.set(game, groups.set(name, group));
    return group;
  }

  #dissolve({ game, name }: Group): void {
    const groups = this.#games.get(game);
    groups?.delete(name);
    if (groups?.size === 0) this.#games.delete(game);
  }
}
