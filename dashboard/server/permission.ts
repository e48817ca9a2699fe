/**
 * Who may do what over HTTP.
 *
 * The rule: what changes anything is for whoever names the token; where there is none, for programs on
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
  readonly status: 401 | 403;
  readonly error: string;
}

/** By which proxies show that they speak for somebody else, who may be anywhere. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'] as const;

/** Null for one who may. */
export function mayChange({ address, headers }: Asker, token: string | null): Refusal | null {
  if (isForeignPage(headers)) return refusal(403, 'no web page of another site may do this');
  if (token !== null) {
    return namesToken(headers['authorization'], token)
      ? null
      : refusal(401, 'this takes the token of --http-token: Authorization: Bearer TOKEN');
  }
  if (!isLoopback(address) || PROXY_HEADERS.some((name) => headers[name] !== undefined))
    return refusal(403, 'without --http-token only this machine itself may do this');
  if (!isLoopbackHost(headers['host']))
    return refusal(403, 'without --http-token this machine must be asked for as localhost or 127.0.0.1');
  return null;
}

/** Whether a browser asks on behalf of a page that is not ours. Programs that are no browsers send no Origin. */
function isForeignPage({ origin, host }: Asker['headers']): boolean {
  if (origin === undefined) return false;
  return typeof origin !== 'string' || !URL.canParse(origin) || new URL(origin).host !== host;
}

/** `localhost:27314`, `127.0.0.1`, `[::1]:27314`. */
function isLoopbackHost(host: string | string[] | undefined): boolean {
  if (typeof host !== 'string' || !URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname.replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name));
}

/** In the same time whatever was named, so that nobody learns by it how much of a guess was right. */
function namesToken(authorization: string | string[] | undefined, token: string): boolean {
  const named = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
  return timingSafeEqual(digest(named ?? ''), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refusal(status: Refusal['status'], error: string): Refusal {
  return { status, error };
}
