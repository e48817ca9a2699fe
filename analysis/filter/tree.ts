/** A filter that has been read: what the parser makes, and the evaluator and the SQL compiler work from. */
import type { FilterField } from './fields.ts';
import type { Pattern } from './pattern.ts';

export const OPERATORS = ['==', '!=', '<', '<=', '>', '>=', 'in', 'contains', 'matches'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A value as a filter writes it, read by the type of its field. */
export interface Literal {
  /** In the unit in which the field is stored; null stands for the relay itself. */
  readonly value: number | string | Uint8Array | Pattern | null;
  /** As it is written, in one way of all that mean the same. */
  readonly text: string;
}

export interface Comparison {
  readonly kind: 'comparison';
  readonly field: FilterField;
  readonly operator: Operator;
  /** One, except for `in`. */
  readonly literals: readonly Literal[];
}

export type Tree =
  | Comparison
  | { readonly kind: 'not'; readonly part: Tree }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Tree[] };

/** The filter as text, which the parser reads as the same filter again. */
export function printTree(tree: Tree): string {
  switch (tree.kind) {
    case 'comparison': {
      const values = tree.literals.map(({ text }) => text).join(', ');
      return `${tree.field.name} ${tree.operator} ${tree.operator === 'in' ? `(${values})` : values}`;
    }
    case 'not':
      return `!${tree.part.kind === 'not' ? printTree(tree.part) : `(${printTree(tree.part)})`}`;
    default:
      return tree.parts
        .map((part) => (part.kind === 'and' || part.kind === 'or' ? `(${printTree(part)})` : printTree(part)))
        .join(tree.kind === 'and' ? ' && ' : ' || ');
  }
}
