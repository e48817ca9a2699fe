/** Sessions as lists show them: what the file says, with what is known beside it. */
import type { CaptureSummary } from '../../../recorder/captures.ts';
import type { ListedSession } from '../../../recorder/sessions/session.ts';
import type { SessionRow } from '../../api/sessions.ts';

export type Verdicts = SessionRow['verdicts'];
export type FindingCounts = SessionRow['findings'];

export const noVerdicts: Verdicts = { same: 0, differs: 0, unanswered: 0 };

/** Of one that went on when its capture broke off, and that nobody has given an end since: that one. */
export function endOf({ ended }: Pick<ListedSession, 'ended'>, capture: CaptureSummary): SessionRow['ended'] {
  return ended ?? (capture.ended === 'recording' ? null : 'unclean');
}

export function sessionRow(
  session: ListedSession,
  capture: CaptureSummary,
  verdicts: Verdicts,
  findings: FindingCounts,
): SessionRow {
  const { id, captureId, started, game, gameName, group, players, frames, bytes } = session;
  const ended = endOf(session, capture);
  const isBroken = session.ended === null && ended !== null;
  const until = isBroken ? Math.max(session.lastSeen, capture.lasted) : session.lastSeen;
  return {
    id,
    capture: captureId,
    startedAt: momentOf(capture, started),
    lasted: Math.max(0, until - started),
    ended,
    game,
    gameName,
    group,
    players: players.map(({ player, nickname }) => ({ player, nickname })),
    playersBeyond: session.playerCount - players.length,
    frames,
    bytes,
    delayP50: session.delayP50,
    delayP99: session.delayP99,
    findings,
    verdicts,
  };
}

const NANOS_PER_MILLI = 1e6;

/** ISO 8601, of nanoseconds since the capture's start. */
function momentOf({ startedAt }: CaptureSummary, at: number): string {
  return new Date(Date.parse(startedAt) + at / NANOS_PER_MILLI).toISOString();
}
