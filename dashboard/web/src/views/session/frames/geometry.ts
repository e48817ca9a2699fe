/**
 * Where rows are in a list that may be taller than a browser lets an element be.
 *
 * The rule: a place in the list (`virtual`, in pixels from its first row) is the truth, and a place of the scroll bar
 * (`physical`) only stands for it. Near both ends they are the same or differ by a constant, so that wheels, keys and
 * fingers reach the first and the last row exactly; in between the bar is squeezed. Small steps are taken one to one
 * wherever they begin; only a jump, as of a thumb that is dragged, is read off the bar.
 */

export const ROW_PX = 24;
/** Browsers make elements no taller than 17.8 (Firefox) or 33.5 (Chromium, Safari) million pixels. */
export const HEIGHT_MAX_PX = 16_000_000;
/** At either end the bar is not squeezed over so many pixels: more than anybody scrolls without a pause. */
export const EDGE_PX = 1_000_000;
/** A larger step of a bar that is squeezed is a jump. One pixel of its thumb is more than that. */
export const JUMP_PX = 5_000;
/** Rows above and below what can be seen, so that scrolling shows no hole before it is answered. */
export const OVERSCAN_ROWS = 16;
/** Rows in the page at most, however tall it is. */
export const ROWS_MAX = 120;

export interface Geometry {
  readonly rows: number;
  /** Height of what can be seen of them. */
  readonly viewPx: number;
}

export interface Position {
  readonly physical: number;
  readonly virtual: number;
}

export const TOP: Position = { physical: 0, virtual: 0 };

/** How tall the element is that the bar is for. */
export function heightPx({ rows }: Geometry): number {
  return Math.min(rows * ROW_PX, HEIGHT_MAX_PX);
}

function virtualMax({ rows, viewPx }: Geometry): number {
  return Math.max(0, rows * ROW_PX - viewPx);
}

function physicalMax(geometry: Geometry): number {
  return Math.max(0, heightPx(geometry) - geometry.viewPx);
}

/** The stretch in the middle, and how much it is squeezed. */
function squeeze(geometry: Geometry): { readonly edge: number; readonly scale: number } {
  const physical = physicalMax(geometry);
  const edge = Math.min(EDGE_PX, physical / 4);
  return { edge, scale: (virtualMax(geometry) - 2 * edge) / Math.max(1, physical - 2 * edge) };
}

export function isSqueezed(geometry: Geometry): boolean {
  return geometry.rows * ROW_PX > HEIGHT_MAX_PX;
}

/** What a place of the bar stands for. */
export function virtualAt(geometry: Geometry, physical: number): number {
  const [most, bar] = [virtualMax(geometry), physicalMax(geometry)];
  const place = clamp(physical, bar);
  if (!isSqueezed(geometry)) return place;
  const { edge, scale } = squeeze(geometry);
  if (place <= edge) return place;
  if (place >= bar - edge) return most - (bar - place);
  return edge + (place - edge) * scale;
}

/** Where the bar stands for a place in the list. */
export function physicalAt(geometry: Geometry, virtual: number): number {
  const [most, bar] = [virtualMax(geometry), physicalMax(geometry)];
  const place = clamp(virtual, most);
  if (!isSqueezed(geometry)) return place;
  const { edge, scale } = squeeze(geometry);
  if (place <= edge) return place;
  if (place >= most - edge) return bar - (most - place);
  return edge + (place - edge) / scale;
}

/** The reader has moved the bar. */
export function scrolled(geometry: Geometry, from: Position, physical: number): Position {
  const bar = physicalMax(geometry);
  const step = physical - from.physical;
  const isAtEnd = physical <= 0 || physical >= bar;
  if (!isSqueezed(geometry) || isAtEnd || Math.abs(step) > JUMP_PX)
    return { physical, virtual: virtualAt(geometry, physical) };
  return { physical, virtual: clamp(from.virtual + step, virtualMax(geometry)) };
}

/** To a place in the list. */
export function positionAt(geometry: Geometry, virtual: number): Position {
  const place = clamp(virtual, virtualMax(geometry));
  // A whole number, as browsers keep it: what they would round away would be seen as a shift.
  return { physical: Math.round(physicalAt(geometry, place)), virtual: place };
}

/** The nearest place from which all of a row is seen. */
export function revealing(geometry: Geometry, virtual: number, row: number): number {
  const top = row * ROW_PX;
  if (top < virtual) return top;
  return Math.max(virtual, top + ROW_PX - geometry.viewPx);
}

/** The place from which a row is seen in the middle. */
export function centering(geometry: Geometry, row: number): number {
  return clamp(row * ROW_PX - (geometry.viewPx - ROW_PX) / 2, virtualMax(geometry));
}

export function isAtBottom(geometry: Geometry, virtual: number): boolean {
  return virtual >= virtualMax(geometry) - 1;
}

export interface RowRange {
  readonly first: number;
  /** After the last one. */
  readonly end: number;
}

/** The rows that can be seen, in part at least. */
export function rowsSeen({ rows, viewPx }: Geometry, virtual: number): RowRange {
  const first = Math.min(rows, Math.floor(virtual / ROW_PX));
  return { first, end: Math.min(rows, first + ROWS_MAX, Math.ceil((virtual + viewPx) / ROW_PX)) };
}

/** Those, and some around them: what is in the page. */
export function rowsDrawn(geometry: Geometry, virtual: number): RowRange {
  const seen = rowsSeen(geometry, virtual);
  const spare = Math.max(0, Math.floor((ROWS_MAX - (seen.end - seen.first)) / 2));
  const around = Math.min(OVERSCAN_ROWS, spare);
  return { first: Math.max(0, seen.first - around), end: Math.min(geometry.rows, seen.end + around) };
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(0, value), most);
}
