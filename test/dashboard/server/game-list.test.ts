import { describe, expect, it } from 'vitest';
import { BadList, readGameList } from '../../../dashboard/server/game-list.ts';
import { LISTED_PLAYERS_MAX } from '../../../dashboard/server/limits.ts';

const player = (mac_addr: unknown, ip_addr: unknown = '192.0.2.1') => ({ mac_addr, ip_addr });
const list = (...groups: unknown[][]) => ({ games: [{ groups: groups.map((players) => ({ players })) }] });
const ANN = '02:aa:bb:cc:dd:01';
const good = player(ANN);

describe('a list of players', () => {
  it('is read group by group, with all games in one row', () => {
    const body = {
      games: [
        { groups: [{ players: [good, player('02:aa:bb:cc:dd:02')] }, { players: [] }] },
        { groups: [{ players: [player('02:aa:bb:cc:dd:03', '2001:DB8::0:1')] }] },
        { groups: [] },
      ],
    };
    expect(readGameList(body)).toEqual([
      [
        { mac: 0x02aabbccdd01, address: '192.0.2.1' },
        { mac: 0x02aabbccdd02, address: '192.0.2.1' },
      ],
      [],
      [{ mac: 0x02aabbccdd03, address: '2001:db8::1' }],
    ]);
    expect(readGameList({ games: [] })).toEqual([]);
  });

  it.each([
    ['02:aa:bb:cc:dd:ff', 0x02aabbccddff],
    ['02-AA-bb-CC-dd-FF', 0x02aabbccddff],
    ['02AABBCCDDFF', 0x02aabbccddff],
    ['ff:ff:ff:ff:ff:fe', 0xfffffffffffe],
    ['000000000001', 1],
  ])('takes the MAC address %s', (text, mac) => {
    expect(readGameList(list([player(text)]))).toEqual([[{ mac, address: '192.0.2.1' }]]);
  });

  it('takes what else is said, and has no use for it', () => {
    const body = {
      version: 2,
      games: [{ name: 7, groups: [{ name: [], players: [{ ...good, nick: null }] }] }],
    };
    expect(readGameList(body)).toHaveLength(1);
  });
});

describe('a list that is none is refused in one line that names the place', () => {
  const mac = 'must be a MAC address such as "02:aa:bb:cc:dd:01"';
  const ip = 'must be an IPv4 or IPv6 address';
  it.each([
    [null, 'the body must be an object, not null'],
    [undefined, 'the body must be an object, and is not there'],
    [[], 'the body must be an object, not a list'],
    ['games', 'the body must be an object, not "games"'],
    [{}, 'games must be a list, and is not there'],
    [{ games: {} }, 'games must be a list, not an object'],
    [{ games: [5] }, 'games[0] must be an object, not 5'],
    [{ games: [{}] }, 'games[0].groups must be a list, and is not there'],
    [{ games: [{ groups: [] }, { groups: [null] }] }, 'games[1].groups[0] must be an object, not null'],
    [{ games: [{ groups: [{ players: 'x' }] }] }, 'games[0].groups[0].players must be a list, not "x"'],
    [list([], ['x']), 'games[0].groups[1].players[0] must be an object, not "x"'],
    [list([good, {}]), `games[0].groups[0].players[1].mac_addr ${mac}, and is not there`],
    [
      list([good], [player('02:aa:bb:cc:dd')]),
      `games[0].groups[1].players[0].mac_addr ${mac}, not "02:aa:bb:cc:dd"`,
    ],
    [
      list([player('02:aa-bb:cc:dd:01')]),
      `games[0].groups[0].players[0].mac_addr ${mac}, not "02:aa-bb:cc:dd:01"`,
    ],
    [
      list([player('02:aa:bb:cc:dd:0g')]),
      `games[0].groups[0].players[0].mac_addr ${mac}, not "02:aa:bb:cc:dd:0g"`,
    ],
    [list([player(0x02aabbccdd01)]), `games[0].groups[0].players[0].mac_addr ${mac}, not 2932318461185`],
    [
      list([player('x'.repeat(99))]),
      `games[0].groups[0].players[0].mac_addr ${mac}, not "${'x'.repeat(36)}...`,
    ],
    [
      list([player(ANN, undefined)].map(({ mac_addr }) => ({ mac_addr }))),
      `games[0].groups[0].players[0].ip_addr ${ip}, and is not there`,
    ],
    [list([player(ANN, '192.0.2')]), `games[0].groups[0].players[0].ip_addr ${ip}, not "192.0.2"`],
    [list([player(ANN, 'localhost')]), `games[0].groups[0].players[0].ip_addr ${ip}, not "localhost"`],
    [list([player(ANN, [])]), `games[0].groups[0].players[0].ip_addr ${ip}, not a list`],
  ])('%#', (body, line) => expect(() => readGameList(body)).toThrow(new BadList(line)));
});

it(`takes ${LISTED_PLAYERS_MAX} players, in however many groups, and not one more`, () => {
  const half = Array.from({ length: LISTED_PLAYERS_MAX / 2 }, () => good);
  expect(readGameList(list(half, half)).flat()).toHaveLength(LISTED_PLAYERS_MAX);
  expect(() => readGameList(list(half, half, [good]))).toThrow(
    new BadList(`games[0].groups[2].players[0]: ${LISTED_PLAYERS_MAX} players are the most that are taken`),
  );
});
