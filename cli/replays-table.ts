/** Replays for people, a line each, of which the last column is cut where the terminal ends. JSON has all of it. */
import type { ReplaySummary } from '../recorder/replay-reader.ts';
import { outcomeWords } from '../replay/reports/words.ts';
import { printable } from '../common/printable.ts';
import { COLUMN_GAP, columns, columnWidths, cut, momentText } from './format.ts';
import type { Paint, Tint } from './style.ts';

const heads = ['id', 'started', 'session', 'against', 'pace', 'verdict', 'first difference'] as const;
const TARGET_COLUMNS_MAX = 40;
/** It is not cut further, however narrow the terminal is. */
const FIRST_COLUMNS_MIN = 16;

const tints: Readonly<Record<string, Tint>> = { same: 'green', differs: 'red' };

/** In the order in which they come. No lines for none. */
export function replaysTable(found: Iterable<ReplaySummary>, paint: Paint, width: number): string[] {
  const rows = Array.from(found, (replay) => ({ cells: cellsOf(replay), tint: tintOf(replay) }));
  if (rows.length === 0) return [];
  const widths = columnWidths([heads, ...rows.map(({ cells }) => cells)], heads.length - 1);
  const taken = widths.reduce((sum, each) => sum + each + COLUMN_GAP, 0);
  const room = Math.max(FIRST_COLUMNS_MIN, width - taken);
  const shown = rows.map(({ cells }) => [...cells.slice(0, -1), cut(cells.at(-1) ?? '', room)]);
  const [heading = '', ...lines] = columns(
    [heads, ...shown],
    ['right', 'left', 'right', 'left', 'left', 'left', 'left'],
  );
  return [paint('bold', heading), ...lines.map((line, i) => paint(rows[i]?.tint ?? 'dim', line))];
}

function cellsOf(replay: ReplaySummary): string[] {
  const { id, startedAt, session, capture, pace, firstText } = replay;
  return [
    String(id),
    momentText(startedAt),
    session === null ? `capture ${capture}` : String(session),
    cut(printable(againstText(replay)), TARGET_COLUMNS_MAX),
    pace ?? '-',
    verdictCell(replay),
    printable(firstText ?? '-'),
  ];
}

function againstText({ mode, target, comparedSession, role }: ReplaySummary): string {
  if (mode === 'recording') return `${target}:${comparedSession ?? '-'}`;
  return mode === 'game' ? `${role ?? '?'} at ${target}` : target;
}

function verdictCell({ outcome, partial }: ReplaySummary): string {
  if (outcome === null) return 'not finished';
  return partial === null ? outcomeWords[outcome] : `${outcomeWords[outcome]}, partial`;
}

function tintOf({ outcome, partial }: ReplaySummary): Tint {
  return outcome === 'same' && partial !== null ? 'yellow' : (tints[outcome ?? ''] ?? 'yellow');
}
