/**
 * Asks handlers as the server does, without HTTP: what goes in and what comes out is held against the API's schemas.
 *
 *     const page = await ask(handlers, 'replays', { query: { limit: 2 } });
 */
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { expect } from 'vitest';
import type { RouteName } from '../../dashboard/api/paths.ts';
import { type Answer, routes, type RouteSpec } from '../../dashboard/api/routes.ts';
import type { Ask, Handlers } from '../../dashboard/server/handlers.ts';

export async function ask<N extends RouteName>(
  handlers: Handlers<N>,
  name: N,
  asked: Partial<Pick<Ask<N>, 'params' | 'query' | 'body'>> = {},
): Promise<Answer<N>> {
  const { params, query, body, answers }: RouteSpec = routes[name];
  if (params !== undefined) conforms(params, asked.params);
  if (query !== undefined) conforms(query, asked.query ?? {});
  if (body !== undefined) conforms(body, asked.body);
  const { signal } = new AbortController();
  const whole = { params: {}, query: {}, body: undefined, signal, ...asked } as unknown as Ask<N>;
  const answer = await handlers[name](whole);
  conforms(answers!, answer);
  return answer as Answer<N>;
}

function conforms(schema: TSchema, value: unknown): void {
  expect(Value.Errors(schema, value)).toEqual([]);
}
