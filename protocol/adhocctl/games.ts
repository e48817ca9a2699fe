/**
 * Which games there are, and which releases of them play together.
 *
 * The rule: a release plays as itself, or as one other that plays as itself. There are no chains.
 */

export interface GameTableEntries {
  /** From a code to the code that it plays as. */
  readonly crosslinks: Readonly<Record<string, unknown>>;
  /** From a code to the name of the game. */
  readonly names: Readonly<Record<string, unknown>>;
}

/** An entry that cannot be right. */
export class GameTableError extends Error {
  readonly section: keyof GameTableEntries;
  readonly key: string;
  /** Follows the key in a sentence. */
  readonly reason: string;

  constructor(section: keyof GameTableEntries, key: string, reason: string) {
    super(`${section}: ${JSON.stringify(key)} ${reason}`);
    this.name = 'GameTableError';
    this.section = section;
    this.key = key;
    this.reason = reason;
  }
}

const CODE = /^[A-Z0-9]{9}$/;
const CODE_RULE = 'nine of A-Z and 0-9';

export function isGameCode(text: unknown): text is string {
  return typeof text === 'string' && CODE.test(text);
}

export class GameTable {
  readonly #playsAs: ReadonlyMap<string, string>;
  readonly #names: ReadonlyMap<string, string>;
  /** By the code that they play as: all others. */
  readonly #releases = new Map<string, string[]>();

  private constructor(playsAs: ReadonlyMap<string, string>, names: ReadonlyMap<string, string>) {
    this.#playsAs = playsAs;
    this.#names = names;
    for (const [from, to] of playsAs) this.#releases.set(to, [...(this.#releases.get(to) ?? []), from]);
  }

  /** Throws a `GameTableError` at the first entry that cannot be right. */
  static from({ crosslinks, names }: GameTableEntries): GameTable {
    const playsAs = new Map<string, string>();
    for (const [from, to] of Object.entries(crosslinks)) {
      const wrong = (reason: string) => new GameTableError('crosslinks', from, reason);
      if (!isGameCode(from)) throw wrong(`is no product code: ${CODE_RULE}`);
      if (!isGameCode(to)) throw wrong(`is linked to ${shown(to)}, which is no product code: ${CODE_RULE}`);
      if (from === to) throw wrong('is linked to itself');
      if (Object.hasOwn(crosslinks, to))
        throw wrong(`is linked to ${to}, which is itself linked to ${shown(crosslinks[to])}`);
      playsAs.set(from, to);
    }
    const named = new Map<string, string>();
    for (const [code, name] of Object.entries(names)) {
      const wrong = (reason: string) => new GameTableError('names', code, reason);
      if (!isGameCode(code)) throw wrong(`is no product code: ${CODE_RULE}`);
      if (typeof name !== 'string') throw wrong(`has a name that is no text: ${shown(name)}`);
      named.set(code, name);
    }
    return new GameTable(playsAs, named);
  }

  playsAs(code: string): string {
    return this.#playsAs.get(code) ?? code;
  }

  /** Of the code that this one plays as, or else of this one; empty where the table has neither. */
  name(code: string): string {
    return this.#names.get(this.playsAs(code)) ?? this.#names.get(code) ?? '';
  }

  /** All codes that play together with this one, the one that they play as first. */
  releases(code: string): readonly string[] {
    const main = this.playsAs(code);
    return [main, ...(this.#releases.get(main) ?? [])];
  }
}

/** Where nothing is known, each release plays as itself and has no name. */
export const noGames = GameTable.from({ crosslinks: {}, names: {} });

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
