/** `postreel sessions FILE`: who played what with whom, a line for each session. */
import { CaptureFile, type CaptureSummary, type FoundSession } from '../../recorder/captures.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import type { Context } from '../commands.ts';
import { bytesText, columns, countText, durationText, momentText, plural, printable } from '../format.ts';
import { writeArray } from '../json-array.ts';
import { paintFor, type Paint } from '../style.ts';

/** More players are counted instead of named. */
const PLAYERS_NAMED_MAX = 4;

const NS_PER_MS = 1e6;

export async function sessions({ settings, file, output }: Context): Promise<number> {
  const { capture, game, player, json } = settings;
  const reader = CaptureFile.open(file);
  try {
    const captures = capture === null ? reader.captures() : [reader.capture(capture)];
    const found = reader.eachSession({ capture, game, player });
    const hints = captures.filter(({ hasSessions }) => !hasSessions).map(({ id }) => hint(id, file));
    if (json) {
      await writeArray(output, mapped(found, sessionJson));
      for (const line of hints) process.stderr.write(`${line}\n`);
    } else {
      const paint = paintFor(1, process.env);
      const lines = sessionsTable(found, paint);
      for (const line of lines) await output.line(line);
      for (const line of hints) await output.line(paint('yellow', line));
      if (lines.length === 0 && hints.length === 0) await output.line(`${file} holds no such sessions.`);
    }
  } finally {
    reader.close();
  }
  return 0;
}

function hint(capture: number, file: string): string {
  return `the sessions of capture ${capture} are not known: postreel index ${file}`;
}

/** ISO 8601, milliseconds. */
function moment({ startedAt }: CaptureSummary, nanos: number): string {
  return new Date(Date.parse(startedAt) + nanos / NS_PER_MS).toISOString();
}

/** Scripts rely on these fields, and on there being no others. Delays in nanoseconds. */
function sessionJson({ session, capture }: FoundSession): object {
  const { id, captureId, ended, game, gameName, group, firstSequence, lastSequence } = session;
  const { frames, bytes, delayP50, delayP99, delayMax, players } = session;
  return {
    id,
    capture: captureId,
    startedAt: moment(capture, session.started),
    endedAt: ended === null ? null : moment(capture, session.lastSeen),
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
}

/** The newest last. Of each session only what is shown of it is kept. */
function sessionsTable(found: Iterable<FoundSession>, paint: Paint): string[] {
  const rows = [...mapped(found, tableRow)];
  if (rows.length === 0) return [];
  const head = ['id', 'started', 'lasted', 'game', 'group', 'players', 'frames', 'bytes', 'ended'];
  const lines = columns(
    [head, ...rows.map(({ cells }) => cells)],
    ['right', 'left', 'right', 'left', 'left', 'left', 'right', 'right', 'left'],
  );
  return lines.map((line, index) => {
    if (index === 0) return paint('bold', line);
    return rows[index - 1]?.isLost === true ? paint('yellow', line) : line;
  });
}

interface TableRow {
  readonly cells: readonly string[];
  readonly isLost: boolean;
}

function tableRow({ session, capture }: FoundSession): TableRow {
  const cells = [
    String(session.id),
    momentText(moment(capture, session.started)),
    durationText((session.lastSeen - session.started) / NS_PER_MS),
    printable(session.gameName === '' ? orDash(session.game) : session.gameName),
    printable(orDash(session.group ?? '')),
    playersText(session),
    countText(session.frames),
    bytesText(session.bytes),
    session.ended ?? 'goes on',
  ];
  return { cells, isLost: session.ended === 'lost' };
}

function* mapped<T, U>(items: Iterable<T>, to: (item: T) => U): Generator<U> {
  for (const item of items) yield to(item);
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
