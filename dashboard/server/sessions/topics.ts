/** Tells viewers of sessions: of the list, and of one. */
import { Failure } from '../../../common/failure.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { Archive } from '../archive.ts';
import type { NewsAbout, Topics, Watching } from '../watching.ts';
import { detailOf } from './detail.ts';
import type { Listing } from './listing.ts';
import type { Recent } from './recent.ts';
import type { Surveys } from './surveys.ts';

/** A session that is watched is looked at no more often. */
export const SESSION_MS = 500;

interface World {
  readonly reader: Archive['reader'];
  readonly surveys: Surveys;
  readonly listing: Listing;
  readonly recent: Recent;
  readonly clock: () => Millis;
}

export function sessionTopics(world: World): Pick<Topics, 'sessions' | 'session'> {
  return {
    sessions: () => new SessionsWatch(world),
    session: ({ session }) => new SessionWatch(world, session),
  };
}

class SessionsWatch implements Watching<'sessions'> {
  readonly #world: World;
  #told: number;

  constructor(world: World) {
    this.#world = world;
    world.recent.look(world.clock());
    this.#told = world.recent.changes;
  }

  take(): NewsAbout<'sessions'> | null {
    const { recent, clock } = this.#world;
    recent.look(clock());
    if (recent.changes === this.#told) return null;
    const { changed, gone } = recent.since(this.#told);
    this.#told = recent.changes;
    return { news: 'sessions', changed: [...changed], gone: [...gone] };
  }

  close(): void {
    // Nothing is kept for one viewer.
  }
}

class SessionWatch implements Watching<'session'> {
  readonly #world: World;
  readonly #id: number;
  /** What was told last, as text. */
  #session = '';
  #read = '';
  #lookedAt: Millis = -Infinity;
  #version = -1;

  /** Failure code: `no-such-session`. */
  constructor(world: World, id: number) {
    this.#world = world;
    this.#id = id;
    world.surveys.look(id);
  }

  take(): NewsAbout<'session'> | null {
    const { surveys, clock } = this.#world;
    try {
      const now = clock();
      const session = now - this.#lookedAt < SESSION_MS ? null : this.#look(now);
      const survey = surveys.look(this.#id);
      const read = { ...survey.progress, report: survey.version };
      const text = JSON.stringify(read);
      if (session === null && text === this.#read) return null;
      this.#read = text;
      return { news: 'session', session, read };
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'no-such-session') throw error;
      return { news: 'refused', error: error.message };
    }
  }

  close(): void {
    // Its survey is not kept up to date once nobody looks.
  }

  /** Null where it is as it was. */
  #look(now: Millis): ReturnType<typeof detailOf> | null {
    const { reader, listing, surveys } = this.#world;
    this.#lookedAt = now;
    const version = reader.dataVersion + surveys.look(this.#id).version / 1e6;
    if (version === this.#version) return null;
    this.#version = version;
    const detail = detailOf(reader, listing, this.#id);
    const text = JSON.stringify(detail);
    if (text === this.#session) return null;
    this.#session = text;
    return detail;
  }
}
