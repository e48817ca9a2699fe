/** Two recordings of one play: the same where they are, and what differs where they are not. */
import { describe, expect, it, onTestFinished } from 'vitest';
import Database from 'better-sqlite3';
import { hex } from '../../protocol/address.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { compareRecordings, FRAMES_PER_BATCH, type HowToCompare, RUN_OUT_FRAMES } from '../../replay/diff.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import type { Conversation, Masks } from '../../replay/types.ts';
import { payload } from '../kit/bytes.ts';
import { address, datagram, pdpOpen } from '../kit/postoffice-wire.ts';
import { control, MadeSession } from '../kit/session-view.ts';
import { Tape } from '../kit/taped.ts';
import { ELSEWHERE, EVENING, playEvening } from '../kit/taped-plays.ts';
import { StandIn, told } from './stand-in.ts';

function open(file: string, session = 1): RecordedPlay {
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return new RecordedPlay(reader, session);
}

async function compare(first: string, second: string, how: HowToCompare = {}) {
  const comparison = new StandIn();
  const found = await compareRecordings(open(first), open(second), comparison, how);
  return { ...found, told: told(found), comparison };
}

describe('a play that was recorded twice', () => {
  it('is the same where nothing differs', async () => {
    const found = await compare(playEvening(), playEvening());
    expect(found.told).toEqual([]);
    expect(found.notes).toEqual([]);
    expect(found.partial).toBeNull();
    // Everything was compared, and with something.
    expect(found.counts.equal).toBe(found.counts.expected);
    expect(found.counts.came).toBe(found.counts.expected);
    expect(found.counts.expected).toBeGreaterThan(2 * EVENING.words.length);
  });

  it('is the same on other machines with other addresses and other ports', async () => {
    const found = await compare(playEvening(), playEvening(ELSEWHERE));
    expect(found.told).toEqual([]);
    expect(found.counts.equal).toBe(found.counts.expected);
    expect(found.notes).toHaveLength(4);
    expect(found.notes[0]).toBe(
      'P1 is 02:aa:bb:cc:dd:01 in the first recording and 02:11:22:33:44:01 in the second ' +
        '(by what they open, and the order in which they came)',
    );
    expect(found.notes[3]).toMatch(/^5 ports differ/);
  });

  it('is the same where players have each other’s addresses, if their nicknames say who is who', async () => {
    const nicknames = ['Ann', 'Bob', 'Cid'] as const;
    const macs = ['02aabbccdd12', '02aabbccdd13', '02aabbccdd11'] as const;
    const others = ['02aabbccdd22', '02aabbccdd23', '02aabbccdd21'] as const;
    const found = await compare(
      playEvening({ nicknames, macs }),
      playEvening({ nicknames, macs: others, arrival: [2, 0, 1] }),
    );
    const kinds = new Set(found.differences.map(({ conversation }) => conversation.protocol.name));
    // In another order they hear of each other in another order.
    expect([...kinds]).toEqual(['adhocctl']);
    expect(found.notes).toContain(
      'Bob is 02:aa:bb:cc:dd:13 in the first recording and 02:aa:bb:cc:dd:23 in the second (by nickname)',
    );
  });

  it('is the same wherever a stream is cut into blocks', async () => {
    const [one, other] = EVENING.stream as [Uint8Array, Uint8Array];
    const cut = [one.subarray(0, 7), one.subarray(7), other];
    const found = await compare(playEvening(), playEvening({ stream: cut }));
    expect(found.told).toEqual([]);
    // Datagrams are not.
    const words = [...EVENING.words.slice(1), one.subarray(0, 30)];
    expect((await compare(playEvening(), playEvening({ words }))).told).not.toEqual([]);
  });

  it('is the same if one of its frames arrived in neither', async () => {
    const undelivered = (tape: Tape) => tape.store.undelivered(tape.last);
    const lost = playEvening({}, ({ tape, sockets: [ann], addresses: [, bob] }) => {
      ann.sends(datagram(bob, payload(33)));
      undelivered(tape);
    });
    expect((await compare(lost, lost2())).told).toEqual([]);
    expect((await compare(lost, playEvening())).told).toEqual([]);
    expect((await compare(playEvening(), lost2())).told).toEqual([]);

    function lost2(): string {
      return playEvening({}, ({ tape, sockets: [ann], addresses: [, bob] }) => {
        ann.sends(datagram(bob, payload(33)));
        undelivered(tape);
      });
    }
  });
});

describe('what differs', () => {
  const bend = (words: readonly Uint8Array[], at: number) =>
    words.map((word, i) =>
      i === at ? Uint8Array.from(word, (byte, k) => (k === 3 ? byte ^ 1 : byte)) : word,
    );

  it.each([
    ['a changed byte', bend(EVENING.words, 4), ['changed P1 -> P2', 'changed P2 -> P3']],
    ['a lost frame', EVENING.words.toSpliced(4, 1), ['missing P1 -> P2', 'missing P2 -> P3']],
    ['a frame too many', EVENING.words.toSpliced(4, 0, payload(77)), ['extra P1 -> P2', 'extra P2 -> P3']],
  ])('is found: %s, whatever the addresses', async (_, words, wanted) => {
    const found = await compare(playEvening(), playEvening({ ...ELSEWHERE, words }));
    expect(found.told).toEqual(wanted.map((each) => each.replace(' ', ' pdp-delivered ')));
    expect(found.first).toBe(0);
  });

  it('is found: two frames that changed places', async () => {
    const [third, fourth] = EVENING.words.slice(3, 5) as [Uint8Array, Uint8Array];
    const words = EVENING.words.toSpliced(3, 2, fourth, third);
    const found = await compare(playEvening(), playEvening({ ...ELSEWHERE, words }));
    expect(found.told.map((each) => each.replace(/missing|extra/, 'moved'))).toEqual(
      ['P1 -> P2', 'P2 -> P3', 'P1 -> P2', 'P2 -> P3'].map((who) => `moved pdp-delivered ${who}`),
    );
  });

  it('is found: a byte of a stream', async () => {
    const found = await compare(playEvening(), playEvening({ stream: bend(EVENING.stream, 1) }));
    expect(found.told).toEqual(Array(2).fill('changed ptp-delivered P2 -> P1'));
  });

  it('is found: a frame of which the sender is somebody else’s address', async () => {
    const file = playEvening(ELSEWHERE);
    const db = new Database(file);
    // As a relay would do that stamps a wrong address on what Ann sends.
    db.prepare("UPDATE connection SET stamp = ? WHERE endpoint = '02:11:22:33:44:01/700'").run(
      Buffer.from('0211223344030000bc02', 'hex'),
    );
    db.close();
    const found = await compare(playEvening(), file);
    expect(new Set(found.told)).toEqual(new Set(['changed pdp-delivered P1 -> P2']));
    expect(found.counts.differences.changed).toBe(EVENING.words.length);
  });

  it('is told in the first recording’s addresses, frames of the second included', async () => {
    const found = await compare(playEvening(), playEvening({ ...ELSEWHERE, words: bend(EVENING.words, 0) }));
    const { expected, actual } = found.differences[0]!;
    for (const bytes of [expected, actual]) expect(hex(bytes!.subarray(0, 10))).toBe('02aabbccdd0100006400');
  });

  it('says who has no partner', async () => {
    const dan = address('02aabbccdd04', 100);
    const file = playEvening({}, ({ tape, addresses: [ann] }) => {
      const socket = tape.connect(postoffice).sends(pdpOpen(dan));
      socket.sends(datagram(ann, payload(3)));
      socket.ends();
    });
    const found = await compare(playEvening(), file);
    expect(found.notes).toEqual(['02:aa:bb:cc:dd:04 plays in the second recording only']);
    expect(found.told).toEqual(['extra pdp-open ? -> relay', 'extra pdp-delivered ? -> P1']);
    expect((await compare(file, playEvening())).notes).toEqual([
      '02:aa:bb:cc:dd:04 plays in the first recording only',
    ]);
  });
});

describe('addresses inside payloads', () => {
  const words = (mac: string) => [Buffer.from(`0102${mac}03`, 'hex'), payload(8)];
  const masks: Pick<Masks, 'of'> = {
    of: ({ kind }, _, bytes) =>
      kind === null || bytes.length !== 23 ? [] : [{ at: 16, size: 6, means: 'address' }],
  };
  const first = () => playEvening({ words: words(EVENING.macs[1]) });
  const second = () => playEvening({ ...ELSEWHERE, words: words(ELSEWHERE.macs![1]) });

  it('are translated where a mask says so', async () => {
    expect((await compare(first(), second())).told).not.toEqual([]);
    expect((await compare(first(), second(), { masks })).told).toEqual([]);
  });

  it('still differ where they are somebody else’s', async () => {
    const other = playEvening({ ...ELSEWHERE, words: words(ELSEWHERE.macs![2]) });
    expect((await compare(first(), other, { masks })).told).toContain('changed pdp-delivered P1 -> P2');
  });
});

describe('ends of connections', () => {
  it('are the same where the recording just ended, or either end of a pair went first', async () => {
    const leaves = 'acceptor';
    const first = playEvening({ leaves }, ({ sockets }) => sockets[2].close(CommonFault.lost));
    const second = playEvening({}, ({ sockets }) => sockets[2].close(CommonFault.shutdown));
    expect((await compare(first, second)).told).toEqual([]);
    expect((await compare(second, first)).told).toEqual([]);
  });

  it('differ where the relay closed one that a client ended', async () => {
    const words = EVENING.words.slice(0, 4);
    const more = [...words, ...words];
    const first = playEvening({ words: more });
    const tape = new Tape();
    const second = playEvening({ words }, ({ sockets }) => sockets[2].close(CommonFault.tooSlow), tape);
    const { comparison, told: all } = await compare(first, second);
    expect(all).toContain('closed-early control relay -> P3');
    const [end, ...others] = comparison.ends;
    expect(others).toEqual([]);
    expect(end).toMatchObject({ class: 'closed-early', conversation: { to: { role: 'P3' }, kind: null } });
    expect(end!.how).toBe(
      'the client did not read what was sent to it, and its queue reached the limit, while 4 frames were still to come; ' +
        'in the first recording the client ended it',
    );
    // Where it was closed, and before what is missing because of it.
    const reader = open(first);
    const [missing] = [...reader.units()].filter(({ unit }) => unit.sequence > end!.sequence);
    expect(missing).toBeDefined();
    expect(end!.sequence).toBeGreaterThan(0);
    expect(end!.sequence).toBeLessThan(reader.session.lastSequence / 2);
  });

  it('differ where the relay left one open that it closed before', async () => {
    const first = playEvening({}, ({ sockets }) => sockets[2].close(CommonFault.replaced));
    const second = playEvening({}, ({ tape }) => tape.wait(500));
    const { comparison } = await compare(first, second);
    expect(comparison.ends).toMatchObject([
      {
        class: 'closed-late',
        how: 'the client ended it; in the first recording a newer connection took its address',
      },
    ]);
  });
});

describe('what a capture lacks', () => {
  it('is said', async () => {
    const file = playEvening({}, ({ tape, sockets: [ann], addresses: [, bob] }) => {
      tape.gap(3);
      ann.sends(datagram(bob, EVENING.words[0]!));
    });
    const { notes } = await compare(file, playEvening());
    expect(notes).toEqual([
      expect.stringMatching(
        /^the first recording lacks 3 frames from frame \d+ on \(recorder was full\), which may be told as extra$/,
      ),
    ]);
    expect((await compare(playEvening(), file)).notes[0]).toMatch(/^the second .* told as missing$/);
  });

  it('is said of frames of which nothing is known', async () => {
    const file = playEvening();
    const db = new Database(file);
    db.exec("UPDATE connection SET protocol = 99 WHERE role = 'ptp-listen'");
    db.close();
    const { notes } = await compare(file, playEvening());
    expect(notes).toContain(
      '3 frames of the first recording are left out: nothing is known of their protocol, or of an end of theirs',
    );
  });
});

describe('what cannot be compared', () => {
  it('is sessions that speak different protocols', async () => {
    const made = new MadeSession();
    const [one, other] = [made.login('02:aa:bb:cc:dd:01', 'Ann'), made.login('02:aa:bb:cc:dd:02', 'Bob')];
    for (const conn of [one, other]) made.close(conn);
    expect(control.name).toBe('control');
    const play = new RecordedPlay(made.source(), 1);
    await expect(compareRecordings(open(playEvening()), play, new StandIn())).rejects.toMatchObject({
      kind: 'input',
      code: 'other-protocol',
      message:
        'the first session is of postoffice and the second of control: they are no two recordings of one play',
    });
  });

  it('is what was recorded with another revision of a protocol', async () => {
    const file = playEvening();
    const db = new Database(file);
    db.exec('UPDATE connection SET revision = 7');
    db.close();
    await expect(compare(playEvening(), file)).rejects.toMatchObject({
      kind: 'input',
      code: 'other-revision',
      message:
        'the second session was recorded with revision 7 of postoffice, of which this version reads revision 1',
    });
  });
});

describe('long recordings', () => {
  /** Ann sends to Bob so many times, and nothing else happens. */
  function long(count: number): RecordedPlay {
    const made = new MadeSession();
    const [ann, bob] = [made.pdp('02:aa:bb:cc:dd:01', 1), made.pdp('02:aa:bb:cc:dd:02', 1)];
    for (let i = 0; i < count; i++) made.after(0.001).datagram(ann, bob, [i & 255, i >> 8]);
    return new RecordedPlay(made.source(), 1);
  }

  /** What is held at most, where the two are fed as they are. */
  class Held extends StandIn {
    most = 0;
    #balance = 0;

    override lane(conversation: Conversation) {
      const lane = super.lane(conversation);
      const note = (change: number) => (this.most = Math.max(this.most, Math.abs((this.#balance += change))));
      return Object.assign(Object.create(lane) as typeof lane, {
        expect: () => note(1),
        came: () => note(-1),
      });
    }
  }

  it('are read in step', async () => {
    const [same, shorter] = [new Held(), new Held()];
    await compareRecordings(long(9_000), long(9_000), same);
    expect(same.most).toBeLessThanOrEqual(2);
    await compareRecordings(long(9_000), long(8_900), shorter);
    expect(shorter.most).toBeLessThanOrEqual(101);
  });

  it('say how far they are, and let others have their turn', async () => {
    const seen: number[] = [];
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    onTestFinished(() => clearInterval(timer));
    await compareRecordings(long(6_000), long(6_000), new Held(), {
      progress: (done, total) => {
        expect(total).toBe(12_004);
        seen.push(done);
      },
    });
    expect(seen).toEqual([FRAMES_PER_BATCH, 2 * FRAMES_PER_BATCH]);
    expect(turns).toBeGreaterThan(0);
  });

  it('can be stopped, and then nobody is blamed for what was not read', async () => {
    const stop = new AbortController();
    const comparison = new Late();
    const found = await compareRecordings(long(6_000), long(6_000), comparison, {
      signal: stop.signal,
      progress: () => stop.abort(),
    });
    expect(found.partial).toBe(`stopped after ${FRAMES_PER_BATCH + RUN_OUT_FRAMES} of 12004 frames`);
    expect(comparison.missed).toBe(0);
    expect(comparison.units).toBeGreaterThan(RUN_OUT_FRAMES);
    expect(comparison.ends).toEqual([]);
  });
});

/** Finds nothing of what comes: everything is missed, as far as somebody may be blamed. */
class Late extends StandIn {
  missed = 0;
  units = 0;

  override end() {
    for (const { expected } of this.lanes.values()) {
      this.units += expected.length;
      this.missed += expected.filter(({ isOptional }) => !isOptional).length;
      expected.length = 0;
    }
    this.lanes.clear();
    return super.end();
  }
}
