/** Answers the routes that show frames. What is found, and how, is in the files beside this one. */
import { setImmediate as turn } from 'node:timers/promises';
import { sessionLines } from '../../../analysis/frame-lines.ts';
import { Failure } from '../../../common/failure.ts';
import { copySession } from '../../../recorder/session-copy.ts';
import { MILE } from '../../api/frames.ts';
import { commentJson } from '../comments/handlers.ts';
import type { Handlers } from '../handlers.ts';
import { frameDetail } from './detail.ts';
import type { FrameDesk } from './desk.ts';
import { takeSteps, writeLines } from './downloads.ts';
import { PAGE_MS, type PageAsk } from './pages.ts';
import { checkFoldable, runRow } from './run-rows.ts';

export type FrameRoute = 'frames' | 'frame' | 'runs' | 'downloadFrames' | 'downloadCapture';

export function frameHandlers(desk: FrameDesk): Handlers<FrameRoute> {
  const { file, reader, facts, filtersOf, connectionsOf, pages, searches, downloads, clock } = desk;
  return {
    async frames({ params, query, signal }) {
      const of = facts.of(params.id);
      const filters = filtersOf(params.id);
      const filter = filters.read(query.filter ?? '');
      filters.columns(query.columns ?? '');
      const connections = connectionsOf(of.session.captureId);
      const ask: PageAsk = { facts: of, filter, limit: query.limit ?? MILE, connections, signal };
      const { frames, more, through } =
        query.before === undefined
          ? await pages.after(query.after ?? 0, ask)
          : await pages.before(query.before, ask);
      const rows = desk.rows(of, query.columns ?? '', frames);
      return { rows: frames.map((frame) => rows.row(frame)), more, through, settled: rows.isSettled };
    },

    frame({ params: { id, sequence }, query }) {
      const of = facts.of(id);
      const range = { session: id, after: sequence - 1, last: sequence, rows: 1 };
      const [frame] = sequence === 0 ? [] : reader.look(of.session.captureId, range).frames;
      if (frame === undefined)
        throw new Failure('input', 'no-such-frame', `session ${id} has no frame ${sequence}`);
      const told = desk.rows(of, query.columns ?? '', [frame]).tell(frame);
      const notes = reader.comments(of.session.captureId, { first: sequence, last: sequence, session: id });
      return frameDetail(frame, told, Array.from(notes, commentJson));
    },

    async runs({ params: { id }, query, signal }) {
      const { filter: text = '', from = 0, limit = MILE } = query;
      const filters = filtersOf(id);
      checkFoldable(filters, text);
      const held = searches.runs(id, filters.read(text));
      try {
        const { search } = held;
        const start = clock();
        while (search.backlog > 0 && search.rows.count < from + limit && clock() - start < PAGE_MS) {
          await turn();
          if (signal.aborted) break;
          held.poll();
        }
        const of = facts.of(id);
        const { captureId } = of.session;
        const { rows, through, backlog } = search;
        const runs = rows.slice(from, from + limit);
        const firsts = reader.framesAt(
          captureId,
          runs.map(({ first }) => first.sequence),
        );
        const told = desk.rows(of, '', firsts);
        return {
          runs: firsts.map((frame, i) =>
            runRow(runs[i] as (typeof runs)[number], told.row(frame), text, connectionsOf(captureId)),
          ),
          count: rows.count,
          through,
          complete: backlog === 0 && !search.isFull,
          beyond: rows.beyond,
        };
      } finally {
        held.release();
      }
    },

    downloadFrames({ params: { id }, query, signal }) {
      const filter = filtersOf(id).read(query.filter ?? '');
      const session = reader.session(id);
      return downloads.make(`session-${id}.jsonl`, signal, (made) =>
        writeLines(made, sessionLines(reader, session, filter, signal), signal),
      );
    },

    downloadCapture({ params: { id }, signal }) {
      const session = reader.session(id);
      const capture = reader.capture(session.captureId);
      return downloads.make(`session-${id}.db`, signal, (target) =>
        takeSteps(copySession({ file, session, capture, target }), signal),
      );
    },
  };
}
