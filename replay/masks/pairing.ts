/**
 * Which conversations of several recordings are the same one: those between the same players, of the same
 * kind, in the order in which they began. Ports may differ.
 */
import type { Cast } from '../cast.ts';
import type { Conversation, End, Role } from '../types.ts';

/** Of more conversations, nothing is learned. */
export const TALKS_MAX = 4096;

/** One conversation of all recordings. Roles are those of the first one. */
export interface Talk {
  readonly from: string;
  readonly to: string;
  /** As each recording has it; undefined where it lacks it. */
  readonly conversations: (Conversation | undefined)[];
}

export class Talks {
  readonly #roles: readonly ReadonlyMap<string, string>[];
  readonly #talks = new Map<string, Talk>();
  readonly #known = new WeakMap<Conversation, Talk>();
  /** How many of a kind there were between two players, by recording. */
  readonly #counts = new Map<string, number>();

  constructor(casts: readonly Cast[]) {
    const [first] = casts;
    this.#roles = casts.map((cast) => sameRoles(first?.roles ?? [], cast.roles));
  }

  get list(): readonly Talk[] {
    return [...this.#talks.values()];
  }

  /** The same object for the same conversation. Null where it is with a stranger, or one too many. */
  of(run: number, conversation: Conversation): Talk | null {
    const known = this.#known.get(conversation);
    if (known !== undefined) return known;
    const { protocol, kind } = conversation;
    const from = this.#roleOf(run, conversation.from);
    const to = this.#roleOf(run, conversation.to);
    if (from === null || to === null) return null;
    const which = `${protocol.id} ${kind ?? '*'} ${from} ${to}`;
    const count = this.#counts.get(`${run} ${which}`) ?? 0;
    const key = `${which} ${count}`;
    let talk = this.#talks.get(key);
    if (talk === undefined) {
      if (this.#talks.size >= TALKS_MAX) return null;
      this.#talks.set(key, (talk = { from, to, conversations: [] }));
    }
    this.#counts.set(`${run} ${which}`, count + 1);
    talk.conversations[run] = conversation;
    this.#known.set(conversation, talk);
    return talk;
  }

  #roleOf(run: number, { role, endpoint }: End): string | null {
    return endpoint === '' ? role : (this.#roles[run]?.get(role) ?? null);
  }
}

/** Who of a second play is who of the first: by address, then by nickname, then by who came when. */
function sameRoles(first: readonly Role[], other: readonly Role[]): ReadonlyMap<string, string> {
  const same = new Map<string, string>();
  let left = [...first];
  let unknown = [...other];
  const take = (isSame: (one: Role, each: Role) => boolean) => {
    for (const each of unknown) {
      const found = left.find((one) => isSame(one, each));
      if (found === undefined) continue;
      same.set(each.name, found.name);
      left = left.filter((one) => one !== found);
    }
    unknown = unknown.filter(({ name }) => !same.has(name));
  };
  take((one, each) => one.player === each.player);
  take((one, each) => one.nickname !== '' && one.nickname === each.nickname);
  take(() => true);
  return same;
}
