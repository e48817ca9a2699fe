/**
 * Reads files that people keep beside their captures: masks and policies.
 *
 * The rule: one wrong entry refuses the file, in one line that says where it stands and what belongs there. An
 * entry that is silently ignored would let through, or blame, what nobody looks at again.
 */
import { readFileSync, statSync } from 'node:fs';
import { Failure } from '../../common/failure.ts';
import { JsonError, parseJson, placeOf, type JsonNode, type JsonObject } from './json.ts';

export const RULE_FILE_BYTES_MAX = 4 * 1024 * 1024;

/** Every object may have it, with anything in it. */
const COMMENT = 'comment';

/** Which kind of file it is, for refusals. */
export interface RuleFileKind {
  /** The code of its failures. */
  readonly code: string;
  /** `mask file`. */
  readonly called: string;
}

/** Where something stands in a file, for refusals that come later. */
export interface Place {
  refuse(message: string): never;
}

export class RuleReader {
  readonly root: JsonNode;
  readonly #kind: RuleFileKind;
  readonly #file: string;
  readonly #text: string;

  /** Failure code: that of the kind. */
  static open(kind: RuleFileKind, file: string): RuleReader {
    return new RuleReader(kind, file, readText(kind, file));
  }

  constructor(kind: RuleFileKind, file: string, text: string) {
    this.#kind = kind;
    this.#file = file;
    this.#text = text.replace(/^\ufeff/, '');
    try {
      this.root = parseJson(this.#text);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      throw this.#failure(error.at, error.message, error);
    }
  }

  /** `whose` stands before what is said: `mask 3`. */
  place({ at }: { readonly at: number }, whose = ''): Place {
    return {
      refuse: (message) => {
        throw this.#failure(at, whose === '' ? message : `${whose}: ${message}`);
      },
    };
  }

  #failure(at: number, message: string, cause?: unknown): Failure {
    const { line, column } = placeOf(this.#text, at);
    const { code } = this.#kind;
    return new Failure('input', code, `${oneLine(this.#file)}:${line}:${column}: ${message}`, cause);
  }

  /** An object with no other keys than these, and comments. */
  object(node: JsonNode, keys: readonly string[], whose = ''): Entry {
    if (!(node.value instanceof Map))
      this.place(node, whose).refuse(`there should be an object, {...}, not ${shown(node)}`);
    const members = node.value as JsonObject;
    for (const [key, member] of members) {
      if (key === COMMENT || keys.includes(key)) continue;
      this.place(member, whose).refuse(
        `there is no ${JSON.stringify(cut(key))}${suggestion(key, keys)}; there may be ${keys.join(', ')} and ${COMMENT}`,
      );
    }
    return new Entry(this, node, members, whose);
  }

  list(node: JsonNode, itemsMax: number): readonly JsonNode[] {
    const { value } = node;
    if (!Array.isArray(value)) this.place(node).refuse(`there should be a list, [...], not ${shown(node)}`);
    const items = value as readonly JsonNode[];
    if (items.length > itemsMax) this.place(node).refuse(`more than ${itemsMax} are too many`);
    return items;
  }
}

/** One object of a file. What it lacks is null. */
export class Entry {
  readonly reader: RuleReader;
  readonly node: JsonNode;
  readonly whose: string;
  readonly #members: JsonObject;

  constructor(reader: RuleReader, node: JsonNode, members: JsonObject, whose: string) {
    this.reader = reader;
    this.node = node;
    this.whose = whose;
    this.#members = members;
  }

  get(key: string): JsonNode | null {
    return this.#members.get(key)?.node ?? null;
  }

  keys(): string[] {
    return [...this.#members.keys()].filter((key) => key !== COMMENT);
  }

  /** The place of one of its values; its own, where there is none. */
  place(key?: string): Place {
    return this.reader.place((key === undefined ? null : this.get(key)) ?? this.node, this.whose);
  }

  text(key: string): string | null {
    const value = this.get(key)?.value;
    if (value === undefined || typeof value === 'string') return value ?? null;
    return this.wrong(key, 'a text in "..."');
  }

  /** Of at least `min`. */
  whole(key: string, min: number): number | null {
    const value = this.get(key)?.value;
    if (value === undefined) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
    return this.wrong(key, `a whole number from ${min} up`);
  }

  choice<const T extends string>(key: string, words: readonly T[]): T | null {
    const value = this.get(key)?.value;
    if (value === undefined) return null;
    return (
      words.find((word) => word === value) ??
      this.wrong(key, `one of ${words.join(', ')}`, typeof value === 'string' ? suggestion(value, words) : '')
    );
  }

  wrong(key: string, expected: string, hint = ''): never {
    const node = this.get(key) ?? this.node;
    return this.place(key).refuse(`${JSON.stringify(key)} takes ${expected}, not ${shown(node)}${hint}`);
  }
}

/** ` (did you mean "pdp"?)`, or nothing where nothing is near. */
export function suggestion(word: string, words: Iterable<string>): string {
  const wanted = cut(word).toLowerCase();
  let nearest = '';
  let least = (wanted.length < 4 ? 1 : Math.max(2, Math.floor(wanted.length / 3))) + 1;
  for (const each of words) {
    const distance = edits(wanted, cut(each).toLowerCase());
    if (distance >= least || each === '') continue;
    least = distance;
    nearest = each;
  }
  return nearest === '' ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`;
}

/** How many letters one must put in, take out or change to make one word the other. */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const change = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1);
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A value as a refusal shows it. */
export function shown({ value }: JsonNode): string {
  if (value instanceof Map) return 'an object';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? JSON.stringify(cut(value)) : JSON.stringify(value);
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function readText(kind: RuleFileKind, file: string): string {
  const refused = (why: string, cause?: unknown) =>
    new Failure('input', kind.code, `cannot read the ${kind.called} ${oneLine(file)}: ${why}`, cause);
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw refused('it is no file');
    if (stat.size > RULE_FILE_BYTES_MAX)
      throw refused(
        `it is too large (${stat.size} bytes; ${RULE_FILE_BYTES_MAX} are the most that are read)`,
      );
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw refused(code === 'ENOENT' ? 'there is no such file' : oneLine(message), error);
  }
}
