/**
 * What answers each route: a function from what was asked to what is answered, without HTTP.
 *
 * The rule: a handler is given what the schemas of `api/routes.ts` let through, and answers what they say. It throws a
 * `Failure` of kind `input` for what the client asked wrongly; anything else is a mistake of ours.
 */
import type { Readable } from 'node:stream';
import type { Answer, Body, Params, Query } from '../api/routes.ts';
import type { RouteName } from '../api/paths.ts';

export interface Ask<N extends RouteName> {
  readonly params: Params<N>;
  readonly query: Query<N>;
  readonly body: Body<N>;
  /** Aborted when the client goes away before it has its answer. */
  readonly signal: AbortSignal;
}

/** A file to download. `bytes` is its size. */
export interface Download {
  readonly name: string;
  readonly bytes: number;
  readonly stream: Readable;
}

type Answered<N extends RouteName> = [Answer<N>] extends [undefined] ? Download : Answer<N>;

export type Handler<N extends RouteName> = (ask: Ask<N>) => Answered<N> | Promise<Answered<N>>;

/** Those of some routes: each file that answers any exports a function that makes them. */
export type Handlers<N extends RouteName> = { readonly [name in N]: Handler<name> };
