/**
 * What a timeline shows, as rectangles, lines and signs in pixels: all that has to be decided before anything is painted.
 *
 * The rule: pure. The same session, rows and range give the same drawing; colours are left to whoever paints.
 */
import { commonFaults, CommonFault } from '../../../../../../protocol/fault.ts';
import { Outcome, outcomes } from '../../../../../../protocol/outcome.ts';
import type { Arrow, Lane, SessionDetail, Timeline } from '../../../../../api/sessions.ts';
import { barHeight, columnsOf, marksOf } from './columns.ts';
import { xOf, type TimeRange } from './range.ts';
import { rowOfConn, rowOfEndpoint, trafficOf, type Row, type RowTraffic } from './rows.ts';

/** One column of bars is so wide. */
export const COLUMN_PX = 2;
/** Arrows from row to row that stand closer are one. */
const ARROWS_APART_PX = 3;

export interface Bar {
  readonly x: number;
  readonly up: number;
  readonly down: number;
}

/** A connection's life: from where to where it was open. */
export interface Life {
  readonly lane: Lane;
  readonly from: number;
  readonly to: number;
  /** Whether its beginning and its end are in what is shown. */
  readonly begins: boolean;
  readonly ends: boolean;
  /** For a reason that is out of the ordinary. */
  readonly isBad: boolean;
}

export interface DrawnRow {
  readonly row: Row;
  readonly traffic: RowTraffic;
  readonly bars: readonly Bar[];
  readonly drops: readonly number[];
  readonly lives: readonly Life[];
}

export interface DrawnArrow {
  readonly x: number;
  readonly fromY: number;
  /** Null where it reached nobody. */
  readonly toY: number | null;
  readonly isGood: boolean;
  readonly arrows: readonly Arrow[];
}

export interface DrawnSilence {
  readonly x: number;
  readonly width: number;
  readonly row: Row;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  readonly lasted: number;
}

export interface Drawing {
  readonly rows: readonly DrawnRow[];
  readonly arrows: readonly DrawnArrow[];
  readonly silences: readonly DrawnSilence[];
  /** The bytes a second of the highest bar, of players and of endpoints. */
  readonly rateMax: { readonly player: number; readonly endpoint: number };
}

/** Reasons for which connections end when all is well. */
const ordinary: ReadonlySet<string> = new Set(
  [CommonFault.none, CommonFault.shutdown, CommonFault.partnerGone].flatMap(
    (fault) => commonFaults[fault]?.name ?? [],
  ),
);
const passed: ReadonlySet<string> = new Set(
  [Outcome.forwarded, Outcome.consumed, Outcome.originated].flatMap((code) => outcomes[code]?.name ?? []),
);

/** It came about: whoever asked was neither refused nor alone. */
export const isGood = (outcome: string): boolean => passed.has(outcome);

export function drawingOf(
  session: Pick<SessionDetail, 'lastSeen'>,
  rows: readonly Row[],
  timeline: Timeline | null,
  range: TimeRange,
  width: number,
): Drawing {
  const rateMax = { player: 0, endpoint: 0 };
  if (width <= 0) return { rows: [], arrows: [], silences: [], rateMax };
  const count = Math.max(Math.floor(width / COLUMN_PX), 1);
  const lanes = new Map((timeline?.lanes ?? []).map((lane) => [lane.conn, lane]));
  const buckets = timeline ?? { from: range.from, step: 1 };
  const length = timeline?.lanes[0]?.frames.length ?? 0;
  const columns = rows.map((row) => {
    const traffic = trafficOf(row, lanes, length);
    const up = columnsOf(traffic.bytesIn, buckets, range, count);
    const down = columnsOf(traffic.bytesOut, buckets, range, count);
    for (const each of [up, down])
      for (const rate of each) rateMax[row.kind] = Math.max(rateMax[row.kind], rate);
    return { row, traffic, up, down };
  });
  const drawn = columns.map(({ row, traffic, up, down }): DrawnRow => {
    const half = row.height / 2 - 2;
    const bars: Bar[] = [];
    for (let i = 0; i < count; i++) {
      const bar = {
        x: i * COLUMN_PX,
        up: barHeight(up[i] ?? 0, rateMax[row.kind], half),
        down: barHeight(down[i] ?? 0, rateMax[row.kind], half),
      };
      if (bar.up > 0 || bar.down > 0) bars.push(bar);
    }
    const drops = marksOf(traffic.drops, buckets, range, count).map((at) => at * COLUMN_PX);
    return { row, traffic, bars, drops, lives: livesOf(row, session.lastSeen, range, width) };
  });
  return { rows: drawn, rateMax, ...between(rows, timeline, range, width) };
}

function livesOf(row: Row, lastSeen: number, range: TimeRange, width: number): Life[] {
  return row.lanes.flatMap((lane): Life | [] => {
    const { opened, fault } = lane;
    // Players tidy up a moment after the session's last frame: that is shown at its end.
    const closed = lane.closed === null ? null : Math.min(lane.closed, Math.max(lastSeen, opened));
    const from = Math.max(xOf(opened, range, width), 0);
    const to = Math.min(xOf(closed ?? lastSeen, range, width), width);
    if (to < 0 || from > width) return [];
    const ends = closed !== null && closed >= range.from && closed <= range.to;
    const isBad = fault !== null && !ordinary.has(fault.name);
    return { lane, from, to, begins: opened >= range.from, ends, isBad };
  });
}

function between(
  rows: readonly Row[],
  timeline: Timeline | null,
  range: TimeRange,
  width: number,
): Pick<Drawing, 'arrows' | 'silences'> {
  const byConn = rowOfConn(rows);
  const middle = ({ top, height }: Row) => top + height / 2;
  const arrows = new Map<string, { first: DrawnArrow; arrows: Arrow[] }>();
  for (const arrow of timeline?.arrows ?? []) {
    const x = xOf(arrow.at, range, width);
    const from = byConn.get(arrow.from) ?? byConn.get(arrow.to);
    if (from === undefined || x < 0 || x > width) continue;
    const to = byConn.get(arrow.to);
    const good = isGood(arrow.outcome);
    const key = [Math.round(x / ARROWS_APART_PX), from.key, to?.key, good].join('\n');
    const known = arrows.get(key);
    if (known !== undefined) known.arrows.push(arrow);
    else {
      const toY = to === undefined ? null : middle(to);
      // What the relay itself says comes from the row's edge.
      const fromY = from === to ? from.top + 2 : middle(from);
      arrows.set(key, { first: { x, fromY, toY, isGood: good, arrows: [] }, arrows: [arrow] });
    }
  }
  const silences = (timeline?.silences ?? []).flatMap(({ from, to, at, lasted }): DrawnSilence | [] => {
    const row = rowOfEndpoint(rows, from);
    const x = Math.max(xOf(at, range, width), 0);
    const end = Math.min(xOf(at + lasted, range, width), width);
    return row === null || end - x < 1 ? [] : { x, width: end - x, row, from, to, at, lasted };
  });
  return {
    arrows: Array.from(arrows.values(), ({ first, arrows: all }) => ({ ...first, arrows: all })),
    silences,
  };
}
