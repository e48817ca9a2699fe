/** What has to wait for what, whoever does it. */
import { describe, expect, test } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import type { Protocol } from '../../../protocol/types.ts';
import type { RecordedConnection } from '../../../recorder/captures.ts';
import { MISSES_MAX, Order } from '../../../replay/script/order.ts';
import { EndStep, OpenStep, type ScriptedClient, SendStep } from '../../../replay/script/steps.ts';

let conns = 0;

interface Who {
  readonly name: string;
}
const [ann, bob, cid] = ['ann', 'bob', 'cid'].map((name) => ({ name })) as [Who, Who, Who];

function client(player: Who, port = 1, toward = '', protocol: Protocol = postoffice): ScriptedClient {
  const party = { conn: ++conns, protocol, endpoint: `${player.name}/${port}`, toward } as RecordedConnection;
  return { conn: party.conn, protocol, party, player };
}

function says(who: ScriptedClient): SendStep {
  return new SendStep(who, 1, 1, 4, new Uint8Array(10), 0, false, false);
}

function change(order: Order, who: ScriptedClient): SendStep {
  const step = says(who);
  order.change(step);
  return step;
}

function end(order: Order, who: ScriptedClient): EndStep {
  const step = new EndStep(who, 1, 1, false);
  order.end(step);
  return step;
}

describe('a frame from one player to another', () => {
  test('waits for what either of them changed last, and for nobody else', () => {
    const order = new Order();
    const [a, b] = [client(ann), client(bob)];
    const opened = [change(order, a), change(order, b)];
    change(order, client(cid));
    const frame = says(a);
    order.exchange(frame, bob);
    expect(frame.needs).toEqual(opened);
  });

  test('waits for no frame before it, and for nothing that has taken effect', () => {
    const order = new Order();
    const [a, b] = [client(ann), client(bob)];
    const [first, second] = [change(order, a), change(order, b)];
    first.isEffective = true;
    order.exchange(says(a), bob);
    const frame = says(a);
    order.exchange(frame, bob);
    expect(frame.needs).toEqual([second]);
    second.isEffective = true;
    const next = says(a);
    order.exchange(next, bob);
    expect(next.needs).toEqual([]);
  });

  test('waits for connections of either that ended before it', () => {
    const order = new Order();
    const [a, b] = [client(ann), client(bob, 2)];
    const opened = change(order, a);
    const ended = end(order, b);
    const frame = says(a);
    order.exchange(frame, bob);
    expect(frame.needs).toEqual([opened, ended]);
  });
});

describe('an address', () => {
  test('is taken after whoever held it, missed it or asked for it', () => {
    const order = new Order();
    const held = end(order, client(bob));
    const missed = says(client(ann));
    order.miss(missed, 'bob/1');
    const asked = change(order, client(cid, 5, 'bob/1'));
    expect(missed.needs).toEqual([held]);
    expect(asked.needs).toEqual([held, missed]);
    const taken = change(order, client(bob));
    expect(taken.needs).toEqual([held, asked]);
  });

  test('was missed by each player last, and by all of them', () => {
    const order = new Order();
    const misses = [ann, cid, ann].map((who) => {
      const missed = says(client(who));
      order.miss(missed, 'bob/1');
      return missed;
    });
    expect(change(order, client(bob)).needs).toEqual([misses[2], misses[1]]);
    // Whoever comes next need not wait for them any more.
    expect(change(order, client(bob)).needs).not.toContain(misses[1]);
  });

  test('that was missed is forgotten, where there are too many', () => {
    const order = new Order();
    const [a, b] = [client(ann), client(bob)];
    for (const each of [a, b, a, b]) order.miss(says(each), 'first/1');
    for (let i = 2; i < MISSES_MAX; i++) order.miss(says(i % 2 === 0 ? a : b), `${i >> 1}/1`);
    expect(change(order, client({ name: '1' })).needs.length).toBe(2);
    for (const each of [a, b]) order.miss(says(each), '1/1');
    const last = says(a);
    order.miss(last, 'last/1');
    expect(change(order, client({ name: 'first' })).needs).toEqual([]);
    expect(change(order, client({ name: 'last' })).needs).toEqual([last]);
  });
});

test('a connection begins after what its player changed, and says who it is after that', () => {
  const order = new Order();
  const before = change(order, client(ann));
  const open = new OpenStep(client(ann, 2), 1, 1);
  order.begin(open);
  expect(open.needs).toEqual([before]);
});

test('whoever leaves closes many at once, and what comes after waits for all of them', () => {
  const order = new Order();
  const clients = [1, 2, 3].map((port) => client(ann, port));
  for (const each of clients) change(order, each).isEffective = true;
  const ends = clients.map((each) => end(order, each));
  expect(ends.map(({ needs }) => needs)).toEqual([[], [], []]);
  expect(change(order, client(ann)).needs).toEqual(ends);
});

test('at a control server all changes and ends have one order, whoever makes them', () => {
  const order = new Order();
  const control = (who: Who) => client(who, 0, '', adhocctl);
  const first = change(order, control(ann));
  const second = change(order, control(bob));
  const third = end(order, control(ann));
  expect(second.needs).toEqual([first]);
  expect(third.needs).toContain(second);
  expect(change(order, control(cid)).needs).toEqual([third]);
});
