/** Asks the server: one function for all routes, with the types of the shared schemas. */
import { paths, type RouteName } from '../../../api/paths.ts';
import type { Answer, Body, Params, Query } from '../../../api/routes.ts';

/** What the server refused, in its own words. */
export class ApiError extends Error {
  /** Of HTTP; 0 where the server was not reached. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** Told when the server no longer lets this page in: its cookie has run out, or the server was started anew. */
export const door: { onShut: () => void } = { onShut: () => undefined };

type Given<K extends string, T> = [T] extends [undefined] ? unknown : Readonly<Record<K, T>>;
export type Ask<N extends RouteName> = Given<'params', Params<N>> &
  ([Query<N>] extends [undefined] ? unknown : { readonly query?: Query<N> }) &
  Given<'body', Body<N>> & { readonly signal?: AbortSignal };

/** The address of a route, such as for a link to a download. */
export function urlOf<N extends RouteName>(name: N, params: Params<N>, query?: Query<N>): string {
  const filled = paths[name].path.replaceAll(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(String((params as Readonly<Record<string, unknown>>)[key])),
  );
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

/** @throws {ApiError}, or the `AbortError` of `signal`. */
export async function call<N extends RouteName>(name: N, ask: Ask<N>): Promise<Answer<N>> {
  const { params, query, body, signal } = ask as {
    params?: Params<N>;
    query?: Query<N>;
    body?: unknown;
    signal?: AbortSignal;
  };
  let response: Response;
  try {
    response = await fetch(urlOf(name, params as Params<N>, query), {
      method: paths[name].method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'the server does not answer');
  }
  const answer = (await response.json().catch(() => null)) as unknown;
  if (response.ok) return answer as Answer<N>;
  if (response.status === 401 && name !== 'login') door.onShut();
  const { error } = (answer ?? {}) as { readonly error?: unknown };
  throw new ApiError(
    response.status,
    typeof error === 'string' ? error : `the server answered ${response.status}`,
  );
}
