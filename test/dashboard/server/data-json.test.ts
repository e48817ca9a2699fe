import { describe, expect, it } from 'vitest';
import { dataJson, hasPort } from '../../../dashboard/server/data-json.ts';
import type { LobbyPlayer } from '../../../protocol/types.ts';

const ANN = '02:aa:bb:cc:dd:01';
const BOB = '02:aa:bb:cc:dd:02';
const player = (endpoint: string, nickname: string, group: string | null): LobbyPlayer => ({
  endpoint,
  nickname,
  group,
});
const game = (...players: LobbyPlayer[]) => ({
  codes: ['ULUS10391', 'ULES01213'],
  name: 'Monsters',
  players,
});

describe('/data.json', () => {
  it('tells games, groups and players with the ports that they have open, as server lists read it', () => {
    const sockets = [
      `pdp ${ANN}/20000`,
      `pdp ${ANN}/9`,
      `pdp ${ANN}/9`,
      `ptp-listen ${ANN}/30`,
      `ptp-accept ${ANN}/30`,
      `ptp-connect ${BOB}/7`,
      'pdp 02:aa:bb:cc:dd:09/1',
    ].join('\n');
    const games = [
      game(player(ANN, 'Ann', 'room'), player(BOB, 'Bob', 'room'), player('02:aa:bb:cc:dd:03', 'Cid', null)),
    ];
    expect(dataJson({ games, sockets })).toEqual({
      games: [
        {
          game_ids: ['ULUS10391', 'ULES01213'],
          name: 'Monsters',
          usercount: 3,
          groups: [
            {
              name: 'room',
              channel: 11,
              usercount: 2,
              users: [
                { name: 'Ann', pdp_ports: [9, 20_000], ptp_ports: [30] },
                { name: 'Bob', pdp_ports: [], ptp_ports: [7] },
              ],
            },
          ],
        },
      ],
    });
  });

  it('counts players of a game who are in no group, and has no group for them', () => {
    const { games } = dataJson({ games: [game(player(ANN, 'Ann', null))], sockets: '' });
    expect(games[0]).toMatchObject({ usercount: 1, groups: [] });
  });

  it('keeps groups of one name in two games apart, and a name that is empty or strange as it is', () => {
    const strange = '</script>"\u0000\u{1f409}';
    const { games } = dataJson({
      games: [
        game(player(ANN, strange, '__proto__')),
        game(player(BOB, '', '__proto__'), player('x', 'y', '')),
      ],
      sockets: '',
    });
    expect(
      games.map(({ groups }) => groups.map(({ name, users }) => [name, users.map((user) => user.name)])),
    ).toEqual([
      [['__proto__', [strange]]],
      [
        ['__proto__', ['']],
        ['', ['y']],
      ],
    ]);
    expect(JSON.parse(JSON.stringify(games))).toEqual(games);
  });

  it('is empty where nobody plays', () => {
    expect(dataJson({ games: [], sockets: '' })).toEqual({ games: [] });
  });

  it('passes over what is no socket with a port', () => {
    const sockets = [
      'player ann',
      `pdp ${ANN}`,
      `pdp ${ANN}/x`,
      `toString ${ANN}/5`,
      '',
      `pdp ${ANN}/5`,
    ].join('\n');
    const { games } = dataJson({ games: [game(player(ANN, 'Ann', 'g'))], sockets });
    expect(games[0]?.groups[0]?.users).toEqual([{ name: 'Ann', pdp_ports: [5], ptp_ports: [] }]);
  });
});

it('only sockets of the ad-hoc kind have ports', () => {
  expect(['pdp', 'ptp-listen', 'ptp-connect', 'ptp-accept'].map(hasPort)).toEqual([true, true, true, true]);
  expect(['', 'player', 'constructor', '__proto__'].some(hasPort)).toBe(false);
});
