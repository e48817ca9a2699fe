/**
 * Recorded frames as rows of a list, in the words of `analysis/frame-meaning.ts`.
 *
 * The rule: a row is told from its frame, its connections and what is known of its conversation; so frames can be told from
 * wherever they stand.
 */
import type { Connections } from '../../../analysis/connections.ts';
import { DecodedFrame } from '../../../analysis/filter/decode.ts';
import type { FilterField } from '../../../analysis/filter/fields.ts';
import { meaningOf, type FrameMeaning } from '../../../analysis/frame-meaning.ts';
import { printable } from '../../../common/printable.ts';
import type { RecordedFrame } from '../../../recorder/captures.ts';
import { playerOf } from '../../../recorder/sessions/session.ts';
import type { End, FrameRow } from '../../api/frames.ts';
import { fieldText } from './field-text.ts';
import { KnownReadings, type Telling } from './telling.ts';

export interface Told {
  readonly row: FrameRow;
  readonly meaning: FrameMeaning;
}

export class FrameRows {
  readonly #connections: Connections;
  readonly #telling: Telling;
  readonly #readings: KnownReadings;
  readonly #columns: readonly FilterField[];
  readonly #comments: ReadonlyMap<number, number>;
  /** It is known what the payloads of all rows so far are. */
  isSettled = true;

  /** `comments` says how many there are of which sequence number. */
  constructor(
    connections: Connections,
    telling: Telling,
    columns: readonly FilterField[],
    comments: ReadonlyMap<number, number>,
  ) {
    this.#connections = connections;
    this.#telling = telling;
    this.#readings = new KnownReadings(telling.known);
    this.#columns = columns;
    this.#comments = comments;
  }

  row(frame: RecordedFrame): FrameRow {
    return this.tell(frame).row;
  }

  tell(frame: RecordedFrame): Told {
    this.#readings.isUnsure = false;
    const meaning = meaningOf(frame, (conn) => this.#connections.get(conn), this.#readings);
    // Who has read as far as here without finding out has found that nobody can.
    if (this.#readings.isUnsure && frame.sequence > this.#telling.known.through) {
      this.isSettled = false;
      this.#telling.unsettled(frame.sequence);
    }
    const { protocol, kind, outcome, summary } = meaning;
    const row: FrameRow = {
      sequence: frame.sequence,
      at: frame.arrived,
      departed: frame.departed,
      from: this.#end(frame.from),
      to: this.#end(frame.to),
      protocol: protocol?.name ?? null,
      kind,
      size: frame.bytes.length,
      outcome,
      summary: printable(summary),
      columns: this.#columnsOf(frame, meaning),
      comments: this.#comments.get(frame.sequence) ?? 0,
    };
    return { row, meaning };
  }

  #end(conn: number): End {
    const endpoint = this.#connections.get(conn)?.endpoint ?? null;
    return { conn, endpoint, player: endpoint === null ? null : playerOf(endpoint) };
  }

  #columnsOf(frame: RecordedFrame, { seen }: FrameMeaning): (string | null)[] {
    if (this.#columns.length === 0) return [];
    const decoded = new DecodedFrame(frame, seen.from, seen.to);
    decoded.reading = seen.inner;
    return this.#columns.map((field) => fieldText(field, decoded));
  }
}
