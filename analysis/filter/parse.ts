/**
 * Reads the text of a filter, or says where it cannot be read and what was expected there.
 *
 *   filter     = all { "||" all }
 *   all        = one { "&&" one }
 *   one        = "!" one | "(" filter ")" | comparison
 *   comparison = field operator value | field "in" "(" value { "," value } ")"
 */
import { FilterError, nearest, type Want } from './errors.ts';
import type { FilterField } from './fields.ts';
import type { Language } from './language.ts';
import { DEPTH_MAX, FILTER_CHARACTERS_MAX, LIST_MAX, NODES_MAX, PATTERN_STATES_MAX } from './limits.ts';
import { Pattern } from './pattern.ts';
import { type Token, tokenize } from './tokens.ts';
import type { Comparison, Literal, Operator, Tree } from './tree.ts';
import { fieldTypes, nameText, readPattern } from './types.ts';

/** @throws {FilterError} and nothing else. */
export function parseFilter(text: string, language: Language): Tree {
  if (text.length > FILTER_CHARACTERS_MAX) {
    const message = `a filter may have ${FILTER_CHARACTERS_MAX} characters, and this has ${text.length}`;
    throw new FilterError(FILTER_CHARACTERS_MAX, text.length - FILTER_CHARACTERS_MAX, message);
  }
  // Half a character is none, in SQL as well; replacing it moves nothing.
  return new Parser(tokenize(text.replaceAll(/\p{Surrogate}/gu, '\u{fffd}')), language).parse();
}

/** How a field is compared, in the order in which completion offers it. */
export function operatorsOf(field: FilterField): readonly Operator[] {
  return fieldTypes[field.type].operators;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #language: Language;
  #next = 0;
  #nodes = 0;
  #patternStates = 0;

  constructor(tokens: readonly Token[], language: Language) {
    this.#tokens = tokens;
    this.#language = language;
  }

  parse(): Tree {
    const tree = this.#joined('or', 0);
    if (this.#token.kind === 'end') return tree;
    throw this.#unexpected(['&&', '||'], { what: 'connective' });
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #joined(kind: 'or' | 'and', depth: number): Tree {
    const part = () => (kind === 'or' ? this.#joined('and', depth) : this.#one(depth));
    const first = part();
    if (!this.#isSymbol(kind === 'or' ? '||' : '&&')) return first;
    this.#count();
    const parts = [first];
    while (this.#takes(kind === 'or' ? '||' : '&&')) parts.push(part());
    return { kind, parts };
  }

  #one(depth: number): Tree {
    if (depth > DEPTH_MAX)
      throw this.#refusal(`nothing may be nested more than ${DEPTH_MAX} deep`, this.#token);
    if (this.#isSymbol('!')) this.#count();
    if (this.#takes('!')) return { kind: 'not', part: this.#one(depth + 1) };
    if (!this.#takes('(')) return this.#comparison();
    const inside = this.#joined('or', depth + 1);
    if (!this.#takes(')')) throw this.#unexpected(['&&', '||', ')'], { what: 'connective' });
    return inside;
  }

  #comparison(): Comparison {
    const field = this.#field();
    const operator = this.#operator(field);
    this.#count();
    const literals = operator === 'in' ? this.#list(field) : [this.#literal(field, operator)];
    return { kind: 'comparison', field, operator, literals };
  }

  #field(): FilterField {
    const token = this.#token;
    const want = { what: 'field' } as const;
    if (token.kind !== 'word') throw this.#unexpected(['a field', '!', '('], want);
    const field = this.#language.fields.get(token.text.toLowerCase());
    if (field === undefined) {
      const names = [...this.#language.fields.values()].map(({ name }) => name);
      throw this.#refusal(`there is no field ${token.text}`, token, nearest(token.text, names), want);
    }
    this.#next++;
    return field;
  }

  #operator(field: FilterField): Operator {
    const token = this.#token;
    const operators = operatorsOf(field);
    const want = { what: 'operator', of: field.name } as const;
    const found = operators.find((each) => token.kind !== 'quoted' && each === token.text);
    if (found === undefined) {
      if (!isOperator(token)) throw this.#unexpected(operators, want);
      const what = fieldTypes[field.type].accepts;
      throw this.#refusal(
        `${field.name} is ${what}, which ${token.text} cannot compare`,
        token,
        operators,
        want,
      );
    }
    this.#next++;
    return found;
  }

  #list(field: FilterField): readonly Literal[] {
    if (!this.#takes('(')) throw this.#unexpected(['('], { what: 'list', of: field.name });
    const literals = [this.#literal(field, 'in')];
    while (this.#takes(',')) {
      if (literals.length === LIST_MAX)
        throw this.#refusal(`a list may have ${LIST_MAX} values, and this has more`, this.#token);
      literals.push(this.#literal(field, 'in'));
    }
    if (!this.#takes(')')) throw this.#unexpected([',', ')'], { what: 'separator', of: field.name });
    return literals;
  }

  #literal(field: FilterField, operator: Operator): Literal {
    const token = this.#token;
    const type = fieldTypes[field.type];
    const want = { what: 'value', of: field.name } as const;
    const accepts = operator === 'matches' ? 'a pattern in "quotes"' : type.accepts;
    // What an end may be is said in one phrase, its one name included.
    const names = field.type === 'end' ? [] : field.names.map(({ name }) => nameText(name));
    const expected = field.type === 'name' ? names : [accepts, ...names];
    if (token.kind === 'end' || token.kind === 'symbol') throw this.#unexpected(expected, want);
    const literal = operator === 'matches' ? readPattern(token) : type.read(token, field);
    if (literal === null) {
      const near = nearest(token.text, names);
      const others = expected.filter((name) => !near.includes(name));
      const what = field.type === 'name' ? `no ${field.name} has this name` : `this is not ${accepts}`;
      const listed = field.type === 'name' || names.length > 0 ? [...near, ...others] : [];
      throw this.#refusal(what, token, listed, want);
    }
    if (literal.value instanceof Pattern) this.#countStates(literal.value, token);
    this.#next++;
    return literal;
  }

  // Limits ----------------------------------------------------------------------------------------

  #count(): void {
    if (++this.#nodes > NODES_MAX)
      throw this.#refusal(`a filter may have ${NODES_MAX} comparisons and connections`, this.#token);
  }

  #countStates({ states }: Pattern, token: Token): void {
    this.#patternStates += states;
    if (this.#patternStates > PATTERN_STATES_MAX)
      throw this.#refusal(`all patterns together may have ${PATTERN_STATES_MAX} states`, token);
  }

  // Tokens ----------------------------------------------------------------------------------------

  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#isSymbol(text)) return false;
    this.#next++;
    return true;
  }

  #unexpected(expected: readonly string[], wants: Want): FilterError {
    const { kind } = this.#token;
    const message = kind === 'end' ? 'the filter ends here too early' : 'this cannot stand here';
    return this.#refusal(message, this.#token, expected, wants);
  }

  #refusal(
    message: string,
    { at, length }: Token,
    expected: readonly string[] = [],
    wants: Want = { what: 'nothing' },
  ): FilterError {
    return new FilterError(at, length, message, expected, wants);
  }
}

function isOperator({ kind, text }: Token): boolean {
  return kind !== 'quoted' && ['==', '!=', '<', '<=', '>', '>=', 'in', 'contains', 'matches'].includes(text);
}
