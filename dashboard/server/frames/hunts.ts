/** The ways through a session's frames: for those that pass a filter, and for runs of them. */
import type { Connections } from '../../../analysis/connections.ts';
import type { Filter } from '../../../analysis/filter/compile.ts';
import { FilteredFrames } from '../../../analysis/filtered-frames.ts';
import type { CaptureFile, FrameRange, RecordedFrame } from '../../../recorder/captures.ts';
import type { FrameHead } from '../../../recorder/frame-pages.ts';
import type { Facts } from './facts.ts';
import { FoundFrames } from './found.ts';
import type { Hunt } from './search.ts';

export type HuntReader = Pick<
  CaptureFile,
  'look' | 'lookAtHeads' | 'lookForSequences' | 'connection' | 'framesAt'
>;

/** Of one look: more would take long to test. */
const FRAMES_PER_LOOK = 500;

/** Looks further; answers what was found, and through where it looked. */
type Look<T> = (rows: number) => { readonly found: readonly T[]; readonly through: number };

export function frameHunt(
  reader: HuntReader,
  facts: Facts,
  filter: Filter | null,
  connections: Connections,
): Hunt<FoundFrames> {
  const { session } = facts;
  const rows = new FoundFrames(filter !== null);
  let { after } = facts;
  const isDense = session.frames === session.lastSequence - session.firstSequence + 1;
  if (filter === null && isDense && session.frames > 0) {
    rows.addRange(session.firstSequence, session.lastSequence);
    after = session.lastSequence;
  }
  const look = decides(filter)
    ? lookForSequences(reader, facts, filter, after)
    : tested(reader, facts, filter, connections, ({ sequence }) => sequence);
  let through = after;
  return {
    rows,
    get through() {
      return through;
    },
    look(count) {
      const looked = look(count);
      const taken = rows.add(looked.found);
      through = taken < looked.found.length ? (looked.found[taken] as number) - 1 : looked.through;
    },
  };
}

/** Heads of frames that pass, in their order. */
export function headLook(
  reader: HuntReader,
  facts: Facts,
  filter: Filter | null,
  connections: Connections,
): Look<FrameHead> {
  if (!decides(filter)) return tested(reader, facts, filter, connections, headOf);
  let { after } = facts;
  return (rows) => {
    const { heads, through } = reader.lookAtHeads(
      facts.session.captureId,
      rangeOf(facts, filter, after, rows),
    );
    after = through;
    return { found: heads, through };
  };
}

/** SQL alone says whether a frame passes. */
function decides(filter: Filter | null): filter is (Filter & { readonly exact: true }) | null {
  return filter === null || (filter.exact && !filter.follows);
}

function lookForSequences(
  reader: HuntReader,
  facts: Facts,
  filter: Filter | null,
  from: number,
): Look<number> {
  let after = from;
  return (rows) => {
    const range = rangeOf(facts, filter, after, rows);
    const { sequences, through } = reader.lookForSequences(facts.session.captureId, range);
    after = through;
    return { found: sequences, through };
  };
}

function rangeOf({ session }: Facts, filter: Filter | null, after: number, rows: number): FrameRange {
  return { session: session.id, after, rows, ...(filter === null ? {} : { where: filter.sql }) };
}

/** Each frame that SQL lets through is decoded and tested. */
function tested<T>(
  reader: HuntReader,
  { session }: Facts,
  filter: Filter,
  connections: Connections,
  make: (frame: RecordedFrame) => T,
): Look<T> {
  const search = new FilteredFrames(reader, session.captureId, filter, { session, connections });
  return (rows) => {
    const { frames } = search.look(FRAMES_PER_LOOK, rows);
    return { found: frames.map(make), through: search.through };
  };
}

function headOf({ sequence, arrived, from, to, kind, outcome, bytes }: RecordedFrame): FrameHead {
  return { sequence, arrived, from, to, kind, outcome, size: bytes.length };
}
