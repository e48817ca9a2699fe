/**
 * Who may play with whom: what control servers know about players, for relays that insist on it.
 *
 * The rule: whoever admits a session asks here first, and keeps the presence that it is given. Two
 * presences may exchange frames if, and only if, their parties are the same object, so that the
 * frame path compares two references and knows nothing of modes.
 */
import { CommonFault } from './fault.ts';
import type { Fault, Millis } from './types.ts';

/** `login`: only players whom a control server knows. `group`: and they reach only their own group. */
export const guardModes = ['off', 'login', 'group'] as const;
export type GuardMode = (typeof guardModes)[number];

/** Those among whom frames may pass. */
export class Party {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const everyone = new Party('everyone');

/** A player whom a control server knows. */
export class Presence {
  /** The address as one number. */
  readonly mac: number;
  /** The IP address of the login. */
  readonly address: string;
  /** Changed by its guard alone. */
  party: Party;

  constructor(mac: number, address: string, party: Party) {
    this.mac = mac;
    this.address = address;
    this.party = party;
  }
}

/** A hub that admits sessions. It is told at once, in the turn in which something changes. */
export interface GuardWatcher {
  /** Somebody is there who was not; sessions may wait for it. */
  arrived(presence: Presence, now: Millis): void;
  /** Somebody's party is another now. */
  moved(presence: Presence, now: Millis): void;
  /** None of the player's sessions may stay. */
  left(presence: Presence, now: Millis): void;
}

export interface Move {
  readonly presence: Presence;
  readonly party: Party;
}

export class Guard {
  readonly mode: GuardMode;
  readonly #presences = new Map<number, Presence>();
  readonly #watchers: GuardWatcher[] = [];
  /** What everybody is without a guard. */
  readonly #anybody = new Presence(0, '', everyone);

  constructor(mode: GuardMode) {
    this.mode = mode;
  }

  // For hubs that admit sessions --------------------------------------------------------------------

  watch(watcher: GuardWatcher): void {
    if (this.mode !== 'off') this.#watchers.push(watcher);
  }

  /** Null where a session may not be admitted, or not yet. */
  admit(mac: number, address: string): Presence | null {
    if (this.mode === 'off') return this.#anybody;
    const presence = this.#presences.get(mac);
    return presence?.address === address ? presence : null;
  }

  /** Why `admit` answers null. */
  refusal(mac: number): Fault {
    return this.#presences.has(mac) ? CommonFault.loggedInElsewhere : CommonFault.notLoggedIn;
  }

  // For control servers -----------------------------------------------------------------------------

  /** Whether `login` may take the MAC address from whoever has it: with a guard, only from the same IP address. */
  mayLogIn(mac: number, address: string): boolean {
    const present = this.#presences.get(mac);
    return this.mode === 'off' || present === undefined || present.address === address;
  }

  /** In no group so far. A second login from the same IP address goes on as the first. */
  login(mac: number, address: string, now: Millis): Presence {
    const present = this.#presences.get(mac);
    if (present?.address === address) {
      this.join(present, null, now);
      return present;
    }
    if (present !== undefined) this.logout(present, now);
    const presence = new Presence(mac, address, this.#alone());
    this.#presences.set(mac, presence);
    for (const watcher of this.#watchers) watcher.arrived(presence, now);
    return presence;
  }

  /** Null for none. */
  join(presence: Presence, party: Party | null, now: Millis): void {
    this.regroup([{ presence, party: party ?? this.#alone() }], now);
  }

  /** Several at once: those who move together stay together all the while, and so do their streams. */
  regroup(moves: readonly Move[], now: Millis): void {
    if (this.mode !== 'group') return;
    for (const { presence, party } of moves) presence.party = party;
    for (const { presence } of moves) for (const watcher of this.#watchers) watcher.moved(presence, now);
  }

  /** Harmless for a presence that has been followed by another. */
  logout(presence: Presence, now: Millis): void {
    if (this.#presences.get(presence.mac) !== presence) return;
    this.#presences.delete(presence.mac);
    for (const watcher of this.#watchers) watcher.left(presence, now);
  }

  #alone(): Party {
    return this.mode === 'group' ? new Party('alone') : everyone;
  }
}
