/** Groups: joining, leaving, founding, finding, and what their members say to each other. */
import { describe, expect, it } from 'vitest';
import { GameTable } from '../../../protocol/adhocctl/games.ts';
import { ANN, BOB, CID, DAN, enters, founds, plays, playsWith } from '../../kit/adhocctl-cast.ts';
import {
  bssid,
  chat,
  connect,
  connected,
  disconnect,
  disconnected,
  person,
  said,
  scan,
  scanComplete,
  scanned,
} from '../../kit/adhocctl-wire.ts';
import type { Client, Script } from '../../kit/transcript.ts';

const REGIONS = GameTable.from({
  crosslinks: { ULES01213: 'ULUS10391', ULJM05500: 'ULUS10391' },
  names: { ULUS10391: 'Game of many regions' },
});

interface Three extends Script {
  readonly ann: Client;
  readonly bob: Client;
  readonly cid: Client;
}

/** Ann, Bob and Cid, in this order, in group G; their numbers are 0, 1 and 2. */
function three(play: (three: Three) => void): () => void {
  return plays((script) => {
    const ann = founds(script, ANN);
    const bob = enters(script, BOB).sends(connect('G'));
    ann.hears(connected(BOB, 1));
    bob.hears(connected(ANN, 0), bssid(ANN));
    const cid = enters(script, CID).sends(connect('G'));
    ann.hears(connected(CID, 2));
    bob.hears(connected(CID, 2));
    cid.hears(connected(ANN, 0), connected(BOB, 1), bssid(ANN));
    play({ ...script, ann, bob, cid });
  });
}

describe('connecting', () => {
  it(
    'to a group that is not there founds it',
    plays((script) => {
      const ann = enters(script, ANN).sends(connect('G'));
      ann.hears(bssid(ANN)).saw('consumed');
    }),
  );

  it(
    'tells all members of the newcomer, the newcomer of all members, and last who founded the group',
    three(({ top }) => {
      expect(top.hub.players.size).toBe(3);
    }),
  );

  it(
    'leaves the group before, whose members hear of it',
    three(({ ann, bob, cid }) => {
      bob.sends(connect('H'));
      ann.hears(disconnected(1));
      cid.hears(disconnected(1));
      bob.hears(bssid(BOB));
      ann.sends(scan).hears(scanned('G', ANN), scanned('H', BOB), scanComplete);
    }),
  );

  it(
    'to the group that one is in leaves it and comes back as its youngest member',
    three(({ ann, bob, cid }) => {
      bob.sends(connect('G'));
      ann.hears(disconnected(1));
      cid.hears(disconnected(1));
      ann.hears(connected(BOB, 1));
      cid.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), connected(CID, 2), bssid(ANN));
      ann.ends();
      cid.hears(disconnected(0));
      bob.hears(disconnected(0));
      bob.sends(scan).hears(scanned('G', CID), scanComplete);
    }),
  );

  it(
    'to the group that one has founded hands it to the oldest of the others',
    three(({ ann, bob, cid }) => {
      ann.sends(connect('G'));
      bob.hears(disconnected(0));
      cid.hears(disconnected(0));
      bob.hears(connected(ANN, 0));
      cid.hears(connected(ANN, 0));
      ann.hears(connected(BOB, 1), connected(CID, 2), bssid(BOB));
    }),
  );

  it(
    'to the group that one is alone in founds it anew',
    plays((script) => {
      const ann = founds(script, ANN);
      const bob = founds(script, BOB, 'H');
      ann.sends(connect('G')).hears(bssid(ANN));
      bob.sends(scan).hears(scanned('H', BOB), scanned('G', ANN), scanComplete);
    }),
  );
});

describe('the name of a group', () => {
  it.each([
    ['is compared to the last of its eight letters', 'ABCDEFGH', 'ABCDEFGI'],
    ['is compared letter by letter, large and small', 'abc', 'ABC'],
    ['is compared to its end', 'ABC', 'ABCD'],
    ['may be empty, and is a name then too', '', 'G'],
  ])('%s', (_, one, other) => {
    plays((script) => {
      const ann = founds(script, ANN, one);
      const bob = founds(script, BOB, other);
      ann.sends(scan).hears(scanned(one, ANN), scanned(other, BOB), scanComplete);
      bob.sends(connect(one));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
    })();
  });

  it(
    'ends at its first NUL: what follows is neither compared nor passed on',
    plays((script) => {
      const dirty = connect('AB');
      dirty.set([0xee, 0xdd], 4);
      const ann = enters(script, ANN).sends(dirty).hears(bssid(ANN));
      ann.sends(scan).hears(scanned('AB', ANN), scanComplete);
      const bob = enters(script, BOB).sends(connect('AB'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
    }),
  );

  it(
    'may be of any bytes',
    plays((script) => {
      const name = Uint8Array.of(0x80, 0xff, 0xfe, 0x01, 0x0a, 0xc3, 0x28, 0x7f);
      const ann = enters(script, ANN)
        .sends(Uint8Array.of(2, ...name))
        .hears(bssid(ANN));
      ann.sends(scan).hears(Uint8Array.of(4, ...name, ...bssid(ANN).subarray(1)), scanComplete);
    }),
  );

  it(
    'belongs to one game: the same name in another is another group',
    plays((script) => {
      const ann = founds(script, ANN);
      const bob = founds(script, person(BOB.mac, 'Bob', 'ULUS99999'));
      ann.sends(scan).hears(scanned('G', ANN), scanComplete);
      bob.sends(scan).hears(scanned('G', BOB), scanComplete);
      ann.ends();
      bob.sends(disconnect, scan).hears(scanComplete);
    }),
  );

  it(
    'belongs to all releases that play together',
    playsWith({ games: REGIONS }, (script) => {
      const players = [
        person(ANN.mac, 'Ann', 'ULES01213'),
        person(BOB.mac, 'Bob', 'ULUS10391'),
        person(CID.mac, 'Cid', 'ULJM05500'),
      ] as const;
      const [ann, bob, cid] = players;
      const one = founds(script, ann);
      const two = enters(script, bob).sends(scan).hears(scanned('G', ann), scanComplete).sends(connect('G'));
      one.hears(connected(bob, 1));
      two.hears(connected(ann, 0), bssid(ann));
      const three = enters(script, cid).sends(connect('G'));
      one.hears(connected(cid, 2));
      two.hears(connected(cid, 2));
      three.hears(connected(ann, 0), connected(bob, 1), bssid(ann));
      founds(script, DAN);
    }),
  );
});

describe('leaving', () => {
  it(
    'by DISCONNECT is heard of by the members left, and by nobody else',
    three(({ ann, bob, cid, client }) => {
      client('stranger');
      bob.sends(disconnect);
      ann.hears(disconnected(1));
      cid.hears(disconnected(1));
      bob.saw('consumed');
    }),
  );

  it.each(['ends', 'breaks'] as const)('by a connection that %s is heard of alike', (ends) => {
    three(({ ann, bob, cid }) => {
      bob[ends]();
      ann.hears(disconnected(1));
      cid.hears(disconnected(1));
    })();
  });

  it(
    'by a mistake is heard of alike',
    three(({ ann, bob, cid }) => {
      bob.sends(Uint8Array.of(99)).isClosed('unknown-opcode');
      ann.hears(disconnected(1));
      cid.hears(disconnected(1));
    }),
  );

  it(
    'makes the oldest member the founder, and the next after that',
    three((script) => {
      const { ann, bob, cid } = script;
      ann.sends(disconnect);
      bob.hears(disconnected(0));
      cid.hears(disconnected(0));
      ann.sends(scan).hears(scanned('G', BOB), scanComplete);
      bob.ends();
      cid.hears(disconnected(1));
      ann.sends(connect('G'));
      cid.hears(connected(ANN, 0));
      ann.hears(connected(CID, 2), bssid(CID));
    }),
  );

  it(
    'as the last member ends the group',
    plays((script) => {
      const ann = founds(script, ANN);
      ann.sends(disconnect, scan).hears(scanComplete);
      const bob = founds(script, BOB);
      bob.ends();
      ann.sends(scan).hears(scanComplete);
    }),
  );

  it(
    'no group changes nothing, as often as one likes',
    plays((script) => {
      const bob = founds(script, BOB);
      const ann = enters(script, ANN).sends(disconnect, disconnect);
      ann.sends(scan).hears(scanned('G', BOB), scanComplete);
      bob.sends(disconnect, disconnect).saw('consumed', 'consumed');
    }),
  );
});

describe('scanning', () => {
  it(
    'tells the groups of the own game, in the order in which they were founded',
    plays((script) => {
      founds(script, CID, 'third');
      founds(script, ANN, 'first');
      founds(script, person(DAN.mac, 'Dan', 'ULUS99999'), 'other');
      const bob = enters(script, BOB);
      bob.sends(scan).hears(scanned('third', CID), scanned('first', ANN), scanComplete);
    }),
  );

  it(
    'where there is no group tells just that',
    plays((script) => enters(script, ANN).sends(scan).hears(scanComplete)),
  );

  it(
    'tells the group that one is in as well',
    plays((script) => founds(script, ANN).sends(scan).hears(scanned('G', ANN), scanComplete)),
  );
});

describe('chat', () => {
  it(
    'goes to every other member, with the nickname of its sender, and not back',
    three(({ ann, bob, cid }) => {
      bob.sends(chat('hello'));
      ann.hears(said('hello', BOB));
      cid.hears(said('hello', BOB));
      bob.saw('consumed');
    }),
  );

  it(
    'goes to no other group and no other game',
    three((script) => {
      const dan = founds(script, DAN, 'H');
      const eve = person('02aabbccdd05', 'Eve', 'ULUS99999');
      const other = founds(script, eve);
      dan.sends(chat('is anybody here?')).saw('consumed');
      other.sends(chat('or here?')).saw('consumed');
    }),
  );

  it(
    'of somebody in no group is heard by nobody',
    three((script) => {
      const dan = enters(script, DAN).sends(chat('hello?'));
      dan.saw('consumed');
      script.bob.sends(disconnect);
      script.ann.hears(disconnected(1));
      script.cid.hears(disconnected(1));
      script.bob.sends(chat('still there?')).saw('consumed');
    }),
  );

  it(
    'is passed on as it came: all 64 bytes, UTF-8 or not',
    plays((script) => {
      const ann = founds(script, ANN);
      const bob = enters(script, BOB).sends(connect('G'));
      ann.hears(connected(BOB, 1));
      bob.hears(connected(ANN, 0), bssid(ANN));
      const message = Uint8Array.from({ length: 64 }, (_, i) => 255 - i);
      bob.sends(Uint8Array.of(7, ...message));
      ann.hears(Uint8Array.of(7, ...message, ...said('', BOB).subarray(65)));
    }),
  );
});

describe('the lobby', () => {
  it(
    'has every player under its game, in a group or in none',
    playsWith({ games: REGIONS }, (script) => {
      founds(script, person(ANN.mac, 'Ann', 'ULES01213'), 'room 1');
      enters(script, person(BOB.mac, 'Bob', 'ULUS10391'));
      founds(script, person(CID.mac, 'Cid', 'ULUS99999'), '');
      script.client('nobody yet');
      expect(script.top.hub.lobby?.()).toEqual([
        {
          codes: ['ULUS10391', 'ULES01213', 'ULJM05500'],
          name: 'Game of many regions',
          players: [
            { endpoint: '02:aa:bb:cc:dd:01', nickname: 'Ann', group: 'room 1' },
            { endpoint: '02:aa:bb:cc:dd:02', nickname: 'Bob', group: null },
          ],
        },
        {
          codes: ['ULUS99999'],
          name: '',
          players: [{ endpoint: '02:aa:bb:cc:dd:03', nickname: 'Cid', group: '' }],
        },
      ]);
    }),
  );

  it(
    'is empty when all have gone',
    plays((script) => {
      founds(script, ANN).ends();
      expect(script.top.hub.lobby?.()).toEqual([]);
    }),
  );
});
