/**
 * Filters that were applied, the newest first, kept by the browser.
 *
 * The rule: there is room for so many, each stands there once, and a browser that keeps nothing costs nothing but the history.
 */

export const FILTERS_MAX = 60;
/** Of one; longer ones are not kept. */
export const FILTER_CHARACTERS_KEPT_MAX = 2_000;
const KEY = 'postreel.filters';

export class FilterHistory {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  #list: readonly string[];

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
    this.#list = stored(storage);
  }

  get list(): readonly string[] {
    return this.#list;
  }

  add(filter: string): void {
    const text = filter.trim();
    if (text === '' || text.length > FILTER_CHARACTERS_KEPT_MAX) return;
    this.#list = [text, ...this.#list.filter((each) => each !== text)].slice(0, FILTERS_MAX);
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.#list));
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}

function stored(storage: Pick<Storage, 'getItem'>): readonly string[] {
  try {
    const list: unknown = JSON.parse(storage.getItem(KEY) ?? '[]');
    if (!Array.isArray(list)) return [];
    return list.filter((each): each is string => typeof each === 'string').slice(0, FILTERS_MAX);
  } catch {
    return [];
  }
}
