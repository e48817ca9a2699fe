/** `postreel show FILE SESSION`: what happened in one session, findings first. */
import { constants } from 'node:os';
import type { Observer, SessionView } from '../../analysis/observe.ts';
import type { Finding } from '../../analysis/findings/finding.ts';
import { findingObservers } from '../../analysis/findings/table.ts';
import { ReportObserver } from '../../analysis/session-report.ts';
import { viewSession, type SessionSource } from '../../analysis/session-view.ts';
import { Failure } from '../../common/failure.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { Context } from '../commands.ts';
import { outputColumns, type Output } from '../output.ts';
import { progressLine } from '../progress.ts';
import { sessionJson } from '../session-json.ts';
import { walkSession } from '../session-walk.ts';
import { showText } from '../show-text.ts';
import { paintFor, type Paint } from '../style.ts';
import { sessionNumber } from '../values.ts';

/** What looks for findings while the frames of a session go by. */
export type FindingWatch = (view: SessionView) => Observer<readonly Finding[]>;

export interface ShowOptions {
  readonly json: boolean;
  readonly paint: Paint;
  /** Columns of the terminal; Infinity where lines may be of any length. */
  readonly columns: number;
  readonly signal: AbortSignal;
  readonly findings: FindingWatch;
}

export async function show({ settings, file, rest, output }: Context): Promise<number> {
  const id = readSession(rest[0] ?? '');
  const reader = CaptureFile.open(file);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await showSession(reader, id, output, {
      json: settings.json,
      paint: paintFor(1, process.env),
      columns: outputColumns(process.stdout),
      signal: stop.signal,
      findings: findingObservers,
    });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    reader.close();
  }
}

/** The exit code is 130 where it was told to stop before it had anything to show. */
export async function showSession(
  source: SessionSource,
  id: number,
  output: Output,
  { json, paint, columns, signal, findings }: ShowOptions,
): Promise<number> {
  const view = viewSession(source, id);
  const line = progressLine('read', process.env);
  const report = await walkSession(
    view,
    source.sessionFrames(view.session),
    new ReportObserver(view, findings(view)),
    { signal, progress: line === null ? undefined : (done) => line.show(done, view.session.frames) },
  ).finally(() => line?.clear());
  if (report === null) return 128 + constants.signals.SIGINT;
  if (json) await output.line(sessionJson(report));
  else for (const text of showText(report, paint, columns)) await output.line(text);
  return 0;
}

function readSession(word: string): number {
  const kind = sessionNumber();
  const id = kind.fromText(word);
  if (id !== undefined) return id;
  throw new Failure('input', 'bad-usage', `SESSION takes ${kind.accepts}, not ${JSON.stringify(word)}`);
}
