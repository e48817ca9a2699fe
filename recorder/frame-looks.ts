/**
 * Looks at frames that meet a condition, in either direction.
 *
 * The rule: a look goes through a bounded number of rows, however few of them are wanted, and leaves no statement open; so
 * whoever searches a large capture can say how far it is, and be stopped between two.
 */
import type { Database } from 'better-sqlite3';
import type { BackRange, FrameCondition, FrameRange, Looked, RecordedFrame } from './captures.ts';
import { FramePages, HeadPages, SequencePages } from './frame-pages.ts';
import { inSession } from './sessions/reader.ts';

export const FRAMES_PER_PAGE = 500;

/** Rows that one look goes through for those that meet a condition, however few they are. */
const ROWS_PER_LOOK = 20_000;

/** Every frame. */
const ANY: FrameCondition = { where: 'true', params: [] };

interface Bounds {
  readonly capture: number;
  readonly session: number | null;
  readonly after: number;
  readonly last: number;
  readonly limit: number;
}

type Params = [FrameCondition['params'], Bounds];

/** By what is wanted of the frames: how a page of them is read. */
const makers = {
  frames: (db: Database, where: string) => new FramePages<Params>(db, searchPage(where, FRAME)),
  framesBack: (db: Database, where: string) => new FramePages<Params>(db, searchPage(where, FRAME, 'DESC')),
  heads: (db: Database, where: string) => new HeadPages<Params>(db, searchPage(where, HEAD)),
  sequences: (db: Database, where: string) => new SequencePages<Params>(db, searchPage(where, SEQUENCE)),
} as const;

type Form = keyof typeof makers;
type PagesOf<F extends Form> = ReturnType<(typeof makers)[F]>;
type Found<F extends Form> = ReturnType<PagesOf<F>['read']>[number];
type Prepared = { [F in Form]?: PagesOf<F> };

export class FrameLooks {
  readonly #db: Database;
  readonly #prepared = new WeakMap<FrameCondition, Prepared>();
  readonly #at: FramePages<[{ readonly capture: number; readonly sequences: string }]>;

  constructor(db: Database) {
    this.#db = db;
    this.#at = new FramePages(
      db,
      `SELECT ${FRAME} FROM capture JOIN json_each(:sequences) AS wanted
       JOIN frame ON frame.id = frame_base + wanted.value
       WHERE capture.id = :capture AND wanted.value BETWEEN 1 AND last_sequence ORDER BY frame.id`,
    );
  }

  /** `lastSequence` is the capture's, read before: what is committed after it is left for the next look. */
  forward<F extends Exclude<Form, 'framesBack'>>(
    form: F,
    capture: number,
    lastSequence: number,
    range: FrameRange,
  ): Looked & { readonly found: readonly Found<F>[] } {
    const { after = 0, session = null, where = ANY } = range;
    const last = Math.min(range.last ?? Infinity, lastSequence);
    const through = Math.max(after, Math.min(after + (range.rows ?? ROWS_PER_LOOK), last));
    const limit = limitOf(range, form);
    const bounds = { capture, session, after, last: through, limit };
    const found = this.#pages(form, where).read(where.params, bounds) as readonly Found<F>[];
    if (found.length < limit) return { found, through, more: through < last };
    return { found, through: sequenceOf(found[limit - 1] as Found<F>), more: true };
  }

  back(
    capture: number,
    lastSequence: number,
    range: BackRange,
  ): Looked & { readonly found: readonly RecordedFrame[] } {
    const { first = 1, session = null, where = ANY, rows = ROWS_PER_LOOK } = range;
    const before = Math.max(Math.min(range.before, lastSequence + 1), first);
    const through = Math.max(first, before - rows);
    const limit = limitOf(range, 'framesBack');
    const bounds = { capture, session, after: through - 1, last: before - 1, limit };
    const found = this.#pages('framesBack', where).read(where.params, bounds).reverse();
    if (found.length < limit) return { found, through, more: through > first };
    return { found, through: (found[0] as RecordedFrame).sequence, more: true };
  }

  at(capture: number, sequences: readonly number[]): RecordedFrame[] {
    return this.#at.read({ capture, sequences: JSON.stringify(sequences) });
  }

  #pages<F extends Form>(form: F, condition: FrameCondition): PagesOf<F> {
    let prepared: Prepared | undefined = this.#prepared.get(condition);
    if (prepared === undefined) this.#prepared.set(condition, (prepared = {}));
    let pages = prepared[form] as PagesOf<F> | undefined;
    if (pages === undefined) {
      pages = makers[form](this.#db, condition.where) as PagesOf<F>;
      prepared[form] = pages as Prepared[F];
    }
    return pages;
  }
}

/** Of what has bytes, no more than a page. */
function limitOf({ limit = Number.MAX_SAFE_INTEGER }: Pick<FrameRange, 'limit'>, form: Form): number {
  const hasBytes = form === 'frames' || form === 'framesBack';
  return Math.min(limit, hasBytes ? FRAMES_PER_PAGE : Number.MAX_SAFE_INTEGER);
}

function sequenceOf(found: number | { readonly sequence: number }): number {
  return typeof found === 'number' ? found : found.sequence;
}

// SQL -------------------------------------------------------------------------------------------------

const SEQUENCE = 'frame.id - frame_base AS sequence';
const HEAD = `${SEQUENCE}, arrived, coalesce(from_connection - connection_base, 0) AS "from",
  coalesce(to_connection - connection_base, 0) AS "to", kind, outcome, length(frame.bytes) AS size`;
const FRAME = `${SEQUENCE}, arrived, arrived + delay AS departed,
  coalesce(from_connection - connection_base, 0) AS "from",
  coalesce(to_connection - connection_base, 0) AS "to", kind, outcome, frame.bytes AS bytes`;

/** A page of a capture's frames, of those for which `condition` holds. */
export function framePage(
  condition = 'true',
  joins = '',
  select = FRAME,
  order: 'ASC' | 'DESC' = 'ASC',
): string {
  return `SELECT ${select}
     FROM capture
     JOIN frame ON frame.id > frame_base + :after AND frame.id <= frame_base + min(:last, capture.last_sequence)
     ${joins}
     WHERE capture.id = :capture AND ${condition} ORDER BY frame.id ${order} LIMIT :limit`;
}

/** As `framePage`, with the connections at both ends, and of a session unless it is NULL. */
function searchPage(where: string, select: string, order: 'ASC' | 'DESC' = 'ASC'): string {
  // As `connection` of a capture file does, it takes connections of this capture only.
  const end = (
    name: string,
    column: string,
  ) => `LEFT JOIN connection AS ${name} ON ${name}.id = frame.${column}
       AND ${name}.id > connection_base AND ${name}.id <= connection_base + last_connection`;
  const joins = `${end('source', 'from_connection')} ${end('target', 'to_connection')}`;
  return framePage(`(:session IS NULL OR ${inSession}) AND (${where})`, joins, select, order);
}
