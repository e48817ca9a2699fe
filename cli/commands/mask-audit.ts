/** `postreel mask audit --masks MASKS FILE:SESSION`: what masks would let through in a session. */
import { Failure } from '../../common/failure.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { type Audit, auditMasks } from '../../replay/masks/audit.ts';
import { readMasks } from '../../replay/masks/file.ts';
import { percentText } from '../../replay/masks/learn.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import type { Context } from '../commands.ts';
import { readFileSession } from '../file-session.ts';
import { columns, countText, plural } from '../format.ts';
import { progressLine } from '../progress.ts';

/** Conversations that people are shown. */
export const ROWS_SHOWN_MAX = 20;

const FRAMES_PER_LOOK = 5_000;

export async function maskAudit({ settings, file: word, output }: Context): Promise<number> {
  const { masks, json } = settings;
  const { file, session } = readFileSession(word);
  if (masks === null)
    throw new Failure('input', 'bad-usage', 'mask audit takes the masks to look at: --masks FILE');
  const maskFile = readMasks(masks);
  const reader = CaptureFile.open(file);
  try {
    const play = new RecordedPlay(reader, session);
    const progress = progressLine('read', process.env);
    let done = 0;
    const audit = auditMasks(play, maskFile, () => {
      if (++done % FRAMES_PER_LOOK === 0) progress?.show(done, play.session.frames);
    });
    progress?.clear();
    const share = audit.faults === 0 ? 0 : audit.missed / audit.faults;
    if (json) await output.line(JSON.stringify({ masks, file, session, share, ...audit }, null, 2));
    else for (const line of auditLines(audit, masks)) await output.line(line);
  } finally {
    reader.close();
  }
  return 0;
}

export function auditLines(audit: Audit, masks: string): string[] {
  const { rows, frames, faults, missed, stale, left } = audit;
  const share = faults === 0 ? 0 : missed / faults;
  const lines = [
    `The masks would miss ${percentText(share)} of single-byte faults in ${plural(frames - left, 'frame')}.`,
  ];
  const hiding = rows.filter((row) => row.missed > 0);
  if (hiding.length > 0) {
    const cells = hiding
      .slice(0, ROWS_SHOWN_MAX)
      .map((row) => [
        row.from,
        row.to,
        row.kind,
        countText(row.frames),
        percentText(row.missed / row.faults),
        row.masks.join(', '),
      ]);
    const head = ['from', 'to', 'kind', 'frames', 'missed', 'masks'];
    lines.push('', ...columns([head, ...cells], ['left', 'left', 'left', 'right', 'right', 'left']));
  }
  if (hiding.length > ROWS_SHOWN_MAX)
    lines.push(
      `and ${plural(hiding.length - ROWS_SHOWN_MAX, 'other conversation')}; --json tells all of them`,
    );
  if (stale.length > 0)
    lines.push(
      '',
      `${masks}: ${numbersText(stale)} ${stale.length === 1 ? 'hides' : 'hide'} nothing in this session.`,
    );
  if (left > 0) lines.push('', `${plural(left, 'frame')} of further kinds and sizes were not looked at.`);
  return lines;
}

/** More are counted. */
const NUMBERS_SHOWN_MAX = 20;

function numbersText(numbers: readonly number[]): string {
  const shown = numbers.slice(0, NUMBERS_SHOWN_MAX).join(', ');
  const more = numbers.length > NUMBERS_SHOWN_MAX ? ` and ${numbers.length - NUMBERS_SHOWN_MAX} more` : '';
  return `${numbers.length === 1 ? 'mask' : 'masks'} ${shown}${more}`;
}
