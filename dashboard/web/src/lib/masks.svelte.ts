/**
 * Masks that the reader has gathered ("mask in replays"): what is to mean nothing when a session is replayed.
 *
 * The rule: they are written as docs/replay.md has them, because they end up in a file of masks. The browser keeps them, the
 * server is told of them when a replay starts, and two that say the same are one.
 */

/** As in a file of masks; what is left out is any. */
export interface Mask {
  readonly conversation?: { readonly from?: string; readonly to?: string };
  readonly protocol?: string;
  readonly kind?: string;
  readonly size?: number | { readonly min?: number; readonly max?: number };
  /** Where in what the game itself says; else from the start of the frame. */
  readonly at?: number;
  readonly bytes?: number | 'rest' | 'all';
  /** Instead of `at` and `bytes`. */
  readonly field?: string;
  readonly means?: 'constant' | 'counter' | 'time' | 'random' | 'address' | 'other';
  readonly why?: string;
}

const KEY = 'postreel.masks';
export const MASKS_MAX = 200;

class Masks {
  list = $state.raw<readonly Mask[]>(stored());

  constructor() {
    // Another tab of the same page.
    addEventListener('storage', ({ key }) => {
      if (key === KEY) this.list = stored();
    });
  }

  /** Whether it is kept: it is not where there are too many. The oldest stay. */
  add(mask: Mask): boolean {
    if (this.has(mask)) return true;
    if (this.list.length >= MASKS_MAX) return false;
    this.#keep([...this.list, mask]);
    return true;
  }

  has(mask: Mask): boolean {
    return this.list.some((each) => textOf(each) === textOf(mask));
  }

  remove(mask: Mask): void {
    this.#keep(this.list.filter((each) => textOf(each) !== textOf(mask)));
  }

  clear(): void {
    this.#keep([]);
  }

  /** The content of a file of masks. */
  fileText(): string {
    return JSON.stringify({ masks: this.list }, null, 2);
  }

  #keep(list: readonly Mask[]): void {
    this.list = list;
    try {
      localStorage.setItem(KEY, JSON.stringify(list));
    } catch {
      // A browser that keeps nothing: they are there until the page is closed.
    }
  }
}

/** In a few words, for a list: `payload of pdp-delivered`, `bytes 4 to 7 of pdp, Hana to Gus`. */
export function maskText({ conversation, kind, at, bytes, field }: Mask): string {
  const place =
    field ??
    (bytes === 'all'
      ? 'all bytes'
      : bytes === 'rest'
        ? `bytes from ${at ?? 0} on`
        : bytes === 1
          ? `byte ${at ?? 0}`
          : `bytes ${at ?? 0} to ${(at ?? 0) + (bytes ?? 1) - 1}`);
  const ends =
    conversation === undefined ? '' : `, ${conversation.from ?? 'anyone'} to ${conversation.to ?? 'anyone'}`;
  return `${place} of ${kind ?? 'any frame'}${ends}`;
}

/** The same for the same mask, in whatever order it was written. */
function textOf(mask: Mask): string {
  return JSON.stringify(mask, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function stored(): readonly Mask[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    if (!Array.isArray(list)) return [];
    return list.filter((each) => typeof each === 'object' && each !== null).slice(0, MASKS_MAX) as Mask[];
  } catch {
    return [];
  }
}

export const masks = new Masks();
