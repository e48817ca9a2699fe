/** What every part of the session view is handed. */
import type { News } from '../../../../api/live.ts';
import type { SessionDetail } from '../../../../api/sessions.ts';

/** How far the session's report is. */
export type Read = Extract<News, { readonly news: 'session' }>['read'];

export interface PartProps {
  readonly session: SessionDetail;
  /** Of its players, by player. */
  readonly colours: ReadonlyMap<string, number>;
  /** Null until it is told. */
  readonly read: Read | null;
}
