/**
 * A stretch of time in a filter: what a brush over the timeline adds, and the filter bar shows apart.
 *
 * The rule: it is a part of the filter's text like any other (`time >= 1.5 && time < 2`), joined to the rest by `&&`.
 */
import { FilterError } from '../../../../../../analysis/filter/errors.ts';
import { language } from '../../../../../../analysis/filter/language.ts';
import { parseFilter } from '../../../../../../analysis/filter/parse.ts';
import { printTree, type Tree } from '../../../../../../analysis/filter/tree.ts';
import { narrowed, secondsOf } from './field-filter.ts';

/** In nanoseconds since the capture's start. */
export interface TimeRange {
  readonly from: number | null;
  readonly to: number | null;
}

/** Null where the filter has none, or cannot be read. */
export function timeRangeOf(filter: string): TimeRange | null {
  const bounds = partsOf(filter)?.filter(isBound) ?? [];
  if (bounds.length === 0) return null;
  const values = (sign: '>' | '<') =>
    bounds.flatMap(({ operator, literals }) =>
      operator.startsWith(sign) ? [literals[0]?.value as number] : [],
    );
  const [from, to] = [values('>'), values('<')];
  return {
    from: from.length === 0 ? null : Math.max(...from),
    to: to.length === 0 ? null : Math.min(...to),
  };
}

/** The filter without its stretch of time; as it was where there is none. */
export function withoutTimeRange(filter: string): string {
  const parts = partsOf(filter);
  if (parts === null || !parts.some(isBound)) return filter;
  return parts
    .filter((part) => !isBound(part))
    .map((part) => (part.kind === 'or' ? `(${printTree(part)})` : printTree(part)))
    .join(' && ');
}

/** The filter with this stretch of time instead of the one it had. */
export function withTimeRange(filter: string, { from, to }: TimeRange): string {
  const bounds = [
    ...(from === null ? [] : [`time >= ${secondsOf(Math.max(0, Math.round(from)))}`]),
    ...(to === null ? [] : [`time < ${secondsOf(Math.max(0, Math.round(to)))}`]),
  ].join(' && ');
  const rest = withoutTimeRange(filter);
  return bounds === '' ? rest : narrowed(rest, bounds);
}

function partsOf(filter: string): readonly Tree[] | null {
  if (filter.trim() === '') return [];
  try {
    const tree = parseFilter(filter, language);
    return tree.kind === 'and' ? tree.parts : [tree];
  } catch (error) {
    if (error instanceof FilterError) return null;
    throw error;
  }
}

function isBound(tree: Tree): tree is Extract<Tree, { readonly kind: 'comparison' }> {
  return (
    tree.kind === 'comparison' && tree.field.name === 'time' && ['>=', '>', '<', '<='].includes(tree.operator)
  );
}
