/**
 * `postreel diff FILE:SESSION FILE:SESSION`: two recordings of the same play, compared offline. The exit code says
 * whether they are the same.
 */
import { realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { monotonic, wallMicros } from '../../common/clock.ts';
import { Failure } from '../../common/failure.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { Cast } from '../../replay/cast.ts';
import type { Comparison } from '../../replay/compare/comparison.ts';
import { compareRecordings, type HowToCompare } from '../../replay/diff.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import type { Masks, Verdict } from '../../replay/types.ts';
import type { Context } from '../commands.ts';
import { type FileSession, readFileSession } from '../file-session.ts';
import { outputColumns } from '../output.ts';
import { progressLine } from '../progress.ts';
import type { Settings } from '../settings.ts';
import { type Paint, paintFor } from '../style.ts';

/** What compares, and what puts the verdict into words. */
export interface Judge {
  /** Reads what masks and policy the settings name. */
  readonly compare: (
    cast: Cast,
    settings: Pick<Settings, 'masks' | 'policy'>,
  ) => { readonly masks: Masks | null; readonly comparison: Comparison };
  readonly text: (verdict: Verdict, paint: Paint, columns: number) => readonly string[];
  readonly json: (verdict: Verdict) => string;
}

export async function diffWith(judge: Judge, { settings, file, rest, output }: Context): Promise<number> {
  const first = readFileSession(file);
  const second = readFileSession(rest[0] ?? '');
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const line = progressLine('compared', process.env);
  const progress = line === null ? {} : { progress: line.show };
  try {
    const verdict = await diffSessions(first, second, judge, settings, { signal: stop.signal, ...progress });
    line?.clear();
    if (settings.json) await output.line(judge.json(verdict));
    else
      for (const text of judge.text(verdict, paintFor(1, process.env), outputColumns(process.stdout)))
        await output.line(text);
    return exitCode(verdict);
  } finally {
    line?.clear();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** Failure codes: those of `CaptureFile.open`, `no-such-session`, `same-session`, and those of `compareRecordings`. */
export async function diffSessions(
  first: FileSession,
  second: FileSession,
  judge: Pick<Judge, 'compare'>,
  settings: Pick<Settings, 'masks' | 'policy'>,
  how: Omit<HowToCompare, 'masks'> = {},
): Promise<Verdict> {
  const [startedAt, began] = [new Date(wallMicros() / 1000).toISOString(), monotonic()];
  const files: CaptureFile[] = [];
  const open = ({ file, session }: FileSession): RecordedPlay => {
    const reader = CaptureFile.open(file);
    files.push(reader);
    return new RecordedPlay(reader, session);
  };
  try {
    const [one, other] = [open(first), open(second)];
    refuseSame(first, second);
    const { masks, comparison } = judge.compare(one.cast, settings);
    const {
      partial,
      notes,
      roles,
      counts,
      differences,
      first: firstFailure,
    } = await compareRecordings(one, other, comparison, { masks, ...how });
    return {
      outcome: firstFailure === null ? 'same' : 'differs',
      subject: { mode: 'recording', ...second },
      file: first.file,
      capture: one.session.captureId,
      session: first.session,
      startedAt,
      lasted: monotonic() - began,
      partial,
      notes,
      roles,
      counts: { ...counts, sent: 0 },
      holds: [],
      first: firstFailure,
      differences,
    };
  } finally {
    for (const file of files) file.close();
  }
}

/** It would be found to be the same, and somebody mistyped. */
function refuseSame(first: FileSession, second: FileSession): void {
  if (first.session !== second.session || realpathSync(first.file) !== realpathSync(second.file)) return;
  const why = `both are session ${first.session} of ${first.file}: name two`;
  throw new Failure('input', 'same-session', why);
}

/** That nothing differed says nothing of what was not read. */
function exitCode({ outcome, partial }: Verdict): number {
  if (outcome !== 'same') return 1;
  return partial === null ? 0 : 128 + constants.signals.SIGINT;
}
