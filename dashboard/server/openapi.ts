/**
 * The API as an OpenAPI document, made of the same table as the routes. Schemas stand where they are used: those of TypeBox are
 * JSON Schema already, which OpenAPI 3.1 takes as it is.
 */
import type { TObject, TSchema } from 'typebox';
import { paths, type RouteName, type RoutePath } from '../api/paths.ts';
import { routes, type RouteSpec } from '../api/routes.ts';
import { ErrorAnswer } from '../api/shapes.ts';

const JSON_TYPE = 'application/json';
const REFUSED = {
  description: 'One line that says what is wrong',
  content: { [JSON_TYPE]: { schema: ErrorAnswer } },
};

export function openApi(version: string): object {
  const documented: Record<string, Record<string, object>> = {};
  for (const [name, path] of Object.entries(paths) as [RouteName, RoutePath][]) {
    const address = path.path.replaceAll(/:(\w+)/g, '{$1}');
    documented[address] = { ...documented[address], [path.method.toLowerCase()]: operation(name, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postreel',
      version,
      description:
        'What the dashboard asks. Times within a capture are nanoseconds since its start, bytes are base64, and what is not known is null.',
    },
    paths: documented,
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'the token of --http-token, where there is one',
        },
      },
    },
    security: [{}, { token: [] }],
  };
}

function operation(name: RouteName, { changes }: RoutePath): object {
  const { summary, params, query, body, answers, type }: RouteSpec = routes[name];
  return {
    operationId: name,
    summary,
    ...(changes === true
      ? { description: 'Changes something: for programs and for the dashboard’s own page, not for others.' }
      : {}),
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [JSON_TYPE]: { schema: body } } } }),
    responses: {
      200: {
        description: answers === null ? 'The file' : 'The answer',
        content: answers === null ? { [type ?? '']: {} } : { [JSON_TYPE]: { schema: answers } },
      },
      default: REFUSED,
    },
  };
}

function parametersOf(schema: TObject | undefined, where: 'path' | 'query'): object[] {
  const required = new Set(schema?.required);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as TSchema & { readonly description?: string };
    return {
      name,
      in: where,
      required: required.has(name),
      schema: rest,
      ...(description === undefined ? {} : { description }),
    };
  });
}
