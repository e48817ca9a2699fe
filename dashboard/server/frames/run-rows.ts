/** Runs of frames as rows of a folded list, each with a filter for exactly its frames. */
import type { Connections } from '../../../analysis/connections.ts';
import { nameText } from '../../../analysis/filter/types.ts';
import { outcomeName } from '../../../analysis/frame-meaning.ts';
import { Failure } from '../../../common/failure.ts';
import { kindName } from '../../../protocol/kind.ts';
import type { FrameRow, Run } from '../../api/frames.ts';
import type { Filters } from './asked.ts';
import type { RunOfFrames } from './runs.ts';

/** As much as the filter of a run may add to the one that was asked for. */
const LONGEST = [
  `from.conn == ${Number.MAX_SAFE_INTEGER}`,
  `to.conn == ${Number.MAX_SAFE_INTEGER}`,
  'kind == kind-100000000',
  'outcome == outcome-100000000',
  `sequence >= ${Number.MAX_SAFE_INTEGER}`,
  `sequence <= ${Number.MAX_SAFE_INTEGER}`,
];

/** Failure code: `bad-filter`, where one is so long that the filters of runs would be too long. */
export function checkFoldable(filters: Filters, text: string): void {
  if (filters.read(text) === null) return;
  try {
    filters.read(joined(text, LONGEST));
  } catch (error) {
    const message = 'the filter is too long for frames to be folded';
    throw error instanceof Failure ? new Failure('input', 'bad-filter', message, error) : error;
  }
}

/** `text` is the filter that was asked for, perhaps empty. */
export function runRow(run: RunOfFrames, first: FrameRow, text: string, connections: Connections): Run {
  const { lastSequence, until, count, every, squares, sizeMin, sizeMax } = run;
  return {
    first,
    lastSequence,
    until,
    count,
    every: count > 1 ? every : null,
    jitter: count > 1 ? Math.sqrt(Math.max(0, squares) / (count - 1)) : null,
    sizeMin,
    sizeMax,
    filter: runFilter(run, text, connections),
  };
}

function runFilter(
  { first, lastSequence, count }: RunOfFrames,
  text: string,
  connections: Connections,
): string {
  const { from, to, kind, outcome, sequence } = first;
  if (count === 1) return `sequence == ${sequence}`;
  const protocol = (connections.get(from) ?? connections.get(to))?.protocol ?? null;
  return joined(text, [
    `from.conn == ${from}`,
    `to.conn == ${to}`,
    `kind == ${nameText(kindName(protocol, kind))}`,
    `outcome == ${nameText(outcomeName(outcome))}`,
    `sequence >= ${sequence}`,
    `sequence <= ${lastSequence}`,
  ]);
}

function joined(text: string, parts: readonly string[]): string {
  return [...(text.trim() === '' ? [] : [`(${text})`]), ...parts].join(' && ');
}
