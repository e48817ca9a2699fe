/**
 * Where the page is: its address, as state. Everything on screen is in it, so that a link opens the same place.
 *
 * The rule: what a view shows by choice of the reader is read from `route.query` and changed by `go` or `adjust`, never kept
 * beside them. `go` is a step that "back" undoes; `adjust` is not (scrolling, typing).
 */

export type View = 'now' | 'sessions' | 'session' | 'replays' | 'replay' | 'nowhere';
/** Of a session: what is shown of it. */
export const sessionTabs = ['overview', 'frames', 'conversations', 'replays'] as const;
export type SessionTab = (typeof sessionTabs)[number];

export interface Place {
  readonly view: View;
  /** Of a session or a replay; 0 for none. */
  readonly id: number;
  readonly tab: SessionTab;
}

const patterns: readonly (readonly [RegExp, View])[] = [
  [/^\/$/, 'now'],
  [/^\/sessions$/, 'sessions'],
  [/^\/sessions\/([1-9]\d{0,14})(?:\/(overview|frames|conversations|replays))?$/, 'session'],
  [/^\/replays$/, 'replays'],
  [/^\/replays\/([1-9]\d{0,14})$/, 'replay'],
];

export function placeOf(path: string): Place {
  for (const [pattern, view] of patterns) {
    const match = pattern.exec(path);
    if (match !== null)
      return { view, id: Number(match[1] ?? 0), tab: (match[2] ?? 'overview') as SessionTab };
  }
  return { view: 'nowhere', id: 0, tab: 'overview' };
}

class Route {
  #url = $state.raw(new URL(location.href));
  readonly place = $derived(placeOf(this.#url.pathname));
  readonly query = $derived(this.#url.searchParams);

  constructor() {
    addEventListener('popstate', () => (this.#url = new URL(location.href)));
  }

  /** To another address of the page: `/sessions/3?filter=...`. */
  go(href: string): void {
    history.pushState(null, '', href);
    this.#url = new URL(location.href);
    scrollTo(0, 0);
  }

  /** Changes what is named of the query, and keeps the rest; null or '' takes it away. */
  adjust(changes: Readonly<Record<string, string | number | null>>, isStep = false): void {
    const url = new URL(this.#url);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === '') url.searchParams.delete(key);
      else url.searchParams.set(key, String(value));
    }
    if (url.href === this.#url.href) return;
    if (isStep) history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    this.#url = url;
  }

  /** The same place with another query, for links. */
  with(changes: Readonly<Record<string, string | number | null>>): string {
    const url = new URL(this.#url);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === '') url.searchParams.delete(key);
      else url.searchParams.set(key, String(value));
    }
    return `${url.pathname}${url.search}`;
  }
}

export const route = new Route();

/** Links within the page are followed without loading it anew. To be put on the page's root. */
export function followLinks(event: MouseEvent): void {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  const link = (event.target as Element | null)?.closest('a');
  if (link === null || link === undefined || link.target !== '' || link.hasAttribute('download')) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname.startsWith('/api/')) return;
  event.preventDefault();
  route.go(`${url.pathname}${url.search}`);
}
