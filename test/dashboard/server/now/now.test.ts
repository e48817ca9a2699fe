/** How the relay is: samples a second, who is there, and that nothing is asked for that nobody looks at. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SAMPLE_MS, SAMPLES_MAX } from '../../../../dashboard/api/now.ts';
import { type Backend, type Census, type Figures, Unanswered } from '../../../../dashboard/server/backend.ts';
import { nowPart } from '../../../../dashboard/server/now/now.ts';
import { Outcome } from '../../../../protocol/outcome.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { ask } from '../../../kit/asking-api.ts';
import { openStore, temporaryFile, transaction } from '../../../kit/capture-file.ts';
import { counted, figures } from '../../../kit/figures.ts';

const ANN = '02:aa:bb:cc:dd:01';
const BOB = '02:aa:bb:cc:dd:02';
const SECONDS_1970 = 1_700_000_000;

let now: number;
let figured: Figures | Error;
let census: Census;
let censuses: number;
let questions: number;
let mistakes: Error[];

const backend: Backend = {
  census: () => {
    censuses++;
    return Promise.resolve(census);
  },
  figures: () => {
    questions++;
    return figured instanceof Error ? Promise.reject(figured) : Promise.resolve(figured);
  },
  listPlayers: () => Promise.resolve(),
};

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  figured = figures();
  census = { games: [], sockets: '' };
  censuses = 0;
  questions = 0;
  mistakes = [];
});
afterEach(() => {
  vi.useRealTimers();
  expect(mistakes).toEqual([]);
});

async function start(told: Partial<Parameters<typeof nowPart>[0]> = {}) {
  const part = nowPart({
    version: '1.2.3',
    archive: null,
    backend,
    clock: () => now,
    wallMicros: () => (SECONDS_1970 * 1000 + now) * 1000,
    onMistake: (error) => mistakes.push(error),
    ...told,
  });
  onTestFinished(part.close);
  await vi.advanceTimersByTimeAsync(0);
  const look = () => ask(part.handlers, 'now');
  const watch = () => part.topics.now({ watch: 'now', id: 1 });
  return { part, look, watch };
}

/** The next sample is of this. */
async function second(next: Figures | Error = figured): Promise<void> {
  figured = next;
  now += SAMPLE_MS;
  await vi.advanceTimersByTimeAsync(SAMPLE_MS);
}

const live = (id: number, capture: number, ended: string | null, ...players: string[]) => ({
  id,
  capture,
  ended,
  players,
});

/** A capture that is recorded, with these sessions. */
function recorded(...sessions: ReturnType<typeof live>[]) {
  const file = temporaryFile();
  const store = openStore(file);
  transaction(store, ({ db }) => {
    for (const { id, capture, ended, players } of sessions) {
      db.prepare(
        `INSERT INTO session (id, capture, number, started, last_seen, ended, game, game_name, first_sequence,
           last_sequence, frames, bytes) VALUES (?, ?, ?, 0, 0, ?, '', '', 1, 1, 0, 0)`,
      ).run(id, capture, id, ended);
      for (const player of players)
        db.prepare(`INSERT INTO session_player VALUES (?, ?, '', 1)`).run(id, player);
    }
  });
  const reader = CaptureFile.open(file);
  onTestFinished(() => reader.close());
  return { file, reader };
}

const recorder = {
  capture: 1,
  framesRecorded: 90,
  framesLost: 3,
  lagMs: 12.5,
  bytesWaiting: 100,
  blocked: false,
  trouble: null,
};

describe('samples', () => {
  it('are of the time between two looks at the relay’s counts', async () => {
    const { look } = await start();
    await second(figures({ players: 2, frames: 100, bytes: 5_000, delays: [2, 2, 2], recorder }));
    now += 1_000;
    await second(
      figures({
        frames: 400,
        bytes: 5_500,
        delays: [2, 2, 2, 8, 8],
        outcomes: counted({ [Outcome.forwarded]: 400, [Outcome.noTarget]: 8, [Outcome.originated]: 4 }),
      }),
    );
    const { samples } = await look();
    expect(samples).toEqual({
      at: [0, 1_000, 3_000].map((ms) => SECONDS_1970 * 1000 + ms),
      players: [0, 2, 0],
      framesPerSecond: [null, 100, 150],
      bytesPerSecond: [null, 5_000, 250],
      delayP50Ms: [null, expect.closeTo(2, 1), expect.closeTo(8, 0)],
      delayP99Ms: [null, expect.closeTo(2, 1), expect.closeTo(8, 0)],
      dropsPerSecond: [null, 0, 4],
      lagMs: [null, 12.5, null],
    });
  });

  it('are taken whether anybody looks on or not, and the last fifteen minutes of them are kept', async () => {
    const { look } = await start();
    for (let i = 1; i <= SAMPLES_MAX + 5; i++) await second(figures({ players: i }));
    expect(censuses).toBe(0);
    const { samples } = await look();
    expect(samples.players).toHaveLength(SAMPLES_MAX);
    expect([samples.players[0], samples.players.at(-1)]).toEqual([6, SAMPLES_MAX + 5]);
    expect(samples.at[0]).toBe((SECONDS_1970 + 6) * 1000);
  });

  it('are empty where the relay does not answer, and go on as if nothing had been', async () => {
    const { look } = await start();
    await second(new Unanswered('the relay does not answer'));
    await second(figures({ frames: 30 }));
    const { samples } = await look();
    expect(samples.players).toEqual([0, null, 0]);
    expect(samples.framesPerSecond).toEqual([null, null, 15]);
  });

  it('wait for one answer at a time', async () => {
    let answer = (_: Figures): void => undefined;
    await start({
      backend: { ...backend, figures: () => (questions++, new Promise((resolve) => (answer = resolve))) },
    });
    await second();
    await second();
    expect(questions).toBe(1);
    answer(figures());
    await second();
    expect(questions).toBe(2);
  });

  it('end with the server', async () => {
    const { part } = await start();
    part.close();
    await second();
    expect(questions).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a look', () => {
  it('tells totals, and what did not arrive or ended badly, the most common first', async () => {
    figured = figures({
      players: 4,
      connections: 9,
      connectionsRefused: 1,
      frames: 100,
      bytes: 2_000,
      outcomes: counted({
        [Outcome.forwarded]: 90,
        [Outcome.consumed]: 5,
        [Outcome.noTarget]: 2,
        [Outcome.undelivered]: 3,
      }),
      faults: new Map([
        ['ended', 50],
        ['no-listener', 1],
        ['partner-gone', 7],
        ['lost', 2],
        ['shutdown', 3],
      ]),
    });
    const { look } = await start();
    expect(await look()).toMatchObject({
      version: '1.2.3',
      file: null,
      recorder: null,
      relay: {
        players: 4,
        connections: 9,
        connectionsRefused: 1,
        framesTotal: 100,
        bytesTotal: 2_000,
        drops: [
          { name: 'undelivered', count: 3 },
          { name: 'no-target', text: 'dropped: nobody holds the address that it was sent to', count: 2 },
        ],
        faults: [
          { name: 'lost', count: 2 },
          { name: 'no-listener', text: 'a PTP connect found no listener at its target in 5 s', count: 1 },
        ],
        groups: [],
      },
    });
  });

  it('tells who plays what with whom, each player once, with the newest session that goes on', async () => {
    census = {
      games: [
        {
          codes: ['ULUS10391', 'ULES00851'],
          name: 'Hunters',
          players: [
            { endpoint: ANN, nickname: 'Ann', group: 'HALL' },
            { endpoint: BOB, nickname: 'Bob', group: 'HALL' },
            { endpoint: '02:aa:bb:cc:dd:03', nickname: 'Cat', group: null },
          ],
        },
      ],
      sockets: [`pdp ${ANN}/1`, 'pdp 02:aa:bb:cc:dd:04/1', 'ptp-listen 02:aa:bb:cc:dd:04/2'].join('\n'),
    };
    const archive = recorded(live(1, 1, null, ANN), live(2, 1, null, ANN, BOB), live(3, 1, 'left', ANN, BOB));
    figured = figures({ recorder });
    const { look } = await start({ archive });
    const { relay, recorder: told, file } = await look();
    expect(file).toBe('some.db');
    expect(told).toEqual(recorder);
    const game = { game: 'ULUS10391', gameName: 'Hunters' };
    expect(relay?.groups).toEqual([
      {
        ...game,
        group: 'HALL',
        players: [
          { player: ANN, nickname: 'Ann', session: 2 },
          { player: BOB, nickname: 'Bob', session: 2 },
        ],
      },
      { ...game, group: null, players: [{ player: '02:aa:bb:cc:dd:03', nickname: 'Cat', session: null }] },
      {
        game: '',
        gameName: '',
        group: null,
        players: [{ player: '02:aa:bb:cc:dd:04', nickname: '', session: null }],
      },
    ]);
  });

  it('knows sessions of the capture alone that this relay records', async () => {
    census = { games: [], sockets: `pdp ${ANN}/1` };
    const archive = recorded(live(1, 1, null, ANN));
    figured = figures({ recorder: { ...recorder, capture: 2 } });
    const { look } = await start({ archive });
    expect((await look()).relay?.groups[0]?.players).toEqual([{ player: ANN, nickname: '', session: null }]);
  });

  it('at a relay that has never answered is refused', async () => {
    figured = new Unanswered('the relay does not answer');
    const { look } = await start();
    await expect(look()).rejects.toThrow(Unanswered);
  });
});

describe('whoever watches', () => {
  it('is told each second’s sample once, and who is there', async () => {
    const { watch } = await start();
    const watching = watch();
    expect(watching.take(0)).toBeNull();
    census = { games: [], sockets: `pdp ${ANN}/1` };
    await second(figures({ players: 1 }));
    expect(watching.take(0)).toMatchObject({
      news: 'now',
      now: { relay: { players: 1, groups: [{ players: [{ player: ANN }] }] }, samples: { players: [1] } },
    });
    expect(watching.take(0)).toBeNull();
    await second(figures({ players: 2 }));
    await second(figures({ players: 3 }));
    expect(watching.take(0)).toMatchObject({ now: { samples: { players: [3] } } });
    watching.close();
  });

  it('shares the work with all others who do', async () => {
    const { watch } = await start();
    const [one, other] = [watch(), watch()];
    await second();
    const [told, toldOther] = [one.take(0), other.take(0)];
    expect(told).not.toBeNull();
    expect((told as { now: unknown }).now).toBe((toldOther as { now: unknown }).now);
  });

  it('alone makes the relay say who is there: when they go, it is asked no more', async () => {
    const { watch } = await start();
    await second();
    expect(censuses).toBe(0);
    const [one, other] = [watch(), watch()];
    const begun = censuses;
    await second();
    expect(censuses).toBe(begun + 1);
    one.close();
    one.close();
    await second();
    expect(censuses).toBe(begun + 2);
    other.close();
    await second();
    expect(censuses).toBe(begun + 2);
  });
});

describe('without a relay', () => {
  it('there is nothing but the file’s name', async () => {
    const archive = recorded();
    const { look, watch } = await start({ backend: null, archive });
    const told = await look();
    expect(told).toMatchObject({ version: '1.2.3', file: 'some.db', relay: null, recorder: null });
    expect(told.samples.at).toEqual([]);
    const watching = watch();
    expect(watching.take(0)).toEqual({ news: 'now', now: told });
    expect(watching.take(0)).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });
});
