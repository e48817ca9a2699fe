/**
 * Frames by the page: what SQLite hands out for a whole page is one row.
 *
 * The rule: what a page costs grows with its bytes, not with its frames. A row for each would have a block of memory
 * of its own, which takes longer to make and to clear away than all else that is done to read a frame. So each column
 * of a page is one list, and the bytes of all of its frames are one blob, into which the frames look.
 */
import type { Database, Statement } from 'better-sqlite3';
import type { RecordedFrame } from './captures.ts';

/** In the order of a page's lists; as `framePage` names them. */
const columns = ['sequence', 'arrived', 'departed', '"from"', '"to"', 'kind', 'outcome', 'size'] as const;

type PageRow = readonly [bytes: Buffer | null, ...lists: string[]];

export class FramePages<Params extends unknown[]> {
  readonly #statement: Statement<Params, PageRow>;

  /** SQL: `select` answers the frames of a page in their order, in columns named as those of `RecordedFrame`. */
  constructor(db: Database, select: string) {
    // Pieces of a blob are put together as they are: in a file of ours, text is UTF-8, and no byte is looked at.
    const lists = columns.map((name) => `json_group_array(${name})`).join(', ');
    this.#statement = db
      .prepare<Params, PageRow>(
        `SELECT CAST(group_concat(bytes, '') AS BLOB), ${lists}
         FROM (SELECT *, length(bytes) AS size FROM (${select}))`,
      )
      .raw();
  }

  /** The bytes of one page share their memory: whoever keeps those of a few frames copies them. */
  read(...params: Params): RecordedFrame[] {
    const [bytes, ...lists] = this.#statement.get(...params) as PageRow;
    const [sequence, arrived, departed, from, to, kind, outcome, size] = lists.map(
      (list) => JSON.parse(list) as number[],
    ) as [number[], number[], (number | null)[], number[], number[], number[], number[], number[]];
    const blob = bytes ?? NOTHING;
    const frames = new Array<RecordedFrame>(sequence.length);
    for (let i = 0, at = 0; i < frames.length; i++) {
      const end = at + (size[i] as number);
      frames[i] = {
        sequence: sequence[i] as number,
        arrived: arrived[i] as number,
        departed: departed[i] as number | null,
        from: from[i] as number,
        to: to[i] as number,
        kind: kind[i] as number,
        outcome: outcome[i] as number,
        bytes: blob.subarray(at, end),
      };
      at = end;
    }
    return frames;
  }
}

const NOTHING = Buffer.alloc(0);

/** Frames without their bytes: for whoever counts, and asks for few of them whole. */
export type FrameHead = Omit<RecordedFrame, 'bytes' | 'departed'> & { readonly size: number };

type Seven = [number[], number[], number[], number[], number[], number[], number[]];

const headColumns = ['sequence', 'arrived', '"from"', '"to"', 'kind', 'outcome', 'size'] as const;

export class HeadPages<Params extends unknown[]> {
  readonly #lists: Lists<Params>;

  /** As for `FramePages`; it is asked for no bytes, but for their `size`. */
  constructor(db: Database, select: string) {
    this.#lists = new Lists(db, select, headColumns);
  }

  read(...params: Params): FrameHead[] {
    const [sequence, arrived, from, to, kind, outcome, size] = this.#lists.read(...params) as Seven;
    return sequence.map((number, i) => ({
      sequence: number,
      arrived: arrived[i] as number,
      from: from[i] as number,
      to: to[i] as number,
      kind: kind[i] as number,
      outcome: outcome[i] as number,
      size: size[i] as number,
    }));
  }
}

/** Only which frames there are. */
export class SequencePages<Params extends unknown[]> {
  readonly #lists: Lists<Params>;

  constructor(db: Database, select: string) {
    this.#lists = new Lists(db, select, ['sequence']);
  }

  read(...params: Params): number[] {
    return this.#lists.read(...params)[0] as number[];
  }
}

/** Columns of numbers, each as one list. */
class Lists<Params extends unknown[]> {
  readonly #statement: Statement<Params, readonly string[]>;

  constructor(db: Database, select: string, names: readonly string[]) {
    const lists = names.map((name) => `json_group_array(${name})`).join(', ');
    this.#statement = db.prepare<Params, readonly string[]>(`SELECT ${lists} FROM (${select})`).raw();
  }

  read(...params: Params): number[][] {
    return (this.#statement.get(...params) as readonly string[]).map((list) => JSON.parse(list) as number[]);
  }
}
