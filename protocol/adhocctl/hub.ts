/** The hub of the control server, as far as the program that puts it together needs to know it. */
import type { Guard } from '../guard.ts';
import type { Hub, HubContext, Session } from '../types.ts';
import { type GameTable, noGames } from './games.ts';

export interface AdhocctlSettings {
  readonly games: GameTable;
  /** What players are told of each other: a number each, or their real IPv4 addresses. */
  readonly addresses: 'numbers' | 'real';
}

const usual: AdhocctlSettings = { games: noGames, addresses: 'numbers' };

export class AdhocctlHub implements Hub {
  readonly guard: Guard;
  readonly games: GameTable;
  readonly addresses: AdhocctlSettings['addresses'];
  readonly deadline = Infinity;
  readonly players = new Map<number, never>();

  constructor({ guard }: HubContext, { games, addresses }: AdhocctlSettings = usual) {
    this.guard = guard;
    this.games = games;
    this.addresses = addresses;
  }

  accept(): Session {
    throw new Error('there is no control server yet');
  }

  wake(): void {
    // Nothing is ever due.
  }

  sessions(): Iterable<Session> {
    return [];
  }
}
