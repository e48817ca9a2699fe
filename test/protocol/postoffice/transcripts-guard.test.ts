/** Who may play under a guard: logged in, from the same IP address, and in the same group. */
import { describe, it } from 'vitest';
import type { GuardMode } from '../../../protocol/guard.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { payload } from '../../kit/bytes.ts';
import { CON, join, LEA } from '../../kit/postoffice-cast.ts';
import { accept, block, connect, datagram, endpoint, listen, pdpOpen } from '../../kit/postoffice-wire.ts';
import { type Client, type Script, transcript } from '../../kit/transcript.ts';

const HOME = '192.0.2.1';
const ELSEWHERE = '198.51.100.7';
const HELLO = payload(20);

function guarded(guard: GuardMode, script: (script: Script) => void): () => void {
  return () => transcript(postoffice, script, { guard });
}

interface Friends extends Script {
  readonly lea: Client;
  readonly con: Client;
}

/** Two players with a datagram socket each, logged in and in one group. */
function friends(guard: GuardMode, script: (friends: Friends) => void): () => void {
  return guarded(guard, (given) => {
    for (const { mac } of [LEA, CON]) {
      given.guard.logsIn(mac);
      given.guard.joins(mac, 'G');
    }
    const lea = given.client('lea').sends(pdpOpen(LEA));
    const con = given.client('con').sends(pdpOpen(CON));
    lea.sends(datagram(CON, HELLO));
    con.hears(datagram(LEA, HELLO));
    script({ ...given, lea, con });
  });
}

describe.each(['login', 'group'] as const)('guard %s', (mode) => {
  it(
    'waits two seconds for the login, and then refuses',
    guarded(mode, ({ client, at, nothing, players }) => {
      const lea = client('lea').sends(pdpOpen(LEA), datagram(LEA, HELLO));
      lea.isKnownAs('pdp', '02:aa:bb:cc:dd:01/12345', '');
      players(0);
      at(1.999);
      nothing();
      at(2);
      lea.isClosed('not-logged-in');
    }),
  );

  it(
    'lets in whose login comes within the two seconds, and what it has sent meanwhile',
    guarded(mode, ({ client, guard, at, players }) => {
      const lea = client('lea').sends(pdpOpen(LEA), datagram(LEA, HELLO));
      at(1.9);
      lea.sends(datagram(LEA, HELLO));
      guard.logsIn(LEA.mac);
      lea.hears(datagram(LEA, HELLO), datagram(LEA, HELLO));
      players(1);
      at(3600);
    }),
  );

  it.each([
    ['a listener', [listen(LEA)]],
    ['a connect', [connect(CON, LEA)]],
    ['an accept', [accept(LEA, CON)]],
  ] as const)('refuses %s like a datagram socket', (_, sent) =>
    guarded(mode, ({ client, at }) => {
      const stranger = client('stranger').sends(...sent);
      at(2);
      stranger.isClosed('not-logged-in');
    })(),
  );

  it(
    'refuses whoever comes from another IP address than the login',
    friends(mode, ({ client, at, lea, con }) => {
      const thief = client('thief', ELSEWHERE).sends(pdpOpen(LEA), datagram(CON, HELLO));
      con.sends(datagram(LEA, HELLO));
      lea.hears(datagram(CON, HELLO));
      at(2);
      thief.isClosed('logged-in-elsewhere');
      con.sends(datagram(LEA, HELLO));
      lea.hears(datagram(CON, HELLO));
    }),
  );

  it(
    'lets in who waited at the right IP address, and not who waited elsewhere',
    guarded(mode, ({ client, guard, at }) => {
      const lea = client('lea').sends(pdpOpen(LEA));
      const thief = client('thief', ELSEWHERE).sends(pdpOpen(LEA));
      guard.logsIn(LEA.mac, HOME);
      lea.sends(datagram(LEA, HELLO)).hears(datagram(LEA, HELLO));
      at(2);
      thief.isClosed('logged-in-elsewhere');
    }),
  );

  it(
    'ends all sessions of a player who logs out, and of nobody else',
    friends(mode, ({ client, guard, lea, con, players }) => {
      const listener = client('listener').sends(listen(LEA));
      guard.logsOut(LEA.mac);
      lea.isClosed('logged-out');
      listener.isClosed('logged-out');
      players(1);
      con.sends(datagram(LEA, HELLO)).saw('no-target');
      con.sends(datagram(CON, HELLO)).hears(datagram(CON, HELLO));
    }),
  );

  it(
    'keeps the sessions of a player who logs in again from the same IP address',
    friends(mode, ({ guard, lea, con }) => {
      guard.logsIn(LEA.mac);
      guard.joins(LEA.mac, 'G');
      con.sends(datagram(LEA, HELLO));
      lea.hears(datagram(CON, HELLO));
    }),
  );

  it(
    'forgets who ends while it waits',
    guarded(mode, ({ client, guard, at, nothing }) => {
      const lea = client('lea').sends(pdpOpen(LEA));
      lea.ends();
      guard.logsIn(LEA.mac);
      at(10);
      nothing();
    }),
  );

  it(
    'gives an init that came late its two seconds all the same',
    guarded(mode, ({ client, guard, at, nothing }) => {
      const late = client('late');
      at(19.5);
      late.sends(pdpOpen(LEA));
      at(21);
      nothing();
      guard.logsIn(LEA.mac);
      late.sends(datagram(LEA, HELLO)).hears(datagram(LEA, HELLO));
    }),
  );

  it(
    'still takes no longer than twenty seconds for the init itself',
    guarded(mode, ({ client, at }) => {
      const mute = client('mute');
      at(20);
      mute.isClosed('timed-out');
    }),
  );
});

it(
  'guard login lets members of different groups talk',
  friends('login', ({ guard, lea, con }) => {
    guard.joins(LEA.mac, 'H');
    lea.sends(datagram(CON, HELLO));
    con.hears(datagram(LEA, HELLO));
  }),
);

it(
  'an accept waits for its login like any other, and then passes what its client has sent early',
  guarded('login', ({ client, guard }) => {
    guard.logsIn(CON.mac);
    const connector = client('connector').sends(connect(CON, LEA));
    const acceptor = client('acceptor').sends(accept(LEA, CON), block(HELLO));
    guard.logsIn(LEA.mac);
    join(connector, acceptor);
    connector.hears(block(HELLO));
  }),
);

describe('guard group', () => {
  it(
    'passes no datagram between groups, nor to or from a player without one',
    friends('group', ({ guard, lea, con }) => {
      guard.joins(CON.mac, 'H');
      lea.sends(datagram(CON, HELLO)).saw('refused');
      con.sends(datagram(LEA, HELLO)).saw('refused');
      guard.joins(LEA.mac, '');
      guard.joins(CON.mac, '');
      lea.sends(datagram(CON, HELLO)).saw('refused');
    }),
  );

  it(
    'passes them again as soon as both are in one',
    friends('group', ({ guard, lea, con }) => {
      guard.joins(CON.mac, 'H');
      lea.sends(datagram(CON, HELLO)).saw('refused');
      guard.joins(LEA.mac, 'H');
      lea.sends(datagram(CON, HELLO));
      con.hears(datagram(LEA, HELLO));
    }),
  );

  it(
    'lets a player without a group talk to itself',
    guarded('group', ({ client, guard }) => {
      guard.logsIn(LEA.mac);
      const lea = client('lea').sends(pdpOpen(LEA), datagram(LEA, HELLO));
      lea.hears(datagram(LEA, HELLO));
    }),
  );

  it(
    'lets no stream begin between groups, whoever listens',
    friends('group', ({ client, guard, at, nothing }) => {
      const listener = client('listener').sends(listen(LEA));
      guard.joins(CON.mac, 'H');
      const connector = client('connector').sends(connect(CON, LEA));
      at(5);
      connector.isClosed('not-in-group');
      // Not even with an accept for a connect that it cannot know of.
      const again = client('again').sends(connect(CON, LEA));
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      at(6.999);
      nothing();
      at(7);
      acceptor.isClosed('not-in-group');
      listener.ends();
      at(10);
      again.isClosed('no-listener');
    }),
  );

  it(
    'lets a stream begin that waits, as soon as both are in one group',
    friends('group', ({ client, guard, at }) => {
      const listener = client('listener').sends(listen(LEA));
      guard.joins(CON.mac, 'H');
      const connector = client('connector').sends(connect(CON, LEA), block(HELLO));
      at(4);
      guard.joins(CON.mac, 'G');
      listener.hears(endpoint(CON));
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      join(connector, acceptor);
      acceptor.hears(block(HELLO));
    }),
  );

  it.each([
    ['acceptor', LEA],
    ['connector', CON],
  ])('lets an accept wait two seconds until the %s is in the group', (_, { mac }) =>
    friends('group', ({ client, guard, at, nothing }) => {
      const listener = client('listener').sends(listen(LEA));
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      guard.joins(mac, '');
      const acceptor = client('acceptor').sends(accept(LEA, CON), block(HELLO));
      at(1.9);
      nothing();
      guard.joins(mac, 'G');
      join(connector, acceptor);
      connector.hears(block(HELLO));
      at(60);
    })(),
  );

  it(
    'forgets an accept that ends while it waits, and the connect waits on',
    friends('group', ({ client, guard, at }) => {
      const listener = client('listener').sends(listen(LEA));
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      guard.joins(LEA.mac, '');
      client('acceptor').sends(accept(LEA, CON)).ends();
      guard.joins(LEA.mac, 'G');
      at(20);
      connector.isClosed('not-accepted');
    }),
  );

  it(
    'closes an accept that waits for a connect which has gone',
    friends('group', ({ client, guard }) => {
      const listener = client('listener').sends(listen(LEA));
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      guard.joins(LEA.mac, '');
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      connector.ends();
      guard.joins(LEA.mac, 'G');
      acceptor.isClosed('nobody-waits');
    }),
  );

  it(
    'ends a stream whose ends are not in one group any more',
    friends('group', ({ client, guard }) => {
      const listener = client('listener').sends(listen(LEA));
      const connector = client('connector').sends(connect(CON, LEA));
      listener.hears(endpoint(CON));
      const acceptor = client('acceptor').sends(accept(LEA, CON));
      join(connector, acceptor);
      guard.joins(LEA.mac, 'H');
      acceptor.isClosed('not-in-group');
      connector.isClosed('partner-gone');
    }),
  );
});
