/** `postreel verify FILE`: whether a file holds what it says. Exit code 1 if it does not. */
import { verifyCapture, type VerifyReport } from '../../recorder/verify.ts';
import type { Context } from '../commands.ts';
import { printable } from '../../common/printable.ts';
import { columns } from '../format.ts';
import { progressLine } from '../progress.ts';
import { paintFor, type Paint } from '../style.ts';

export async function verify({ settings, file, output }: Context): Promise<number> {
  const progress = progressLine('checked', process.env);
  const report = verifyCapture(file, progress?.show);
  progress?.clear();
  if (settings.json) await output.line(JSON.stringify({ file, ...report }, null, 2));
  else for (const line of verifyLines(report, file, paintFor(1, process.env))) await output.line(line);
  return report.ok ? 0 : 1;
}

export function verifyLines({ checks, ok }: VerifyReport, file: string, paint: Paint): string[] {
  const words = checks.map((check) => (check.ok ? 'ok' : 'FAILED'));
  const rows = checks.map(({ name, detail }, index) => [words[index] as string, name, printable(detail)]);
  const lines = columns(rows, ['left', 'left', 'left']).map((line, index) => {
    const word = words[index] as string;
    return paint(word === 'ok' ? 'green' : 'red', word) + line.slice(word.length);
  });
  const failed = words.filter((word) => word !== 'ok').length;
  const verdict = ok
    ? `${file} is whole.`
    : `${file} is not whole: ${failed} of ${checks.length} checks failed.`;
  return [...lines, paint(ok ? 'green' : 'red', verdict)];
}
