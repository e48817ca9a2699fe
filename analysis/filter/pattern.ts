/**
 * Patterns for `matches`: the part of regular expressions that can be matched in linear time, with a matcher
 * of our own, because the usual one can be made to run for hours by sixteen characters.
 *
 * All the places where a match may be are followed at once (Thompson's construction), so that each character of
 * the input costs at most one step for each state of the pattern, and never more.
 */
import { PATTERN_CHARACTERS_MAX, PATTERN_REPEAT_MAX, PATTERN_STATES_MAX } from './limits.ts';

/** What is wrong with a pattern. `at` counts from its first character. */
export class PatternError extends Error {
  readonly at: number;
  readonly length: number;

  constructor(at: number, length: number, message: string) {
    super(message);
    this.name = 'PatternError';
    this.at = at;
    this.length = length;
  }
}

type Tree =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Tree[] }
  | { readonly kind: 'repeat'; readonly part: Tree; readonly min: number; readonly max: number };

type State =
  | { readonly kind: 'set'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'fork'; readonly next: number; readonly other: number }
  | { readonly kind: 'match' };

const TABLE_SIZE = 256;

/** Characters by their code: a table for the first 256, ranges for the others. */
class CharacterSet {
  readonly #table = new Uint8Array(TABLE_SIZE);
  readonly #ranges: (readonly [number, number])[] = [];
  #isNegated = false;

  add(first: number, last = first): this {
    this.#table.fill(1, Math.min(first, TABLE_SIZE), Math.min(last + 1, TABLE_SIZE));
    if (last >= TABLE_SIZE) this.#ranges.push([first, last]);
    return this;
  }

  addSet(other: CharacterSet): this {
    for (let code = 0; code < TABLE_SIZE; code++) if (other.has(code)) this.#table[code] = 1;
    // What is beyond the table is in none of the sets that have a name, and in all that are their opposite.
    if (other.has(TABLE_SIZE)) this.#ranges.push([TABLE_SIZE, 0x10ffff]);
    return this;
  }

  ignoreCase(): this {
    for (let lower = 0x61; lower <= 0x7a; lower++) {
      const has = this.#table[lower] === 1 || this.#table[lower - 32] === 1;
      if (has) this.#table[lower] = this.#table[lower - 32] = 1;
    }
    return this;
  }

  negate(): this {
    this.#isNegated = true;
    return this;
  }

  has(code: number): boolean {
    const isIn =
      code < TABLE_SIZE
        ? this.#table[code] === 1
        : this.#ranges.some(([first, last]) => first <= code && code <= last);
    return isIn !== this.#isNegated;
  }
}

const digits = () => new CharacterSet().add(0x30, 0x39);
const letters = () => digits().add(0x41, 0x5a).add(0x61, 0x7a).add(0x5f);
const blanks = () => new CharacterSet().add(0x09, 0x0d).add(0x20);

/** The sets that have a name: `\d`, and `\D` for its opposite. */
const named: Readonly<Record<string, () => CharacterSet>> = {
  d: digits,
  w: letters,
  s: blanks,
  D: () => digits().negate(),
  W: () => letters().negate(),
  S: () => blanks().negate(),
};
const controls: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b };

class Parser {
  readonly #text: string;
  readonly #ignoresCase: boolean;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#ignoresCase = text.startsWith('(?i)');
    if (this.#ignoresCase) this.#at = 4;
  }

  parse(): Tree {
    const tree = this.#choice();
    if (this.#at < this.#text.length) throw new PatternError(this.#at, 1, 'this ")" closes nothing');
    return tree;
  }

  #choice(): Tree {
    const parts = [this.#sequence()];
    while (this.#takes('|')) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] as Tree) : { kind: 'choice', parts };
  }

  #sequence(): Tree {
    const parts: Tree[] = [];
    while (this.#at < this.#text.length && !/[|)]/.test(this.#text[this.#at] as string))
      parts.push(this.#repeated());
    return { kind: 'sequence', parts };
  }

  #repeated(): Tree {
    const part = this.#one();
    const times = this.#times();
    if (times === null) return part;
    const at = this.#at;
    if (this.#times() !== null || this.#takes('+'))
      throw new PatternError(at, 1, 'a repetition cannot itself be repeated: put it in parentheses');
    return { kind: 'repeat', part, ...times };
  }

  #times(): { readonly min: number; readonly max: number } | null {
    if (this.#takes('*')) return { min: 0, max: Infinity };
    if (this.#takes('+')) return { min: 1, max: Infinity };
    if (this.#takes('?')) return { min: 0, max: 1 };
    const at = this.#at;
    if (!this.#takes('{')) return null;
    const counted = /^(\d{1,9})(,(\d{1,9})?)?\}/.exec(this.#text.slice(this.#at));
    if (counted === null)
      throw new PatternError(at, 1, 'this is no repetition such as {2,5}; \\{ is a brace');
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === undefined ? Infinity : Number(counted[3]);
    const length = this.#at - at;
    if (Math.max(min, max === Infinity ? 0 : max) > PATTERN_REPEAT_MAX)
      throw new PatternError(at, length, `nothing may be repeated more than ${PATTERN_REPEAT_MAX} times`);
    if (max < min) throw new PatternError(at, length, 'the most is less than the least');
    return { min, max };
  }

  #one(): Tree {
    const at = this.#at;
    const character = this.#take();
    switch (character) {
      case '(': {
        if (this.#text.startsWith('?', this.#at) && !this.#text.startsWith('?:', this.#at))
          throw new PatternError(at, 2, 'patterns have groups (...) and (?:...), and (?i) at their start');
        if (this.#takes('?')) this.#takes(':');
        const inside = this.#choice();
        if (!this.#takes(')')) throw new PatternError(at, 1, 'this "(" is not closed');
        return inside;
      }
      case '[':
        return this.#set(this.#class(at));
      case '.':
        return this.#set(new CharacterSet().negate());
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '*':
      case '+':
      case '?':
      case '{':
        throw new PatternError(at, 1, `there is nothing that this ${character} could repeat`);
      case '\\': {
        const escaped = this.#escape(at);
        return this.#set(typeof escaped === 'number' ? new CharacterSet().add(escaped) : escaped);
      }
      default:
        return this.#set(new CharacterSet().add(character.codePointAt(0) as number));
    }
  }

  #set(set: CharacterSet): Tree {
    // A negated class is made from one that ignores case already.
    return { kind: 'set', set: this.#ignoresCase ? set.ignoreCase() : set };
  }

  #class(open: number): CharacterSet {
    const set = new CharacterSet();
    const isNegated = this.#takes('^');
    for (let first = true; first || !this.#takes(']'); first = false) {
      const at = this.#at;
      if (at >= this.#text.length) throw new PatternError(open, 1, 'this "[" is not closed');
      const from = this.#classItem(at);
      const isRange = this.#text.startsWith('-', this.#at) && !this.#text.startsWith('-]', this.#at);
      if (!isRange) {
        if (typeof from === 'number') set.add(from);
        else set.addSet(from);
        continue;
      }
      this.#at++;
      if (this.#at >= this.#text.length) throw new PatternError(open, 1, 'this "[" is not closed');
      const to = this.#classItem(this.#at);
      if (typeof from !== 'number' || typeof to !== 'number' || to < from)
        throw new PatternError(at, this.#at - at, 'this is no range from one character to a later one');
      set.add(from, to);
    }
    return isNegated ? set.negate() : set;
  }

  #classItem(at: number): number | CharacterSet {
    const character = this.#take();
    return character === '\\' ? this.#escape(at) : (character.codePointAt(0) as number);
  }

  #escape(at: number): number | CharacterSet {
    const letter = this.#at < this.#text.length ? this.#take() : '';
    const set = named[letter];
    if (set !== undefined) return set();
    const control = controls[letter];
    if (control !== undefined) return control;
    if (letter === 'x') {
      const code = /^[0-9a-f]{2}/i.exec(this.#text.slice(this.#at))?.[0];
      if (code === undefined) throw new PatternError(at, 2, '\\x takes two hexadecimal digits');
      this.#at += 2;
      return Number.parseInt(code, 16);
    }
    if (letter === '' || /[A-Za-z0-9]/.test(letter))
      throw new PatternError(at, 1 + letter.length, `patterns have no \\${letter}`);
    return letter.codePointAt(0) as number;
  }

  #take(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
    this.#at += character.length;
    return character;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

/** Writes states back to front, so that each knows the one that follows it. */
class Builder {
  readonly states: State[] = [{ kind: 'match' }];
  #steps = 0;

  /** The state with which `tree` begins, where `next` follows it. */
  add(tree: Tree, next: number): number {
    // Repetitions of nothing add no states, and would be written for ever.
    if (++this.#steps > 4 * PATTERN_STATES_MAX) throw tooLarge();
    switch (tree.kind) {
      case 'set':
        return this.#push({ kind: 'set', set: tree.set, next });
      case 'start':
      case 'end':
        return this.#push({ kind: tree.kind, next });
      case 'sequence':
        return tree.parts.reduceRight((following, part) => this.add(part, following), next);
      case 'choice':
        return tree.parts
          .map((part) => this.add(part, next))
          .reduceRight((other, each) => this.#push({ kind: 'fork', next: each, other }));
      case 'repeat': {
        let following = next;
        if (tree.max === Infinity) following = this.#loop(tree.part, next);
        else
          for (let i = tree.min; i < tree.max; i++)
            following = this.#push({ kind: 'fork', next: this.add(tree.part, following), other: next });
        for (let i = 0; i < tree.min; i++) following = this.add(tree.part, following);
        return following;
      }
    }
  }

  #loop(part: Tree, next: number): number {
    const fork = this.#push({ kind: 'fork', next, other: next });
    this.states[fork] = { kind: 'fork', next: this.add(part, fork), other: next };
    return fork;
  }

  #push(state: State): number {
    if (this.states.length >= PATTERN_STATES_MAX) throw tooLarge();
    return this.states.push(state) - 1;
  }
}

function tooLarge(): PatternError {
  return new PatternError(0, Infinity, `a pattern may have ${PATTERN_STATES_MAX} states, and this has more`);
}

export class Pattern {
  readonly source: string;
  readonly #states: readonly State[];
  readonly #start: number;
  // The states in which a match may be, before and after a character; and when each was last entered.
  #now: number[] = [];
  #then: number[] = [];
  readonly #entered: Uint32Array;
  #round = 0;

  /** @throws {PatternError} */
  constructor(source: string) {
    if (source.length > PATTERN_CHARACTERS_MAX) {
      const over = source.length - PATTERN_CHARACTERS_MAX;
      const message = `a pattern may have ${PATTERN_CHARACTERS_MAX} characters, and this has ${source.length}`;
      throw new PatternError(PATTERN_CHARACTERS_MAX, over, message);
    }
    const tree = new Parser(source).parse();
    const builder = new Builder();
    this.source = source;
    this.#start = builder.add(tree, 0);
    this.#states = builder.states;
    this.#entered = new Uint32Array(this.#states.length);
  }

  get states(): number {
    return this.#states.length;
  }

  /** Whether it matches anywhere in these codes: of the characters of a text, or bytes. */
  test(codes: ArrayLike<number>): boolean {
    this.#entered.fill(0);
    this.#round = 1;
    this.#now.length = 0;
    for (let at = 0; ; at++) {
      // A match may begin at each place.
      if (this.#enter(this.#now, this.#start, at, codes.length)) return true;
      if (at === codes.length) return false;
      const code = codes[at] as number;
      this.#round++;
      this.#then.length = 0;
      for (const index of this.#now) {
        const state = this.#states[index] as State;
        if (state.kind !== 'set' || !state.set.has(code)) continue;
        if (this.#enter(this.#then, state.next, at + 1, codes.length)) return true;
      }
      [this.#now, this.#then] = [this.#then, this.#now];
    }
  }

  /** Adds a state and all that are reached from it without a character. True if the match is among them. */
  #enter(into: number[], first: number, at: number, end: number): boolean {
    const left = [first];
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      if (this.#entered[index] === this.#round) continue;
      this.#entered[index] = this.#round;
      const state = this.#states[index] as State;
      if (state.kind === 'match') return true;
      if (state.kind === 'set') into.push(index);
      else if (state.kind === 'fork') left.push(state.other, state.next);
      else if (state.kind === 'start' ? at === 0 : at === end) left.push(state.next);
    }
    return false;
  }
}
