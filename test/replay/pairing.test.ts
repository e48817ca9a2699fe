/** Who is who in two recordings, by what can be known of it. */
import { describe, expect, it } from 'vitest';
import { NOTES_MAX, pairPlays } from '../../replay/pairing.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import { MadeSession } from '../kit/session-view.ts';

const [ANN, BOB, CID] = [1, 2, 3].map((n) => `02:00:00:00:00:0${n}`) as [string, string, string];
const [XEN, YVE, ZOE] = [1, 2, 3].map((n) => `06:00:00:00:00:0${n}`) as [string, string, string];

function pair(first: (game: MadeSession) => void, second: (game: MadeSession) => void) {
  const [one, other] = [first, second].map((play) => {
    const game = new MadeSession();
    play(game);
    return new RecordedPlay(game.source(), 1);
  }) as [RecordedPlay, RecordedPlay];
  const { translation, notes, connections } = pairPlays(one, other);
  return {
    notes,
    player: (player: string) => translation.player(player),
    endpoint: (endpoint: string) => translation.endpoint(endpoint),
    connections: connections.map((each) => [each.second.conn, each.first.conn]),
  };
}

/** Everybody opens the same datagram socket. */
const sockets =
  (...macs: string[]) =>
  (game: MadeSession) => {
    for (const mac of macs) game.pdp(mac, 100);
  };

describe('players are paired', () => {
  it('by address, whatever else speaks against it', () => {
    const named = (game: MadeSession) => {
      game.nickname(ANN, 'Bob').nickname(BOB, 'Ann');
      sockets(BOB, ANN)(game);
    };
    const { player, notes } = pair((game) => sockets(ANN, BOB)(game.nickname(ANN, 'Ann')), named);
    expect([player(ANN), player(BOB)]).toEqual([ANN, BOB]);
    expect(notes).toEqual([]);
  });

  it('by nickname, where the address is another', () => {
    const { player, notes } = pair(
      (game) => sockets(ANN, BOB)(game.nickname(ANN, 'Ann').nickname(BOB, 'Bob')),
      (game) => sockets(XEN, YVE)(game.nickname(XEN, 'Bob').nickname(YVE, 'Ann')),
    );
    expect([player(XEN), player(YVE)]).toEqual([BOB, ANN]);
    expect(notes).toEqual([
      `Ann is ${ANN} in the first recording and ${YVE} in the second (by nickname)`,
      `Bob is ${BOB} in the first recording and ${XEN} in the second (by nickname)`,
    ]);
  });

  it('by nickname though one of them has the other’s old address', () => {
    const { player } = pair(
      (game) => sockets(ANN, BOB)(game.nickname(ANN, 'Ann').nickname(BOB, 'Bob')),
      (game) => sockets(XEN, ANN)(game.nickname(XEN, 'Bob').nickname(ANN, 'Ann')),
    );
    expect([player(ANN), player(XEN), player(BOB)]).toEqual([ANN, BOB, XEN]);
  });

  it('by the ports that they open', () => {
    const { player, notes } = pair(
      (game) => {
        game.pdp(ANN, 100);
        game.pdp(BOB, 200);
      },
      (game) => {
        game.pdp(XEN, 200);
        game.pdp(YVE, 100);
      },
    );
    expect([player(XEN), player(YVE)]).toEqual([BOB, ANN]);
    expect(notes[0]).toContain('(by the ports they open, and the order in which they came)');
  });

  it('by the ports that are theirs, and not by those that were free', () => {
    const open = (mac: string, port: number, free: number) => (game: MadeSession) => {
      game.pdp(mac, port);
      game.connect(`${mac}/${free}`, `${CID}/1`);
    };
    const { player } = pair(
      (game) => [open(ANN, 100, 5001), open(BOB, 200, 5002)].forEach((each) => each(game)),
      (game) => [open(XEN, 200, 6001), open(YVE, 100, 6002)].forEach((each) => each(game)),
    );
    expect([player(XEN), player(YVE)]).toEqual([BOB, ANN]);
  });

  it('by what they open, where the ports are others', () => {
    const { player, notes } = pair(
      (game) => {
        game.listen(ANN, 100);
        game.connect(`${BOB}/5000`, `${ANN}/100`);
      },
      (game) => {
        game.connect(`${XEN}/6000`, `${YVE}/101`);
        game.listen(YVE, 101);
      },
    );
    expect([player(XEN), player(YVE)]).toEqual([BOB, ANN]);
    expect(notes.join()).toContain('(by what they open, and the order in which they came)');
  });

  it('by the order in which they came, where nothing else is known', () => {
    const { player, notes } = pair(sockets(ANN, BOB, CID), (game) => {
      game.listen(XEN, 1);
      game.pdp(YVE, 2);
      game.pdp(ZOE, 2);
    });
    expect([player(XEN), player(YVE), player(ZOE)]).toEqual([CID, ANN, BOB]);
    expect(notes).toContain(
      `P3 is ${CID} in the first recording and ${XEN} in the second (by the order in which they came)`,
    );
  });

  it('or named, where nobody is left for them; beyond some, they are counted', () => {
    const many = Array.from({ length: NOTES_MAX + 3 }, (_, i) => `06:00:00:00:01:${10 + i}`);
    const { notes, player } = pair(
      (game) => sockets(ANN, BOB)(game.nickname(BOB, 'Bob')),
      (game) => sockets(ANN)(game),
    );
    expect(notes).toEqual([`Bob (${BOB}) plays in the first recording only`]);
    expect(player(BOB)).toBe(BOB);
    const more = pair(sockets(ANN), sockets(ANN, ...many)).notes;
    expect(more).toHaveLength(NOTES_MAX + 1);
    expect(more.at(-1)).toBe('3 more players likewise');
  });
});

describe('endpoints are paired', () => {
  it('by port, where it is the same, in whatever order they were opened', () => {
    const { endpoint, notes } = pair(
      (game) => [100, 200].map((port) => game.pdp(ANN, port)),
      (game) => [300, 200, 100].map((port) => game.pdp(ANN, port)),
    );
    for (const port of [100, 200, 300]) expect(endpoint(`${ANN}/${port}`)).toBe(`${ANN}/${port}`);
    expect(notes).toEqual([]);
  });

  it('by what they are for, where the port is another', () => {
    const { endpoint, notes } = pair(
      (game) => {
        game.pdp(ANN, 100);
        game.listen(ANN, 200);
      },
      (game) => {
        game.listen(ANN, 100);
        game.pdp(ANN, 101);
      },
    );
    expect(endpoint(`${ANN}/100`)).toBe(`${ANN}/200`);
    expect(endpoint(`${ANN}/101`)).toBe(`${ANN}/100`);
    expect(notes).toEqual(['2 ports differ between the two, and were paired by what they were opened for']);
  });

  it('by whom they are for, and then in the order of opening, where the ports are whatever was free', () => {
    const play =
      (ann: string, bob: string, opens: readonly (readonly [number, number])[]) => (game: MadeSession) => {
        for (const shop of [10, 20]) game.listen(ann, shop);
        for (const [port, shop] of opens) game.connect(`${bob}/${port}`, `${ann}/${shop}`);
      };
    const first = play(ANN, BOB, [
      [5001, 10],
      [5002, 20],
      [5003, 10],
    ]);
    // 5003 is another one here, though it was there before.
    const second = [
      [5003, 20],
      [5001, 10],
      [5002, 10],
    ] as const;
    for (const ann of [ANN, XEN]) {
      const { endpoint } = pair(first, play(ann, YVE, second));
      expect(endpoint(`${YVE}/5001`)).toBe(`${BOB}/5001`);
      expect(endpoint(`${YVE}/5002`)).toBe(`${BOB}/5003`);
      expect(endpoint(`${YVE}/5003`)).toBe(`${BOB}/5002`);
    }
  });

  it('of who listens by that, whether or not anybody was let in', () => {
    const { endpoint } = pair(
      (game) => {
        game.listen(ANN, 10);
        game.accept(`${ANN}/10`, `${BOB}/5001`);
      },
      (game) => game.listen(ANN, 11),
    );
    expect(endpoint(`${ANN}/11`)).toBe(`${ANN}/10`);
  });

  it('by port for whoever connects, too, where all of them are the same', () => {
    const play =
      (...ports: number[]) =>
      (game: MadeSession) => {
        game.listen(ANN, 10);
        for (const port of ports) game.connect(`${BOB}/${port}`, `${ANN}/10`);
      };
    const { endpoint, connections } = pair(play(5001, 5002), play(5002, 5001));
    expect(endpoint(`${BOB}/5001`)).toBe(`${BOB}/5001`);
    expect(connections).toEqual([
      [1, 1],
      [3, 2],
      [2, 3],
    ]);
  });

  it('across the two ends of a stream', () => {
    const play = (bob: string, ann: string, shop: number, port: number) => (game: MadeSession) => {
      game.listen(ann, shop);
      game.connect(`${bob}/${port}`, `${ann}/${shop}`);
      game.accept(`${ann}/${shop}`, `${bob}/${port}`);
    };
    const { endpoint, connections } = pair(play(BOB, ANN, 10, 5001), play(YVE, XEN, 11, 6001));
    expect(endpoint(`${XEN}/11`)).toBe(`${ANN}/10`);
    expect(endpoint(`${YVE}/6001`)).toBe(`${BOB}/5001`);
    expect(connections).toHaveLength(3);
  });
});
