/**
 * Past replays: the list, one with its verdict, and its differences.
 *
 * The rule: what is answered is what the file holds, page by page. Nothing is put into words here: the page dissects the bytes
 * of a difference itself.
 */
import type { StoredDifference, StoredReplay, ReplaySummary } from '../../../recorder/replay-reader.ts';
import type { Difference, ReplayDetail, ReplayRow } from '../../api/replays.ts';
import type { Archive } from '../archive.ts';
import type { Handlers } from '../handlers.ts';

const REPLAYS_PER_PAGE = 50;
const DIFFERENCES_PER_PAGE = 100;

export function replayHandlers({ reader }: Archive): Handlers<'replays' | 'replay' | 'differences'> {
  return {
    replays({ query: { session, before, limit = REPLAYS_PER_PAGE } }) {
      const found = reader.newestReplays({
        session: session ?? null,
        limit: limit + 1,
        ...(before !== undefined && { before }),
      });
      return { replays: found.slice(0, limit).map(replayRow), more: found.length > limit };
    },
    replay: ({ params: { id } }) => replayDetail(reader.replay(id)),
    differences({ params: { id }, query: { after = -1, limit = DIFFERENCES_PER_PAGE } }) {
      // One that is not there is refused.
      reader.replay(id);
      const found = reader.replayDifferences(id, { after, limit: limit + 1 });
      return { differences: found.slice(0, limit).map(differenceJson), more: found.length > limit };
    },
  };
}

function replayRow(replay: ReplaySummary): ReplayRow {
  const { id, capture, session, mode, target, role, pace, version, startedAt, lasted } = replay;
  const { outcome, partial, sent, expected, came, equal, first, firstText, differences } = replay;
  return {
    id,
    capture,
    session,
    mode,
    target,
    role,
    pace,
    version,
    startedAt,
    lastedMs: lasted,
    outcome,
    partial,
    sent,
    expected,
    came,
    equal,
    first,
    firstText,
    differences,
  };
}

function replayDetail(replay: StoredReplay): ReplayDetail {
  return {
    ...replayRow(replay),
    roles: replay.roles.map(({ name, player, nickname }) => ({ name, player, nickname })),
    notes: [...replay.notes],
    counts: { ...replay.counts },
    holds: replay.holds.map(({ name, sends, total, longest }) => ({
      name,
      sends,
      totalMs: total,
      longestMs: longest,
    })),
  };
}

function differenceJson({ at, kind: _kind, ...difference }: StoredDifference): Difference {
  return {
    ...difference,
    atMs: at,
    expected: base64(difference.expected),
    actual: base64(difference.actual),
  };
}

/** Also of bytes that are none, which is not the same as null. */
function base64(bytes: Uint8Array | null): string | null {
  return bytes === null
    ? null
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
