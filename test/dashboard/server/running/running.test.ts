/** Replays that the dashboard starts: by the built program, against relays in processes of their own. */
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { NewReplay, RunningReplay } from '../../../../dashboard/api/replays.ts';
import { runningPart } from '../../../../dashboard/server/running/part.ts';
import { REMEMBERED_MAX, RUNNING_MAX } from '../../../../dashboard/server/running/runner.ts';
import { ORPHAN_MS } from '../../../../dashboard/server/running/run-news.ts';
import { CaptureFile } from '../../../../recorder/captures.ts';
import { ask } from '../../../kit/asking-api.ts';
import { mutant, startMutant } from '../../../kit/mutants.ts';
import { meshPlay, type Recording, recordPlay } from '../../../kit/plays.ts';
import { PROGRAM, type RunningRelay, startRelay, temporaryFolder } from '../../../kit/program.ts';

const AT = '2026-11-21T12:34:56.789Z';
/** Starting a program takes long where all else runs as well. */
const LONG = { timeout: 60_000 } as const;
const poll = { timeout: 40_000, interval: 50 } as const;

let evening: Recording;
beforeAll(async () => {
  evening = await recordPlay(meshPlay);
}, 60_000);

function dashboard(cancelMs?: number) {
  const file = join(temporaryFolder(), 'play it’s.db');
  copyFileSync(evening.file, file);
  const reader = CaptureFile.open(file);
  const part = runningPart(
    { file, reader },
    {
      program: PROGRAM,
      wallMicros: () => Date.parse(AT) * 1000,
      ...(cancelMs !== undefined && { cancelMs }),
    },
  );
  onTestFinished(() => {
    part.close();
    reader.close();
  });
  const { handlers } = part;
  const list = async () => (await ask(handlers, 'runningReplays')).replays;
  const find = async (run: number) => (await list()).find((each) => each.run === run)!;
  return {
    file,
    reader,
    part,
    list,
    start: (body: NewReplay) => ask(handlers, 'startReplay', { body }),
    cancel: (run: number) => ask(handlers, 'cancelReplay', { params: { run } }),
    watch: () => part.topics.running({ watch: 'running', id: 1 }),
    find,
    async end(run: number): Promise<RunningReplay> {
      await expect.poll(async () => (await find(run)).state, poll).not.toBe('running');
      return find(run);
    },
  };
}

const against = (relay: Pick<RunningRelay, 'port' | 'ports'>, told: Partial<NewReplay> = {}): NewReplay => ({
  session: evening.sessions[0]!,
  against: `127.0.0.1:${relay.port}`,
  targets: { adhocctl: `127.0.0.1:${relay.ports['adhocctl']!}` },
  pace: 'max',
  ...told,
});

/** So slow that it goes on until it is ended. */
const slow = { pace: 'recorded', speed: 0.02 } as const;

const refusal = (kind: string, code: string): unknown => expect.objectContaining({ kind, code });
const maskFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('postreel-masks-'));

/** One that has ended and whose end nobody took note of is not. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The program that replays this file. */
function pidOf(file: string): number | null {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (words.includes(file) && words.includes('replay')) return Number(pid);
    } catch {
      // Gone meanwhile.
    }
  }
  return null;
}

async function pidWhichReplays(file: string): Promise<number> {
  await expect.poll(() => pidOf(file), poll).not.toBeNull();
  return pidOf(file)!;
}

describe('a replay', () => {
  it('runs to its verdict, which is in the file then', LONG, async () => {
    const { file, reader, start, end, watch } = dashboard();
    const watching = watch();
    expect(watching.take(0)).toEqual({ news: 'running', replays: [] });
    expect(watching.take(0)).toBeNull();
    const relay = await startRelay([]);
    const body = against(relay);
    const begun = await start(body);
    expect(begun).toEqual({
      run: 1,
      session: body.session,
      target: body.against,
      pace: 'max',
      startedAt: AT,
      state: 'running',
      sent: 0,
      of: 0,
      replay: null,
      outcome: null,
      error: null,
      command: `postreel replay '${file}' --session=${body.session} --against=${body.against} --against-adhocctl=${body.targets!['adhocctl']} --pace=max`,
    });
    const ended = await end(1);
    expect(ended).toMatchObject({ state: 'done', outcome: 'same', replay: 1, error: null });
    expect(ended.sent).toBe(reader.replay(1).sent);
    expect(ended.of).toBeGreaterThanOrEqual(ended.sent);
    expect(reader.replay(1)).toMatchObject({ outcome: 'same', session: body.session, pace: 'max' });
    expect(watching.take(0)).toMatchObject({ replays: [ended] });
    expect(watching.take(0)).toBeNull();
  });

  it('differs where the relay breaks something', LONG, async () => {
    const { start, end, reader } = dashboard();
    const broken = await startMutant(mutant('truncates'));
    await start(against({ port: broken.port, ports: { adhocctl: broken.adhocctlPort } }));
    expect(await end(1)).toMatchObject({ state: 'done', outcome: 'differs', replay: 1 });
    await broken.stop();
    expect(reader.replay(1).differences).toBeGreaterThan(0);
  });

  it('tells how far it is, runs at a lower priority, and is cancelled with what it has', LONG, async () => {
    const { file, start, find, end, cancel, reader } = dashboard();
    await start(against(await startRelay([]), slow));
    await expect.poll(async () => (await find(1)).of, poll).toBeGreaterThan(100);
    const pid = await pidWhichReplays(file);
    expect(getPriority(pid)).toBeGreaterThanOrEqual(10);
    await cancel(1);
    const ended = await end(1);
    expect(ended).toMatchObject({ state: 'cancelled', replay: 1, error: null });
    expect(ended.sent).toBeLessThan(ended.of);
    expect(reader.replay(1).partial).toMatch(/stopped/);
    expect(isAlive(pid)).toBe(false);
    // It is over: nothing more happens to it.
    await cancel(1);
    expect(await find(1)).toEqual(ended);
  });

  it('that does not stop in time is ended', LONG, async () => {
    const { file, start, end, cancel } = dashboard(300);
    await start(against(await startRelay([]), slow));
    const pid = await pidWhichReplays(file);
    process.kill(pid, 'SIGSTOP');
    await cancel(1);
    expect(await end(1)).toMatchObject({ state: 'cancelled', replay: null });
    expect(isAlive(pid)).toBe(false);
  });

  it('of which nothing is answered says so', LONG, async () => {
    const { start, end } = dashboard();
    const port = await closedPort();
    await start(against({ port, ports: { adhocctl: port } }));
    expect(await end(1)).toMatchObject({ state: 'done', outcome: 'unanswered', replay: 1 });
  });

  it('plays against this machine alone, whatever the environment says', LONG, async () => {
    const { start, end } = dashboard();
    vi.stubEnv('POSTREEL_ALLOW_REMOTE', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    await start({ session: evening.sessions[0]!, against: '192.0.2.1:27312', pace: 'max' });
    const { state, error } = await end(1);
    expect(state).toBe('failed');
    expect(error).toContain('192.0.2.1');
    expect(error).toContain('is not this machine');
    expect(error).not.toMatch(/\n|^postreel/);
  });
});

describe('masks', () => {
  const masks = {
    masks: [{ kind: 'pdp-delivered', at: 0, bytes: 'rest', means: 'other', why: 'whatever it says' }],
  };

  it('are read by the replay, from a file of this user alone that is gone when they are', LONG, async () => {
    const before = maskFolders();
    const { start, find, end, cancel } = dashboard();
    const begun = await start(against(await startRelay([]), { ...slow, masks }));
    expect(begun.command).toMatch(/ --masks=masks\.json$/);
    const [folder] = maskFolders().filter((name) => !before.includes(name));
    const path = join(tmpdir(), folder!, 'masks.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(masks);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(tmpdir(), folder!)).mode & 0o777).toBe(0o700);
    await expect.poll(async () => (await find(1)).of, poll).toBeGreaterThan(0);
    expect(existsSync(join(tmpdir(), folder!))).toBe(false);
    await cancel(1);
    await end(1);
  });

  it('that are wrong are refused before anything is played', async () => {
    const before = maskFolders();
    const { start, list } = dashboard();
    const wrong = [null, [], 'x', { masks: 1 }, { masks: [{ means: 'time' }] }, { masks: [], more: 1 }];
    for (const each of wrong.slice(1)) {
      const body = {
        session: evening.sessions[0]!,
        against: '127.0.0.1:1',
        pace: 'max',
        masks: each,
      } as const;
      await expect(start(body)).rejects.toEqual(refusal('input', 'bad-masks'));
    }
    expect(await list()).toEqual([]);
    expect(maskFolders()).toEqual(before);
  });
});

describe('is refused', () => {
  it('a session that is not there, and a target that is none', async () => {
    const { start, list } = dashboard();
    const body = { session: evening.sessions[0]!, against: '127.0.0.1:1', pace: 'max' } as const;
    await expect(start({ ...body, session: 99 })).rejects.toEqual(refusal('input', 'no-such-session'));
    await expect(start({ ...body, against: '--allow-remote' })).rejects.toEqual(
      refusal('input', 'bad-target'),
    );
    expect(await list()).toEqual([]);
  });

  it('one more than may run at once, until another is over', LONG, async () => {
    const { start, list, end, cancel } = dashboard();
    const relay = await startRelay([]);
    for (let i = 0; i < RUNNING_MAX; i++) await start(against(relay, slow));
    await expect(start(against(relay, slow))).rejects.toEqual(refusal('outside', 'too-many-running'));
    await cancel(1);
    await end(1);
    await start(against(relay, slow));
    expect((await list()).map(({ run }) => run)).toEqual([3, 2, 1]);
  });

  it('to cancel what never ran', async () => {
    await expect(dashboard().cancel(1)).rejects.toEqual(refusal('input', 'no-such-run'));
  });
});

it('of those that are over the last ones are remembered', LONG, async () => {
  const { part } = dashboard();
  const broken = runningPart(
    { file: '/nowhere.db', reader: { session: () => ({}) } as unknown as CaptureFile },
    { program: '/nowhere/main.js', wallMicros: () => 0 },
  );
  onTestFinished(broken.close);
  const body = { session: 1, against: '127.0.0.1:1', pace: 'max' } as const;
  const runs = async () => (await ask(broken.handlers, 'runningReplays')).replays;
  for (let i = 0; i < REMEMBERED_MAX + 3; i++) {
    const { run } = await ask(broken.handlers, 'startReplay', { body });
    await expect
      .poll(async () => (await runs()).find((each) => each.run === run)?.state, poll)
      .toBe('failed');
  }
  expect((await runs())[0]?.error).toMatch(/./);
  await ask(broken.handlers, 'startReplay', { body });
  expect(await runs()).toHaveLength(REMEMBERED_MAX + 1);
  part.close();
});

describe('when the server stops', () => {
  it('replays stop too, with what they have', LONG, async () => {
    const { file, start, find, part, reader } = dashboard();
    await start(against(await startRelay([]), slow));
    await expect.poll(async () => (await find(1)).of, poll).toBeGreaterThan(0);
    const pid = await pidWhichReplays(file);
    part.close();
    await expect.poll(() => isAlive(pid), poll).toBe(false);
    expect(reader.replay(1).partial).toMatch(/stopped|gone/);
  });

  it('even where its thread dies without a word', LONG, async () => {
    const { file } = dashboard();
    const relay = await startRelay([]);
    const dist = new URL('../../../../dist/', import.meta.url).href;
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads');
       import(workerData.dist + 'dashboard/server/running/runner.js').then(({ Runner }) => {
         const runner = new Runner({ program: workerData.program, file: workerData.file, wallMicros: () => 0 });
         runner.start(workerData.body);
       });`,
      { eval: true, workerData: { dist, program: PROGRAM, file, body: against(relay, slow) } },
    );
    const pid = await pidWhichReplays(file);
    await worker.terminate();
    const since = performance.now();
    await expect.poll(() => isAlive(pid), poll).toBe(false);
    expect(performance.now() - since).toBeLessThan(ORPHAN_MS + 10_000);
  });
});

/** Nothing listens there. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
