/** How a connection to adhocctl begins, goes on for as long as its client is heard of, and ends. */
import { describe, expect, it } from 'vitest';
import { utf8Bytes } from '../../../protocol/utf8.ts';
import { GameTable } from '../../../protocol/adhocctl/games.ts';
import { ANN, BOB, CID, enters, founds, plays, playsWith } from '../../kit/adhocctl-cast.ts';
import {
  bssid,
  chat,
  connect,
  connected,
  disconnect,
  disconnected,
  login,
  loginBytes,
  macOf,
  person,
  ping,
  said,
  scan,
  scanComplete,
} from '../../kit/adhocctl-wire.ts';
import { payload } from '../../kit/bytes.ts';

describe('a login', () => {
  it(
    'is answered with nothing',
    plays((script) => {
      enters(script, ANN).saw('consumed');
      script.players(1);
    }),
  );

  it(
    'is acted on only when it is whole',
    plays(({ client, players }) => {
      const ann = client('ann').sends(login(ANN).subarray(0, 143));
      players(0);
      ann.sends(login(ANN).subarray(143));
      players(1);
    }),
  );

  it(
    'may arrive in any pieces, and together with what follows',
    plays(({ client }) => {
      const ann = client('ann');
      ann.trickles(login(ANN), scan, connect('G'));
      ann.hears(scanComplete, bssid(ANN));
      client('bob').sends(login(BOB), connect('H'), ping).hears(bssid(BOB));
    }),
  );

  it(
    'tells whom the connection speaks for, and what is played',
    playsWith(
      {
        games: GameTable.from({
          crosslinks: { ULES01213: 'ULUS10391' },
          names: { ULUS10391: 'Game of many regions' },
        }),
      },
      (script) => {
        const ann = enters(script, person(ANN.mac, 'Änn 🎮', 'ULES01213'));
        expect(ann.connection.identity).toEqual({
          role: 'player',
          endpoint: '02:aa:bb:cc:dd:01',
          toward: '',
          nickname: 'Änn 🎮',
          game: 'ULUS10391',
          gameName: 'Game of many regions',
        });
        const bob = enters(script, BOB);
        expect(bob.connection.identity).toMatchObject({ game: 'ULUS10511', gameName: '' });
      },
    ),
  );

  it.each([
    ['PING', ping],
    ['CONNECT', connect('G')],
    ['DISCONNECT', disconnect],
    ['SCAN', scan],
    ['CHAT', chat('hello')],
    ['SCAN_COMPLETE, which only servers say', Uint8Array.of(5)],
  ])('comes first: %s before it closes the connection', (_, bytes) => {
    plays(({ client }) => client('eve').sends(bytes, login(ANN)).isClosed('unexpected'))();
  });

  it(
    'comes once',
    plays((script) => {
      enters(script, ANN).sends(login(ANN)).isClosed('unexpected');
      script.players(0);
    }),
  );

  it.each([
    ['zeros', '000000000000'],
    ['ones', 'ffffffffffff'],
  ])('with a MAC address of all %s closes the connection, which speaks for nobody', (_, mac) => {
    plays((script) => {
      const eve = enters(script, person(mac, 'Eve'));
      eve.isClosed('bad-mac');
      expect(eve.connection.identity).toBeNull();
      script.players(0);
    })();
  });

  it.each(['000000000001', '010000000000', 'fffffffffffe', 'feffffffffff', '0000ffffffff', 'ffffffff0000'])(
    'with the MAC address %s is taken',
    (mac) => {
      plays((script) => {
        enters(script, person(mac, 'Odd'));
        script.players(1);
      })();
    },
  );

  it.each(['ULUS1051', 'ulus10511', 'ULUS-1051', ' ULUS1051', 'ÜLUS1051', ''])(
    'with the product code "%s" closes the connection, which speaks for nobody',
    (product) => {
      plays((script) => {
        const eve = enters(script, person(ANN.mac, 'Eve', product));
        eve.isClosed('bad-product');
        expect(eve.connection.identity).toBeNull();
        script.players(0);
      })();
    },
  );

  it.each(['AAAAAAAAA', '000000000', 'Z9Z9Z9Z9Z', 'ABCD12345'])(
    'with the product code %s is taken',
    (product) => {
      plays((script) => {
        enters(script, person(ANN.mac, 'Ann', product));
        script.players(1);
      })();
    },
  );

  it(
    'may have a nickname that is no UTF-8, which the others get as it came',
    plays((script) => {
      const strange = payload(128, 0x80);
      const bob = founds(script, BOB);
      const ann = script.client('ann').sends(loginBytes(macOf(ANN), strange, utf8Bytes('ULUS10511')));
      ann.sends(connect('G'));
      bob.hears(Uint8Array.of(2, ...strange, ...macOf(ANN), 1, 0, 0, 0));
      ann.hears(connected(BOB, 0), bssid(BOB));
      ann.sends(chat('hi'));
      bob.hears(Uint8Array.of(...chat('hi'), ...strange));
    }),
  );
});

describe('opcodes', () => {
  it.each([8, 0x47, 0xff])('that do not exist are told from others before a login: %i', (opcode) => {
    plays(({ client }) => client('browser').sends(Uint8Array.of(opcode)).isClosed('unknown-opcode'))();
  });

  it.each([8, 0x47, 0xff])('that do not exist close the connection of a player: %i', (opcode) => {
    plays((script) => {
      enters(script, ANN).sends(Uint8Array.of(opcode)).isClosed('unknown-opcode');
      script.players(0);
    })();
  });

  it.each([
    ['SCAN_COMPLETE', 5],
    ['CONNECT_BSSID', 6],
  ])('that only servers say close the connection of a player: %s', (_, opcode) => {
    plays((script) => enters(script, ANN).sends(Uint8Array.of(opcode)).isClosed('unexpected'))();
  });

  it(
    'behind one that does not exist are not looked at',
    plays((script) => {
      const bob = founds(script, BOB);
      enters(script, ANN).sends(Uint8Array.of(9), connect('G')).isClosed('unknown-opcode');
      bob.sends(ping).saw('consumed');
    }),
  );
});

describe('the time for a login', () => {
  it(
    'is over after 5 s, and not a millisecond earlier',
    plays(({ client, at }) => {
      const idle = client('idle');
      at(4.999);
      at(5);
      idle.isClosed('timed-out');
    }),
  );

  it(
    'is not extended by bytes that trickle in',
    plays(({ client, at }) => {
      const slow = client('slow');
      for (let second = 1; second < 5; second++) {
        at(second);
        slow.sends(login(ANN).subarray(30 * (second - 1), 30 * second));
      }
      at(5);
      slow.isClosed('timed-out');
    }),
  );

  it(
    'is enough for a login that is whole a millisecond before its end',
    plays(({ client, at }) => {
      const slow = client('slow');
      at(4.999);
      slow.sends(login(ANN));
      at(20);
      slow.sends(scan).hears(scanComplete);
    }),
  );

  it(
    'runs out in silence for a client that has left',
    plays(({ client, at }) => {
      client('gone').ends();
      client('lost').breaks();
      at(30);
    }),
  );
});

describe('silence', () => {
  it(
    'is ended after 30 s, and not a millisecond earlier',
    plays((script) => {
      script.at(1);
      const ann = enters(script, ANN);
      script.at(30.999);
      script.at(31);
      ann.isClosed('silent');
      script.players(0);
    }),
  );

  it(
    'of one member of a group is heard of by the others',
    plays((script) => {
      const ann = founds(script, ANN);
      script.at(20);
      const bob = enters(script, BOB).sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      script.at(30);
      ann.isClosed('silent');
      bob.hears(disconnected(0));
    }),
  );

  it.each([
    ['a ping', ping],
    ['a message to nobody', chat('anybody?')],
    ['a disconnect', disconnect],
  ])('is broken by %s', (_, bytes) => {
    plays((script) => {
      const ann = enters(script, ANN);
      script.at(29.999);
      ann.sends(bytes);
      script.at(59.998);
      script.at(59.999);
      ann.isClosed('silent');
    })();
  });

  it(
    'is not broken by half a frame, nor by what others say',
    plays((script) => {
      const ann = enters(script, ANN);
      const bob = enters(script, BOB);
      script.at(20);
      ann.sends(connect('G').subarray(0, 5));
      bob.sends(ping);
      script.at(30);
      ann.isClosed('silent');
    }),
  );

  it(
    'never comes where a client pings every 2 s',
    plays((script) => {
      const ann = enters(script, ANN);
      for (let second = 2; second <= 600; second += 2) {
        script.at(second);
        ann.sends(ping);
      }
      script.players(1);
    }),
  );
});

describe('a second login with the same MAC address', () => {
  it(
    'closes the first, and goes on in no group',
    plays((script) => {
      const old = founds(script, ANN);
      const young = enters(script, ANN, '192.0.2.77');
      old.isClosed('replaced');
      script.players(1);
      young.sends(scan).hears(scanComplete);
    }),
  );

  it(
    'lets the others in the group hear that the first has left before it can join',
    plays((script) => {
      const old = founds(script, ANN);
      const bob = enters(script, BOB).sends(connect('G'));
      old.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      const young = script.client('young').sends(login(ANN), connect('G'));
      old.isClosed('replaced');
      bob.hears(disconnected(0), connected(ANN, 2));
      young.hears(connected(BOB, 1), bssid(BOB));
    }),
  );

  it(
    'is not ended by the first, which leaves at last',
    plays((script) => {
      const old = enters(script, ANN);
      const young = enters(script, ANN);
      old.isClosed('replaced');
      old.ends();
      script.players(1);
      young.sends(connect('G')).hears(bssid(ANN));
    }),
  );

  it(
    'counts whatever is played: the address decides',
    plays((script) => {
      const old = enters(script, ANN);
      enters(script, person(ANN.mac, 'Other', 'ULES00001'));
      old.isClosed('replaced');
      script.players(1);
    }),
  );
});

describe('numbers', () => {
  it(
    'are handed out from 0, in the order of the logins, and not again while others are free',
    plays((script) => {
      const ann = founds(script, ANN);
      enters(script, BOB).ends();
      const cid = enters(script, CID).sends(connect('G'));
      ann.hears(Uint8Array.of(...connected(CID, 0).subarray(0, -4), 2, 0, 0, 0));
      cid.hears(connected(ANN, 0), bssid(ANN));
      cid.sends(disconnect);
      ann.hears(Uint8Array.of(3, 2, 0, 0, 0));
    }),
  );

  it(
    'are not used up by those who are turned away',
    plays((script) => {
      enters(script, person('000000000000', 'Eve')).isClosed('bad-mac');
      const ann = founds(script, ANN);
      const bob = enters(script, BOB).sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
    }),
  );

  it(
    'are all that players learn, wherever they come from',
    plays((script) => {
      const ann = founds(script, ANN, 'G', '2001:db8::1');
      const bob = enters(script, BOB, '198.51.100.9').sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
    }),
  );
});

describe('in peer-to-peer mode', () => {
  it(
    'players are told the IPv4 addresses of each other, in network order',
    playsWith({ addresses: 'real' }, (script) => {
      const ann = founds(script, ANN, 'G', '198.51.100.7');
      const bob = enters(script, BOB, '203.0.113.255').sends(connect('G'));
      ann.hears(Uint8Array.of(...connected(BOB, 0).subarray(0, -4), 203, 0, 113, 255));
      bob.hears(connected(ANN, '198.51.100.7'), bssid(ANN));
      ann.sends(disconnect);
      bob.hears(Uint8Array.of(3, 198, 51, 100, 7));
    }),
  );

  it(
    'who comes from an IPv6 address is turned away at its login, and speaks for nobody',
    playsWith({ addresses: 'real' }, (script) => {
      const six = enters(script, ANN, '2001:db8::1');
      six.isClosed('not-ipv4');
      expect(six.connection.identity).toBeNull();
      enters(script, BOB, '::1').isClosed('not-ipv4');
      script.players(0);
    }),
  );

  it(
    'a wrong login is told as such, wherever it comes from',
    playsWith({ addresses: 'real' }, (script) => {
      enters(script, person('000000000000', 'Eve'), '::1').isClosed('bad-mac');
    }),
  );
});

it('frames that come in one segment take effect one after the other', () => {
  plays((script) => {
    const ann = founds(script, ANN);
    const bob = script.client('bob').sends(login(BOB), connect('G'), chat('first'));
    ann.hears(connected(BOB, 1));
    bob.hears(connected(ANN, 0), bssid(ANN));
    ann.hears(said('first', BOB));
  })();
});
