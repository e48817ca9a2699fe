/** Puts a drawing on a canvas. What is where has been decided in `drawn.ts`; colours are those of the theme. */
import type { DrawnArrow, Drawing, DrawnRow } from './drawn.ts';
import { COLUMN_PX } from './drawn.ts';

/** A colour by its name in theme.css. */
export type Palette = (name: string) => string;

export interface Sheet {
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen for each of CSS. */
  readonly ratio: number;
  /** Where the recording lacks something. */
  readonly gaps: readonly number[];
  /** For a player, a name of theme.css. */
  readonly colourOf: (player: string) => string;
}

const HATCH_PX = 6;
const GAP_PX = 3;
const HEAD_PX = 4;

export function paint(
  context: CanvasRenderingContext2D,
  drawing: Drawing,
  palette: Palette,
  sheet: Sheet,
): void {
  const { width, height, ratio } = sheet;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  for (const { row } of drawing.rows) {
    if (row.kind === 'player') rectangle(context, palette('--line'), 0, row.top, width, 1);
  }
  for (const row of drawing.rows) lives(context, row, palette, sheet);
  context.save();
  context.strokeStyle = palette('--text-3');
  context.globalAlpha = 0.6;
  for (const { x, width: w, row } of drawing.silences) hatch(context, x, row.top + 3, w, row.height - 6);
  context.restore();
  for (const row of drawing.rows) bars(context, row, palette(sheet.colourOf(row.row.player)));
  for (const { row, drops } of drawing.rows)
    for (const x of drops) rectangle(context, palette('--bad'), x, row.top + row.height - 6, COLUMN_PX, 6);
  for (const x of sheet.gaps) gap(context, x, height, palette);
  for (const each of drawing.arrows) arrow(context, each, palette);
}

function rectangle(
  context: CanvasRenderingContext2D,
  colour: string,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
}

/** The middle line as long as a connection is open, a ring where it is opened, and a stroke or a cross where it ends. */
function lives(
  context: CanvasRenderingContext2D,
  { row, lives }: DrawnRow,
  palette: Palette,
  sheet: Sheet,
): void {
  const y = Math.round(row.top + row.height / 2) - 0.5;
  const colour = palette(sheet.colourOf(row.player));
  for (const { from, to, begins, ends, isBad } of lives) {
    context.globalAlpha = 0.45;
    rectangle(context, colour, from, y - 0.5, Math.max(to - from, 1), 1);
    context.globalAlpha = 1;
    if (row.kind === 'player' && !isBad) continue;
    context.lineWidth = 1.5;
    if (begins) {
      context.strokeStyle = colour;
      context.fillStyle = palette('--bg');
      context.beginPath();
      context.arc(from, y, 2.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
    if (!ends) continue;
    context.strokeStyle = isBad ? palette('--bad') : colour;
    context.beginPath();
    if (isBad) {
      context.moveTo(to - 3, y - 3);
      context.lineTo(to + 3, y + 3);
      context.moveTo(to - 3, y + 3);
      context.lineTo(to + 3, y - 3);
    } else {
      context.moveTo(to, y - 4);
      context.lineTo(to, y + 4);
    }
    context.stroke();
  }
}

/** From the player above the middle, to the player below it and paler. */
function bars(context: CanvasRenderingContext2D, { row, bars: all }: DrawnRow, colour: string): void {
  const middle = row.top + row.height / 2;
  context.fillStyle = colour;
  for (const { x, up } of all) if (up > 0) context.fillRect(x, middle - up, COLUMN_PX, up);
  context.globalAlpha = 0.5;
  for (const { x, down } of all) if (down > 0) context.fillRect(x, middle, COLUMN_PX, down);
  context.globalAlpha = 1;
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - height; at < x + width; at += HATCH_PX) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

function gap(context: CanvasRenderingContext2D, x: number, height: number, palette: Palette): void {
  context.globalAlpha = 0.25;
  rectangle(context, palette('--warn'), x - 2 * GAP_PX, 0, 4 * GAP_PX, height);
  context.globalAlpha = 1;
  context.strokeStyle = palette('--warn');
  hatch(context, x - 2 * GAP_PX, 0, 4 * GAP_PX, height);
}

function arrow(
  context: CanvasRenderingContext2D,
  { x, fromY, toY, isGood }: DrawnArrow,
  palette: Palette,
): void {
  const colour = palette(isGood ? '--good' : '--bad');
  const end = toY ?? fromY - 9;
  const side = end >= fromY ? 1 : -1;
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, fromY);
  context.lineTo(x, end - side * HEAD_PX);
  context.stroke();
  context.beginPath();
  if (toY === null) {
    // It ends nowhere: a cross instead of a head.
    context.moveTo(x - 3, end - 3);
    context.lineTo(x + 3, end + 3);
    context.moveTo(x - 3, end + 3);
    context.lineTo(x + 3, end - 3);
    context.stroke();
  } else {
    context.moveTo(x, end);
    context.lineTo(x - HEAD_PX, end - side * HEAD_PX * 1.5);
    context.lineTo(x + HEAD_PX, end - side * HEAD_PX * 1.5);
    context.closePath();
    context.fill();
  }
  context.beginPath();
  context.arc(x, fromY, 2, 0, 2 * Math.PI);
  context.fill();
}
