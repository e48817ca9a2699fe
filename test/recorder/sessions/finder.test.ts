/** What counts as a session. Each test is a play, and what somebody would say was played. */
import { describe, expect, test } from 'vitest';
import { CommonFault } from '../../../protocol/fault.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import { ADDRESSEES_ASKED_MAX, CLOSED_SPANS_MAX, SessionFinder } from '../../../recorder/sessions/finder.ts';
import { EARLY_FRAMES_MAX } from '../../../recorder/sessions/cast.ts';
import { DEPARTURES_AWAITED_MAX } from '../../../recorder/sessions/departures.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';
import { field, FieldKind, LobbyKind, mac } from '../../kit/lobby.ts';
import { DELAY_NS, Play, sessionsOf } from '../../kit/play.ts';

const who = ({ players }: RecordedSession) => players.map(({ player }) => player);
const ends = (sessions: readonly RecordedSession[]) => sessions.map(({ ended }) => ended);
const pairs = (sessions: readonly RecordedSession[]) => sessions.map(who);

describe('without a control server', () => {
  test('players who exchange frames play together, from their first connection to their last', () => {
    const play = new Play();
    const started = play.now + 1e6;
    const a = play.socket(1);
    const b = play.socket(2);
    play.wait(1000).send(a, b);
    play.send(b, a);
    play.close(a).close(b);
    const ended = play.now;
    expect(play.end()).toEqual([
      {
        id: 1,
        captureId: 1,
        started,
        lastSeen: ended,
        ended: 'left',
        game: '',
        gameName: '',
        group: null,
        firstSequence: 1,
        lastSequence: 4,
        frames: 4,
        bytes: 2 * 'open'.length + 2 * '- hello'.length,
        delayP50: DELAY_NS,
        delayP99: DELAY_NS,
        delayMax: DELAY_NS,
        players: [
          { player: mac(1), nickname: '', connections: [{ conn: a, first: 1, last: 4 }] },
          { player: mac(2), nickname: '', connections: [{ conn: b, first: 2, last: 4 }] },
        ],
      },
    ]);
  });

  test('those who are there and play with nobody are in no session', () => {
    const play = new Play();
    const a = play.socket(1);
    play.socket(2);
    // Not even with themselves.
    play.send(a, play.socket(1, 2));
    expect(play.end()).toEqual([]);
  });

  test('two pairs are two sessions, until one of each exchange a frame', () => {
    const play = new Play();
    const [a, b, c, d] = [play.socket(1), play.socket(2), play.socket(3), play.socket(4)] as const;
    play.send(a, b);
    play.send(c, d);
    expect(pairs(play.sessions())).toEqual([
      [mac(1), mac(2)],
      [mac(3), mac(4)],
    ]);
    play.send(d, a);
    const [session, ...others] = play.sessions();
    expect(others).toEqual([]);
    // The older one stays, and what both counted is counted once.
    expect(session).toMatchObject({ id: 1, frames: 7, firstSequence: 1, lastSequence: 7, ended: null });
    expect(who(session as RecordedSession)).toEqual([mac(1), mac(2), mac(3), mac(4)]);
    expect(play.end()).toHaveLength(1);
  });

  test('a session stays what it is when somebody joins who was there before it', () => {
    const play = new Play();
    const early = play.socket(1);
    const [b, c] = [play.socket(2), play.socket(3)] as const;
    play.send(b, c);
    const [before] = play.sessions();
    play.send(early, b);
    const [after, ...others] = play.sessions();
    expect(others).toEqual([]);
    expect(after?.id).toBe(before?.id);
    expect(after).toMatchObject({ firstSequence: 1, frames: 5 });
  });

  test('to try is enough: a stream that is asked for, a datagram that nobody takes', () => {
    const play = new Play();
    play.socket(1, 1, `${mac(2)}/7`);
    const c = play.socket(3);
    play.miss(c, `${mac(4)}/7`);
    expect(pairs(play.end())).toEqual([
      [mac(1), mac(2)],
      [mac(3), mac(4)],
    ]);
  });

  test('what is sent to all, and what was not meant to reach anybody, is no try', () => {
    const play = new Play();
    const a = play.socket(1);
    play.miss(a, 'ff:ff:ff:ff:ff:ff/7');
    play.miss(a, '03:00:00:00:00:02/7');
    play.frame(a, 0, FieldKind.send, Outcome.ignored, `${mac(2)}/7 hello`);
    // Damaged, and of a kind that nobody knows.
    play.frame(a, 0, FieldKind.send, Outcome.noTarget, '');
    play.frame(a, 0, 77, Outcome.noTarget, `${mac(2)}/7 hello`);
    expect(play.end()).toEqual([]);
  });

  test(`a connection’s first ${ADDRESSEES_ASKED_MAX} frames that reach nobody are asked for whom they were, and no more`, () => {
    const play = new Play();
    const a = play.socket(1);
    for (let n = 0; n < ADDRESSEES_ASKED_MAX; n++) play.miss(a, 'ff:ff:ff:ff:ff:ff/7');
    play.miss(a, `${mac(2)}/7`);
    expect(play.sessions()).toEqual([]);
    play.miss(play.socket(1, 2), `${mac(2)}/7`);
    expect(play.end()).toHaveLength(1);
  });

  test('somebody who was called in vain and then comes is the one who was called', () => {
    const play = new Play();
    const a = play.socket(1);
    play.miss(a, `${mac(2)}/1`);
    const b = play.socket(2);
    const [session, ...others] = play.sessions();
    expect(others).toEqual([]);
    expect(session?.players[1]).toMatchObject({ player: mac(2), connections: [{ conn: b }] });
  });

  test('a player who is back within 30 s goes on with the session', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.close(a).close(b);
    expect(ends(play.sessions())).toEqual(['left']);
    play.wait(29_000).socket(1);
    expect(ends(play.sessions())).toEqual([null]);
    expect(play.end()).toMatchObject([{ ended: 'stopped', players: [{ connections: [{}, {}] }, {}] }]);
  });

  test('and one who is back later begins another', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.close(a).close(b).wait(30_000);
    const lastSeen = play.now - 30_000e6;
    play.send(play.socket(1), play.socket(2));
    expect(play.end()).toMatchObject([
      { ended: 'left', lastSeen, lastSequence: 3 },
      { ended: 'stopped', firstSequence: 4 },
    ]);
  });

  test('a player who is away does not end it, and comes back to it for as long as others are there', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.close(a).wait(4_000_000);
    const back = play.socket(1);
    const [session, ...others] = play.end();
    expect(others).toEqual([]);
    expect(session?.players[0]?.connections.map(({ conn }) => conn)).toEqual([a, back]);
  });

  test('or were there less than 30 s ago', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.close(a).wait(20_000).close(b).wait(29_000);
    play.close(play.socket(1)).wait(29_000);
    play.socket(2);
    expect(play.end()).toMatchObject([
      { ended: 'stopped', players: [{ connections: [{}, {}] }, { connections: [{}, {}] }] },
    ]);
  });

  test('those whom it met at last are among them, even where it was away by then', () => {
    const play = new Play();
    const [a, b, c] = [play.socket(1), play.socket(2), play.socket(3)] as const;
    play.send(a, b);
    play.close(a);
    play.send(b, c);
    play.close(b).wait(40_000);
    play.socket(1);
    expect(pairs(play.end())).toEqual([[mac(1), mac(2), mac(3)]]);
  });

  test('whoever sends to one of them when it is over plays with somebody else', () => {
    const play = new Play();
    const [a, b, c] = [play.socket(1), play.socket(2), play.socket(3)] as const;
    play.send(a, b);
    play.close(a).close(b).wait(30_000);
    // No connection comes or goes at which anybody would be forgotten.
    play.miss(c, `${mac(1)}/1`);
    expect(pairs(play.end())).toEqual([
      [mac(1), mac(2)],
      [mac(3), mac(1)],
    ]);
  });

  test('somebody who was called in vain is expected for 30 s since the last call', () => {
    const play = new Play();
    const a = play.socket(1);
    for (const n of [2, 3]) play.miss(a, `${mac(n)}/1`);
    play.wait(20_000).miss(a, `${mac(2)}/1`);
    play.wait(20_000);
    for (const n of [2, 3]) play.socket(n);
    const [session, ...others] = play.end();
    expect(others).toEqual([]);
    expect(session?.players.map(({ connections }) => connections.length)).toEqual([1, 1, 0]);
  });

  test('a nickname that was known once is known for the session', () => {
    const play = new Play();
    const [a, b] = [play.socket(1, 1, '', 'Ann'), play.socket(2)] as const;
    play.send(a, b);
    play.close(a).commit().wait(40_000);
    play.send(play.socket(1), b);
    expect(play.sessions()[0]?.players[0]).toMatchObject({ nickname: 'Ann', connections: [{}, {}] });
    play.socket(1, 2, '', 'Ann II');
    expect(play.end()[0]?.players[0]).toMatchObject({ nickname: 'Ann II' });
  });

  test('a connection that was there while nothing passed takes part in nothing', () => {
    const play = new Play();
    play.send(play.socket(1), play.socket(2));
    const idle = play.identify(play.open(), 1, 7);
    expect(play.sessions()[0]?.players[0]?.connections).toHaveLength(2);
    play.close(idle);
    expect(play.end()[0]?.players[0]?.connections).toHaveLength(1);
  });

  test('what a connection does before it says who it is counts for it, up to a limit', () => {
    const play = new Play();
    play.store.opened(1, field.id, '192.0.2.1', 1, 1);
    for (let n = 0; n < EARLY_FRAMES_MAX + 2; n++) play.frame(1, 0, FieldKind.open, Outcome.consumed, 'x');
    play.store.identified(1, 'socket', `${mac(1)}/1`, `${mac(2)}/1`, new Uint8Array(0));
    expect(play.end()).toMatchObject([{ firstSequence: 3, frames: EARLY_FRAMES_MAX }]);
  });

  test('and not what it did with others', () => {
    const play = new Play();
    play.store.opened(1, field.id, '192.0.2.1', 1, 1);
    play.store.opened(2, field.id, '192.0.2.1', 1, 1);
    play.frame(1, 0, FieldKind.open, Outcome.consumed, 'x');
    play.frame(2, 1, FieldKind.send, Outcome.forwarded, '- x');
    play.frame(1, 0, FieldKind.open, Outcome.consumed, 'x');
    play.store.identified(1, 'socket', `${mac(1)}/1`, `${mac(2)}/1`, new Uint8Array(0));
    expect(play.end()).toMatchObject([{ firstSequence: 3, frames: 1 }]);
  });

  test(`somebody who plays with nobody starts over after ${CLOSED_SPANS_MAX} connections`, () => {
    const play = new Play();
    const a = play.socket(1);
    for (let n = 0; n <= CLOSED_SPANS_MAX; n++) play.close(play.socket(1, 2));
    play.send(a, play.socket(2));
    const [session] = play.end();
    expect(session?.players[0]?.connections.length).toBeLessThan(5);
    expect(session?.frames).toBeLessThan(10);
  });
});

describe('with a control server', () => {
  test('a group is a session, from the first member’s asking to the last one’s leaving', () => {
    const play = new Play();
    const [ann, bob] = [play.login(1, 'Ann'), play.login(2, 'Bob')] as const;
    const first = play.join(ann, 'RED', 1);
    const started = play.now - 1e6;
    play.join(bob, 'RED', 1);
    play.leave(ann);
    const last = play.leave(bob);
    const lastSeen = play.now;
    play.wait(5000);
    expect(play.end()).toMatchObject([
      {
        started,
        lastSeen,
        ended: 'left',
        game: 'GAME00001',
        gameName: 'A Game',
        group: 'RED',
        firstSequence: first,
        lastSequence: last,
        frames: 6,
        players: [
          { player: mac(1), nickname: 'Ann', connections: [{ conn: ann, first, last: last - 1 }] },
          { player: mac(2), nickname: 'Bob', connections: [{ conn: bob, first: first + 2, last }] },
        ],
      },
    ]);
  });

  test('being logged in, or alone in what was never answered, is no session', () => {
    const play = new Play();
    const ann = play.login(1);
    play.frame(ann, 0, LobbyKind.ask, Outcome.consumed, 'RED');
    play.frame(ann, 0, LobbyKind.say, Outcome.consumed, 'anybody?');
    expect(play.end()).toEqual([]);
  });

  test('a member’s other connections take part, those from before it asked and those from after', () => {
    const play = new Play();
    const ann = play.login(1);
    const before = play.socket(1);
    const first = play.join(ann, 'RED', 1);
    const after = play.socket(1, 2);
    play.close(after);
    expect(play.end()[0]?.players[0]?.connections).toEqual([
      { conn: ann, first, last: play.sequence },
      { conn: before, first, last: play.sequence },
      { conn: after, first: first + 2, last: play.sequence },
    ]);
  });

  test('what a connection did before its player asked is not the group’s, even where it says later whose it is', () => {
    const play = new Play();
    const ann = play.login(1);
    const conn = play.open();
    play.frame(conn, 0, FieldKind.open, Outcome.consumed, 'before');
    const first = play.join(ann, 'RED', 1);
    play.frame(conn, 0, FieldKind.open, Outcome.consumed, 'after');
    play.identify(conn, 1);
    expect(play.end()).toMatchObject([
      { frames: 3, firstSequence: first, players: [{ connections: [{}, { conn, first }] }] },
    ]);
  });

  test('nor is it of those whom the player plays with after its logout', () => {
    const play = new Play();
    const ann = play.login(1);
    play.join(ann, 'RED', 1);
    const conn = play.open();
    play.frame(conn, 0, FieldKind.open, Outcome.consumed, 'before');
    play.close(ann);
    play.frame(conn, 0, FieldKind.open, Outcome.consumed, 'after');
    play.identify(conn, 1, 1, `${mac(2)}/1`);
    expect(play.end()).toMatchObject([{ group: 'RED' }, { firstSequence: 5, frames: 1 }]);
  });

  test('two groups are two sessions even if frames pass between them; such a frame counts in both', () => {
    const play = new Play();
    const [ann, bob] = [play.login(1), play.login(2)] as const;
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.join(ann, 'RED', 1);
    play.join(bob, 'BLUE', 2);
    play.send(a, b);
    expect(play.end()).toMatchObject([
      { group: 'RED', frames: 3 },
      { group: 'BLUE', frames: 3 },
    ]);
  });

  test('a frame that is under way while somebody joins is counted once', () => {
    const play = new Play();
    const [ann, bob] = [play.login(1), play.login(2)] as const;
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.join(ann, 'RED', 1);
    play.frame(bob, 0, LobbyKind.ask, Outcome.consumed, 'RED');
    play.send(a, b);
    play.frame(0, bob, LobbyKind.leader, Outcome.originated, mac(1));
    expect(play.end()).toMatchObject([{ frames: 5, delayMax: DELAY_NS }]);
  });

  test('whoever asks for another group has left the one before', () => {
    const play = new Play();
    const ann = play.login(1);
    play.join(ann, 'RED', 1);
    const first = play.join(ann, 'BLUE', 1);
    expect(play.end()).toMatchObject([
      { group: 'RED', ended: 'left', lastSequence: first - 1 },
      { group: 'BLUE', ended: 'stopped', firstSequence: first },
    ]);
  });

  test('a group goes on when its founder leaves, and under any later leader', () => {
    const play = new Play();
    const [ann, bob, cid] = [play.login(1), play.login(2), play.login(3)] as const;
    play.join(ann, 'RED', 1);
    play.join(bob, 'RED', 1);
    play.leave(ann);
    play.join(cid, 'RED', 2);
    // Told that it leads now: nothing new.
    play.frame(0, bob, LobbyKind.leader, Outcome.originated, mac(2));
    expect(pairs(play.end())).toEqual([[mac(1), mac(2), mac(3)]]);
  });

  test('a second login of a player replaces the first', () => {
    const play = new Play();
    const ann = play.login(1);
    play.join(ann, 'RED', 1);
    const again = play.login(1, 'Ann again');
    expect(ends(play.sessions())).toEqual(['left']);
    play.close(ann, CommonFault.replaced);
    // What the first one says does not count any more.
    play.join(again, 'RED', 1);
    expect(ends(play.sessions())).toEqual(['left', null]);
    play.close(again, CommonFault.lost);
    expect(ends(play.end())).toEqual(['left', 'lost']);
  });

  test('players with and without a login do not play together', () => {
    const play = new Play();
    const ann = play.login(1);
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    play.miss(b, `${mac(1)}/9`);
    expect(play.sessions()).toEqual([]);
    play.join(ann, 'RED', 1);
    play.send(a, b);
    expect(pairs(play.end())).toEqual([[mac(1)]]);
  });

  test('whoever logs in leaves those whom it played with, and is back with them when it logs out', () => {
    const play = new Play();
    const [a, b] = [play.socket(1), play.socket(2)] as const;
    play.send(a, b);
    const ann = play.login(1);
    play.send(a, b);
    play.close(ann);
    play.send(b, a);
    const [session, ...others] = play.end();
    expect(others).toEqual([]);
    expect(session?.players[0]?.connections).toEqual([
      { conn: a, first: 1, last: 4 },
      { conn: a, first: 6, last: 6 },
    ]);
    expect(session?.frames).toBe(5);
  });

  test('a frame that the server did not act on changes nothing', () => {
    const play = new Play();
    const ann = play.login(1);
    play.join(ann, 'RED', 1);
    play.frame(ann, 0, LobbyKind.ask, Outcome.ignored, 'BLUE');
    play.frame(ann, 0, LobbyKind.leave, Outcome.ignored, 'bye');
    expect(play.sessions()).toMatchObject([{ group: 'RED', ended: null, frames: 4 }]);
  });

  test('where the asking was lost, the answer is enough', () => {
    const play = new Play();
    const [ann, bob] = [play.login(1), play.login(2)] as const;
    play.frame(0, ann, LobbyKind.leader, Outcome.originated, mac(1));
    play.join(bob, 'RED', 1);
    expect(play.end()).toMatchObject([{ group: 'RED', firstSequence: 3, players: [{}, {}] }]);
  });
});

test('what is over is forgotten', () => {
  const finder = new SessionFinder(true);
  let conn = 0;
  let sequence = 0;
  for (let evening = 1; evening <= 200; evening++) {
    const at = evening * 3600e9;
    const nobody = { toward: '', nickname: '', game: '', gameName: '' };
    for (const n of [1, 2]) {
      finder.opened(++conn, field, at, sequence);
      finder.identified(conn, { ...nobody, endpoint: `${mac(evening)}:${n}/1` }, sequence);
    }
    const toNobody = Buffer.from(`${mac(evening)}:3/1 x`);
    finder.frame(++sequence, at, null, conn, 0, FieldKind.send, Outcome.noTarget, toNobody);
    finder.frame(++sequence, at, null, conn, conn - 1, FieldKind.send, Outcome.forwarded, toNobody);
    for (const n of [0, 1]) finder.closed(conn - n, CommonFault.none, at + 1e9, sequence);
    expect(finder.take().changed).toHaveLength(1);
  }
  // The last three players, for 30 s more.
  expect(finder.size).toBe(3);
});

describe('a session ends as', () => {
  function endedBy(...faults: readonly number[]): unknown {
    const play = new Play();
    const conns = faults.map((_, n) => play.socket(n + 1));
    for (const conn of conns.slice(1)) play.send(conns[0] as number, conn);
    faults.forEach((fault, n) => play.close(conns[n] as number, fault));
    return play.end()[0]?.ended;
  }

  test.each([
    ['left', 'ended in good order', CommonFault.none],
    ['left', 'was replaced', CommonFault.replaced],
    ['lost', 'broke', CommonFault.lost],
    ['lost', 'did not read', CommonFault.tooSlow],
    ['lost', 'broke a rule of its protocol', 20],
    ['stopped', 'was ended with the relay', CommonFault.shutdown],
  ])('%s where the last connection %s', (ended, _, fault) => {
    expect(endedBy(CommonFault.none, fault)).toBe(ended);
    expect(endedBy(CommonFault.lost, fault)).toBe(ended);
  });

  test.each([CommonFault.partnerGone, CommonFault.loggedOut, CommonFault.notInGroup])(
    'the end says that the last one followed from (%i)',
    (consequence) => {
      expect(endedBy(CommonFault.none, consequence)).toBe('left');
      expect(endedBy(CommonFault.lost, consequence)).toBe('lost');
      expect(endedBy(consequence, consequence)).toBe('left');
    },
  );

  test('the end of those whom it went together with says, where that was later', () => {
    const play = new Play();
    const [a, b, c, d] = [play.socket(1), play.socket(2), play.socket(3), play.socket(4)] as const;
    play.send(a, b);
    play.send(c, d);
    play.close(b).close(c, CommonFault.lost).send(a, d);
    play.close(a, CommonFault.partnerGone).close(d, CommonFault.partnerGone);
    expect(ends(play.end())).toEqual(['lost']);
  });

  test('unclean where the recording broke off', () => {
    const play = new Play();
    play.send(play.socket(1), play.socket(2));
    const [session] = play.kill();
    expect(session).toMatchObject({
      ended: 'unclean',
      lastSeen: play.now + DELAY_NS,
      lastSequence: 3,
      players: [{ connections: [{ last: 3 }] }, { connections: [{ last: 3 }] }],
    });
    // And so for everybody, once somebody else has recorded into the file.
    const next = new Play(play.file);
    next.send(next.socket(1), next.socket(2));
    next.end();
    const [left, other] = sessionsOf(play.file);
    expect(left).toEqual(session);
    expect(other).toMatchObject({ id: 2, captureId: 2, ended: 'stopped' });
  });
});

describe('departures that are told later', () => {
  test('count for the session, even if it has ended meanwhile', () => {
    const play = new Play();
    const [a, b, c] = [play.socket(1), play.socket(2), play.socket(3)] as const;
    const late = play.frame(a, b, FieldKind.send, Outcome.forwarded, '- x', false);
    const never = play.frame(a, b, FieldKind.send, Outcome.forwarded, '- x', false);
    const [arrived] = [play.now - 1e6];
    expect(play.sessions()).toMatchObject([{ frames: 4, delayMax: null, delayP50: null }]);
    // The target's connection outlives its player's part in the session.
    play.login(1);
    play.login(2);
    expect(ends(play.sessions())).toEqual(['left']);
    play.store.departed(late, arrived + 123_000);
    play.store.undelivered(never);
    play.close(c);
    expect(play.end()).toMatchObject([{ frames: 4, delayMax: 123_000 }]);
  });

  test('follow a session into another', () => {
    const play = new Play();
    const [a, b, c, d] = [play.socket(1), play.socket(2), play.socket(3), play.socket(4)] as const;
    play.send(a, b);
    const late = play.frame(c, d, FieldKind.send, Outcome.forwarded, '- x', false);
    const arrived = play.now;
    play.commit();
    play.send(a, c);
    play.store.departed(late, arrived + 99_000);
    expect(play.end()).toMatchObject([{ frames: 7, delayMax: 99_000 }]);
  });

  test('are forgotten with their target; where they are too many, the delays of those who count them are not known', () => {
    const finder = new SessionFinder(true);
    let sequence = 0;
    const open = (n: number, after = sequence) => {
      finder.opened(n, field, 0, after);
      return n;
    };
    const identify = (n: number) => {
      const nobody = { toward: '', nickname: '', game: '', gameName: '' };
      finder.identified(n, { ...nobody, endpoint: `${mac(n)}/1` }, sequence);
    };
    const bytes = Buffer.from('- x');
    const send = (from: number, to: number, departed: number | null = null) =>
      finder.frame(++sequence, 1, departed, from, to, FieldKind.send, Outcome.forwarded, bytes);
    /** The longest delay of each session, by its first frame. */
    const longest = () => new Map(finder.take().changed.map(({ first, delays }) => [first, delays.max]));
    for (const n of [1, 2, 3, 4, 5, 6]) identify(open(n, n - 1));
    const early = open(7);
    send(1, 2, 10);
    send(3, 4, 20);
    send(5, 6, 30);
    while (sequence < 3 + DEPARTURES_AWAITED_MAX) send(1, 2);
    finder.closed(2, CommonFault.none, 1, sequence);
    identify(open(2));
    for (let n = 0; n < DEPARTURES_AWAITED_MAX; n++) send(1, 2);
    finder.departed(sequence, 41);
    send(1, 2);
    expect([...longest().values()]).toEqual([40, 19, 29]);

    // Another session's slow reader takes no figures but of those who count what cannot be followed.
    send(3, 4);
    finder.frame(++sequence, 1, null, 0, early, FieldKind.open, Outcome.originated, bytes);
    send(3, 4, 99);
    send(5, 6, 98);
    expect([...longest().values()]).toEqual([null, 97]);
    identify(early);
    send(early, 5, 200);
    expect([...longest().values()]).toEqual([null]);
    send(1, 3, 300);
    const [session] = finder.take().changed;
    expect(session?.delays).toEqual({ p50: null, p99: null, max: null });
    expect(session?.frames).toBe(sequence - 4);
  });
});
