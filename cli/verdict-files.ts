/** Writes a verdict to files, in the formats of `replay/reports/`. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../common/failure.ts';
import { verdictHtml } from '../replay/reports/html.ts';
import { verdictJson } from '../replay/reports/json.ts';
import { verdictJunit } from '../replay/reports/junit.ts';
import type { Verdict } from '../replay/types.ts';

type Format = (verdict: Verdict, replay: number | null) => string;

const formats = {
  html: verdictHtml,
  junit: verdictJunit,
  json: (verdict, replay) => `${verdictJson(verdict, replay)}\n`,
} as const satisfies Readonly<Record<string, Format>>;

export type VerdictFiles = { readonly [F in keyof typeof formats]?: string | null };

/** Before there is anything to write: who has waited for a verdict wants it. Failure code: `cannot-write`. */
export function checkVerdictFiles(files: VerdictFiles): void {
  for (const file of Object.values(files)) {
    if (file == null) continue;
    attempt(file, () => {
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
        throw new Error('it is a folder');
      accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
    });
  }
}

/** `replay` is its number in the capture file; null where it is not kept. Failure code: `cannot-write`. */
export function writeVerdictFiles(verdict: Verdict, replay: number | null, files: VerdictFiles): void {
  for (const [name, format] of Object.entries(formats) as [keyof typeof formats, Format][]) {
    const file = files[name] ?? null;
    if (file === null) continue;
    attempt(file, () => {
      writeFileSync(file, format(verdict, replay));
    });
  }
}

function attempt(file: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const message = `the verdict cannot be written to ${file}: ${(error as Error).message}`;
    throw new Failure('outside', 'cannot-write', message, error);
  }
}
