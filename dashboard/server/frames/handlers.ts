/** Answers the routes that show frames. What is found, and how, is in the files beside this one. */
import { Connections } from '../../../analysis/connections.ts';
import { Failure } from '../../../common/failure.ts';
import type { Millis } from '../../../protocol/types.ts';
import type { CaptureFile, FrameLook } from '../../../recorder/captures.ts';
import { MILE } from '../../api/frames.ts';
import type { Archive, KnownPayloads } from '../archive.ts';
import type { Handlers } from '../handlers.ts';
import { Filters } from './asked.ts';
import { frameDetail } from './detail.ts';
import { SessionFacts } from './facts.ts';
import { FramePages, type PageAsk } from './pages.ts';
import { FrameRows } from './rows.ts';

export interface FramesWorld {
  readonly archive: Archive;
  /** What is known of a session's payloads so far. */
  readonly payloadsOf: (session: number) => KnownPayloads;
  readonly clock: () => Millis;
}

/** Captures whose connections are remembered: as a rule there is one that all look at. */
export const CAPTURES_KEPT_MAX = 8;

export type FrameRoute = 'frames' | 'frame';

export function frameHandlers({ archive: { reader }, payloadsOf, clock }: FramesWorld): Handlers<FrameRoute> {
  const filters = new Filters();
  const facts = new SessionFacts(reader, payloadsOf, clock);
  const connectionsOf = connectionsByCapture(reader);
  const pages = new FramePages(reader, clock);

  return {
    async frames({ params, query, signal }) {
      const of = facts.of(params.id);
      const filter = filters.read(query.filter ?? '');
      const rows = new FrameRows(
        connectionsOf(of.session.captureId),
        of.telling,
        filters.columns(query.columns ?? ''),
      );
      const connections = connectionsOf(of.session.captureId);
      const ask: PageAsk = { facts: of, filter, limit: query.limit ?? MILE, connections, signal };
      const { frames, more, through }: FrameLook =
        query.before === undefined
          ? await pages.after(query.after ?? 0, ask)
          : await pages.before(query.before, ask);
      return { rows: frames.map((frame) => rows.row(frame)), more, through, settled: rows.isSettled };
    },

    frame({ params: { id, sequence }, query }) {
      const { session, telling } = facts.of(id);
      const connections = connectionsOf(session.captureId);
      const range = { session: id, after: sequence - 1, last: sequence, rows: 1 };
      const [frame] = sequence === 0 ? [] : reader.look(session.captureId, range).frames;
      if (frame === undefined)
        throw new Failure('input', 'no-such-frame', `session ${id} has no frame ${sequence}`);
      const rows = new FrameRows(connections, telling, filters.columns(query.columns ?? ''));
      return frameDetail(frame, rows.tell(frame), []);
    },
  };
}

function connectionsByCapture(reader: Pick<CaptureFile, 'connection'>): (capture: number) => Connections {
  const kept = new Map<number, Connections>();
  return (capture) => {
    const connections = kept.get(capture) ?? new Connections(reader, capture);
    kept.delete(capture);
    kept.set(capture, connections);
    if (kept.size > CAPTURES_KEPT_MAX) kept.delete(kept.keys().next().value as number);
    connections.forgetUnfinished();
    return connections;
  };
}
