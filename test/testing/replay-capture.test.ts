/** `postreel/testing`, in this process: against a good relay, and against relays that break something. */
import { once } from 'node:events';
import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { protocols } from '../../protocol/registry.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { Relay } from '../../relay/relay.ts';
import { type ReplayOptions, replayCapture } from '../../testing/index.ts';
import { temporaryFile, temporaryFolder } from '../kit/capture-file.ts';
import { mutant, startMutant } from '../kit/mutants.ts';
import { duelPlay, recordPlay } from '../kit/plays.ts';

let file: string;
beforeAll(async () => {
  ({ file } = await recordPlay(duelPlay));
});

async function goodRelay(): Promise<Readonly<Record<'postoffice' | 'adhocctl', number>>> {
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: protocols.map((protocol) => ({ protocol, port: 0 })),
    maxConnections: 100,
    tap: null,
  });
  await relay.start();
  onTestFinished(() => relay.stop(0));
  const ports = Object.fromEntries(relay.addresses.map(({ protocol, port }) => [protocol.name, port]));
  return ports as Record<'postoffice' | 'adhocctl', number>;
}

async function badRelay(name: string): Promise<number> {
  const running = await startMutant(mutant(name));
  onTestFinished(() => running.stop());
  return running.port;
}

/** A port at which nobody listens. */
async function nobody(): Promise<number> {
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol: protocols[0]!, port: 0 }],
    maxConnections: 1,
    tap: null,
  });
  await relay.start();
  const port = relay.addresses[0]!.port;
  await relay.stop(0);
  return port;
}

/** What a failing expectation says. */
async function failure(expectation: Promise<void>): Promise<string> {
  return expectation.then(
    () => 'it did not fail',
    (error: unknown) => (error as Error).message,
  );
}

describe('expect(replayCapture(...)).toMatchCapture()', () => {
  test('passes against a relay that does what the recorded one did', async () => {
    const { postoffice, adhocctl } = await goodRelay();
    await expect(replayCapture(file, { against: { postoffice, adhocctl } })).toMatchCapture();
  });

  test('fails against one that does not, and says what the command says', async () => {
    const against = await badRelay('corrupts-byte');
    const text = await failure(expect(replayCapture(file, { against })).toMatchCapture());
    expect(text).toMatch(/^Differs: 1 failure/);
    expect(text).toContain(`capture 1 of ${file} against the relay at 127.0.0.1:${against}, pace causal`);
    expect(text).toMatch(/\n\nFirst difference\n {2}.*\n {2}changed, frame \d+/);
    expect(text).toContain('^^');
    expect(text).not.toContain('\x1b');
  });

  test('takes .not for a relay that is to differ, and for no other', async () => {
    const { postoffice } = await goodRelay();
    await expect(replayCapture(file, { against: await badRelay('corrupts-byte') })).not.toMatchCapture();
    const text = await failure(expect(replayCapture(file, { against: postoffice })).not.toMatchCapture());
    expect(text).toMatch(/^Same: /);
  });

  test('fails where nobody answers, whatever was hoped for', async () => {
    const against = await nobody();
    for (const hoped of [
      expect(replayCapture(file, { against })),
      expect(replayCapture(file, { against })).not,
    ])
      expect(await failure(hoped.toMatchCapture())).toMatch(/^Did not answer: nothing came/);
  });

  test('fails where it was stopped before anything differed, whatever was hoped for', async () => {
    const { postoffice: against } = await goodRelay();
    for (const reason of ['enough', new Error('it was stopped: enough')]) {
      const stop = new AbortController();
      const replay = () =>
        replayCapture(file, {
          against,
          pace: 'recorded',
          signal: stop.signal,
          onStart: () => stop.abort(reason),
        });
      for (const hoped of [expect(replay()), expect(replay()).not])
        expect(await failure(hoped.toMatchCapture())).toContain(
          'It did not come to its end: it was stopped: enough',
        );
    }
  });

  test('judges nothing but a replay', async () => {
    const received: unknown = 5;
    const misuse = expect(received as ReturnType<typeof replayCapture>).toMatchCapture();
    expect(await failure(misuse)).toMatch(/^toMatchCapture judges what replayCapture gives/);
  });

  test('plays as often as it is told to, and tells how often it differed', async () => {
    const against = await badRelay('corrupts-byte');
    const text = await failure(expect(replayCapture(file, { against, repeat: 2 })).toMatchCapture());
    // This relay breaks something once in its life.
    expect(text).toContain('2 replays: 1 of 2 were the same, 1 differed');
  });
});

describe('masks and policies', () => {
  const all = {
    masks: [{ kind: 'pdp', bytes: 'all', means: 'other', why: 'what is said is not under test' }],
  };
  const lenient = { fails: { changed: false } };

  for (const [name, rules] of [
    ['masks', { masks: all }],
    ['a policy', { policy: lenient }],
  ] as const) {
    test(`${name} may be given to the replay, or to the match`, async () => {
      const given: ReplayOptions = { against: await badRelay('corrupts-byte'), ...rules };
      await expect(replayCapture(file, given)).toMatchCapture();
      await expect(replayCapture(file, { against: await badRelay('corrupts-byte') })).toMatchCapture(rules);
    });
  }

  test('may be in files, by name or by URL', async () => {
    const folder = temporaryFolder();
    const [masks, policy] = [join(folder, 'masks.json'), join(folder, 'policy.json')];
    writeFileSync(masks, JSON.stringify(all));
    writeFileSync(policy, JSON.stringify(lenient));
    for (const rules of [
      { masks },
      { masks: pathToFileURL(masks) },
      { policy },
      { policy: pathToFileURL(policy) },
    ]) {
      const against = await badRelay('corrupts-byte');
      await expect(replayCapture(file, { against })).toMatchCapture(rules);
    }
  });

  test('of the match count, where both have them', async () => {
    const against = await badRelay('corrupts-byte');
    const replay = replayCapture(file, { against, masks: all });
    expect(await failure(expect(replay).toMatchCapture({ masks: { masks: [] } }))).toMatch(/^Differs: 1/);
  });

  test('are refused in one line that says where', async () => {
    const replay = replayCapture(file, { against: 1, masks: { masks: [{ kind: 'pdb' }] } });
    await expect(replay.play()).rejects.toThrow(/^masks:4:15: mask 1: there is no kind "pdb" of frames.*pdp/);
    const misused = { policies: {} } as object;
    expect(await failure(expect(replayCapture(file, { against: 1 })).toMatchCapture(misused))).toMatch(
      /^toMatchCapture has no option "policies"/,
    );
  });
});

describe('a replay', () => {
  test('starts when it is awaited, plays once, and tells its verdict', async () => {
    const { postoffice, adhocctl } = await goodRelay();
    let plays = 0;
    const replay = replayCapture(`${file}:1`, {
      against: { postoffice: { host: '127.0.0.1', port: postoffice }, adhocctl: `127.0.0.1:${adhocctl}` },
      onStart: () => plays++,
    });
    expect(plays).toBe(0);
    const verdict = await replay;
    expect(verdict).toMatchObject({ outcome: 'same', session: 1, file, notes: [] });
    expect(verdict.counts.equal).toBeGreaterThan(20);
    expect(await replay).toBe(verdict);
    expect(plays).toBe(1);
  });

  test('may be of a file that is named by a URL', async () => {
    const { postoffice } = await goodRelay();
    const { file: named } = await replayCapture(pathToFileURL(file), { against: postoffice, session: 1 });
    expect(named).toBe(file);
  });

  test('leaves the file and its folder as they are, also where they cannot be changed', async () => {
    const { postoffice: against } = await goodRelay();
    const own = temporaryFile();
    copyFileSync(file, own);
    const folder = join(own, '..');
    chmodSync(own, 0o444);
    chmodSync(folder, 0o555);
    onTestFinished(() => chmodSync(folder, 0o755));
    const seen: string[][] = [];
    await expect(
      replayCapture(own, { against, onStart: () => seen.push(readdirSync(folder)) }),
    ).toMatchCapture();
    expect([...seen, readdirSync(folder)]).toEqual([['some.db'], ['some.db']]);
    expect(readFileSync(own).equals(readFileSync(file))).toBe(true);
  });

  test('is kept in the file where that is asked for', async () => {
    const own = temporaryFile();
    copyFileSync(file, own);
    await replayCapture(own, { against: await badRelay('corrupts-byte'), store: true });
    const reader = CaptureFile.open(own);
    onTestFinished(() => reader.close());
    const [kept] = [...reader.replays(null)];
    expect(kept).toMatchObject({ outcome: 'differs', version: expect.stringMatching(/^\d+\.\d+/) as string });
  });

  test('is for a game as well, which finds the relay where it is told to be', async () => {
    const [port, lobby] = [await nobody(), await nobody()];
    const stop = new AbortController();
    const reached: Promise<unknown>[] = [];
    const verdict = await replayCapture(file, {
      play: 'Gus',
      listen: port,
      listeners: { adhocctl: lobby },
      signal: stop.signal,
      onStart() {
        reached.push(...[port, lobby].map((each) => once(connect(each, '127.0.0.1').unref(), 'connect')));
        void Promise.allSettled(reached).then(() => stop.abort('enough'));
      },
    });
    expect(verdict.subject).toMatchObject({ mode: 'game', role: { nickname: 'Gus' } });
    await expect(Promise.all(reached)).resolves.toHaveLength(2);
  });
});

describe('what is wrong is told in one line', () => {
  const cases: readonly (readonly [what: string, file: string, options: object, line: RegExp])[] = [
    ['nobody under test', 'a.db', {}, /^against what\? \{ against: PORT \} for a relay/],
    ['two under test', 'a.db', { against: 1, play: 'P1' }, /^against and play exclude each other/],
    ['a target that is none', 'a.db', { against: 'here' }, /^against takes a port, .* not "here"$/],
    ['a port that is none', 'a.db', { against: 70_000 }, /^against takes a port, .* not 70000$/],
    ['no target at all', 'a.db', { against: {} }, /^against takes a port, .*, and names none$/],
    ['an unknown protocol', 'a.db', { against: { postofice: 1 } }, /"postofice".*postoffice/],
    ['a remote target', 'a.db', { against: '192.0.2.1:27313' }, /^192\.0\.2\.1:27313 is not this machine/],
    ['an unknown option', 'a.db', { againts: 1 }, /^replayCapture has no option "againts".*against/],
    [
      'a pace that waits for a terminal',
      'a.db',
      { against: 1, pace: 'step' },
      /^pace takes one of causal, recorded, max/,
    ],
    [
      'patience without end',
      'a.db',
      { against: 1, patienceMs: 1e9 },
      /^patienceMs takes milliseconds from 50/,
    ],
    [
      'a listener for nobody',
      'a.db',
      { against: 1, listen: 1 },
      /^listen and listeners mean nothing without play/,
    ],
    [
      'a session and a capture',
      'a.db:1',
      { against: 1, capture: 1 },
      /^session and capture exclude each other/,
    ],
    ['the session 0', 'a.db:0', { against: 1 }, /^session takes the number of a session from 1/],
    ['no file name', '', { against: 1 }, /^replayCapture takes the name of a capture file$/],
    ['no file', 'missing.db', { against: 1 }, /^missing\.db does not exist$/],
    ['masks that are not there', 'a.db', { against: 1, masks: 'm.json' }, /m\.json/],
  ];
  for (const [what, name, options, line] of cases) {
    test(what, async () => {
      const error: unknown = await replayCapture(name, options).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ name: 'Failure', message: expect.stringMatching(line) as string });
      expect((error as Error).message).not.toContain('\n');
    });
  }

  test('of a file that is no capture, by the name that it has', async () => {
    const folder = temporaryFolder();
    const name = join(folder, 'notes.txt');
    copyFileSync(new URL(import.meta.url), name);
    const reason = `${name} is not a capture: it is not a database`;
    await expect(replayCapture(name, { against: 1 }).play()).rejects.toThrow(reason);
    await expect(replayCapture(folder, { against: 1 }).play()).rejects.toThrow(`${folder} is not a capture`);
  });

  test('of a session that is not there', async () => {
    await expect(replayCapture(`${file}:99`, { against: 1 }).play()).rejects.toThrow(/session 99/);
  });
});
