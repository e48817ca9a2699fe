/**
 * Players by the names that people call them, wherever the server names an address.
 *
 * The rule: a nickname stands for an address only where it is that of one player alone; what is not known stays as it is.
 */
import type { SessionDetail } from '../../../../api/sessions.ts';
import type { Player } from '../../../../api/shapes.ts';

export class Names {
  readonly #nicknames: ReadonlyMap<string, string>;
  readonly #addresses: RegExp | null;

  constructor(players: readonly Player[]) {
    const count = new Map<string, number>();
    for (const { nickname } of players) count.set(nickname, (count.get(nickname) ?? 0) + 1);
    const clear = players.filter(({ nickname }) => nickname !== '' && count.get(nickname) === 1);
    this.#nicknames = new Map(clear.map(({ player, nickname }) => [player, nickname]));
    const known = clear.map(({ player }) => player.replaceAll(/[^\w:]/g, '\\$&'));
    this.#addresses =
      known.length === 0 ? null : new RegExp(`(?<![\\w:])(?:${known.join('|')})(?![\\w:])`, 'g');
  }

  player(player: string): string {
    return this.#nicknames.get(player) ?? player;
  }

  /** `Ann/5001`. */
  endpoint(endpoint: string): string {
    const player = playerOf(endpoint);
    return this.player(player) + endpoint.slice(player.length);
  }

  /** A sentence of the server, with names for the addresses in it. */
  within(text: string): string {
    return this.#addresses === null
      ? text
      : text.replaceAll(this.#addresses, (address) => this.player(address));
  }

  /** A sentence that has addresses behind names, without them: for where there is little room. */
  alone(text: string): string {
    let short = text;
    for (const [player, nickname] of this.#nicknames)
      short = short.replaceAll(`${nickname} (${player})`, () => nickname);
    return short;
  }
}

/** Since when times are told: the session's start, or the capture's where the reader wants that (`?time=capture`). */
export function originOf({ started }: Pick<SessionDetail, 'started'>, time: string | null): number {
  return time === 'capture' ? 0 : started;
}

/** Who an endpoint belongs to: what stands before its port. */
export function playerOf(endpoint: string): string {
  const end = endpoint.indexOf('/');
  return end === -1 ? endpoint : endpoint.slice(0, end);
}
