/** Connections of a capture as they are needed, since frames often name one of many thousand. Memory is bounded. */
import type { CaptureFile, RecordedConnection } from '../recorder/captures.ts';

/** So many are remembered; a capture may have any number. */
export const CONNECTIONS_KEPT_MAX = 10_000;

export class Connections {
  readonly #reader: Pick<CaptureFile, 'connection'>;
  readonly #captureId: number;
  readonly #known = new Map<number, RecordedConnection | null>();

  constructor(reader: Pick<CaptureFile, 'connection'>, captureId: number) {
    this.#reader = reader;
    this.#captureId = captureId;
  }

  /** Null for the relay itself (0), and for a connection of which the recording knows nothing. */
  get(conn: number): RecordedConnection | null {
    if (conn === 0) return null;
    const known = this.#known.get(conn);
    if (known !== undefined) return known;
    const found = this.#reader.connection(this.#captureId, conn);
    if (this.#known.size >= CONNECTIONS_KEPT_MAX) this.#known.clear();
    this.#known.set(conn, found);
    return found;
  }

  /** Whoever had not yet said who it is may have done so since. */
  forgetUnfinished(): void {
    for (const [conn, connection] of this.#known) {
      if (connection === null || (connection.role === null && connection.closed === null))
        this.#known.delete(conn);
    }
  }
}
