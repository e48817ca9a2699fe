/** A recording as steps: what is done in which order, what has to be waited for, and what is left out. */
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { Kind as Control } from '../../../protocol/adhocctl/layout.ts';
import { CommonFault } from '../../../protocol/fault.ts';
import { kindName, UNFRAMED } from '../../../protocol/kind.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import type { Protocol } from '../../../protocol/types.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { Script } from '../../../replay/script/script.ts';
import { isDeed, type Step } from '../../../replay/script/steps.ts';
import { connect as join, login, person, scan } from '../../kit/adhocctl-wire.ts';
import { record, temporaryFile } from '../../kit/capture-file.ts';
import { accept, address, block, connect, datagram, listen, pdpOpen } from '../../kit/postoffice-wire.ts';
import { addressBytes, init, Init } from '../../kit/socket-client.ts';
import { Tape } from '../../kit/taped.ts';
import { ANN, BOB, tapedTalk } from '../../kit/taped-talk.ts';

const BYTES = Uint8Array.of(1, 2, 3);

function scriptOf(
  file: string,
  {
    session = null,
    whyNot = () => null,
  }: { session?: number | null; whyNot?: (each: Protocol) => string | null } = {},
): Script {
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return new Script(reader, reader.capture(), {
    session: session === null ? null : reader.session(session),
    whyNot,
  });
}

/** `1 open`, `1 pdp -> 2`, `2 gets pdp-delivered`, `3 is ended`: connections by number. */
function told(step: Step): string {
  const { conn, protocol } = step.client;
  if (step.kind === 'receive') return `${conn} gets ${kindName(protocol, step.unit.kind)}`;
  if (step.kind === 'ended') return `${conn} is ended`;
  if (step.kind !== 'send') return `${conn} ${step.kind}s`;
  const to = step.delivery === null ? '' : ` -> ${step.delivery.client.conn}`;
  return `${conn} ${kindName(protocol, step.frameKind)}${to}`;
}

function stepsOf(script: Script): readonly Step[] {
  return [...script.steps()];
}

function allTold(file: string, options: Parameters<typeof scriptOf>[1] = {}): readonly string[] {
  return stepsOf(scriptOf(file, options)).map(told);
}

/** What each deed needs, as it is told. */
function needs(steps: readonly Step[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(steps.filter(isDeed).map((step) => [told(step), step.needs.map(told)]));
}

function sessionIds(file: string): readonly number[] {
  const reader = CaptureFile.open(file);
  const ids = reader.sessions().map(({ id }) => id);
  reader.close();
  return ids;
}

describe('of a whole capture', () => {
  test('all is done in its order, and what is got follows from what was done', () => {
    const file = tapedTalk(({ ann, bob }) => {
      ann.sends(datagram(BOB, BYTES));
      bob.sends(datagram(ANN, BYTES), datagram(address('02aabbccdd09', 1), BYTES));
    });
    const steps = stepsOf(scriptOf(file));
    expect(steps.map(told)).toEqual([
      '1 opens',
      '1 pdp-open',
      '2 opens',
      '2 pdp-open',
      '1 pdp -> 2',
      '2 gets pdp-delivered',
      '2 pdp -> 1',
      '1 gets pdp-delivered',
      '2 pdp',
      '1 ends',
      '2 ends',
    ]);
    const [sent, got] = [steps[4]!, steps[5]!];
    expect(got).toMatchObject({
      cause: sent,
      unit: { sequence: 3 },
      conversation: { kind: Kind.pdpDelivered },
    });
    expect(needs(steps)).toMatchObject({
      '2 pdp-open': [],
      '1 pdp -> 2': ['1 pdp-open', '2 pdp-open'],
      '1 ends': ['1 pdp-open'],
    });
  });

  test('what was never delivered in whole is got by nobody for sure', () => {
    const file = tapedTalk(({ tape, ann, bob }) => {
      ann.sends(datagram(BOB, BYTES));
      tape.store.undelivered(tape.last);
      bob.sends(datagram(ANN, BYTES));
    });
    const got = stepsOf(scriptOf(file)).filter((step) => step.kind === 'receive');
    expect(got.map(({ unit }) => unit.isOptional)).toEqual([true, false]);
  });

  test('whoever takes an address waits for those who held it, and for those who missed it', () => {
    const tape = new Tape();
    const ann = tape.connect(postoffice).sends(pdpOpen(ANN));
    ann.sends(datagram(BOB, BYTES));
    for (let i = 0; i < 2; i++) tape.connect(postoffice).sends(pdpOpen(BOB));
    ann.sends(datagram(BOB, BYTES));
    const steps = stepsOf(scriptOf(tape.end()));
    expect(steps.map(told).slice(3)).toEqual([
      '2 opens',
      '2 pdp-open',
      '3 opens',
      '3 pdp-open',
      '2 is ended',
      '1 pdp -> 3',
      '3 gets pdp-delivered',
    ]);
    const [missed, first, second] = [steps[2]!, steps[4]!, steps[6]!];
    expect(isDeed(first) && first.needs).toEqual([missed]);
    expect(isDeed(second) && second.needs).toEqual([first]);
    expect(steps[7]).toMatchObject({ cause: second, fault: CommonFault.replaced });
    expect(isDeed(second) && second.echoes).toBe(1);
    expect(needs(steps)['1 pdp -> 3']).toEqual(['1 pdp-open', '3 pdp-open', '2 is ended']);
  });

  test('whoever accepts waits for whoever asked, and both are told of it', () => {
    const tape = new Tape();
    const [shop, self] = [address('02aabbccdd01', 200), address('02aabbccdd02', 5001)];
    const listener = tape.connect(postoffice).sends(listen(shop));
    const caller = tape.connect(postoffice).sends(connect(self, shop));
    const called = tape.connect(postoffice).sends(accept(shop, self));
    caller.sends(block(BYTES));
    called.ends();
    listener.ends();
    const steps = stepsOf(scriptOf(tape.end()));
    expect(steps.map(told)).toEqual([
      '1 opens',
      '1 ptp-listen',
      '2 opens',
      '2 ptp-connect',
      '1 gets ptp-request',
      '3 opens',
      '3 ptp-accept',
      '2 gets ptp-ready',
      '3 gets ptp-ready',
      '2 ptp -> 3',
      '3 gets ptp-delivered',
      '3 ends',
      '2 is ended',
      '1 ends',
    ]);
    const deeds = new Map(steps.filter(isDeed).map((step) => [told(step), step]));
    expect(deeds.get('2 ptp-connect')).toMatchObject({ echoes: 1 });
    expect(deeds.get('3 ptp-accept')).toMatchObject({ echoes: 2 });
    expect(deeds.get('3 ends')).toMatchObject({ echoes: 1 });
    expect(deeds.get('3 ptp-accept')!.needs).toContain(deeds.get('2 ptp-connect'));
    expect(deeds.get('2 ptp -> 3')!.needs).toContain(deeds.get('3 ptp-accept'));
    expect(steps[12]).toMatchObject({ cause: deeds.get('3 ends') });
  });

  test('logins and groups have one order for all', () => {
    const tape = new Tape();
    const people = ['02aabbccdd01', '02aabbccdd02', '02aabbccdd03'].map((mac) => person(mac, mac.slice(-1)));
    for (const each of people) tape.connect(adhocctl).sends(login(each));
    const steps = stepsOf(scriptOf(tape.end()));
    expect(needs(steps)).toMatchObject({ '1 login': [], '2 login': ['1 login'], '3 login': ['2 login'] });
  });
});

describe('of a session', () => {
  /** Two who log in, meet, and play by datagrams; before that, one of them is somewhere else. */
  function metInLobby(): string {
    const tape = new Tape();
    const controls = ['02aabbccdd01', '02aabbccdd02'].map((mac, i) =>
      tape.connect(adhocctl).sends(login(person(mac, `P${i}`)), scan),
    );
    const [one, two] = controls as [(typeof controls)[0], (typeof controls)[0]];
    const ann = tape.connect(postoffice).sends(pdpOpen(ANN));
    const bob = tape.connect(postoffice).sends(pdpOpen(BOB));
    for (const [i, group] of ['ONE', 'TWO'].entries()) {
      one.sends(join(group));
      two.sends(join(group));
      ann.sends(datagram(BOB, Uint8Array.of(i)));
      tape.wait(10_000);
    }
    for (const each of [ann, bob, ...controls]) each.ends();
    return tape.end();
  }

  test('what lets its players in comes before it, and nothing else from before', () => {
    const file = metInLobby();
    const [first] = sessionIds(file) as [number];
    const steps = allTold(file, { session: first });
    const group = steps.indexOf(`1 ${kindName(adhocctl, Control.connect)}`);
    expect(group).toBeGreaterThan(0);
    for (const each of ['1 opens', '1 login', '2 opens', '2 login'])
      expect(steps.slice(0, group)).toContain(each);
    expect(steps).not.toContain(`1 ${kindName(adhocctl, Control.scan)}`);
    expect(steps.filter((each) => each === '3 pdp-open' || each === '4 pdp-open').length).toBe(2);
  });

  test('of connections that take part for a while, the rest is left out', () => {
    const file = metInLobby();
    const all = allTold(file).filter((each) => each === '3 pdp -> 4').length;
    expect(all).toBe(2);
    const ids = sessionIds(file);
    expect(ids.length).toBe(2);
    for (const session of ids) {
      const steps = allTold(file, { session });
      expect(steps.filter((each) => each === '3 pdp -> 4').length).toBe(1);
      expect(steps.filter((each) => each === '1 login').length).toBe(1);
      expect(steps.filter((each) => each === `1 ${kindName(adhocctl, Control.connect)}`).length).toBe(1);
    }
  });

  test('the handshake of a stream that the session goes on with comes before it', () => {
    const tape = new Tape();
    const [shop, self] = [address('02aabbccdd01', 200), address('02aabbccdd02', 5001)];
    tape.connect(postoffice).sends(listen(shop));
    const caller = tape.connect(postoffice).sends(connect(self, shop));
    tape.connect(postoffice).sends(accept(shop, self));
    caller.sends(block(BYTES));
    const file = tape.end();
    const [session] = sessionIds(file) as [number];
    expect(allTold(file, { session })).toEqual(expect.arrayContaining(['2 ptp-connect', '3 ptp-accept']));
    expect(allTold(file, { session }).indexOf('3 ptp-accept')).toBeLessThan(
      allTold(file, { session }).indexOf('2 ptp -> 3'),
    );
  });
});

describe('ends', () => {
  test('of circumstances are those of the client, and said so', () => {
    const ends = [CommonFault.tooSlow, CommonFault.flood, CommonFault.shutdown, CommonFault.lost] as const;
    const tape = new Tape();
    for (const [i, fault] of ends.entries()) {
      tape
        .connect(postoffice)
        .sends(pdpOpen(address(`02aabbccdd0${i}`, 1)))
        .close(fault);
    }
    const script = scriptOf(tape.end());
    const steps = stepsOf(script).filter((step) => step.kind === 'end');
    expect(steps.map(({ client, isReset }) => [client.conn, isReset])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
    ]);
    expect(script.notes).toEqual([
      'connection 1 ended as that of a client that read too slowly: not replayed',
      'connection 2 ended as that of a client that flooded the relay with requests: not replayed',
    ]);
  });

  /** As relays recorded it that noted an end when the connection was gone. */
  function notedLate(more: Parameters<typeof record>[1]): string {
    const file = temporaryFile();
    record(file, (store) => {
      for (const [conn, mac] of ['02:00:00:00:00:01', '02:00:00:00:00:02'].entries()) {
        const self = { mac, port: 1 };
        const other = { mac: mac.endsWith('1') ? '02:00:00:00:00:02' : '02:00:00:00:00:01', port: 1 };
        const [kind, role] = conn === 0 ? [Kind.ptpConnect, Init.connect] : [Kind.ptpAccept, Init.accept];
        store.opened(conn + 1, postoffice.id, '192.0.2.1', 40_000, 1e6 * (conn + 1));
        store.frame(
          conn + 1,
          1e6 * (conn + 1),
          null,
          conn + 1,
          0,
          kind,
          Outcome.consumed,
          init(role, self, other),
        );
        store.identified(conn + 1, 'ptp', `${self.mac}/1`, `${other.mac}/1`, new Uint8Array(0));
      }
      more(store);
    });
    return file;
  }

  test('that others were told of come before that', () => {
    const file = notedLate((store) => {
      store.frame(
        3,
        50e6,
        1000,
        0,
        1,
        Kind.ptpReady,
        Outcome.originated,
        addressBytes({ mac: '02:00:00:00:00:02', port: 1 }),
      );
      store.closed(2, CommonFault.none, 50.4e6);
    });
    const steps = stepsOf(scriptOf(file));
    expect(steps.map(told).slice(-2)).toEqual(['2 ends', '1 gets ptp-ready']);
    expect(steps.at(-1)).toMatchObject({ cause: steps.at(-2) });
  });

  test('of one half of a pair come before that of the other, which they set off', () => {
    const file = notedLate((store) => {
      store.closed(1, CommonFault.partnerGone, 50e6);
      store.closed(2, CommonFault.none, 50.4e6);
    });
    const steps = stepsOf(scriptOf(file));
    expect(steps.map(told).slice(-2)).toEqual(['2 ends', '1 is ended']);
    expect(steps.at(-1)).toMatchObject({ cause: steps.at(-2) });
  });
});

test('what comes only after somebody else did something is no sign that all has taken effect', () => {
  const file = temporaryFile();
  const self = { mac: '02:00:00:00:00:01', port: 1 };
  const other = { mac: '02:00:00:00:00:02', port: 1 };
  record(file, (store) => {
    const asks = (conn: number, at: number): void => {
      store.opened(conn, postoffice.id, '192.0.2.1', 1, at);
      const bytes = init(Init.connect, self, other);
      store.frame(store.lastSequence + 1, at, null, conn, 0, Kind.ptpConnect, Outcome.consumed, bytes);
      const [endpoint, toward] = [`${self.mac}/1`, `${other.mac}/1`];
      store.identified(conn, 'ptp-connect', endpoint, toward, new Uint8Array(0));
    };
    asks(1, 1e6);
    asks(2, 9e6);
    // What the first one had said too early is left behind with its end.
    store.frame(3, 2e6, null, 1, 0, UNFRAMED, Outcome.unframed, BYTES);
    store.closed(1, CommonFault.replaced, 9.1e6);
  });
  const steps = stepsOf(scriptOf(file));
  expect(steps.map(told).slice(3)).toEqual(['2 ptp-connect', '1 unframed', '1 is ended']);
  expect(steps[5]).toMatchObject({ cause: steps[3] });
  expect(steps[3]).toMatchObject({ echoes: 0, hadEchoes: false });
  expect(isDeed(steps[4]!) && steps[4].needs).toContain(steps[3]);
});

describe('what cannot be replayed is said', () => {
  test('gaps', () => {
    const file = tapedTalk(({ tape, ann }) => {
      ann.sends(datagram(BOB, BYTES));
      tape.gap(7);
      ann.sends(datagram(BOB, BYTES));
    });
    expect(scriptOf(file).notes.join()).toMatch(/lacks 7 frames and 0 connection events from 4 on/);
  });

  test('connections whose beginning was lost: what they said is left out', () => {
    const file = tapedTalk(({ tape, ann }) => {
      ann.sends(datagram(BOB, BYTES));
      tape.hop(1, 99, Kind.pdp, Outcome.forwarded, datagram(BOB, BYTES));
      tape.hop(99, 1, Kind.pdp, Outcome.forwarded, datagram(ANN, BYTES));
    });
    const script = scriptOf(file);
    expect(stepsOf(script).filter((step) => step.kind === 'receive').length).toBe(1);
    expect(script.notes).toEqual(['2 frames from or to connections that take no part were left out']);
  });

  test('protocols for which there is no target', () => {
    const tape = new Tape();
    tape.connect(adhocctl).sends(login(person('02aabbccdd01', 'Ann')));
    tape.connect(postoffice).sends(pdpOpen(ANN));
    const file = tape.end();
    const script = scriptOf(file, { whyNot: (each) => (each === postoffice ? null : 'nobody wants them') });
    expect(stepsOf(script).map(told)).toEqual(['2 opens', '2 pdp-open']);
    expect(script.notes).toEqual(['connections of adhocctl were left out: nobody wants them']);
    expect(() => scriptOf(file, { whyNot: ({ name }) => `${name} is gone` })).toThrow(
      expect.objectContaining({
        code: 'nothing-to-replay',
        message:
          'the capture has only connections that cannot be replayed: adhocctl (adhocctl is gone); postoffice (postoffice is gone)',
      }),
    );
  });

  test('protocols that this version does not know, or knows otherwise', () => {
    const file = temporaryFile();
    record(file, (store) => {
      store.opened(1, 77, '192.0.2.1', 1, 1);
      store.opened(2, postoffice.id, '192.0.2.1', 1, 2);
      store.opened(3, adhocctl.id, '192.0.2.1', 1, 3);
      store.db.prepare('UPDATE connection SET revision = 9 WHERE protocol = ?').run(adhocctl.id);
    });
    const script = scriptOf(file);
    expect([...script.clients.keys()]).toEqual([2]);
    expect(script.notes).toEqual([
      'connections of protocol 77 were left out: this version does not know them',
      'connections of adhocctl were left out: this version does not know them',
    ]);
  });

  test('a capture of which nobody knows where its connections begin', () => {
    const file = tapedTalk(({ ann }) => ann.sends(datagram(BOB, BYTES)));
    const db = new Database(file);
    db.exec(
      'UPDATE connection SET opened_after = NULL, opened_event = NULL, closed_after = NULL, closed_event = NULL',
    );
    db.close();
    const notIndexed = expect.objectContaining({ kind: 'input', code: 'not-indexed' }) as Error;
    expect(() => scriptOf(file)).toThrow(notIndexed);
  });

  test('a capture with no connections', () => {
    const file = temporaryFile();
    record(file, () => undefined);
    expect(() => scriptOf(file)).toThrow(
      expect.objectContaining({ code: 'nothing-to-replay', message: 'the capture has no connections' }),
    );
  });
});
