/**
 * Reads a JSON text and remembers where everything stands, which `JSON.parse` forgets: what people edit by
 * hand, they want to be shown.
 *
 * The rule: it takes what `JSON.parse` takes, and refuses two things more: the same key twice, of which
 * `JSON.parse` drops one without a word, and lists within lists beyond `JSON_DEPTH_MAX`.
 */

export const JSON_DEPTH_MAX = 32;

export interface JsonNode {
  /** Where it starts in the text. */
  readonly at: number;
  readonly value: JsonValue;
}

export interface JsonMember {
  /** Where the key stands. */
  readonly at: number;
  readonly node: JsonNode;
}

export type JsonObject = ReadonlyMap<string, JsonMember>;
export type JsonValue = string | number | boolean | null | readonly JsonNode[] | JsonObject;

export class JsonError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.name = 'JsonError';
    this.at = at;
  }
}

const BLANK = /[ \t\n\r]*/y;

/** A text, or a number or a word. */
const SCALAR =
  /"[^"\\\0-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\0-\x1f]*)*"|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** At the first thing that is wrong throws a `JsonError`. */
export function parseJson(text: string): JsonNode {
  const parser = new Parser(text);
  const node = parser.value(0);
  parser.expectEnd();
  return node;
}

/** Line and column, both from 1. */
export function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipBlanks();
  }

  value(depth: number): JsonNode {
    const at = this.#at;
    if (depth > JSON_DEPTH_MAX) throw new JsonError(at, `nothing goes deeper than ${JSON_DEPTH_MAX} levels`);
    if (this.#skip('{')) return { at, value: this.#members(depth + 1) };
    if (this.#skip('[')) return { at, value: this.#items(depth + 1) };
    return { at, value: JSON.parse(this.#scalar('a value')) as string | number | boolean | null };
  }

  expectEnd(): void {
    if (this.#at < this.#text.length) throw this.#wrong('the end');
  }

  #members(depth: number): JsonObject {
    const members = new Map<string, JsonMember>();
    if (this.#skip('}')) return members;
    do {
      const at = this.#at;
      if (this.#text[at] !== '"') throw this.#wrong('a key in "..."');
      const key = JSON.parse(this.#scalar('a key in "..."')) as string;
      if (members.has(key)) throw new JsonError(at, `${JSON.stringify(key)} is there twice`);
      this.#expect(':');
      members.set(key, { at, node: this.value(depth) });
    } while (this.#skip(','));
    this.#expect('}');
    return members;
  }

  #items(depth: number): readonly JsonNode[] {
    const items: JsonNode[] = [];
    if (this.#skip(']')) return items;
    do items.push(this.value(depth));
    while (this.#skip(','));
    this.#expect(']');
    return items;
  }

  #scalar(expected: string): string {
    const at = this.#at;
    SCALAR.lastIndex = at;
    if (!SCALAR.test(this.#text)) throw this.#wrong(expected);
    this.#at = SCALAR.lastIndex;
    const taken = this.#text.slice(at, this.#at);
    this.#skipBlanks();
    return taken;
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw this.#wrong(`'${mark}'`);
  }

  #skip(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    this.#skipBlanks();
    return true;
  }

  #skipBlanks(): void {
    BLANK.lastIndex = this.#at;
    BLANK.test(this.#text);
    this.#at = BLANK.lastIndex;
  }

  #wrong(expected: string): JsonError {
    const found = this.#text.slice(this.#at, this.#at + 40).split(/\s/, 1)[0] ?? '';
    const shown = found === '' ? 'the end' : JSON.stringify(found);
    return new JsonError(this.#at, `there should be ${expected}, and there is ${shown}`);
  }
}
