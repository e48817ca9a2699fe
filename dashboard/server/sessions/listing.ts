/**
 * The list of all sessions, newest first, a page at a time.
 *
 * The rule: a session's place in it never changes, so that pages have neither holes nor doubles while others are recorded:
 * newer captures come first, and in one those that were found later. Those that go on are told beside it, on the first page.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '../../../common/failure.ts';
import type { CaptureSummary } from '../../../recorder/captures.ts';
import type { ListedSession, SessionPlace } from '../../../recorder/sessions/session.ts';
import type { SessionPage, SessionQuery, SessionRow } from '../../api/sessions.ts';
import type { Archive } from '../archive.ts';
import { endOf, noVerdicts, sessionRow } from './rows.ts';

const SESSIONS_PER_PAGE = 50;
/** Looked at in one go. */
const LOOK = 200;

export class Listing {
  readonly #reader: Archive['reader'];

  constructor({ reader }: Archive) {
    this.#reader = reader;
  }

  async page(query: SessionQuery, signal: AbortSignal): Promise<SessionPage> {
    const { after, limit = SESSIONS_PER_PAGE } = query;
    const captures = new Map(this.#reader.captures().map((capture) => [capture.id, capture]));
    let before = after === undefined ? null : this.#placeOf(after);
    const found: SessionRow[] = [];
    let count = 0;
    const live: SessionRow[] = [];
    for (let more = true; more && !signal.aborted;) {
      const look = this.#reader.listSessions({ before, capture: query.capture ?? null, limit: LOOK });
      for (const session of look) {
        const capture = captures.get(session.captureId);
        if (capture === undefined || !matches(session, capture, query)) continue;
        count++;
        const row = sessionRow(session, capture, noVerdicts, null);
        if (found.length <= limit) found.push(row);
        if (row.ended === null) live.push(row);
      }
      more = look.length === LOOK && (after === undefined || found.length <= limit);
      before = look.at(-1) ?? null;
      await turn();
    }
    return {
      sessions: found.slice(0, limit),
      live: after === undefined ? live : null,
      unindexed:
        after !== undefined
          ? null
          : [...captures.values()]
              .filter(({ hasSessions }) => !hasSessions)
              .map(({ id: capture, startedAt, frames }) => ({ capture, startedAt, frames }))
              .reverse(),
      more: found.length > limit,
      total: { count, exact: after === undefined },
      facets: null,
    };
  }

  #placeOf(id: number): SessionPlace {
    const [found] = this.#reader.listedSessions([id]);
    if (found !== undefined) return found;
    throw new Failure(
      'input',
      'no-such-session',
      `there is no session ${id} any more: start from the first page`,
    );
  }
}

function matches(session: ListedSession, capture: CaptureSummary, query: SessionQuery): boolean {
  const { text, game, player, ended, verdict } = query;
  if (game !== undefined && session.game !== game) return false;
  if (player !== undefined && !session.players.some((each) => each.player === player)) return false;
  if (ended !== undefined && (endOf(session, capture) ?? 'live') !== ended) return false;
  if (verdict !== undefined && verdict !== 'none') return false;
  if (text === undefined) return true;
  const names = session.players.flatMap((each) => [each.player, each.nickname]);
  const part = text.toLowerCase();
  return [session.game, session.gameName, session.group ?? '', ...names].some((name) =>
    name.toLowerCase().includes(part),
  );
}
