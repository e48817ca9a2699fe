/** The description of the API, held against what OpenAPI 3.1 asks of one, and against the routes themselves. */
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { OPENAPI_PATH, paths, type RoutePath } from '../../../dashboard/api/paths.ts';
import { openApi } from '../../../dashboard/server/openapi.ts';
import { served } from '../../kit/served.ts';

const strict = { additionalProperties: false } as const;
const Schema = Type.Record(Type.String(), Type.Unknown());
const Content = Type.Record(
  Type.String({ pattern: '^[a-z]+/[a-z0-9.+-]+$' }),
  Type.Object({ schema: Type.Optional(Schema) }, strict),
);
const Response = Type.Object(
  { description: Type.String({ minLength: 1 }), content: Type.Optional(Content) },
  strict,
);
const Operation = Type.Object(
  {
    operationId: Type.String({ minLength: 1 }),
    summary: Type.String({ minLength: 1 }),
    description: Type.Optional(Type.String()),
    parameters: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1 }),
          in: Type.Enum(['path', 'query']),
          required: Type.Boolean(),
          description: Type.Optional(Type.String()),
          schema: Schema,
        },
        strict,
      ),
    ),
    requestBody: Type.Optional(Type.Object({ required: Type.Boolean(), content: Content }, strict)),
    responses: Type.Record(Type.String({ pattern: '^([1-5]\\d\\d|default)$' }), Response),
  },
  strict,
);
/** As the specification has it, as far as we use it. */
const OpenApi = Type.Object(
  {
    openapi: Type.Literal('3.1.0'),
    info: Type.Object({ title: Type.String(), version: Type.String(), description: Type.String() }, strict),
    paths: Type.Record(
      Type.String({ pattern: '^/' }),
      Type.Record(Type.String({ pattern: '^(get|post|put|delete)$' }), Operation),
    ),
    components: Type.Object({ securitySchemes: Schema }, strict),
    security: Type.Array(Type.Record(Type.String(), Type.Array(Type.String()))),
  },
  strict,
);

async function told(): Promise<Record<string, unknown>> {
  const response = await served().inject({ url: OPENAPI_PATH, headers: { host: 'localhost' } });
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  return response.json();
}

interface Document {
  paths: Record<
    string,
    Record<
      string,
      { operationId: string; parameters: { name: string; in: string; required: boolean; schema: object }[] }
    >
  >;
}

describe('the OpenAPI document', () => {
  it('is one', async () => {
    const validator = Compile(OpenApi);
    expect(validator.Errors(await told())).toEqual([]);
  });

  it('has every route, and what is in its path', async () => {
    const document = (await told()) as unknown as Document;
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { operationId, parameters }]) => {
        const inPath = parameters.filter((parameter) => parameter.in === 'path');
        expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
        expect(inPath.every(({ required }) => required)).toBe(true);
        return `${operationId} ${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
      }),
    );
    const routes = Object.entries(paths as Record<string, RoutePath>);
    expect(described.sort()).toEqual(
      routes.map(([name, { method, path }]) => `${name} ${method} ${path}`).sort(),
    );
  });

  it('has schemas that are JSON Schema as they stand', () => {
    const schemas: object[] = [];
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'schema') schemas.push(inner as object);
        else collect(inner);
      }
    };
    const text = JSON.stringify(openApi('1.2.3'));
    collect(JSON.parse(text));
    expect(schemas.length).toBeGreaterThan(50);
    for (const schema of schemas) expect(() => Compile(schema as never).Check(null)).not.toThrow();
    // What is known of optional parts is said by `required`, and by nothing of the library's own.
    expect(text).not.toContain('"~');
  });
});
