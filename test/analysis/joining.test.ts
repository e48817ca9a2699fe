import { describe, expect, it } from 'vitest';
import { ENDINGS_MAX, FIRSTS_MAX, JoiningObserver, STEPS_MAX, type Joining } from '../../analysis/joining.ts';
import { observe } from '../../analysis/observe.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { PostofficeFault } from '../../protocol/postoffice/faults.ts';
import { control, ControlKind, MadeSession, NANOS } from '../kit/session-view.ts';

const ANN = '02:aa:bb:cc:dd:01';
const BOB = '02:aa:bb:cc:dd:02';
const PING = [0];
const HELLO = [1, 2, 0, 0, 0, 7, 8];
const JOIN = [2, 0, 0, 0, 0];
const ACCEPT = [3, 0, 0, 0, 0, 0, 0, 0, 0];
const CANCEL = [4, 0, 0, 0, 0];

function joining(game: MadeSession): Joining {
  const observer = new JoiningObserver(game.view());
  observe(game.view(), game.frames, [observer]);
  return observer.end();
}

/** `seconds #frame who what`, with the last digit of an address for its player. */
function told(game: MadeSession): string[] {
  return joining(game).steps.map(({ at, sequence, player, what, to, count, lost }) => {
    const targets = to.length === 0 ? '' : ` to ${to.map((each) => each.slice(16)).join(' ')}`;
    const frame = sequence === null ? '-' : `#${sequence}`;
    const how = (count === 1 ? '' : ` x${count}`) + (lost === null ? '' : ` (${lost})`);
    return `${(at / NANOS).toFixed(1)} ${frame} ${player.slice(16)} ${what}${targets}${how}`;
  });
}

function two() {
  const game = new MadeSession();
  return { game, ann: game.pdp(ANN, 100), bob: game.pdp(BOB, 200) };
}

/** The steps of what `two` do after they have opened their sockets. */
function afterOpening(game: MadeSession): string[] {
  return told(game).slice(2);
}

describe('the join sequence', () => {
  it('goes from logins over group, socket, match-making and first data to leaving', () => {
    const game = new MadeSession({ game: 'ULUS10391', gameName: 'Some Game', group: 'ROOM' });
    const annLogin = game.at(1).login(ANN, 'Ann');
    const bobLogin = game.at(2).login(BOB, 'Bob');
    game.at(3).say(annLogin, ControlKind.asks, 'ROOM');
    game.say(annLogin, ControlKind.joined, ANN);
    game.at(4).say(bobLogin, ControlKind.asks, 'ROOM');
    game.say(bobLogin, ControlKind.joined, ANN);
    const ann = game.at(5).pdp(ANN, 100);
    const bob = game.pdp(BOB, 100);
    for (let i = 0; i < 4; i++) game.at(6 + i).datagram(ann, bob, HELLO);
    game.at(8.5).datagram(bob, ann, JOIN);
    game.at(8.6).datagram(ann, bob, ACCEPT);
    game.at(9.1).datagram(ann, bob, PING);
    game.at(9.2).datagram(bob, ann, PING);
    game.at(10).datagram(ann, bob, [0xff, 1]);
    game.at(10.5).datagram(bob, ann, [0xff, 2]);
    game.at(10.6).datagram(bob, ann, [0xff, 3]);
    game.at(20).say(bobLogin, ControlKind.leaves);
    game.at(20.1).close(bob);
    game.at(20.2).close(bobLogin);
    game.at(30).close(annLogin, CommonFault.lost);
    game.at(30.1).close(ann);
    expect(told(game)).toEqual([
      '1.0 #1 1 logs in as "Ann" to play Some Game (ULUS10391)',
      '2.0 #2 2 logs in as "Bob" to play Some Game (ULUS10391)',
      '3.0 #3 1 asks for group "ROOM"',
      '3.0 #4 1 is in the group, and leads it',
      '4.0 #5 2 asks for group "ROOM"',
      `4.0 #6 2 is in the group that ${ANN} leads`,
      `5.0 #7 1 opens PDP ${ANN}/100`,
      `5.0 #8 2 opens PDP ${BOB}/100`,
      '6.0 #9 1 HELLO with 2 bytes to 2/100 x4',
      '8.5 #13 2 JOIN with 0 bytes to 1/100',
      '8.6 #14 1 ACCEPT with 0 bytes and no siblings to 2/100',
      '9.1 #15 1 PING to 2/100',
      '9.2 #16 2 PING to 1/100',
      '10.0 #17 1 first game data to 2',
      '10.5 #18 2 first game data to 1',
      '20.0 #20 2 leaves the group',
      '20.2 - 2 leaves: the client ended it',
      '30.0 - 1 player is closed: the network or the client broke the connection',
      '30.1 - 1 leaves: the client ended it',
    ]);
  });

  it('tells streams: who listens, who asks, who accepts, what goes first', () => {
    const game = new MadeSession();
    game.at(1).listen(BOB, 200);
    const connector = game.at(2).connect(`${ANN}/100`, `${BOB}/200`);
    const acceptor = game.at(2.1).accept(`${BOB}/200`, `${ANN}/100`);
    game.at(2.2).block(connector, acceptor, [1]);
    game.at(2.3).block(acceptor, connector, HELLO);
    expect(told(game)).toEqual([
      `1.0 #1 2 listens for PTP at ${BOB}/200`,
      `2.0 #2 1 asks for PTP ${ANN}/100 to ${BOB}/200`,
      `2.1 #3 2 accepts PTP at ${BOB}/200 from ${ANN}/100`,
      '2.2 #4 1 first game data by stream to 2',
      '2.3 #5 2 first game data by stream to 1',
    ]);
  });

  it('is in the order of frames where all happens in one moment', () => {
    const game = new MadeSession();
    const login = game.login(ANN, 'Ann');
    game.say(login, ControlKind.asks, 'ROOM');
    game.pdp(ANN, 1);
    game.close(login, CommonFault.lost);
    expect(told(game).map((line) => line.split(' ')[1])).toEqual(['#1', '#2', '#3', '-']);
  });

  it('tells a rejected join apart from the next try', () => {
    const { game, ann, bob } = two();
    game.at(1).datagram(bob, ann, JOIN);
    game.at(1.1).datagram(ann, bob, CANCEL);
    game.at(9).datagram(bob, ann, JOIN);
    game.at(9.1).datagram(ann, bob, ACCEPT);
    expect(afterOpening(game).map((line) => line.split(' ')[3])).toEqual([
      'JOIN',
      'CANCEL',
      'JOIN',
      'ACCEPT',
    ]);
  });

  it('tells what did not arrive, and no first data of it', () => {
    const { game, ann } = two();
    game.at(1).datagram(ann, `${BOB}/9`, HELLO);
    game.at(2).datagram(ann, `${BOB}/9`, HELLO);
    game.at(3).datagram(ann, `${BOB}/8`, [0xff]);
    expect(afterOpening(game)).toEqual(['1.0 #3 1 HELLO with 2 bytes to 2/9 x2 (no-target)']);
  });

  it('tells of the first data to several at once as one step', () => {
    const { game, ann, bob } = two();
    const cyd = game.pdp('02:aa:bb:cc:dd:03', 300);
    game.at(1).datagram(ann, bob, [0xff]);
    game.datagram(ann, cyd, [0xff]);
    game.at(2).datagram(ann, cyd, [0xff]);
    expect(told(game).at(-1)).toBe('1.0 #4 1 first game data to 2 3 x2');
  });

  it('folds what clients repeat', () => {
    const game = new MadeSession();
    const login = game.login(ANN, 'Ann');
    for (let i = 1; i <= 100; i++) game.at(2 * i).say(login, ControlKind.ping);
    expect(told(game)).toEqual(['0.0 #1 1 logs in as "Ann"', '2.0 #2 1 pings x100']);
    expect(joining(game).steps[1]?.every).toBe(2 * NANOS);
  });
});

describe('a login', () => {
  it('that was before the session is told all the same', () => {
    const game = new MadeSession({ started: 60 * NANOS });
    const login = game.nickname(ANN, 'Ann').open('player', ANN, { protocol: control });
    game.at(60).say(login, ControlKind.ping);
    game.say(login, ControlKind.asks, 'ROOM');
    expect(told(game)).toEqual([
      '0.0 - 1 logs in as "Ann"',
      '60.0 #1 1 pings',
      '60.0 #2 1 asks for group "ROOM"',
    ]);
  });

  it('is told once, though its player came back into the session', () => {
    const game = new MadeSession();
    const login = game.login(ANN, 'Ann');
    const player = { player: ANN, nickname: 'Ann' };
    const spans = [1, 5].map((first) => ({ conn: login, first, last: first + 1 }));
    const view = {
      ...game.view(),
      session: { ...game.session(), players: [{ ...player, connections: spans }] },
    };
    const observer = new JoiningObserver(view);
    observe(view, game.frames, [observer]);
    expect(observer.end().steps).toHaveLength(1);
  });
});

describe('an end', () => {
  it('out of the ordinary is told, and an ordinary one that is not the last is not', () => {
    const game = new MadeSession();
    const ann = game.pdp(ANN, 100);
    const second = game.pdp(ANN, 101);
    const connector = game.connect(`${ANN}/1`, `${BOB}/2`);
    game.at(1).close(second);
    game.at(5).close(connector, PostofficeFault.noListener);
    game.at(6).close(ann, CommonFault.shutdown);
    expect(told(game).slice(3)).toEqual([
      '5.0 - 1 ptp-connect is closed: a PTP connect found no listener at its target in 5 s',
      '6.0 - 1 leaves: the relay was stopped',
    ]);
  });

  it('of a player who is still there is no leaving', () => {
    const { game, ann } = two();
    game.pdp(ANN, 101);
    game.at(1).close(ann);
    expect(told(game)).toHaveLength(3);
  });

  it('after the session is not told, unless the session goes on', () => {
    for (const [ended, count] of [
      ['left', 2],
      [null, 3],
    ] as const) {
      const game = new MadeSession({ ended, lastSeen: 3 * NANOS });
      const ann = game.pdp(ANN, 100);
      game.pdp(BOB, 100);
      game.at(60).close(ann);
      expect(told(game)).toHaveLength(count);
    }
  });

  it('at the door is told of those who are no players', () => {
    const { game } = two();
    const thief = game.stranger(game.at(1).open('pdp', '02:aa:bb:cc:dd:07/100'));
    game.at(3).close(thief, CommonFault.loggedInElsewhere);
    expect(afterOpening(game)).toEqual([
      '3.0 - 7 is turned away (pdp): the guard knows this MAC address, but as logged in from another IP address',
    ]);
  });
});

describe('limits', () => {
  it('of steps: what finds no room is counted', () => {
    const game = new MadeSession();
    for (let port = 1; port <= STEPS_MAX + 3; port++) game.pdp(ANN, port);
    const { steps, beyond } = joining(game);
    expect([steps.length, beyond]).toEqual([STEPS_MAX, 3]);
  });

  it('of endings, which repeats do not fill', () => {
    const game = new MadeSession();
    game.pdp(ANN, 1);
    for (let i = 0; i < 3 * ENDINGS_MAX; i++)
      game.close(game.connect(`${ANN}/${i}`, `${BOB}/2`), CommonFault.lost);
    for (let i = 1; i <= ENDINGS_MAX; i++) {
      const stranger = game.stranger(game.open('pdp', `player ${i}/1`));
      game.close(stranger, CommonFault.notLoggedIn);
    }
    const { steps, beyond } = joining(game);
    expect(steps.filter(({ what }) => what.includes('closed') || what.includes('turned'))).toHaveLength(
      ENDINGS_MAX,
    );
    expect(beyond).toBe(3 * ENDINGS_MAX + 1 - STEPS_MAX + 1);
  });

  it('of pairs whose first data is told', () => {
    const game = new MadeSession();
    const ann = game.pdp(ANN, 1);
    for (let i = 0; i < FIRSTS_MAX + 5; i++) {
      const mac = `02:00:00:00:${[i >> 8, i & 0xff].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
      game.datagram(ann, game.open('pdp', `${mac}/1`), [0xff]);
    }
    expect(joining(game).steps.reduce((sum, { count }) => sum + count, 0)).toBe(1 + FIRSTS_MAX);
  });
});
