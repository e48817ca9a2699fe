/** `postreel captures FILE`: what a file holds, a line for each capture. */
import { CaptureFile, type CaptureSummary } from '../../recorder/captures.ts';
import type { Context } from '../commands.ts';
import { printable } from '../../common/printable.ts';
import { bytesText, columns, countText, durationText, momentText } from '../format.ts';
import { paintFor, type Paint } from '../style.ts';

export async function captures({ settings, file, output }: Context): Promise<number> {
  const reader = CaptureFile.open(file);
  try {
    const found = reader.captures();
    if (settings.json) await output.line(capturesJson(found));
    else for (const line of capturesTable(found, file, paintFor(1, process.env))) await output.line(line);
  } finally {
    reader.close();
  }
  return 0;
}

/** Scripts rely on these fields, and on there being no others. */
export function capturesJson(found: readonly CaptureSummary[]): string {
  const rows = found.map(({ id, startedAt, endedAt, ended, connections, frames, bytes, gaps }) => {
    return { id, startedAt, endedAt, ended, connections, frames, bytes, gaps };
  });
  return JSON.stringify(rows, null, 2);
}

export function capturesTable(found: readonly CaptureSummary[], file: string, paint: Paint): string[] {
  if (found.length === 0) return [`${file} holds no captures.`];
  const head = ['id', 'started', 'lasted', 'ended', 'connections', 'frames', 'bytes', 'lost'];
  const rows = found.map((capture) => [
    String(capture.id),
    momentText(capture.startedAt),
    capture.endedAt === null
      ? '-'
      : durationText(Date.parse(capture.endedAt) - Date.parse(capture.startedAt)),
    capture.ended,
    countText(capture.connections),
    countText(capture.frames),
    bytesText(capture.bytes),
    countText(capture.gaps),
  ]);
  const lines = columns(
    [head, ...rows],
    ['right', 'left', 'right', 'left', 'right', 'right', 'right', 'right'],
  );
  return lines.flatMap((line, index) => {
    if (index === 0) return [paint('bold', line)];
    const { gaps, trouble } = found[index - 1] as CaptureSummary;
    const row = gaps > 0 || trouble !== null ? paint('yellow', line) : line;
    return trouble === null ? [row] : [row, paint('yellow', `    trouble: ${printable(trouble)}`)];
  });
}
