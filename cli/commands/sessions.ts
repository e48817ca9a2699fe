/** `postreel sessions FILE`: who played what with whom, a line for each session. */
import { CaptureFile, type FoundSession } from '../../recorder/captures.ts';
import type { Context } from '../commands.ts';
import { writeArray } from '../json-array.ts';
import { outputColumns } from '../output.ts';
import { momentOf, sessionsTable } from '../sessions-table.ts';
import { paintFor } from '../style.ts';

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
      const lines = sessionsTable(found, paint, outputColumns(process.stdout));
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

/** Scripts rely on these fields, and on there being no others. Delays in nanoseconds. */
function sessionJson({ session, capture }: FoundSession): object {
  const { id, captureId, ended, game, gameName, group, firstSequence, lastSequence } = session;
  const { frames, bytes, delayP50, delayP99, delayMax, players } = session;
  return {
    id,
    capture: captureId,
    startedAt: momentOf(capture, session.started),
    endedAt: ended === null ? null : momentOf(capture, session.lastSeen),
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

function* mapped<T, U>(items: Iterable<T>, to: (item: T) => U): Generator<U> {
  for (const item of items) yield to(item);
}
