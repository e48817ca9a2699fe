import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FrameDesk } from '../../../../dashboard/server/frames/desk.ts';
import { frameHandlers } from '../../../../dashboard/server/frames/handlers.ts';
import { NOTHING_KNOWN } from '../../../../dashboard/server/frames/telling.ts';
import type { KnownPayloads } from '../../../../dashboard/server/archive.ts';
import { payloadProtocols } from '../../../../protocol/payload.ts';
import { Outcome } from '../../../../protocol/outcome.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { CommentWriter } from '../../../../recorder/comments.ts';
import type { CaptureStore } from '../../../../recorder/store.ts';
import { ask } from '../../../kit/asking-api.ts';
import { openStore, protocol, record, temporaryFile, transaction } from '../../../kit/capture-file.ts';
import { macs, pdp } from '../../../kit/filters.ts';
import { meet, numbers, part, talk } from '../../../kit/two-talks.ts';

let file: string;
beforeEach(() => {
  file = temporaryFile();
});

function handlers(known: KnownPayloads = NOTHING_KNOWN) {
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  let now = 0;
  const desk = new FrameDesk({ archive: { file, reader }, payloadsOf: () => known, clock: () => (now += 1) });
  onTestFinished(() => desk.close());
  return frameHandlers(desk);
}

/** 1 000 frames; of the first pair are 1, 3, ... 999, of the second 2, 4, ... 1 000. */
function recordTalks(): void {
  record(file, (store) => {
    meet(store);
    talk(store, 1, 1000);
    part(store);
  });
}

type Query = Exclude<NonNullable<Parameters<typeof ask<'frames'>>[2]>['query'], undefined>;

async function page(of: ReturnType<typeof handlers>, query: NonNullable<Query>, id = 1) {
  const { rows, ...rest } = await ask(of, 'frames', { params: { id }, query });
  return { sequences: rows.map(({ sequence }) => sequence), ...rest };
}

describe('a page of frames', () => {
  it('has the first of the session, where nothing is asked for', async () => {
    recordTalks();
    const { sequences, more, through } = await page(handlers(), {});
    expect(sequences).toEqual(numbers(1, 199));
    expect([more, through]).toEqual([true, 199]);
  });

  it.each([
    { query: { after: 1, limit: 3 }, sequences: [3, 5, 7], more: true, through: 7 },
    { query: { after: 2, limit: 3 }, sequences: [3, 5, 7], more: true, through: 7 },
    { query: { after: 995, limit: 3 }, sequences: [997, 999], more: false, through: 1000 },
    { query: { after: 1000 }, sequences: [], more: false, through: 1000 },
    { query: { after: 1e9 }, sequences: [], more: false, through: 1e9 },
    { query: { before: 6, limit: 2 }, sequences: [3, 5], more: true, through: 3 },
    { query: { before: 5, limit: 2 }, sequences: [1, 3], more: true, through: 1 },
    { query: { before: 3, limit: 2 }, sequences: [1], more: false, through: 1 },
    { query: { before: 0 }, sequences: [], more: false, through: 1 },
    { query: { before: 1e9, limit: 2 }, sequences: [997, 999], more: true, through: 997 },
  ])('goes on from wherever a viewer is: $query', async ({ query, ...expected }) => {
    recordTalks();
    expect(await page(handlers(), query)).toEqual({ ...expected, settled: true });
  });

  it('speaks of numbers by the names that were given in its capture, and is filtered by them', async () => {
    const names = [{ protocolId: 6, field: 'type', value: 1, name: 'HELLO' }];
    const steps = (store: CaptureStore): void => {
      for (const conn of [1, 2]) {
        store.opened(conn, 6, '192.0.2.1', conn, conn);
        store.identified(conn, 'client', `192.0.2.1:${conn}`, '', new Uint8Array(0));
      }
      for (let type = 1; type <= 9; type++)
        store.frame(type, 10 * type, 1, 1, 2, 0, Outcome.forwarded, Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0));
    };
    record(file, steps, names);
    const answer = await ask(handlers(), 'frames', {
      params: { id: 1 },
      query: { filter: 'dpea.type == HELLO', columns: 'dpea.type' },
    });
    expect(answer.rows.map(({ summary }) => summary)).toEqual(['type HELLO (1), 0 bytes']);
  });

  it('is of those that pass a filter, both ways', async () => {
    recordTalks();
    const of = handlers();
    for (const filter of ['size > 27', 'payload contains "!" && sequence >= 100']) {
      const forward = await page(of, { filter, after: 100, limit: 3 });
      expect(forward.sequences, filter).toEqual([105, 115, 125]);
      const back = await page(of, { filter, before: 135, limit: 3 });
      expect(back.sequences, filter).toEqual([105, 115, 125]);
    }
  });
});

describe('pages that follow each other', () => {
  it.each([undefined, 'size > 27', 'payload contains "!"'])(
    'have no holes and nothing twice, in either direction, of the other session nothing: %s',
    async (filter) => {
      recordTalks();
      const of = handlers();
      const wanted =
        filter === undefined ? numbers(2, 1000) : numbers(2, 1000).filter((each) => each % 10 === 0);
      const asked = filter === undefined ? {} : { filter };
      const forward: number[] = [];
      for (let after = 0, more = true; more;) {
        const found = await page(of, { after, limit: 7, ...asked }, 2);
        forward.push(...found.sequences);
        ({ more, through: after } = found);
      }
      expect(forward).toEqual(wanted);
      const back: number[] = [];
      for (let before = 1e6, more = true; more;) {
        const found = await page(of, { before, limit: 7, ...asked }, 2);
        back.unshift(...found.sequences);
        ({ more, through: before } = found);
      }
      expect(back).toEqual(wanted);
    },
  );

  it('go on in what has been recorded since', async () => {
    const store = openStore(file);
    transaction(store, (it) => {
      meet(it);
      talk(it, 1, 100);
    });
    const of = handlers();
    const found: number[] = [];
    let after = 0;
    for (let last = 100; last <= 1000; last += 50) {
      for (let more = true; more;) {
        const next = await page(of, { after, limit: 10 });
        found.push(...next.sequences);
        ({ more, through: after } = next);
      }
      expect(found).toEqual(numbers(1, last - 1));
      transaction(store, (it) => talk(it, last + 1, last + 50));
    }
  });
});

describe('what is asked wrongly', () => {
  it.each([
    ['a session that is not there', { params: { id: 9 }, query: {} }, /has no session 9/],
    [
      'a filter that cannot be read',
      { params: { id: 1 }, query: { filter: 'sizze > 3' } },
      /^the filter cannot be read, at character 1: there is no field sizze; expected size$/,
    ],
    ['a column that is not there', { params: { id: 1 }, query: { columns: 'size,x' } }, /no field "x"/],
    [
      'too many columns',
      { params: { id: 1 }, query: { columns: 'size,'.repeat(9) } },
      /at most 8 columns may be added/,
    ],
  ])('%s is refused in one line', async (_, asked, message) => {
    recordTalks();
    await expect(ask(handlers(), 'frames', asked)).rejects.toThrow(message);
  });
});

describe('a row', () => {
  it('says what went from whom to whom, and has the columns that were asked for', async () => {
    recordTalks();
    const columns = 'time, from, FROM.conn,payload,to.nickname,delay,postoffice.port';
    const { rows } = await ask(handlers(), 'frames', {
      params: { id: 1 },
      query: { after: 4, limit: 1, columns },
    });
    expect(rows).toEqual([
      {
        sequence: 5,
        at: 5e6,
        departed: 5_050_000,
        from: { conn: 1, endpoint: `${macs[0]}/1`, player: macs[0] },
        to: { conn: 2, endpoint: `${macs[1]}/1`, player: macs[1] },
        protocol: 'postoffice',
        kind: 'pdp',
        size: 28,
        outcome: 'forwarded',
        summary: expect.stringContaining('14') as string,
        columns: [
          '0.005',
          `${macs[0]}/1`,
          '1',
          Buffer.from('number 000005!').toString('hex'),
          'player 2',
          '0.05',
          '1',
        ],
        comments: 0,
      },
    ]);
  });

  it('counts the comments on its frame, which come with the frame', async () => {
    recordTalks();
    const of = handlers();
    const comments = new CommentWriter(file);
    for (const text of ['why?', 'ah']) {
      comments.add({ captureId: 1, sequence: 5, text, marker: 'note', at: '2025-11-21T10:00:00.000Z' });
    }
    const { rows } = await ask(of, 'frames', { params: { id: 1 }, query: { limit: 4 } });
    expect(rows.map((row) => [row.sequence, row.comments])).toEqual([
      [1, 0],
      [3, 0],
      [5, 2],
      [7, 0],
    ]);
    const { notes } = await ask(of, 'frame', { params: { id: 1, sequence: 5 }, query: {} });
    expect(notes.map(({ text }) => text)).toEqual(['why?', 'ah']);
  });

  it('has null for a column that its frame does not have', async () => {
    recordTalks();
    const query = { limit: 1, columns: 'adhocctl.opcode,size' };
    const { rows } = await ask(handlers(), 'frames', { params: { id: 1 }, query });
    expect(rows[0]?.columns).toEqual([null, '27']);
  });

  it('says what its payload is only where that is known, and else that it may be told better later', async () => {
    const matching = payloadProtocols[0]!;
    const greeting = Buffer.from([1, 0, 0, 0, 0]);
    expect(matching.classify(greeting)).not.toBe(-1);
    record(file, (store) => {
      meet(store);
      for (let sequence = 1; sequence <= 9; sequence++)
        store.frame(sequence, sequence, null, 1, 2, 4, 0, pdp(macs[1], 1, greeting));
      talk(store, 10, 12);
      part(store);
    });
    const told = async (known: KnownPayloads, after: number) => {
      const { rows, settled } = await ask(handlers(known), 'frames', {
        params: { id: 1 },
        query: { after, limit: 1 },
      });
      return [rows[0]?.summary.includes(matching.summarize(matching.classify(greeting), greeting)), settled];
    };
    const knowing = (through: number, protocolOf: KnownPayloads['protocolOf']) => ({ through, protocolOf });
    expect(await told(NOTHING_KNOWN, 0)).toEqual([false, false]);
    expect(
      await told(
        knowing(1, () => undefined),
        4,
      ),
    ).toEqual([false, false]);
    expect(
      await told(
        knowing(9, () => undefined),
        4,
      ),
    ).toEqual([false, true]);
    expect(
      await told(
        knowing(1, () => matching),
        4,
      ),
    ).toEqual([true, true]);
    expect(
      await told(
        knowing(1, () => null),
        4,
      ),
    ).toEqual([false, true]);
    // No protocol has such payloads.
    expect(await told(NOTHING_KNOWN, 9)).toEqual([false, true]);
  });
});

describe('one frame', () => {
  it('has all of its bytes, and what a browser needs to dissect them', async () => {
    recordTalks();
    const detail = await ask(handlers(), 'frame', {
      params: { id: 1, sequence: 5 },
      query: { columns: 'size' },
    });
    const { bytes, protocolId, kindIndex, revision, payload, fromLabel, toLabel, conversation, columns } =
      detail;
    expect(Buffer.from(bytes, 'base64').subarray(14).toString()).toBe('number 000005!');
    expect([protocolId, kindIndex, revision, payload]).toEqual([protocol.id, 4, protocol.revision, null]);
    expect([fromLabel, toLabel]).toEqual([`player 1 (${macs[0]}/1)`, `player 2 (${macs[1]}/1)`]);
    expect(columns).toEqual(['28']);
    const { rows } = await ask(handlers(), 'frames', { params: { id: 1 }, query: { filter: conversation } });
    expect(rows.map(({ sequence }) => sequence)).toEqual(numbers(1, 199));
  });

  it.each([2, 0, 1001])('that is not of the session is refused: %d', async (sequence) => {
    recordTalks();
    const asked = { params: { id: 1, sequence }, query: {} };
    await expect(ask(handlers(), 'frame', asked)).rejects.toThrow(`session 1 has no frame ${sequence}`);
  });
});
