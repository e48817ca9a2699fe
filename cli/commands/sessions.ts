/** `postreel sessions FILE`: who played what with whom, a line for each session. */
import { CaptureFile, type CaptureSummary } from '../../recorder/captures.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import type { Context } from '../commands.ts';
import { bytesText, columns, countText, durationText, momentText, plural, printable } from '../format.ts';
import { paintFor, type Paint } from '../style.ts';

/** More players are counted instead of named. */
const PLAYERS_NAMED_MAX = 4;

const NS_PER_MS = 1e6;

/** A session and when that was. */
export interface DatedSession {
  readonly session: RecordedSession;
  /** ISO 8601, milliseconds. */
  readonly startedAt: string;
  /** Of one that goes on: the latest moment that is known of it. */
  readonly lastSeenAt: string;
}

export async function sessions({ settings, file, output }: Context): Promise<number> {
  const { capture, game, player, json } = settings;
  const reader = CaptureFile.open(file);
  try {
    const captures = capture === null ? reader.captures() : [reader.capture(capture)];
    const found = dated(captures, reader.sessions(capture ?? undefined)).filter(
      ({ session }) => isOfGame(session, game) && hasPlayer(session, player),
    );
    const hints = captures.filter(({ hasSessions }) => !hasSessions).map(({ id }) => hint(id, file));
    if (json) {
      await output.line(sessionsJson(found));
      for (const line of hints) process.stderr.write(`${line}\n`);
    } else {
      const paint = paintFor(1, process.env);
      for (const line of sessionsTable(found, paint)) await output.line(line);
      for (const line of hints) await output.line(paint('yellow', line));
      if (found.length === 0 && hints.length === 0) await output.line(`${file} holds no such sessions.`);
    }
  } finally {
    reader.close();
  }
  return 0;
}

function hint(capture: number, file: string): string {
  return `the sessions of capture ${capture} are not known: postreel index ${file}`;
}

/** The newest last. */
function dated(
  captures: readonly CaptureSummary[],
  found: readonly RecordedSession[],
): readonly DatedSession[] {
  const starts = new Map(captures.map(({ id, startedAt }) => [id, Date.parse(startedAt)]));
  return found
    .map((session) => {
      const start = starts.get(session.captureId) ?? 0;
      const moment = (nanos: number) => new Date(start + nanos / NS_PER_MS).toISOString();
      return { session, startedAt: moment(session.started), lastSeenAt: moment(session.lastSeen) };
    })
    .sort((one, two) => Date.parse(one.startedAt) - Date.parse(two.startedAt));
}

function isOfGame(session: RecordedSession, game: string | null): boolean {
  return game === null || session.game.toLowerCase() === game.toLowerCase();
}

function hasPlayer({ players }: RecordedSession, wanted: string | null): boolean {
  if (wanted === null) return true;
  const name = wanted.toLowerCase();
  return players.some(
    ({ player, nickname }) => player.toLowerCase() === name || nickname.toLowerCase() === name,
  );
}

/** Scripts rely on these fields, and on there being no others. Delays in nanoseconds. */
export function sessionsJson(found: readonly DatedSession[]): string {
  const rows = found.map(({ session, startedAt, lastSeenAt }) => {
    const { id, captureId, ended, game, gameName, group, firstSequence, lastSequence } = session;
    const { frames, bytes, delayP50, delayP99, delayMax, players } = session;
    const endedAt = ended === null ? null : lastSeenAt;
    return {
      id,
      capture: captureId,
      startedAt,
      endedAt,
      ended,
      game,
      gameName,
      group,
      firstSequence,
      lastSequence,
      frames,
      bytes,
      delayP50,
      delayP99,
      delayMax,
      players,
    };
  });
  return JSON.stringify(rows, null, 2);
}

export function sessionsTable(found: readonly DatedSession[], paint: Paint): string[] {
  if (found.length === 0) return [];
  const head = ['id', 'started', 'lasted', 'game', 'group', 'players', 'frames', 'bytes', 'ended'];
  const rows = found.map(({ session, startedAt }) => [
    String(session.id),
    momentText(startedAt),
    durationText((session.lastSeen - session.started) / NS_PER_MS),
    printable(session.gameName === '' ? orDash(session.game) : session.gameName),
    printable(orDash(session.group ?? '')),
    playersText(session),
    countText(session.frames),
    bytesText(session.bytes),
    session.ended ?? 'goes on',
  ]);
  const lines = columns(
    [head, ...rows],
    ['right', 'left', 'right', 'left', 'left', 'left', 'right', 'right', 'left'],
  );
  return lines.map((line, index) => {
    if (index === 0) return paint('bold', line);
    return found[index - 1]?.session.ended === 'lost' ? paint('yellow', line) : line;
  });
}

function orDash(text: string): string {
  return text === '' ? '-' : text;
}

function playersText({ players }: RecordedSession): string {
  const names = players.map(({ player, nickname }) => printable(nickname === '' ? player : nickname));
  const more = names.length - PLAYERS_NAMED_MAX;
  // Whoever is left out is at least two: one would be as short to name.
  if (more < 2) return names.join(', ');
  return `${names.slice(0, PLAYERS_NAMED_MAX).join(', ')} and ${plural(more, 'other')}`;
}
