/** What the list of sessions is narrowed to, as it stands in the address. */
import type { SessionPage, SessionQuery } from '../../../../api/sessions.ts';

export const facetNames = ['game', 'player', 'ended', 'verdict', 'capture'] as const;
export type FacetName = (typeof facetNames)[number];
export type Facets = NonNullable<SessionPage['facets']>;

export const facetTitles: Readonly<Record<FacetName, string>> = {
  game: 'Game',
  player: 'Player',
  ended: 'State',
  verdict: 'Verdict',
  capture: 'Recording',
};

const ends = ['left', 'lost', 'stopped', 'unclean', 'live'] as const;
const verdicts = ['same', 'differs', 'unanswered', 'none'] as const;

/** What the address asks for. What is wrong in it asks for nothing. */
export function queryOf(search: URLSearchParams): SessionQuery {
  const text = search.get('text')?.trim() ?? '';
  const game = search.get('game') ?? '';
  const player = search.get('player') ?? '';
  const ended = ends.find((each) => each === search.get('ended'));
  const verdict = verdicts.find((each) => each === search.get('verdict'));
  const capture = Number(search.get('capture') ?? 0);
  return {
    ...(text !== '' && { text }),
    ...(game !== '' && { game }),
    ...(player !== '' && { player }),
    ...(ended !== undefined && { ended }),
    ...(verdict !== undefined && { verdict }),
    ...(Number.isSafeInteger(capture) && capture > 0 && { capture }),
  };
}

export interface ChosenFacet {
  readonly name: FacetName;
  readonly value: string;
  /** As the server calls it, or else the value. */
  readonly label: string;
}

export function chosenFacets(query: SessionQuery, facets: Facets | null): readonly ChosenFacet[] {
  return facetNames.flatMap((name) => {
    const value = query[name];
    if (value === undefined) return [];
    const known = facets?.[name].find((each) => each.value === String(value));
    return [{ name, value: String(value), label: known?.label ?? String(value) }];
  });
}

/** How a session ended, in a word and a sentence. */
export const endWords = {
  live: { word: 'live', text: 'It goes on' },
  left: { word: 'left', text: 'The players left' },
  lost: { word: 'lost', text: 'The connection of a player was lost' },
  stopped: { word: 'stopped', text: 'The relay was stopped' },
  unclean: { word: 'cut off', text: 'The recording broke off' },
} as const;
