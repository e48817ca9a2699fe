/**
 * Whether a frame passes a filter: slowly and obviously, over the decoded frame. What SQL says of a filter is tested
 * against this.
 *
 * A field that a frame does not have makes every comparison false, `!=` as well. One that it has several times makes a
 * comparison true if one of its values does.
 */
import type { DecodedFrame } from './decode.ts';
import type { Pattern } from './pattern.ts';
import type { Comparison, Literal, Operator, Tree } from './tree.ts';
import { type FieldType, fieldTypes, isContained, isMatch, type Value } from './types.ts';

export function evaluate(tree: Tree, frame: DecodedFrame): boolean {
  switch (tree.kind) {
    case 'and':
      return tree.parts.every((part) => evaluate(part, frame));
    case 'or':
      return tree.parts.some((part) => evaluate(part, frame));
    case 'not':
      return !evaluate(tree.part, frame);
    case 'comparison':
      return compare(tree, frame);
  }
}

function compare({ field, operator, literals }: Comparison, frame: DecodedFrame): boolean {
  const type = fieldTypes[field.type];
  const holds = comparisons[operator];
  return field.values(frame).some((value) => literals.some((literal) => holds(value, literal, type)));
}

type Holds = (value: Value, literal: Literal, type: FieldType) => boolean;

const comparisons: Readonly<Record<Operator, Holds>> = {
  '==': (value, literal, type) => type.isEqual(value, literal.value),
  '!=': (value, literal, type) => !type.isEqual(value, literal.value),
  // Only numbers are ordered.
  '<': (value, literal) => (value as number) < (literal.value as number),
  '<=': (value, literal) => (value as number) <= (literal.value as number),
  '>': (value, literal) => (value as number) > (literal.value as number),
  '>=': (value, literal) => (value as number) >= (literal.value as number),
  in: (value, literal, type) => type.isEqual(value, literal.value),
  // Only texts and bytes are searched, and each for its own.
  contains: (value, literal) =>
    isContained(value as string | Uint8Array, literal.value as string | Uint8Array),
  matches: (value, literal) => isMatch(value as string | Uint8Array, literal.value as Pattern),
};
