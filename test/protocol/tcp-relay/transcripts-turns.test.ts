/** Many who send to one: whose turn it is, and what becomes of messages whose sender or receiver ends in the middle. */
import { describe, expect, it } from 'vitest';
import { CommonFault } from '../../../protocol/fault.ts';
import { TcpRelayFault } from '../../../protocol/tcp-relay/faults.ts';
import type { TcpRelayHub } from '../../../protocol/tcp-relay/hub.ts';
import { tcpRelay } from '../../../protocol/tcp-relay/index.ts';
import { BenchTop, type BenchConnection } from '../../kit/bench-top.ts';
import { head, keepAlive, message, named, raw } from '../../kit/tcp-relay-wire.ts';
import { plays } from '../../kit/tcp-relay-cast.ts';

/** More than a stack has room for, if each took some. */
const CROWD = 5_000;

describe('two messages to one receiver', () => {
  it(
    'never interleave: the second waits until the first is over',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(head('bob', 6), raw('ann'));
      bob.hears(raw('ann'));
      cid.sends(message('bob', 'cid'));
      ann.sends(raw('ann'));
      bob.hears(raw('ann'), raw('cid'));
    }),
  );

  it(
    'take turns from where they begin, and not from their first byte',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(head('bob', 3));
      cid.sends(message('bob', 'cid'));
      ann.sends(raw('ann'));
      bob.hears(raw('ann'), raw('cid'));
    }),
  );

  it(
    'hold nobody back from other receivers',
    plays(({ enters }) => {
      const [ann, bob, cid, dan] = [enters('ann'), enters('bob'), enters('cid'), enters('dan')];
      ann.sends(head('bob', 2), raw('1'));
      bob.hears(raw('1'));
      cid.sends(message('dan', 'free'));
      dan.hears(raw('free'));
      bob.sends(message('ann', 'and back'));
      ann.hears(raw('and back')).sends(raw('2'));
      bob.hears(raw('2'));
    }),
  );

  it(
    'keep the order in which they came, one message each, whoever has more to say',
    plays(({ enters }) => {
      const [ann, bob, cid, dan] = [enters('ann'), enters('bob'), enters('cid'), enters('dan')];
      ann.sends(head('bob', 2), raw('a'));
      bob.hears(raw('a'));
      cid.sends(message('bob', 'c1'), message('bob', 'c2'));
      dan.sends(message('bob', 'd1'), message('bob', 'd2'));
      ann.sends(raw('A'), message('bob', 'a2'));
      bob.hears(raw('A'), raw('c1'), raw('d1'), raw('c2'), raw('d2'), raw('a2'));
    }),
  );

  it(
    'of one sender follow each other, though another has come meanwhile who waits',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(head('bob', 1));
      cid.sends(head('bob', 4), raw('ci'));
      ann.sends(raw('1'), message('bob', '2'));
      bob.hears(raw('1'), raw('ci'));
      cid.sends(raw('d!'));
      bob.hears(raw('d!'), raw('2'));
    }),
  );

  it(
    'wait for each other also where the receiver itself is one of the senders',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(head('bob', 2), raw('a'));
      bob.hears(raw('a')).sends(message('bob', 'me'), message('ann', 'later'));
      ann.sends(raw('A'));
      bob.hears(raw('A'), raw('me'));
      ann.hears(raw('later'));
    }),
  );
});

describe('who waits for its turn', () => {
  it(
    'is not read from: what it sends meanwhile comes when it is its turn, in order',
    plays(({ enters }) => {
      const [ann, bob, cid, dan] = [enters('ann'), enters('bob'), enters('cid'), enters('dan')];
      ann.sends(head('bob', 2), raw('a'));
      bob.hears(raw('a'));
      cid.sends(head('bob', 3), raw('1'));
      cid.sends(raw('2'));
      cid.sends(raw('3'), message('dan', '4'));
      ann.sends(raw('A'));
      bob.hears(raw('A'), raw('123'));
      dan.hears(raw('4'));
    }),
  );

  it(
    'is not silent, however long it takes',
    plays(({ enters, at }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      cid.sends(keepAlive('cid'));
      ann.sends(head('bob', 100), raw('0'));
      bob.hears(raw('0'));
      cid.sends(message('bob', 'at last'));
      for (let i = 1; i < 100; i++) {
        at(20 * i);
        ann.sends(raw(`${i % 10}`));
        bob.hears(raw(`${i % 10}`));
        if (i < 99) bob.sends(keepAlive('bob'));
      }
      bob.hears(raw('at last')).sends(keepAlive('bob'));
      at(1990);
      ann.sends(keepAlive('ann'));
      bob.sends(keepAlive('bob'));
      // It has been heard of when its turn came, and has said nothing since.
      at(2010);
      cid.isClosed('silent');
    }),
  );

  it(
    'and leaves is forgotten, and whoever waits behind it comes sooner',
    plays(({ enters }) => {
      const [ann, bob, cid, dan] = [enters('ann'), enters('bob'), enters('cid'), enters('dan')];
      ann.sends(head('bob', 2), raw('a'));
      bob.hears(raw('a'));
      cid.sends(message('bob', 'cid'));
      dan.sends(message('bob', 'dan'));
      cid.breaks();
      ann.sends(raw('A'));
      bob.hears(raw('A'), raw('dan'));
    }),
  );

  it(
    'finds its bytes discarded where the receiver ends, and goes on with what comes after',
    plays(({ enters, client }) => {
      const [ann, bob, cid, dan] = [enters('ann'), enters('bob'), enters('cid'), enters('dan')];
      ann.sends(head('bob', 4), raw('a'));
      bob.hears(raw('a'));
      cid.sends(message('bob', 'cid'), message('dan', 'on'));
      bob.ends();
      dan.hears(raw('on'));
      cid.saw('consumed', 'undelivered', 'consumed', 'forwarded');
      const again = client('bob again').sends(named('bob'));
      cid.sends(message('bob', 'hello'));
      again.hears(raw('hello'));
      ann.sends(raw('aaa'), message('bob', 'whole'));
      again.hears(raw('whole'));
      ann.saw('undelivered', 'consumed', 'forwarded');
    }),
  );
});

describe('a sender that ends in the middle of a message', () => {
  it(
    'takes its receiver with it, whose stream would be corrupt',
    plays(({ enters, players }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(message('cid', 'whole'), head('bob', 100), raw('half'));
      cid.hears(raw('whole'));
      bob.hears(raw('half'));
      ann.breaks();
      bob.isClosed('cut-off');
      players(1);
      cid.sends(message('cid', 'still here')).hears(raw('still here'));
    }),
  );

  it(
    'does so also where it said goodbye, or broke the rules before',
    plays(({ enters }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(head('bob', 2), raw('1'));
      bob.hears(raw('1'));
      ann.ends();
      bob.isClosed('cut-off');
    }),
  );

  it(
    'leaves its receiver alone where none of it has gone on, and who waits has its turn',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(head('bob', 100));
      cid.sends(message('bob', 'mine'));
      ann.breaks();
      bob.hears(raw('mine')).sends(message('bob', 'fine')).hears(raw('fine'));
    }),
  );

  it(
    'leaves everybody alone where its message was to nobody, or is over',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(message('bob', 'over'));
      bob.hears(raw('over'));
      ann.ends();
      cid.sends(head('nobody', 9), raw('half'));
      cid.ends();
      bob.sends(message('bob', 'fine')).hears(raw('fine'));
    }),
  );

  it(
    'of its own receiving ends as anybody does',
    plays(({ enters, players }) => {
      const ann = enters('ann').sends(head('ann', 3), raw('a')).hears(raw('a'));
      ann.ends();
      players(0);
    }),
  );

  it(
    'lets nobody else write to the receiver before that is closed, and who waited goes on elsewhere',
    plays(({ enters }) => {
      const [ann, bob, cid, dan] = [enters('ann'), enters('bob'), enters('cid'), enters('dan')];
      ann.sends(head('bob', 100), raw('half'));
      bob.hears(raw('half'));
      cid.sends(message('bob', 'not here'), message('dan', 'but here'));
      ann.breaks();
      bob.isClosed('cut-off');
      dan.hears(raw('but here'));
      cid.saw('consumed', 'undelivered', 'consumed', 'forwarded');
    }),
  );

  it(
    'is closed itself where it says nothing for 30 s, and its receiver with it',
    plays(({ enters, at }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      at(1);
      ann.sends(head('bob', 100), raw('half'));
      bob.hears(raw('half')).sends(keepAlive('bob'));
      at(30.999);
      bob.sends(keepAlive('bob'));
      at(31);
      ann.isClosed('silent');
      bob.isClosed('cut-off');
    }),
  );

  it('may be the first of many, each in the middle of a message to the next', () => {
    const top = new BenchTop(tcpRelay);
    const crowd = Array.from({ length: CROWD }, (_, i) => enter(top, `client ${i}`));
    for (const [i, client] of crowd.entries()) client.push(joined(head(`client ${i + 1}`, 9), raw('half')));
    crowd[0]?.end(CommonFault.lost);
    const ends = crowd.map(({ ended }) => ended);
    expect(ends[0]).toBe(CommonFault.lost);
    expect(new Set(ends.slice(1))).toEqual(new Set([TcpRelayFault.cutOff]));
    top.endAll();
  });
});

describe('a receiver that ends in the middle of a message', () => {
  it(
    'leaves its sender alone: the rest is discarded',
    plays(({ enters }) => {
      const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
      ann.sends(head('bob', 8), raw('half'));
      bob.hears(raw('half')).ends();
      ann.sends(raw('more'), message('cid', 'on'));
      cid.hears(raw('on'));
      ann.saw('forwarded', 'undelivered', 'consumed', 'forwarded');
    }),
  );

  it(
    'does so also where somebody of the same name has come meanwhile, who gets none of it',
    plays(({ enters, client }) => {
      const [ann, bob] = [enters('ann'), enters('bob')];
      ann.sends(head('bob', 8), raw('half'));
      bob.hears(raw('half')).ends();
      const again = client('bob again').sends(named('bob'));
      ann.sends(raw('more'), message('bob', 'hello'));
      again.hears(raw('hello'));
    }),
  );

  it(
    'by not reading is closed as too slow, and its sender goes on',
    plays(
      ({ enters }) => {
        const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
        bob.stopsReading();
        ann.sends(head('bob', 30), raw('0123456789'));
        bob.hears(raw('0123456789'));
        ann.sends(raw('0123456789'));
        bob.hears(raw('0123456789')).isClosed('too-slow');
        ann.sends(raw('0123456789'), message('cid', 'on'));
        cid.hears(raw('on'));
      },
      { outboxBytesMax: 19 },
    ),
  );

  it(
    'by the last byte of it is gone, and its sender goes on',
    plays(
      ({ enters }) => {
        const [ann, bob, cid] = [enters('ann'), enters('bob'), enters('cid')];
        bob.stopsReading();
        ann.sends(message('bob', '0123456789'), message('bob', 'nobody'), message('cid', 'on'));
        bob.hears(raw('0123456789')).isClosed('too-slow');
        cid.hears(raw('on'));
        ann.saw('consumed', 'forwarded', 'no-target', 'no-target', 'consumed', 'forwarded');
      },
      { outboxBytesMax: 9 },
    ),
  );
});

describe('a crowd', () => {
  it('may wait for one receiver: each has its turn, in order, and the queue is empty then', () => {
    const top = new BenchTop(tcpRelay);
    const bob = enter(top, 'bob');
    const ann = enter(top, 'ann');
    ann.push(joined(head('bob', 2), raw('a')));
    const crowd = Array.from({ length: CROWD }, (_, i) => enter(top, `client ${i}`));
    for (const [i, client] of crowd.entries()) client.push(message('bob', `message ${i} `));
    const { inbox } = (top.hub as TcpRelayHub).find(raw('bob'), 0, 3)!;
    // Each connection waits once at most, so this is how long a queue can be.
    expect(inbox.senders).toBe(top.connections.length - 1);
    expect(crowd.every(({ isHeld }) => isHeld)).toBe(true);
    ann.push(raw('A'));
    expect(heard(top, bob)).toBe(`aA${crowd.map((_, i) => `message ${i} `).join('')}`);
    expect(inbox.senders).toBe(0);
    expect(crowd.some(({ isHeld }) => isHeld)).toBe(false);
    top.endAll();
  });

  it('whose receiver ends goes on, each with its next message', () => {
    const top = new BenchTop(tcpRelay);
    const [bob, cid, ann] = [enter(top, 'bob'), enter(top, 'cid'), enter(top, 'ann')];
    ann.push(joined(head('bob', 2), raw('a')));
    const crowd = Array.from({ length: CROWD }, (_, i) => enter(top, `client ${i}`));
    for (const client of crowd) client.push(joined(message('bob', 'lost'), message('cid', '.')));
    bob.end(CommonFault.none);
    expect(heard(top, cid)).toBe('.'.repeat(CROWD));
    top.endAll();
  });
});

function enter(top: BenchTop, name: string): BenchConnection {
  const connection = top.connect(name);
  connection.push(named(name));
  return connection;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function heard(top: BenchTop, who: BenchConnection): string {
  const parts = top.happenings.flatMap((it) => (it.what === 'sent' && it.to === who ? [it.bytes] : []));
  return Buffer.concat(parts).toString();
}
