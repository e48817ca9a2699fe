/** What commands do with a verdict, whatever they came to it by: print it, write it to files, and exit with it. */
import { constants } from 'node:os';
import { Failure } from '../common/failure.ts';
import { type MaskFile, readMasks } from '../replay/masks/file.ts';
import { type PolicyFile, readPolicy } from '../replay/policy.ts';
import { verdictJson } from '../replay/reports/json.ts';
import type { Verdict } from '../replay/types.ts';
import { outputColumns, type Output } from './output.ts';
import type { Settings } from './settings.ts';
import { paintFor } from './style.ts';
import { type VerdictFiles, writeVerdictFiles } from './verdict-files.ts';
import { verdictText } from './verdict-text.ts';

/** Standard output, as a file name. */
const STDOUT = '-';

/** Failure codes: `bad-masks`, `bad-policy`. */
export function readRules({ masks, policy }: Pick<Settings, 'masks' | 'policy'>): {
  readonly masks: MaskFile | null;
  readonly policy: PolicyFile | null;
} {
  return {
    masks: masks === null ? null : readMasks(masks),
    policy: policy === null ? null : readPolicy(policy),
  };
}

type NamedFiles = Pick<Settings, 'verdictFile' | 'html' | 'junit'>;

export function verdictFilesOf({ verdictFile, html, junit }: NamedFiles): VerdictFiles {
  return { html, junit, json: verdictFile === STDOUT ? null : verdictFile };
}

/** `id` is its number in the capture file; null where it is not kept. `lines` come before it. */
export async function putVerdict(
  verdict: Verdict,
  id: number | null,
  settings: NamedFiles,
  output: Output,
  after: readonly string[] = [],
): Promise<void> {
  writeVerdictFiles(verdict, id, verdictFilesOf(settings));
  if (settings.verdictFile === STDOUT) return output.line(verdictJson(verdict, id));
  for (const text of verdictText(verdict, paintFor(1, process.env), outputColumns(process.stdout)))
    await output.line(text);
  for (const text of after) await output.line(text);
}

/** That nothing differed says nothing of what was not played. */
export function exitCodeOf({ outcome, partial }: Pick<Verdict, 'outcome' | 'partial'>): number {
  if (outcome === 'differs') return 1;
  if (partial !== null) return 128 + constants.signals.SIGINT;
  return outcome === 'same' ? 0 : 3;
}

/** Stops in good order with the first signal, and at once with the second. */
export function stopOnSignals(): {
  readonly signal: AbortSignal;
  readonly stop: (why: string) => void;
  readonly done: () => void;
} {
  const stop = new AbortController();
  const abort = (why: string) => stop.abort(new Failure('input', 'stopped', why));
  const onSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(128 + constants.signals[name]);
    abort(name === 'SIGINT' ? 'stopped with Ctrl-C' : 'stopped by a signal');
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: stop.signal,
    stop: abort,
    done: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
