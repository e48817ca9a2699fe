/** Answers what is asked about sessions: the list of all, one of them, what is said of it, and its timeline. */
import type { Handlers } from '../handlers.ts';
import type { Archive } from '../archive.ts';
import { sessionDetail } from './detail.ts';
import { Listing } from './listing.ts';
import { noVerdicts, sessionRow } from './rows.ts';

export function sessionHandlers(archive: Archive): Handlers<'sessions' | 'session' | 'report' | 'timeline'> {
  const { reader } = archive;
  const listing = new Listing(archive);
  return {
    sessions: ({ query, signal }) => listing.page(query, signal),
    session({ params: { id } }) {
      const session = reader.session(id);
      const capture = reader.capture(session.captureId);
      const [listed] = reader.listedSessions([id]);
      return sessionDetail(reader, sessionRow(listed!, capture, noVerdicts, null), session, capture);
    },
    report({ params: { id } }) {
      return { report: null, done: 0, of: reader.session(id).frames };
    },
    timeline({ params: { id }, query }) {
      const session = reader.session(id);
      const { from = session.started, to = session.lastSeen, buckets = 600 } = query;
      return {
        from,
        to,
        step: (to - from) / buckets,
        through: 0,
        complete: false,
        exact: false,
        lanes: [],
        dropped: [],
        arrows: [],
        arrowsBeyond: 0,
        silences: [],
      };
    },
  };
}
