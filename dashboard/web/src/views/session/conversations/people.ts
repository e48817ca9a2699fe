/**
 * Who says how much to whom: conversations of endpoints, added up by player.
 *
 * The rule: players of the session come first and in their order, whoever else was spoken to behind them; the same session
 * gives the same matrix and the same circle.
 */
import type { Conversation } from '../../../../../api/sessions.ts';
import { bytesText, countText } from '../../../lib/format.ts';
import { playerOf } from '../names.ts';
import { endText } from '../overview/told.ts';

export const measures = ['bytes', 'frames', 'rate'] as const;
export type Measure = (typeof measures)[number];
export const measureTitles: Readonly<Record<Measure, string>> = {
  bytes: 'Bytes',
  frames: 'Frames',
  rate: 'Frames a second',
};

/** More are no picture any more; the others are in the table of conversations. */
export const PEOPLE_MAX = 24;

export type Said = Readonly<Record<Measure, number>>;

export interface People {
  readonly names: readonly string[];
  /** Those who found no room. */
  readonly beyond: number;
  /** By who speaks, then by who is spoken to; null where nothing was said. */
  readonly said: readonly (readonly (Said | null)[])[];
}

export function peopleOf(players: readonly string[], conversations: readonly Conversation[]): People {
  const ways = conversations.flatMap((each) => each.ways);
  const all = new Set([...players, ...ways.flatMap(({ from, to }) => [playerOf(from), playerOf(to)])]);
  const names = [...all].slice(0, PEOPLE_MAX);
  const places = new Map(names.map((name, i) => [name, i]));
  const said = names.map(() => names.map((): Record<Measure, number> | null => null));
  for (const { from, to, frames, bytes, perSecond } of ways) {
    const [row, column] = [places.get(playerOf(from)), places.get(playerOf(to))];
    if (row === undefined || column === undefined) continue;
    const cell = (said[row]![column] ??= { bytes: 0, frames: 0, rate: 0 });
    cell.bytes += bytes;
    cell.frames += frames;
    cell.rate += perSecond ?? 0;
  }
  return { names, beyond: all.size - names.length, said };
}

export function mostOf({ said }: People, measure: Measure): number {
  return Math.max(0, ...said.flatMap((row) => row.map((cell) => cell?.[measure] ?? 0)));
}

/** How strong a sign is for a value: by the square root, so that a tenth is seen as a third. */
export function strengthOf(value: number, most: number): number {
  return value <= 0 || most <= 0 ? 0 : Math.sqrt(Math.min(value / most, 1));
}

export function measureText(value: number, measure: Measure): string {
  if (measure === 'bytes') return bytesText(value);
  if (measure === 'frames') return countText(value);
  return value >= 9.95 ? countText(value) : value.toFixed(1);
}

/** What one says to another, as a filter. */
export function pairFilter(from: string, to: string): string {
  return `from == ${endText(from)} && to == ${endText(to)}`;
}

// The circle --------------------------------------------------------------------------------------

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The first on top, the others clockwise; two beside each other. */
export function circleOf(count: number, centre: Point, radius: number): readonly Point[] {
  const turn = count === 2 ? -Math.PI : -Math.PI / 2;
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / Math.max(count, 1);
    return {
      x: centre.x + (count === 1 ? 0 : radius * Math.cos(angle)),
      y: centre.y + (count === 1 ? 0 : radius * Math.sin(angle)),
    };
  });
}

/**
 * A curve from one to another that bends to its own left, so that both ways lie beside each other, and ends before the
 * signs of both. `room` is how large these are, `head` is where its arrow stands and whereto it points, in degrees.
 */
export function curveOf(
  from: Point,
  to: Point,
  room: number,
  headLength: number,
): { readonly path: string; readonly head: Point & { readonly degrees: number } } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.max(Math.hypot(dx, dy), 1e-9);
  const [ux, uy] = [dx / length, dy / length];
  const bend = Math.min(length * 0.14, 26);
  const control = { x: (from.x + to.x) / 2 + uy * bend, y: (from.y + to.y) / 2 - ux * bend };
  const start = toward(from, control, room);
  const tip = toward(to, control, room);
  const end = toward(to, control, room + headLength);
  const degrees = (Math.atan2(to.y - control.y, to.x - control.x) * 180) / Math.PI;
  const text = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return { path: `M${text(start)}Q${text(control)} ${text(end)}`, head: { ...tip, degrees } };
}

function toward(from: Point, to: Point, distance: number): Point {
  const length = Math.max(Math.hypot(to.x - from.x, to.y - from.y), 1e-9);
  return {
    x: from.x + ((to.x - from.x) / length) * distance,
    y: from.y + ((to.y - from.y) / length) * distance,
  };
}
