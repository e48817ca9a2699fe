/** Writes a verdict to files, in the formats of `replay/reports/`. */
import { writeFileSync } from 'node:fs';
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

/** `replay` is its number in the capture file; null where it is not kept. Failure code: `cannot-write`. */
export function writeVerdictFiles(verdict: Verdict, replay: number | null, files: VerdictFiles): void {
  for (const [name, format] of Object.entries(formats) as [keyof typeof formats, Format][]) {
    const file = files[name] ?? null;
    if (file === null) continue;
    try {
      writeFileSync(file, format(verdict, replay));
    } catch (error) {
      const { message } = error as Error;
      throw new Failure(
        'outside',
        'cannot-write',
        `the verdict cannot be written to ${file}: ${message}`,
        error,
      );
    }
  }
}
