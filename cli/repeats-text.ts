/** What several replays of the same came to, in lines below the verdict of one. */
import type { Repeated } from '../replay/compare/verdict.ts';
import { printable } from '../common/printable.ts';
import { plural } from './format.ts';
import type { Paint } from './style.ts';

export function repeatsText(repeated: Repeated, paint: Paint): string[] {
  const { plays, same, differed, unanswered, isStable, firsts, beyond } = repeated;
  const parts = [
    `${same} of ${plays} were the same`,
    ...(differed > 0 ? [`${differed} differed`] : []),
    ...(unanswered > 0 ? [`${unanswered} had no answer`] : []),
  ];
  const lines = [
    '',
    paint(same === plays ? 'green' : 'red', `${plural(plays, 'replay')}: ${parts.join(', ')}`),
  ];
  if (!isStable)
    lines.push(paint('yellow', 'It does not always come out the same: these differences came first.'));
  if (same === plays) return lines;
  for (const { text, plays: times, play } of firsts)
    lines.push(`  ${times} of ${plays}, first in replay ${play}: ${printable(text)}`);
  if (beyond > 0) lines.push(`  ${beyond} others`);
  return lines;
}
