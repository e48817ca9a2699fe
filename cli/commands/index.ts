/** `postreel index FILE`: finds the sessions of captures that lack them. */
import { isatty } from 'node:tty';
import { indexCaptures, type IndexedCapture, type Progress } from '../../recorder/sessions/indexer.ts';
import type { Context } from '../commands.ts';
import { countText, plural } from '../format.ts';

export async function index({ settings, file, output }: Context): Promise<number> {
  const { capture, again, json } = settings;
  const watched = isatty(2) && process.env['TERM'] !== 'dumb';
  const indexed = indexCaptures(file, { capture, again, ...(watched && { onProgress: showProgress }) });
  if (watched) showProgress(0, 0);
  if (json) await output.line(JSON.stringify(indexed, null, 2));
  else if (indexed.length === 0) await output.line(`${file} holds no captures.`);
  else for (const each of indexed) await output.line(indexedLine(each));
  return 0;
}

function indexedLine({ id, skipped, unreadable, sessions, frames }: IndexedCapture): string {
  const found = `capture ${id}: ${plural(sessions, 'session')} in ${plural(frames, 'frame')}`;
  if (unreadable !== null) return `${found}, left as they are: it was recorded with ${unreadable}`;
  return skipped ? `${found}, known already` : found;
}

/** One line that is written over and over; nothing of nothing removes it. */
const showProgress: Progress = (done, total) => {
  const text = total === 0 ? '' : `read ${countText(done)} of ${countText(total)} frames`;
  process.stderr.write(`\r\x1b[2K${text}`);
};
