/**
 * Counts the sessions that a search lets through, and what it may be narrowed to.
 *
 * The rule: it is told of sessions one by one, and keeps none. What it keeps is bounded: values beyond the limit are counted
 * among the others, of which nothing is said.
 */
import type { SessionPage } from '../../api/sessions.ts';
import { endOf, hasText, isWanted, type Search, type Searched, verdictsOf } from './matching.ts';

type Facets = NonNullable<SessionPage['facets']>;

/** Different values of one facet that are counted. */
export const VALUES_MAX = 20_000;
/** Of those, so many are told: the most common ones. */
export const VALUES_TOLD_MAX = 50;

interface Value {
  label: string;
  count: number;
}

class Facet {
  readonly #values = new Map<string, Value>();

  add(value: string, label: string): void {
    const known = this.#values.get(value);
    if (known !== undefined) {
      known.count++;
      if (known.label === '') known.label = label;
    } else if (this.#values.size < VALUES_MAX) {
      this.#values.set(value, { label, count: 1 });
    }
  }

  told(): Facets[keyof Facets] {
    const sorted = [...this.#values].sort(([a, one], [b, other]) => other.count - one.count || compare(a, b));
    return sorted
      .slice(0, VALUES_TOLD_MAX)
      .map(([value, { label, count }]) => ({ value, label: label === '' ? value : label, count }));
  }
}

export class Census {
  readonly #search: Search;
  readonly #game = new Facet();
  readonly #player = new Facet();
  readonly #ended = new Facet();
  readonly #verdict = new Facet();
  readonly #capture = new Facet();
  #total = 0;

  constructor(search: Search) {
    this.#search = search;
  }

  /** How many pass all of the search. */
  get total(): number {
    return this.#total;
  }

  /** `captureLabel` is when its capture began. */
  add(session: Searched, captureLabel: string): void {
    if (!hasText(session, this.#search.text)) return;
    if (isWanted(session, this.#search)) this.#total++;
    this.#game.add(session.game, session.gameName);
    this.#ended.add(endOf(session), '');
    this.#capture.add(String(session.capture), captureLabel);
    for (const verdict of verdictsOf(session)) this.#verdict.add(verdict, '');
    for (const { player, nickname } of session.players) this.#player.add(player, nickname);
  }

  /** Over all that matches the text, whatever else is asked for. */
  facets(): Facets {
    return {
      game: this.#game.told(),
      player: this.#player.told(),
      ended: this.#ended.told(),
      verdict: this.#verdict.told(),
      capture: this.#capture.told(),
    };
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
