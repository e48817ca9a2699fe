/** Messages: what of them reaches whom, and what happens to those that cannot be. */
import { describe, it } from 'vitest';
import { payload } from '../../kit/bytes.ts';
import { head, keepAlive, message, named, raw } from '../../kit/tcp-relay-wire.ts';
import { plays } from '../../kit/tcp-relay-cast.ts';

const MEBIBYTE = 1024 * 1024;

describe('a message', () => {
  it(
    'reaches its receiver as its bytes alone: device_b|5|hello',
    plays(({ client }) => {
      const ann = client('ann').sends(raw('device_a|'));
      const bob = client('bob').sends(raw('device_b|'));
      ann.sends(raw('device_b|5|hello')).saw('consumed', 'forwarded');
      bob.hears(raw('hello'));
    }),
  );

  it(
    'may be of any bytes, the bar among them',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      for (const content of [raw('|'), raw('ann|5|hello'), payload(256), Uint8Array.of(0), raw('\r\n')]) {
        ann.sends(message('bob', content));
        bob.hears(content);
      }
    }),
  );

  it(
    'follows the one before, to whomever that went',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(message('bob', '1'), message('cid', '2'), message('bob', '3'), message('bob', '4'));
      bob.hears(raw('1'));
      cid.hears(raw('2'));
      bob.hears(raw('3'), raw('4'));
    }),
  );

  it(
    'to oneself comes back',
    plays(({ enters }) => {
      enters('ann')
        .sends(message('ann', 'to'), message('ann', 'myself'))
        .hears(raw('to'), raw('myself'))
        .saw('consumed', 'forwarded', 'consumed', 'forwarded');
    }),
  );

  it(
    'goes both ways between two',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(head('bob', 4), raw('pi'));
      bob.hears(raw('pi')).sends(head('ann', 4), raw('po'));
      ann.hears(raw('po')).sends(raw('ng'));
      bob.hears(raw('ng')).sends(raw('nd'));
      ann.hears(raw('nd'));
    }),
  );

  it(
    'to an unknown name is discarded, and what follows it is not',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(message('nobody', 'bob|1|x'), message('bob', 'hello'));
      bob.hears(raw('hello'));
      ann.saw('no-target', 'no-target', 'consumed', 'forwarded');
    }),
  );

  it(
    'is discarded to its end, also where somebody of that name comes meanwhile',
    plays(({ enters }) => {
      const ann = enters('ann').sends(head('bob', 6), raw('one'));
      const bob = enters('bob');
      ann.sends(raw('two'), message('bob', 'three'));
      bob.hears(raw('three'));
      ann.saw('no-target', 'no-target', 'consumed', 'forwarded');
    }),
  );

  it(
    'reaches who has the name now, not who had it before',
    plays(({ client }) => {
      const ann = client('ann').sends(named('ann'));
      const old = client('old').sends(named('bob'));
      ann.sends(message('bob', 'one'));
      old.hears(raw('one')).ends();
      ann.sends(message('bob', 'two')).saw('no-target', 'no-target');
      const young = client('young').sends(named('bob'));
      ann.sends(message('bob', 'three'));
      young.hears(raw('three'));
    }),
  );

  it(
    'to a name that begins like the one before goes where it says',
    plays(({ enters }) => {
      const [ann, short, long] = [enters('ann'), enters('dev'), enters('device')];
      ann.sends(message('dev', '1'), message('device', '2'), message('dev', '3'), message('d', '4'));
      short.hears(raw('1'));
      long.hears(raw('2'));
      short.hears(raw('3'));
    }),
  );

  it(
    'is passed on as it comes, piece by piece, and its header may come in any pieces',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.trickles(message('bob', 'abc'));
      bob.hears(raw('a'), raw('b'), raw('c'));
      ann.sends(head('bob', 5), raw('de'));
      bob.hears(raw('de'));
      ann.sends(raw('fgh'), message('bob', 'ijk'));
      bob.hears(raw('fgh'), raw('ijk'));
    }),
  );

  it(
    'of 16 MiB is passed on, in as many pieces as it comes in',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      const piece = payload(MEBIBYTE);
      ann.sends(head('bob', 16 * MEBIBYTE));
      for (let i = 0; i < 16; i++) {
        ann.sends(piece);
        bob.hears(piece);
      }
      ann.sends(message('bob', 'next'));
      bob.hears(raw('next'));
    }),
  );
});

describe('a message of no bytes', () => {
  it(
    'reaches nobody, whomever it names',
    plays(({ enters }) => {
      const ann = enters('ann');
      enters('bob');
      ann.sends(keepAlive('ann'), head('bob', 0), head('nobody', 0));
      ann.saw('consumed', 'consumed', 'no-target');
    }),
  );

  it(
    'need not wait where another is in the middle of its message',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(head('bob', 2), raw('1'));
      bob.hears(raw('1'));
      cid.sends(head('bob', 0), message('cid', 'on')).hears(raw('on'));
      ann.sends(raw('2'));
      bob.hears(raw('2'));
    }),
  );
});

describe('the size of a message', () => {
  it.each(['007', '7', '000000000000007'])('may be written %s', (size) =>
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(head('bob', size), raw('sevenis'), message('bob', 'x'));
      bob.hears(raw('sevenis'), raw('x'));
    })(),
  );

  it.each(['0', '00', '000000000000000'])('may be none: %s', (size) =>
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(head('bob', size), message('bob', 'x'));
      bob.hears(raw('x'));
    })(),
  );

  it.each([
    '',
    ' ',
    '-1',
    '+5',
    ' 5',
    '5 ',
    '5.0',
    '5e1',
    '0x5',
    'five',
    '5\0',
    '\u0665',
    '0000000000000007',
  ])('that is no decimal integer closes the connection: %j', (size) =>
    plays(({ enters }) => {
      enters('bob');
      enters('ann').sends(head('bob', size), raw('hello')).isClosed('not-decimal');
    })(),
  );

  it.each(['16777217', '99999999', '016777217', '4294967296', '18446744073709551616', '1e9'])(
    'above 16 MiB closes the connection, before its last digit has come where it may: %s',
    (size) =>
      plays(({ enters }) => {
        enters('bob');
        const ann = enters('ann').sends(raw(`bob|${size}`));
        if (size === '1e9') ann.isClosed('not-decimal');
        else ann.isClosed('message-too-large');
      })(),
  );

  it(
    'of 16 MiB is within the limit, to the byte',
    plays(({ enters }) => {
      enters('ann').sends(head('nobody', 16_777_216)).saw('no-target');
      enters('bob').sends(head('nobody', 16_777_217)).isClosed('message-too-large');
    }),
  );

  it(
    'that is wrong is found after whole messages before it, which are delivered',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(message('bob', 'good'), head('bob', 'bad'));
      bob.hears(raw('good'));
      ann.isClosed('not-decimal');
    }),
  );
});

describe('what is sent to nobody in particular', () => {
  it(
    'that is no message at all closes the connection',
    plays(({ enters }) => {
      enters('ann').sends(raw('GET / HTTP/1.1\r\nHost: a|b\r\n\r\n')).isClosed('not-decimal');
      enters('bob')
        .sends(raw('GET /a-path-that-is-longer-than-any-name-may-be-on-this-relay HTTP/1.1\r\n'))
        .isClosed('name-too-long');
    }),
  );
});
