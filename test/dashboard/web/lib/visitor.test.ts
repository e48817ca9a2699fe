import { render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Who } from '../../../../dashboard/api/routes.ts';
import { call } from '../../../../dashboard/web/src/lib/api.ts';
import { visitor } from '../../../../dashboard/web/src/lib/visitor.svelte.ts';
import Login from '../../../../dashboard/web/src/ui/Login.svelte';
import { fireEvent } from '@testing-library/svelte';

const TOKEN = 'open sesame';
let isIn: boolean;
let asked: string[];

const who = (): Who => ({
  version: '0.1.0',
  needsToken: !isIn,
  mayChange: isIn,
  why: null,
  file: 'evening.db',
  hasRelay: true,
});

beforeEach(() => {
  isIn = false;
  asked = [];
  visitor.who = null;
  visitor.error = null;
  history.replaceState(null, '', '/sessions?text=ann');
  vi.stubGlobal('fetch', (address: string, { body }: { body?: string } = {}) => {
    asked.push(`${address} ${location.hash}`.trim());
    if (address === '/api/who') return Promise.resolve(new Response(JSON.stringify(who())));
    isIn = (JSON.parse(body ?? '{}') as { token?: string }).token === TOKEN;
    return Promise.resolve(
      isIn
        ? new Response('{"done":true}')
        : new Response('{"error":"this is not the token"}', { status: 401 }),
    );
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('whoever is no longer let in', () => {
  test('is asked for the token again, and keeps what is known where nobody answers', async () => {
    isIn = true;
    await visitor.arrive();
    vi.stubGlobal('fetch', () => Promise.reject(new Error('gone')));
    await visitor.lookAgain();
    expect([visitor.who?.needsToken, visitor.error]).toEqual([false, null]);
    vi.stubGlobal('fetch', (address: string) =>
      Promise.resolve(
        address === '/api/who'
          ? new Response(JSON.stringify({ ...who(), needsToken: true }))
          : new Response('{"error":"no token"}', { status: 401 }),
      ),
    );
    await expect(call('sessions', {})).rejects.toThrow('no token');
    await vi.waitFor(() => expect(visitor.who?.needsToken).toBe(true));
  });
});

describe('a token in the address', () => {
  test('is out of it before it is used, and used once', async () => {
    history.replaceState(null, '', `/sessions?text=ann#token=${encodeURIComponent(TOKEN)}`);
    await visitor.arrive();
    expect(asked).toEqual(['/api/login', '/api/who']);
    expect(location.href).toMatch(/\/sessions\?text=ann$/);
    expect(visitor.who?.needsToken).toBe(false);
    expect(visitor.error).toBeNull();
  });

  test('that is wrong leads to where one is asked for', async () => {
    history.replaceState(null, '', '/#token=wrong');
    await visitor.arrive();
    expect(visitor.who?.needsToken).toBe(true);
    expect(visitor.error?.message).toBe('this is not the token');
    expect(location.hash).toBe('');
  });
});

describe('whoever has none', () => {
  test('is asked who this is, and may try again where nobody answers', async () => {
    const { fetch } = globalThis;
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('refused')));
    await visitor.arrive();
    expect(visitor.who).toBeNull();
    expect(visitor.error?.message).toBe('the server does not answer');
    vi.stubGlobal('fetch', fetch);
    await visitor.arrive();
    expect(visitor.who?.file).toBe('evening.db');
    expect(visitor.error).toBeNull();
  });

  test('types it, and hears what is wrong with it', async () => {
    await visitor.arrive();
    render(Login);
    const field = screen.getByLabelText('Token');
    const submit = async (token: string) => {
      await fireEvent.input(field, { target: { value: token } });
      await fireEvent.submit(field.closest('form') as Element);
    };
    await submit('wrong');
    expect(await screen.findByText('this is not the token')).toBeTruthy();
    await submit(` ${TOKEN} `);
    await vi.waitFor(() => expect(visitor.who?.needsToken).toBe(false));
  });
});
