/**
 * What is said of the place that is pointed at: the moment, what goes on there, and the signs beside it.
 *
 * The rule: what is drawn can be asked. Whatever a reader sees has its sentence here.
 */
import type { SessionDetail, Timeline } from '../../../../../api/sessions.ts';
import { bytesText, durationText, plural, secondsText } from '../../../lib/format.ts';
import { gapText } from '../header.ts';
import type { Names } from '../names.ts';
import { sumAt } from './columns.ts';
import { isGood, type DrawnArrow, type Drawing, type DrawnRow } from './drawn.ts';
import { nearestTo } from './marks.ts';
import { digitsFor, lengthOf, timeAt, xOf, type TimeRange } from './range.ts';

export interface Tip {
  readonly at: string;
  readonly title: string;
  readonly lines: readonly string[];
}

/** A mouse that is so close means it. */
const NEAR_PX = 6;
/** Of what lies on one place, no more is listed. */
export const TIP_LINES_MAX = 8;

export interface Pointed {
  readonly x: number;
  readonly y: number;
}

export function tipAt(
  { x, y }: Pointed,
  drawing: Drawing,
  timeline: Timeline | null,
  range: TimeRange,
  width: number,
  { gaps }: Pick<SessionDetail, 'gaps'>,
  names: Names,
  origin: number,
): Tip | null {
  const found = drawing.rows.find(({ row }) => y >= row.top && y < row.top + row.height);
  const at = timeAt(x, range, width);
  const near = gaps.filter(({ noticed }) => Math.abs(xOf(noticed, range, width) - x) <= NEAR_PX);
  const arrow = arrowAt({ x, y }, drawing);
  const lines = [
    ...(arrow?.arrows ?? []).map(
      ({ what, outcome, sequence }) =>
        `${names.within(what)}${isGood(outcome) ? '' : `: ${outcome}`} (frame ${sequence})`,
    ),
    ...near.map((gap) => gapText(gap, origin)),
    ...(found === undefined ? [] : rowLines(found, timeline, at, x, range, width)),
    ...drawing.silences
      .filter((each) => each.row === found?.row && x >= each.x && x <= each.x + each.width)
      .map(
        ({ from, to, lasted }) =>
          `${names.endpoint(from)} said nothing to ${names.endpoint(to)} for ${durationText(lasted)}`,
      ),
  ];
  if (found === undefined && lines.length === 0) return null;
  const shown = lines.slice(0, TIP_LINES_MAX);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  const title = found === undefined ? '' : [names.player(found.row.player), found.row.label].join(' ').trim();
  return {
    at: `${secondsText(at - origin, Math.max(digitsFor(lengthOf(range) / width), 1))} s`,
    title,
    lines: shown,
  };
}

/** The one that is meant, between the rows that it connects. */
export function arrowAt({ x, y }: Pointed, { arrows }: Drawing): DrawnArrow | null {
  const here = arrows.filter(({ fromY, toY }) => {
    const ends = [fromY, toY ?? fromY - 9];
    return y >= Math.min(...ends) - NEAR_PX && y <= Math.max(...ends) + NEAR_PX;
  });
  return nearestTo(here, (each) => each.x, x, NEAR_PX);
}

function rowLines(
  { traffic, lives }: DrawnRow,
  timeline: Timeline | null,
  at: number,
  x: number,
  range: TimeRange,
  width: number,
): string[] {
  const lines: string[] = [];
  if (timeline !== null) {
    const [into, out, frames, drops] = (['bytesIn', 'bytesOut', 'frames', 'drops'] as const).map((name) =>
      sumAt(traffic[name], timeline, at),
    ) as [number, number, number, number];
    if (frames > 0)
      lines.push(
        `${plural(frames, 'frame')} in ${durationText(timeline.step)}: ${bytesText(into)} from it, ${bytesText(out)} to it`,
      );
    if (drops > 0) lines.push(`${plural(drops, 'frame')} did not arrive`);
  }
  for (const { lane, begins, ends, to } of lives) {
    const what = [lane.role ?? lane.protocol ?? 'connection', `from ${lane.address}`].join(' ');
    if (begins && Math.abs(xOf(lane.opened, range, width) - x) <= NEAR_PX) lines.push(`${what} opens`);
    if (ends && Math.abs(to - x) <= NEAR_PX)
      lines.push(`${what} ends: ${lane.fault?.text ?? 'nobody knows why'}`);
  }
  return lines;
}
