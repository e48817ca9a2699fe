/**
 * Who may do what over HTTP.
 *
 * The rule: where there is a token, everything is for whoever names it; where there is none, for programs on
 * this machine alone. A web page that some browser on this machine shows is not such a program: it says
 * where it comes from, or calls this machine by a name of its own (DNS rebinding).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback } from './ip-address.ts';

/** What a request says that matters here. */
export interface Asker {
  /** The IP address of the client. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly error: string;
}

/** By which proxies show that they speak for somebody else, who may be anywhere. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'] as const;
/** What browsers say of who asks, where it is our own page or the reader's own hand. */
const OWN_SITES: readonly unknown[] = [undefined, 'same-origin', 'none'];

/** Null for one who may. */
export function mayChange(asker: Asker, token: string | null): Refusal | null {
  const refused = foreignPage(asker);
  if (refused !== null) return refused;
  if (token === null) return elsewhere(asker);
  return isToken(namedToken(asker) ?? '', token) ? null : NO_TOKEN;
}

export const NO_TOKEN: Refusal = {
  status: 401,
  error: 'this takes the token of --http-token: Authorization: Bearer TOKEN',
};

/** A browser that asks on behalf of a page that is not ours. Programs that are no browsers send no Origin. */
export function foreignPage({ headers }: Asker): Refusal | null {
  const { origin, host } = headers;
  const isForeign =
    !OWN_SITES.includes(headers['sec-fetch-site']) ||
    (origin !== undefined &&
      (typeof origin !== 'string' || !URL.canParse(origin) || new URL(origin).host !== host));
  return isForeign ? { status: 403, error: 'no web page of another site may do this' } : null;
}

/** Whoever is not on this machine, or is led here by a name that is not its own. */
export function elsewhere({ address, headers }: Asker): Refusal | null {
  if (!isLoopback(address) || PROXY_HEADERS.some((name) => headers[name] !== undefined))
    return { status: 403, error: 'without --http-token only this machine itself may do this' };
  if (!isLoopbackHost(headers['host']))
    return {
      status: 403,
      error: 'without --http-token this machine must be asked for as localhost or 127.0.0.1',
    };
  return null;
}

/** `Authorization: Bearer TOKEN`. Null where nothing is named. */
export function namedToken({ headers }: Asker): string | null {
  const { authorization } = headers;
  if (authorization === undefined) return null;
  return /^Bearer +(\S+) *$/i.exec(String(authorization))?.[1] ?? '';
}

/** In the same time whatever was named, so that nobody learns by it how much of a guess was right. */
export function isToken(named: string, token: string): boolean {
  return timingSafeEqual(digest(named), digest(token));
}

/** `localhost:27314`, `127.0.0.1`, `[::1]:27314`. */
function isLoopbackHost(host: string | string[] | undefined): boolean {
  if (typeof host !== 'string' || !URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
