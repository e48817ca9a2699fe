/**
 * `postreel diff FILE:SESSION FILE:SESSION`: two recordings of the same play, compared offline. The exit code says
 * whether they are the same.
 */
import { realpathSync } from 'node:fs';
import { monotonic, wallMicros } from '../../common/clock.ts';
import { Failure } from '../../common/failure.ts';
import type { CaptureFile } from '../../recorder/captures.ts';
import { rulesOf } from '../../replay/against.ts';
import { Comparator } from '../../replay/compare/comparator.ts';
import type { Comparison } from '../../replay/compare/comparison.ts';
import { verdictOf } from '../../replay/compare/verdict.ts';
import { compareRecordings, type HowToCompare } from '../../replay/diff.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import type { Masks, Policy, Role, Verdict } from '../../replay/types.ts';
import type { Context } from '../commands.ts';
import { type FileSession, readFileSession } from '../file-session.ts';
import { openInput } from '../open-input.ts';
import { progressLine } from '../progress.ts';
import type { Settings } from '../settings.ts';
import { exitCodeOf, putVerdict, readRules, stopOnSignals } from '../verdict-out.ts';

/** What compares the two. */
export type MakeComparison = (rules: {
  readonly masks: Masks;
  readonly policy: Policy;
  readonly roles: readonly Role[];
}) => Comparison;

export function diff(context: Context): Promise<number> {
  return diffWith((rules) => new Comparator(rules), context);
}

export async function diffWith(
  make: MakeComparison,
  { settings, file, rest, output }: Context,
): Promise<number> {
  const first = readFileSession(file);
  const second = readFileSession(rest[0] ?? '');
  const { signal, done } = stopOnSignals();
  const line = progressLine('compared', process.env);
  const how = { signal, ...(line !== null && { progress: line.show }) };
  try {
    const verdict = await diffSessions(first, second, make, settings, how).finally(() => line?.clear());
    await putVerdict(verdict, null, settings, output);
    return exitCodeOf(verdict);
  } finally {
    done();
  }
}

/**
 * Failure codes: `no-such-session`, `same-session`, `bad-masks`, `bad-policy`, those of `CaptureFile.open` and
 * those of `compareRecordings`.
 */
export async function diffSessions(
  first: FileSession,
  second: FileSession,
  make: MakeComparison,
  settings: Pick<Settings, 'masks' | 'policy'>,
  how: Omit<HowToCompare, 'masks'> = {},
): Promise<Verdict> {
  const startedAt = new Date(wallMicros() / 1000).toISOString();
  const start = monotonic();
  const named = readRules(settings);
  const readers: CaptureFile[] = [];
  const open = ({ file, session }: FileSession): RecordedPlay => {
    const reader = openInput(file);
    readers.push(reader);
    return new RecordedPlay(reader, session);
  };
  try {
    const [one, other] = [open(first), open(second)];
    refuseSame(first, second);
    const rules = rulesOf(named, one);
    const comparison = make({ ...rules, roles: one.cast.roles });
    const compared = await compareRecordings(one, other, comparison, { ...how, masks: rules.masks });
    return verdictOf(compared, {
      subject: { mode: 'recording', file: second.file, session: second.session },
      file: first.file,
      capture: one.session.captureId,
      session: first.session,
      startedAt,
      lasted: monotonic() - start,
      partial: compared.partial,
      notes: compared.notes,
      roles: compared.roles,
      holds: [],
      sent: 0,
      isAnswered: true,
    });
  } finally {
    for (const reader of readers) reader.close();
  }
}

/** It would be found to be the same, and somebody mistyped. */
function refuseSame(first: FileSession, second: FileSession): void {
  if (first.session !== second.session || realpathSync(first.file) !== realpathSync(second.file)) return;
  const why = `both are session ${first.session} of ${first.file}: name two`;
  throw new Failure('input', 'same-session', why);
}
