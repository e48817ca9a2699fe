/**
 * Reads a JSON text of two levels, an object of objects, and knows on which line each entry stands, which
 * `JSON.parse` forgets. What people edit by hand, they want to be shown.
 *
 * The rule: it takes what `JSON.parse` takes, as far as such texts go, and refuses one thing more: the
 * same key twice, of which `JSON.parse` drops one without a word.
 */

export interface JsonEntry<T> {
  readonly key: string;
  readonly value: T;
  /** From 1. */
  readonly line: number;
}

export type JsonScalar = string | number | boolean | null;
export type JsonSection = readonly JsonEntry<JsonScalar>[];

export class JsonLineError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'JsonLineError';
    this.line = line;
  }
}

const BLANK = /[ \t\n\r]*/y;

/** A mark, or a text, or a number or a word. */
const TOKEN =
  /[{}:,]|"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\0-\x1f]*)*"|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** At the first thing that is wrong throws a `JsonLineError`. */
export function parseSections(text: string): readonly JsonEntry<JsonSection>[] {
  const tokens = new Tokens(text);
  const sections = object(tokens, () => object(tokens, () => scalar(tokens)));
  tokens.expectEnd();
  return sections;
}

function object<T>(tokens: Tokens, value: () => T): readonly JsonEntry<T>[] {
  const entries = new Map<string, JsonEntry<T>>();
  tokens.expect('{');
  if (tokens.skip('}')) return [];
  do {
    const key = tokens.text();
    const { line } = tokens;
    const before = entries.get(key);
    if (before !== undefined)
      throw new JsonLineError(
        line,
        `${JSON.stringify(key)} is there twice: the first is on line ${before.line}`,
      );
    tokens.expect(':');
    entries.set(key, { key, value: value(), line });
  } while (tokens.skip(','));
  tokens.expect('}');
  return [...entries.values()];
}

function scalar(tokens: Tokens): JsonScalar {
  const { next } = tokens;
  if (next === null || /^[{}:,]$/.test(next)) throw tokens.wrong('a value');
  return JSON.parse(tokens.take()) as JsonScalar;
}

/** The pieces of a text, one after the other. */
class Tokens {
  /** Null where there is none: at the end, or where there is something that cannot be JSON of two levels. */
  next: string | null = null;
  readonly #source: string;
  /** Where the next piece starts, and up to where lines are counted. */
  #at = 0;
  #counted = 0;
  #lines = 1;
  /** Where the piece that was taken last starts. */
  #takenAt = 0;

  constructor(source: string) {
    this.#source = source;
    this.#advance();
  }

  /** Of the piece that was taken last. */
  get line(): number {
    return this.#lineAt(this.#takenAt);
  }

  take(): string {
    const taken = this.next ?? '';
    this.#takenAt = this.#at;
    this.#advance();
    return taken;
  }

  skip(mark: string): boolean {
    if (this.next !== mark) return false;
    this.take();
    return true;
  }

  expect(mark: string): void {
    if (!this.skip(mark)) throw this.wrong(`'${mark}'`);
  }

  text(): string {
    if (this.next?.startsWith('"') !== true) throw this.wrong('a text in "..."');
    return JSON.parse(this.take()) as string;
  }

  expectEnd(): void {
    if (this.#at < this.#source.length) throw this.wrong('the end');
  }

  wrong(expected: string): JsonLineError {
    const found = this.#source.slice(this.#at).split(/\s/, 1)[0] ?? '';
    const shown = found === '' ? 'the end' : JSON.stringify(found.slice(0, 40));
    return new JsonLineError(this.#lineAt(this.#at), `there should be ${expected}, and there is ${shown}`);
  }

  #advance(): void {
    this.#at = this.#end(BLANK, this.#at + (this.next?.length ?? 0));
    const end = this.#end(TOKEN, this.#at);
    this.next = end === this.#at ? null : this.#source.slice(this.#at, end);
  }

  /** Where what the expression matches at `at` ends; `at` itself where it matches nothing. */
  #end(expression: RegExp, at: number): number {
    expression.lastIndex = at;
    return expression.test(this.#source) ? expression.lastIndex : at;
  }

  /** Asked in the order of the text, so that each line is counted once. */
  #lineAt(at: number): number {
    for (; this.#counted < at; this.#counted++) {
      if (this.#source.charCodeAt(this.#counted) === 10) this.#lines++;
    }
    return this.#lines;
  }
}
