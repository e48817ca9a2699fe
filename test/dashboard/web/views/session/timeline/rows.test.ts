import { describe, expect, test } from 'vitest';
import type { Lane, LaneTraffic } from '../../../../../../dashboard/api/sessions.ts';
import {
  heightOf,
  OPEN_ROWS_MAX,
  openPlayers,
  openText,
  rowOfConn,
  rowOfEndpoint,
  rowsOf,
  trafficOf,
} from '../../../../../../dashboard/web/src/views/session/timeline/rows.ts';
import { lane } from './sample.ts';

const players = ['bob', 'ann'];
const lanes: readonly Lane[] = [
  lane({ conn: 1, player: 'ann', protocol: 'adhocctl', role: 'player', endpoint: 'ann', opened: 1 }),
  lane({ conn: 2, player: 'bob', protocol: 'adhocctl', role: 'player', endpoint: 'bob', opened: 2 }),
  lane({ conn: 4, player: 'ann', role: 'ptp-accept', endpoint: 'ann/70', toward: 'bob/71', opened: 9 }),
  lane({ conn: 3, player: 'ann', role: 'pdp', endpoint: 'ann/50', opened: 5 }),
  lane({ conn: 5, player: 'ann', role: 'pdp', endpoint: 'ann/50', opened: 20 }),
];
const heights = { player: 30, endpoint: 20 };
const all = rowsOf(players, lanes, new Set(players), heights);

describe('rows', () => {
  test('are players in the order in which they came, and their endpoints in that in which they were opened', () => {
    expect(all.map(({ kind, player, label }) => `${kind} ${player} ${label}`.trim())).toEqual([
      'player bob',
      'endpoint bob adhocctl',
      'player ann',
      'endpoint ann adhocctl',
      'endpoint ann pdp /50',
      'endpoint ann ptp-accept /70',
    ]);
  });

  test('lie below each other without a hole', () => {
    expect(all.map(({ top }) => top)).toEqual([0, 30, 50, 80, 100, 120]);
    expect(heightOf(all)).toBe(140);
    expect(heightOf([])).toBe(0);
  });

  test('are one for all connections of an endpoint', () => {
    expect(all[4]!.lanes.map(({ conn }) => conn)).toEqual([3, 5]);
  });

  test('are players alone where nothing is opened, with all that is theirs', () => {
    const closed = rowsOf(players, lanes, new Set(), heights);
    expect(closed.map(({ player, lanes: own }) => [player, own.map(({ conn }) => conn)])).toEqual([
      ['bob', [2]],
      ['ann', [1, 3, 4, 5]],
    ]);
  });

  test('have those last who are no players of the session', () => {
    const rows = rowsOf(['ann'], lanes, new Set(), heights);
    expect(rows.map(({ player }) => player)).toEqual(['ann', 'bob']);
  });

  test('are found by connection and by endpoint, as exactly as they are shown', () => {
    expect(rowOfConn(all).get(5)?.label).toBe('pdp /50');
    expect(rowOfEndpoint(all, 'ann/70')?.label).toBe('ptp-accept /70');
    expect(rowOfEndpoint(all, 'ann/999')?.kind).toBe('player');
    expect(rowOfEndpoint(all, 'eve/1')).toBeNull();
    const closed = rowsOf(players, lanes, new Set(['bob']), heights);
    expect(rowOfConn(closed).get(5)?.kind).toBe('player');
    expect(rowOfEndpoint(closed, 'ann/70')?.kind).toBe('player');
  });
});

describe('what is opened', () => {
  test('is all that has several endpoints where there is little, and nothing where there is much', () => {
    expect(openPlayers(null, players, lanes)).toEqual(new Set(['ann']));
    const many = Array.from({ length: OPEN_ROWS_MAX + 1 }, (_, i) =>
      lane({ conn: i + 1, endpoint: `ann/${i}` }),
    );
    expect(openPlayers(null, players, many)).toEqual(new Set());
  });

  test('is in the address', () => {
    for (const open of [new Set<string>(), new Set(['bob']), new Set(players)])
      expect(openPlayers(openText(open, players), players, lanes)).toEqual(open);
    expect(openText(new Set(['ann', 'bob']), players)).toBe('1.2');
    expect(openPlayers('none', players, lanes)).toEqual(new Set());
  });
});

test('the traffic of a row is that of all its connections', () => {
  const traffic = (conn: number, n: number): [number, LaneTraffic] => [
    conn,
    { conn, bytesIn: [n, 0], bytesOut: [0, n], frames: [1, 1], drops: [0, n] },
  ];
  const sum = trafficOf(all[4]!, new Map([traffic(3, 5), traffic(5, 7), traffic(4, 100)]), 2);
  expect([...sum.bytesIn]).toEqual([12, 0]);
  expect([...sum.bytesOut]).toEqual([0, 12]);
  expect([...sum.frames]).toEqual([2, 2]);
  expect([...sum.drops]).toEqual([0, 12]);
});
