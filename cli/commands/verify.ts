/** `postreel verify FILE`: whether a file holds what it says. Exit code 1 if it does not. */
import { isatty } from 'node:tty';
import { verifyCapture, type Progress, type VerifyReport } from '../../recorder/verify.ts';
import type { Context } from '../commands.ts';
import { columns, countText, printable } from '../format.ts';
import { paintFor, type Paint } from '../style.ts';

export async function verify({ settings, file, output }: Context): Promise<number> {
  const watched = isatty(2) && process.env['TERM'] !== 'dumb';
  const report = verifyCapture(file, watched ? showProgress : undefined);
  if (watched) showProgress(0, 0);
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

/** One line that is written over and over; nothing of nothing removes it. */
const showProgress: Progress = (done, total) => {
  const text = total === 0 ? '' : `checked ${countText(done)} of ${countText(total)} frames`;
  process.stderr.write(`\r\x1b[2K${text}`);
};
