/**
 * From the text of a filter to what can be run: a condition for SQL, and a test for the rows that it lets through.
 *
 * The condition is true for every row that matches. Where it is true for no other (`exact`), the test is not needed.
 * In SQL, a comparison with what is not there is neither true nor false; here it is false. So each comparison is
 * closed with IS TRUE, and what is built from them has two values only.
 */
import { type DecodedFrame, Decoder } from './decode.ts';
import { evaluate } from './evaluate.ts';
import { type Language, language as everything } from './language.ts';
import { parseFilter } from './parse.ts';
import { all, any, FALSE, list, not, type Param, sql, type Sql } from './sql.ts';
import { type Comparison, type Literal, type Operator, printTree, type Tree } from './tree.ts';

export interface Filter {
  /** The filter, written in one way of all that mean the same. */
  readonly text: string;
  readonly tree: Tree;
  /**
   * A condition over `frame JOIN capture LEFT JOIN connection AS source LEFT JOIN connection AS target`, the
   * connections at the frame's ends.
   */
  readonly sql: { readonly where: string; readonly params: readonly Param[] };
  /** The condition alone decides. */
  readonly exact: boolean;
  /**
   * What a frame is depends on those before it: all rows that the condition lets through must be decoded by one
   * decoder, in order, from the first frame of the capture on.
   */
  readonly follows: boolean;
  decoder(): Decoder;
  test(frame: DecodedFrame): boolean;
}

/** @throws {FilterError} and nothing else. */
export function compileFilter(text: string, language: Language = everything): Filter {
  const tree = parseFilter(text, language);
  const comparisons = comparisonsOf(tree);
  const follows = comparisons.some(({ field }) => field.follows);
  const condition = bound(tree, true);
  // A row that does not match may still tell what a later one is.
  const { text: where, params } = follows ? any([condition, language.payloadRows]) : condition;
  return {
    text: printTree(tree),
    tree,
    sql: { where, params },
    exact: comparisons.every((each) => exactly(each) !== null),
    follows,
    decoder: () => new Decoder(follows ? language.payloads : []),
    test: (frame) => evaluate(tree, frame),
  };
}

function comparisonsOf(tree: Tree): readonly Comparison[] {
  if (tree.kind === 'comparison') return [tree];
  return tree.kind === 'not' ? comparisonsOf(tree.part) : tree.parts.flatMap(comparisonsOf);
}

/** From above: true wherever the filter is true, perhaps elsewhere. From below: true only where the filter is true. */
function bound(tree: Tree, fromAbove: boolean): Sql {
  switch (tree.kind) {
    case 'and':
      return all(tree.parts.map((part) => bound(part, fromAbove)));
    case 'or':
      return any(tree.parts.map((part) => bound(part, fromAbove)));
    case 'not':
      return not(bound(tree.part, !fromAbove));
    case 'comparison':
      return exactly(tree) ?? (fromAbove ? atMost(tree) : FALSE);
  }
}

/** Null where SQL cannot decide. */
function exactly({ field, operator, literals }: Comparison): Sql | null {
  switch (field.sql.as) {
    case 'column': {
      const compared = columnOperators[operator]?.(field.sql.column, literals.map(bindable));
      return compared === undefined ? null : sql`((${compared}) IS TRUE)`;
    }
    case 'equals': {
      const equal = any(literals.map(field.sql.equals));
      return operator === '!=' ? sql`((${equal}) IS FALSE)` : sql`((${equal}) IS TRUE)`;
    }
    case 'rows':
      return null;
  }
}

type ColumnOperator = (column: Sql, values: readonly Param[]) => Sql;

function compared(by: Sql): ColumnOperator {
  return (column, [value]) => sql`${column} ${by} ${value as Param}`;
}

/** SQLite has no patterns of ours. */
const columnOperators: Readonly<Partial<Record<Operator, ColumnOperator>>> = {
  '==': compared(sql`=`),
  '!=': compared(sql`<>`),
  '<': compared(sql`<`),
  '<=': compared(sql`<=`),
  '>': compared(sql`>`),
  '>=': compared(sql`>=`),
  in: (column, values) => sql`${column} IN (${list(values.map((value) => sql`${value}`))})`,
  contains: (column, [value]) => sql`instr(${column}, ${value as Param}) > 0`,
};

/** What SQL knows of a comparison that it cannot decide. */
function atMost({ field, operator, literals }: Comparison): Sql {
  if (field.sql.as === 'column') return sql`(${field.sql.column} IS NOT NULL)`;
  if (field.sql.as === 'equals') return sql`1`;
  const isSearch = operator === '==' || operator === 'in' || operator === 'contains';
  if (!field.sql.isInBytes || field.type !== 'bytes' || !isSearch) return field.sql.rows;
  const found = literals.map((literal) => sql`instr(frame.bytes, ${bindable(literal)}) > 0`);
  return all([field.sql.rows, any(found)]);
}

/** Patterns, and the relay itself, are never asked of a column. */
function bindable({ value }: Literal): Param {
  return value as Param;
}
