import { describe, expect, it } from 'vitest';
import { httpAccess } from '../../cli/http-access.ts';

describe('who may look on over HTTP', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
    'on %s is whoever is there, without a token',
    (httpHost) => {
      expect(httpAccess({ httpHost, httpToken: null })).toMatchObject({
        token: null,
        listToken: null,
        madeUp: null,
      });
    },
  );

  it.each(['0.0.0.0', '::', '192.0.2.7', 'relay.example', '127.0.0.1.example'])(
    'on %s is whoever names a token, which is made up',
    (httpHost) => {
      const { token, listToken, madeUp } = httpAccess({ httpHost, httpToken: null });
      expect(token).toMatch(/^[\w-]{32}$/);
      // Lists of players know nothing of it: they are as they were.
      expect([madeUp, listToken]).toEqual([token, null]);
      expect(httpAccess({ httpHost, httpToken: null }).token).not.toBe(token);
    },
  );

  it.each(['127.0.0.1', '0.0.0.0'])('on %s is whoever names the token that was given', (httpHost) => {
    expect(httpAccess({ httpHost, httpToken: 'open-sesame-1' })).toMatchObject({
      token: 'open-sesame-1',
      listToken: 'open-sesame-1',
      madeUp: null,
    });
  });

  it('has another key each time', () => {
    const key = () => httpAccess({ httpHost: '::', httpToken: 'open-sesame-1' }).cookieKey;
    expect(key()).toMatch(/^[\w-]{32}$/);
    expect(key()).not.toBe(key());
  });
});
