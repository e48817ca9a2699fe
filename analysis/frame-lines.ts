/** The frames of a capture, or of a session in it, as JSON lines with the declared gaps in their places: for scripts. */
import type { CaptureFile } from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';
import { PayloadReader } from '../protocol/payload.ts';
import { walkCapture, type CaptureReader } from './capture-walk.ts';
import { Connections } from './connections.ts';
import type { Filter } from './filter/compile.ts';
import { FilteredFrames } from './filtered-frames.ts';
import { frameJson, gapJson } from './frame-json.ts';

/** Rows that are gone through between two pages: for some milliseconds. */
const ROWS_PER_LOOK = 5_000;

/** In pages, which may be empty; what is recorded after the last look is not waited for. */
export async function* sessionLines(
  reader: CaptureReader & Pick<CaptureFile, 'look'>,
  session: RecordedSession,
  filter: Filter | null,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void> {
  const { captureId } = session;
  const connections = new Connections(reader, captureId);
  const filtered =
    filter === null ? null : new FilteredFrames(reader, captureId, filter, { session, connections });
  const inner = filtered?.payloads ?? new PayloadReader();
  let after = session.firstSequence - 1;
  const look = (limit: number) => {
    if (filtered !== null) return filtered.look(limit, ROWS_PER_LOOK);
    const last = session.ended === null ? Number.MAX_SAFE_INTEGER : session.lastSequence;
    const found = reader.look(captureId, { session: session.id, after, last, limit, rows: ROWS_PER_LOOK });
    after = found.through;
    return found;
  };
  const pages = walkCapture(reader, captureId, { session, follow: false, limit: Infinity, signal, look });
  for await (const page of pages) {
    connections.forgetUnfinished();
    yield page.map((step) =>
      step.kind === 'gap' ? gapJson(step.gap) : frameJson(step.frame, (conn) => connections.get(conn), inner),
    );
  }
}
