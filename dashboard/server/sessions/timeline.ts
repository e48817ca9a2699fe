/**
 * The timeline of a session, for any stretch of time.
 *
 * The rule: what a survey keeps in bins answers at once. Where one looks closer than bins are wide, the frames themselves are read
 * again, if they are few.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { outcomeText } from '../../../analysis/arrows.ts';
import {
  exactCounts,
  type Stretch,
  type TimelineCounts,
  type LaneCounts,
} from '../../../analysis/timeline.ts';
import { outcomes } from '../../../protocol/outcome.ts';
import { type CaptureFile, sessionRange } from '../../../recorder/captures.ts';
import type { FrameHead } from '../../../recorder/frame-pages.ts';
import type { Timeline } from '../../api/sessions.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import type { Reading } from './reading.ts';
import type { Survey } from './survey.ts';

/** Frames that are read again for one look at them. */
export const FINE_FRAMES_MAX = 8_000;
/** Rows of the file that are gone through for them between two turns of the event loop. */
const ROWS_PER_TURN = 2_000;
/** Buckets narrower than so many bins are counted from the frames, where these are few. */
export const FINE_BINS = 4;
/** Buckets of all lanes together that are answered. */
export const CELLS_TOLD_MAX = 100_000;
export const ARROWS_TOLD_MAX = 1_000;
export const SILENCES_TOLD_MAX = 500;
const BUCKETS = 600;
const BUCKETS_MIN = 50;

export interface Asked {
  readonly from?: number;
  readonly to?: number;
  readonly buckets?: number;
}

export async function timelineOf(
  source: Pick<CaptureFile, 'lookAtHeads'>,
  survey: Pick<Survey, 'latest' | 'reading' | 'session'>,
  asked: Asked,
  signal: AbortSignal,
): Promise<Timeline> {
  const reading = survey.latest;
  if (reading === null) return nothingYet(survey.session, asked);
  const { view, timeline } = reading;
  const { session } = view;
  const from = asked.from ?? session.started;
  // A stretch ends before the moment that it ends with; all of it has the last frame too.
  const to = Math.max(asked.to ?? Math.max(session.lastSeen, reading.until) + 1, from + 1);
  const most = Math.max(BUCKETS_MIN, Math.floor(CELLS_TOLD_MAX / Math.max(1, timeline.lanes)));
  const stretch: Stretch = { from, to, buckets: Math.min(asked.buckets ?? BUCKETS, most) };
  const step = (to - from) / stretch.buckets;
  const { through } = reading;
  const isFine = step < timeline.width * FINE_BINS;
  const extent = timeline.extent(stretch);
  const counts: TimelineCounts | null =
    isFine && extent.frames <= FINE_FRAMES_MAX
      ? exactCounts(stretch, await read(source, reading, stretch, extent.first, through, signal))
      : null;
  const { arrows, beyond } = reading.arrows.told(from, to, ARROWS_TOLD_MAX);
  const { lanes, dropped } = counts ?? timeline.told(stretch);
  return {
    from,
    to,
    step,
    through,
    complete: survey.reading !== null,
    exact: counts !== null || !isFine,
    lanes: lanes.toSorted(byConn).map(({ conn, bytesIn, bytesOut, frames, drops }) => ({
      conn,
      bytesIn: [...bytesIn],
      bytesOut: [...bytesOut],
      frames: [...frames],
      drops: [...drops],
    })),
    dropped: [...dropped].map(([code, each]) => ({
      outcome: outcomes[code]?.name ?? `outcome-${code}`,
      counts: [...each],
    })),
    arrows: arrows.map((arrow) => {
      const { at, sequence, what, from: source, to: target, asker } = arrow;
      const outcome = outcomeText(arrow, asker === 0 ? null : (view.connections.get(asker) ?? null));
      return { at, sequence, from: source, to: target, what, outcome };
    }),
    arrowsBeyond: beyond,
    silences: silences(reading, from, to),
  };
}

/** In the order in which they were opened. */
function byConn(one: LaneCounts, other: LaneCounts): number {
  return one.conn - other.conn;
}

/** It is about to be read. */
function nothingYet({ started, lastSeen }: RecordedSession, asked: Asked): Timeline {
  const from = asked.from ?? started;
  const to = Math.max(asked.to ?? lastSeen + 1, from + 1);
  return {
    from,
    to,
    step: (to - from) / (asked.buckets ?? BUCKETS),
    through: 0,
    complete: false,
    exact: true,
    lanes: [],
    dropped: [],
    arrows: [],
    arrowsBeyond: 0,
    silences: [],
  };
}

/** The frames of a stretch, without what they carry: that is not even read. */
async function read(
  source: Pick<CaptureFile, 'lookAtHeads'>,
  { view: { session } }: Reading,
  { to }: Stretch,
  first: number,
  through: number,
  signal: AbortSignal,
): Promise<FrameHead[]> {
  const found: FrameHead[] = [];
  if (first === 0) return found;
  const range = { ...sessionRange(session, { after: first - 1 }), last: through, rows: ROWS_PER_TURN };
  for (let after = range.after ?? 0, more = true; more && !signal.aborted;) {
    const look = source.lookAtHeads(session.captureId, { ...range, after });
    found.push(...look.heads);
    after = look.through;
    more = look.more && (look.heads.at(-1)?.arrived ?? 0) < to;
    if (more) await turn();
  }
  return found;
}

/** The longest first to be kept, in order of time. */
function silences({ report }: Reading, from: number, to: number): Timeline['silences'] {
  const all = (report?.conversations.list ?? []).flatMap(({ ways }) =>
    ways.flatMap((way) => way.silences.map(({ at, lasted }) => ({ from: way.from, to: way.to, at, lasted }))),
  );
  return all
    .filter(({ at, lasted }) => at < to && at + lasted > from)
    .sort((one, other) => other.lasted - one.lasted)
    .slice(0, SILENCES_TOLD_MAX)
    .sort((one, other) => one.at - other.at);
}
