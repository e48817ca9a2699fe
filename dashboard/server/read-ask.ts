/**
 * Reads what a request asks by the schemas of its route, or says in one line what is wrong with it.
 *
 * The rule: what gets through is exactly what the schema says. In an address everything is text, so numbers are read
 * there; in a body nothing is turned into anything else.
 */
import { Compile } from 'typebox/compile';
import type { TObject, TSchema } from 'typebox';
import { Failure } from '../../common/failure.ts';
import type { RouteSpec } from '../api/routes.ts';
import { Shape } from '../api/shapes.ts';

/** What came, as Fastify has it. */
export interface Asked {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** Of what is repeated of a request. */
const SHOWN_CHARACTERS_MAX = 100;
const NUMBER = /^-?\d+(\.\d+)?$/;
const NONE = Shape({});

type Read = (value: unknown) => unknown;

/** Throws a `Failure` of kind `input`, code `bad-request`. */
export function askReader({ params, query, body }: Pick<RouteSpec, 'params' | 'query' | 'body'>) {
  const readParams = checked(params ?? NONE, 'the address');
  const readQuery = checked(query ?? NONE, 'the query');
  const readBody = body === undefined ? noBody : checked(body, 'the body');
  const ofParams = fromText(params ?? NONE);
  const ofQuery = fromText(query ?? NONE);
  return (asked: Asked): Asked => ({
    params: readParams(ofParams(asked.params)),
    query: readQuery(ofQuery(asked.query)),
    body: readBody(asked.body),
  });
}

/** One value that is to be as the schema says. */
export function checked(schema: TSchema, what: string): Read {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return value;
    throw wrong(`${what} ${reason(validator.Errors(value))}`);
  };
}

function noBody(body: unknown): undefined {
  if (body !== undefined && body !== null) throw wrong('the body must be empty');
  return undefined;
}

/** Numbers where the schema has them, and defaults where nothing was said. */
function fromText({ properties }: TObject): Read {
  const kinds = new Map(Object.entries(properties as Record<string, { type?: unknown; default?: unknown }>));
  const usual = [...kinds].filter(([, { default: value }]) => value !== undefined);
  return (given) => ({
    ...Object.fromEntries(usual.map(([name, { default: value }]) => [name, value])),
    ...Object.fromEntries(
      Object.entries(given ?? {}).map(([name, text]: [string, unknown]) => {
        const type = kinds.get(name)?.type;
        const isNumber = (type === 'integer' || type === 'number') && typeof text === 'string';
        return [name, isNumber && NUMBER.test(text) ? Number(text) : text];
      }),
    ),
  });
}

interface Complaint {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** The first complaint that says something: the others follow from it, or are about other forms that it might have had. */
function reason(complaints: readonly Complaint[]): string {
  const all = complaints.filter(({ keyword }) => keyword !== 'boolean');
  const [found] = [...all.filter(({ keyword }) => keyword !== 'anyOf'), ...all];
  if (found === undefined) return 'is not as it must be';
  const { keyword, instancePath, params, message } = found;
  const place = instancePath === '' ? '' : `${shown(instancePath.slice(1).replaceAll('/', '.'))} `;
  switch (keyword) {
    case 'additionalProperties':
      return `${place}has no ${list(params['additionalProperties'])}`;
    case 'required':
      return `${place}must have ${list(params['requiredProperties'])}`;
    case 'enum':
      return `${place}must be one of ${list(params['allowedValues'])}`;
    default:
      return `${place}${message}`;
  }
}

function list(names: unknown): string {
  return shown(Array.isArray(names) ? names.join(', ') : String(names));
}

/** Without what would break the line. */
function shown(text: string): string {
  const line = JSON.stringify(text).slice(1, -1);
  return line.length > SHOWN_CHARACTERS_MAX ? `${line.slice(0, SHOWN_CHARACTERS_MAX - 3)}...` : line;
}

function wrong(line: string): Failure {
  return new Failure('input', 'bad-request', line);
}
