/** Who may change things: each row is one who asks, and what becomes of it. */
import { describe, expect, it } from 'vitest';
import { mayChange } from '../../../dashboard/server/permission.ts';

const TOKEN = 'open-sesame-1';
const local = { host: '127.0.0.1:27314' };
const bearer = { authorization: `Bearer ${TOKEN}` };

function status(token: string | null, address: string, headers: Record<string, string>): number {
  return mayChange({ address, headers }, token)?.status ?? 200;
}

describe('without a token', () => {
  it.each([
    ['this machine', '127.0.0.1', local, 200],
    ['this machine over IPv6', '::1', { host: '[::1]:27314' }, 200],
    ['this machine on a dual-stack socket', '::ffff:127.0.0.1', local, 200],
    ['this machine, asked for as localhost', '127.0.0.1', { host: 'localhost:27314' }, 200],
    ['this machine, asked for as localhost without a port', '127.0.0.1', { host: 'localhost' }, 200],
    ['another machine', '192.0.2.1', local, 403],
    ['another machine over IPv6', '2001:db8::1', local, 403],
    ['another machine that names a token', '192.0.2.1', { ...local, ...bearer }, 403],
    ['a proxy here, for somebody', '127.0.0.1', { ...local, 'x-forwarded-for': '192.0.2.1' }, 403],
    ['a proxy here, in the standard’s way', '127.0.0.1', { ...local, forwarded: 'for=192.0.2.1' }, 403],
    ['a proxy here that only says that it is one', '127.0.0.1', { ...local, via: '1.1 proxy' }, 403],
    ['a name that somebody made mean this machine', '127.0.0.1', { host: 'evil.example:27314' }, 403],
    [
      'such a page, which is its own site',
      '127.0.0.1',
      { host: 'evil.example', origin: 'http://evil.example' },
      403,
    ],
    ['no host at all', '127.0.0.1', {}, 403],
    ['a host that is none', '127.0.0.1', { host: 'a b' }, 403],
    ['a page of ours', '127.0.0.1', { ...local, origin: 'http://127.0.0.1:27314' }, 200],
    ['a page of another port', '127.0.0.1', { ...local, origin: 'http://127.0.0.1:8080' }, 403],
    ['a page of another site', '127.0.0.1', { ...local, origin: 'https://evil.example' }, 403],
    ['a page of nowhere', '127.0.0.1', { ...local, origin: 'null' }, 403],
  ])('%s', (_, address, headers, expected) => {
    expect(status(null, address, headers as Record<string, string>)).toBe(expected);
  });
});

describe('with a token', () => {
  it.each([
    ['who names it, from anywhere', '192.0.2.1', { host: 'relay.example', ...bearer }, 200],
    ['who names it, through a proxy', '127.0.0.1', { ...bearer, 'x-forwarded-for': '192.0.2.1' }, 200],
    ['who names it in lower case', '192.0.2.1', { authorization: `bearer ${TOKEN}` }, 200],
    ['this machine without it', '127.0.0.1', local, 401],
    ['another one', '192.0.2.1', { authorization: 'Bearer open-sesame-2' }, 401],
    ['its beginning', '192.0.2.1', { authorization: 'Bearer open-sesame' }, 401],
    ['more than it', '192.0.2.1', { authorization: `Bearer ${TOKEN}1` }, 401],
    ['it in other letters', '192.0.2.1', { authorization: `Bearer ${TOKEN.toUpperCase()}` }, 401],
    ['nothing after Bearer', '192.0.2.1', { authorization: 'Bearer ' }, 401],
    ['it in another scheme', '192.0.2.1', { authorization: `Basic ${TOKEN}` }, 401],
    ['it alone', '192.0.2.1', { authorization: TOKEN }, 401],
    [
      'a page of another site that knows it',
      '127.0.0.1',
      { ...bearer, ...local, origin: 'https://evil.example' },
      403,
    ],
  ])('%s', (_, address, headers, expected) => {
    expect(status(TOKEN, address, headers as Record<string, string>)).toBe(expected);
  });
});
