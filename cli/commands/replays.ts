/** `postreel replays FILE`: what was replayed of a file, a line each, or the verdict of one replay again. */
import { Failure } from '../../common/failure.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { ReplaySummary } from '../../recorder/replay-reader.ts';
import { verdictJson } from '../../replay/reports/json.ts';
import { storedVerdict } from '../../replay/stored.ts';
import type { Context } from '../commands.ts';
import { writeArray } from '../json-array.ts';
import { outputColumns } from '../output.ts';
import { replaysTable } from '../replays-table.ts';
import { paintFor } from '../style.ts';
import { writeVerdictFiles } from '../verdict-files.ts';
import { verdictText } from '../verdict-text.ts';

export async function replays(context: Context): Promise<number> {
  const { id, html, junit } = context.settings;
  if (id === null && (html !== null || junit !== null)) {
    throw new Failure(
      'input',
      'bad-usage',
      '--html and --junit write one verdict: name its replay with --id',
    );
  }
  const reader = CaptureFile.open(context.file);
  try {
    if (id === null) await list(reader, context);
    else await show(reader, id, context);
  } finally {
    reader.close();
  }
  return 0;
}

async function list(reader: CaptureFile, { settings, file, output }: Context): Promise<void> {
  const { session, json } = settings;
  // One that is not there is refused.
  if (session !== null) reader.session(session);
  const found = reader.replays(session);
  if (json) return writeArray(output, summaries(found));
  const lines = replaysTable(found, paintFor(1, process.env), outputColumns(process.stdout));
  for (const line of lines) await output.line(line);
  if (lines.length === 0) await output.line(`${file} holds no ${session === null ? '' : 'such '}replays.`);
}

async function show(reader: CaptureFile, id: number, { settings, output }: Context): Promise<void> {
  const verdict = storedVerdict(reader, id);
  const { html, junit } = settings;
  writeVerdictFiles(verdict, id, { html, junit });
  if (settings.json) return output.line(verdictJson(verdict, id));
  const lines = verdictText(verdict, paintFor(1, process.env), outputColumns(process.stdout));
  for (const line of lines) await output.line(line);
}

/** Scripts rely on these fields, and on there being no others. Times in milliseconds. */
function* summaries(found: Iterable<ReplaySummary>): Generator<object> {
  for (const replay of found) {
    const { id, capture, session, mode, target, comparedSession, role, pace, version } = replay;
    const { startedAt, lasted, outcome, partial, sent, expected, came, equal } = replay;
    yield {
      id,
      capture,
      session,
      mode,
      target,
      comparedSession,
      role,
      pace,
      version,
      startedAt,
      lasted,
      outcome,
      partial,
      sent,
      expected,
      came,
      equal,
      first: replay.firstText,
    };
  }
}
