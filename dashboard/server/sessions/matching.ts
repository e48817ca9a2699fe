/** Which sessions a search lets through. */
import type { SessionQuery, SessionRow } from '../../api/sessions.ts';

export type Search = Pick<SessionQuery, 'text' | 'game' | 'player' | 'ended' | 'verdict' | 'capture'>;

/** All that a session is searched by. */
export type Searched = Pick<
  SessionRow,
  'game' | 'gameName' | 'group' | 'players' | 'ended' | 'verdicts' | 'capture'
>;

const outcomes = ['same', 'differs', 'unanswered'] as const;

/** Whether the text is a part of anything that it is called by, in whatever case. */
export function hasText({ game, gameName, group, players }: Searched, text: string | undefined): boolean {
  if (text === undefined || text === '') return true;
  const part = text.toLowerCase();
  const has = (name: string) => name.toLowerCase().includes(part);
  if (has(game) || has(gameName) || (group !== null && has(group))) return true;
  return players.some(({ player, nickname }) => has(player) || has(nickname));
}

/** Whether it is all that the search asks for, but for the text. */
export function isWanted(session: Searched, search: Search): boolean {
  const { game, player, ended, verdict, capture } = search;
  return (
    (capture === undefined || session.capture === capture) &&
    (game === undefined || session.game === game) &&
    (ended === undefined || endOf(session) === ended) &&
    (verdict === undefined || verdictsOf(session).includes(verdict)) &&
    (player === undefined || session.players.some((each) => each.player === player))
  );
}

export function endOf({ ended }: Pick<Searched, 'ended'>): NonNullable<Search['ended']> {
  return ended ?? 'live';
}

/** Each that some replay of it had. */
export function verdictsOf({
  verdicts,
}: Pick<Searched, 'verdicts'>): readonly NonNullable<Search['verdict']>[] {
  const had = outcomes.filter((outcome) => verdicts[outcome] > 0);
  return had.length === 0 ? ['none'] : had;
}
