/**
 * Who may look on over HTTP, as options say it: off this machine nobody without a token, so one is made up where none is given.
 */
import { randomBytes } from 'node:crypto';
import { isLoopback } from '../dashboard/server/ip-address.ts';
import type { Settings } from './settings.ts';

const TOKEN_BYTES = 24;

export interface HttpAccess {
  /** What the dashboard asks for; null for nothing. */
  readonly token: string | null;
  /** What lists of players ask for. */
  readonly listToken: string | null;
  readonly cookieKey: string;
  /** The token, where it is made up and somebody must be told. */
  readonly madeUp: string | null;
}

export function httpAccess({ httpHost, httpToken }: Pick<Settings, 'httpHost' | 'httpToken'>): HttpAccess {
  const isHere = httpHost === 'localhost' || isLoopback(httpHost);
  const madeUp = httpToken === null && !isHere ? randomBytes(TOKEN_BYTES).toString('base64url') : null;
  const cookieKey = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token: httpToken ?? madeUp, listToken: httpToken, cookieKey, madeUp };
}
