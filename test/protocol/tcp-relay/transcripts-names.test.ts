/** Names: who gives one, when, and what it may be. */
import { describe, it } from 'vitest';
import { head, keepAlive, message, named, raw } from '../../kit/tcp-relay-wire.ts';
import { plays } from '../../kit/tcp-relay-cast.ts';

describe('a name', () => {
  it(
    'is what the client is known by from then on',
    plays(({ client, players }) => {
      const ann = client('ann').sends(named('device_a'));
      ann.saw('consumed');
      ann.isKnownAs('client', 'device_a', '');
      players(1);
    }),
  );

  it(
    'comes within 3 s of connecting',
    plays(({ client, at }) => {
      const ann = client('ann');
      at(2.999);
      ann.sends(named('a'));
      const bob = client('bob');
      at(5.998);
      at(5.999);
      bob.isClosed('timed-out');
    }),
  );

  it(
    'is whole by then: its first bytes are none',
    plays(({ client, at }) => {
      const ann = client('ann').sends(raw('device_'));
      at(2.9);
      ann.sends(raw('a'));
      at(3);
      ann.isClosed('timed-out');
    }),
  );

  it(
    'may come in any pieces, and with messages behind it',
    plays(({ client }) => {
      const bob = client('bob').trickles(named('b'));
      client('ann').sends(named('a'), message('b', 'hello'), message('b', 'again'));
      bob.hears(raw('hello'), raw('again'));
    }),
  );

  it(
    'that is in use gets the newcomer closed at once, and nobody else notices',
    plays(({ client, players }) => {
      const ann = client('ann').sends(named('a'));
      const late = client('late').sends(named('a'), message('a', 'hello'));
      late.isClosed('name-in-use');
      players(1);
      client('bob').sends(named('b'), message('a', 'still you?'));
      ann.hears(raw('still you?'));
    }),
  );

  it(
    'is free again as soon as its client is gone, however it went',
    plays(({ client, at }) => {
      const first = client('first').sends(named('a'));
      first.ends();
      const second = client('second').sends(named('a'));
      second.breaks();
      const third = client('third').sends(named('a'));
      third.sends(head('a', 'x')).isClosed('not-decimal');
      client('fourth').sends(named('a'));
      at(1);
    }),
  );

  it(
    'is not taken by who was closed for giving it a second time',
    plays(({ client }) => {
      const first = client('first').sends(named('a'));
      client('second').sends(named('a')).isClosed('name-in-use');
      first.ends();
      client('third').sends(named('a'), message('a', 'x')).hears(raw('x'));
    }),
  );

  it(
    'compares as bytes: case, blanks, NULs, line ends and what is no UTF-8 all count',
    plays(({ client, players }) => {
      const names = [
        raw('a'),
        raw('A'),
        raw('a '),
        raw('a\0'),
        raw('a\r'),
        raw('a\n'),
        raw('\u00e9'),
        raw('e\u0301'),
        Uint8Array.of(0xe9),
        Uint8Array.of(0xff),
        Uint8Array.of(0xfe),
        raw('\\xff'),
        raw('a/1'),
        raw('a\\x2f1'),
      ];
      const clients = names.map((name, i) => client(`client ${i}`).sends(named(name)));
      players(names.length);
      const ann = client('ann').sends(named('ann'));
      for (const [i, name] of names.entries()) {
        ann.sends(message(name, `to ${i}`));
        clients[i]?.hears(raw(`to ${i}`));
      }
    }),
  );

  it(
    'has an endpoint of its own, without blanks and slashes, whatever bytes it is of',
    plays(({ client }) => {
      const known = (name: Uint8Array | string, endpoint: string) =>
        client('client').sends(named(name)).isKnownAs('client', endpoint, '');
      known('J\u00fcrgen', 'J\u00fcrgen');
      known('room 1/seat 2', 'room\\x201\\x2fseat\\x202');
      known('a\\x2fb', 'a\\\\x2fb');
      known(Uint8Array.of(0x61, 0x00, 0xff, 0x1b), 'a\\x00\\xff\\x1b');
      known('\u00a0\u2028', '\\xc2\\xa0\\xe2\\x80\\xa8');
    }),
  );

  it.each([1, 2, 63, 64])('may have %i bytes', (size) =>
    plays(({ client }) => {
      const name = 'n'.repeat(size);
      const ann = client('ann').trickles(named(name));
      client('bob').sends(named('bob'), message(name, 'hello'));
      ann.hears(raw('hello'));
    })(),
  );

  it(
    'of 65 bytes closes the connection at the last of them',
    plays(({ client, players }) => {
      const ann = client('ann').sends(raw('n'.repeat(64)));
      ann.sends(raw('n')).isClosed('name-too-long');
      client('bob')
        .sends(named('n'.repeat(65)))
        .isClosed('name-too-long');
      players(0);
    }),
  );

  it(
    'of no bytes closes the connection',
    plays(({ client }) => {
      client('ann').sends(raw('|')).isClosed('name-empty');
    }),
  );

  it(
    'is given once: what comes after it is messages',
    plays(({ client }) => {
      client('ann').sends(named('a'), named('a'), named('b')).isClosed('not-decimal');
    }),
  );
});

describe('a receiver\u2019s name', () => {
  it.each([64, 65])('of %i bytes', (size) =>
    plays(({ enters }) => {
      const ann = enters('ann').sends(head('n'.repeat(size), 0));
      if (size === 64) ann.saw('no-target');
      else ann.isClosed('name-too-long');
    })(),
  );

  it(
    'of no bytes closes the connection',
    plays(({ enters }) => {
      enters('ann').sends(head('', 5)).isClosed('name-empty');
    }),
  );
});

describe('silence', () => {
  it(
    'of 30 s closes the connection',
    plays(({ enters, at, players }) => {
      const ann = enters('ann');
      at(29.999);
      players(1);
      at(30);
      ann.isClosed('silent');
      players(0);
    }),
  );

  it(
    'counts from the last thing that was said: a name, a message, or a part of one',
    plays(({ enters, at }) => {
      const bob = enters('bob').sends(message('bob', 'x')).hears(raw('x'));
      at(3);
      const ann = enters('ann');
      at(20);
      ann.sends(head('bob', 3));
      bob.sends(keepAlive('bob'));
      at(45);
      ann.sends(raw('1'));
      bob.hears(raw('1')).sends(keepAlive('bob'));
      at(70);
      ann.sends(raw('23'));
      bob.hears(raw('23')).sends(keepAlive('bob'));
      at(99.999);
      bob.sends(keepAlive('bob'));
      at(100);
      ann.isClosed('silent');
    }),
  );

  it(
    'is broken by a message of no bytes to oneself, for as long as one likes',
    plays(({ enters, at }) => {
      const ann = enters('ann');
      for (let seconds = 29.9; seconds < 3600; seconds += 29.9) {
        at(seconds);
        ann.sends(keepAlive('ann')).saw('consumed');
      }
    }),
  );

  it(
    'is broken by messages that reach nobody, too',
    plays(({ enters, at }) => {
      const ann = enters('ann');
      at(29);
      ann.sends(message('nobody', 'hello')).saw('no-target', 'no-target');
      at(58.999);
      at(59);
      ann.isClosed('silent');
    }),
  );

  it(
    'is not broken by what one is sent, nor by half of what begins a message',
    plays(({ enters, at }) => {
      const ann = enters('ann');
      const bob = enters('bob');
      at(20);
      bob.sends(message('ann', 'hello'));
      ann.hears(raw('hello')).sends(raw('bob|1'));
      at(30);
      ann.isClosed('silent');
    }),
  );

  it(
    'of many is found when it is due, each for itself',
    plays(({ enters, at }) => {
      const clients = Array.from({ length: 20 }, (_, i) => enters(`client ${i}`));
      for (const [i, client] of clients.entries()) {
        at(i + 1);
        client.sends(keepAlive(`client ${i}`));
      }
      for (const [i, client] of clients.entries()) {
        at(i + 30.999);
        at(i + 31);
        client.isClosed('silent');
      }
    }),
  );
});
