/**
 * A relay under test, by the program as it is built: what was recorded on real sockets is replayed against a relay
 * in a process of its own, and the verdict is what scripts and people get.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mutant, startMutant } from '../kit/mutants.ts';
import { meshPlay, type Recording, recordPlay } from '../kit/plays.ts';
import { launch, type RunningRelay, run, startRelay, temporaryFolder } from '../kit/program.ts';

let evening: Recording;
let relay: RunningRelay;
let targets: string[];
beforeAll(async () => {
  evening = await recordPlay(meshPlay);
}, 60_000);
// Whatever a test has started ends with it.
beforeEach(async () => {
  relay = await startRelay([]);
  targets = against(relay.port, relay.ports['adhocctl']!);
});

const against = (port: number, control: number) => [
  '--against',
  `127.0.0.1:${port}`,
  '--against-adhocctl',
  `127.0.0.1:${control}`,
];
const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

function hasBegun(db: Database.Database): boolean {
  const tables = db.prepare(`SELECT count(*) FROM sqlite_master WHERE name = 'replay'`).pluck().get();
  return tables === 1 && db.prepare('SELECT count(*) FROM replay').pluck().get() === 1;
}

function copy(): string {
  const file = join(temporaryFolder(), 'play.db');
  copyFileSync(evening.file, file);
  return file;
}

describe('our own relay', () => {
  test.each(['causal', 'max'])('is the same, 50 times of 50, at %s', { timeout: 280_000 }, async (pace) => {
    const words = ['replay', copy(), ...targets, '--pace', pace, '--repeat', '50', '--no-store'];
    const { code, stdout, stderr } = await run(words);
    expect(stdout).toContain('50 replays: 50 of 50 were the same');
    expect(code, stderr).toBe(0);
  });

  test('is the same in one session of it, and at the recorded pace', async () => {
    const session = String(evening.sessions[0]);
    const { code, stdout } = await run([
      'replay',
      copy(),
      ...targets,
      '--session',
      session,
      '--pace',
      'recorded',
    ]);
    expect(stdout).toMatch(/^Same: /);
    expect(code).toBe(0);
  });

  test('is the same without the control server, and the verdict says that this was left out', async () => {
    const { code, stdout } = await run(['replay', copy(), '--against', `127.0.0.1:${relay.port}`]);
    expect(stdout).toContain('connections of adhocctl were left out');
    expect(code).toBe(0);
  });
});

describe('a verdict', () => {
  test('is red where the relay breaks something: exit code 1, the first difference, and all files', async () => {
    const running = await startMutant(mutant('truncates'));
    const folder = temporaryFolder();
    const file = copy();
    const files = ['json', 'junit', 'html'].flatMap((kind) => [`--${kind}`, join(folder, `verdict.${kind}`)]);
    const replayed = await run(['replay', file, ...against(running.port, running.adhocctlPort), ...files]);
    await running.stop();
    expect(replayed.code, replayed.stderr).toBe(1);
    expect(replayed.stdout).toMatch(/^Differs/);
    expect(replayed.stdout).toContain('size is');
    const verdict = JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8')) as {
      outcome: string;
      first: number;
      differences: { class: string; field: string }[];
    };
    expect(verdict.outcome).toBe('differs');
    expect(verdict.differences[verdict.first]).toMatchObject({ class: 'changed', field: 'size' });
    expect(readFileSync(join(folder, 'verdict.junit'), 'utf8')).toContain('<failure');
    expect(readFileSync(join(folder, 'verdict.html'), 'utf8')).toContain('size is');
    const kept = await run(['replays', file, '--json']);
    expect(JSON.parse(kept.stdout)).toMatchObject([{ outcome: 'differs', mode: 'relay', pace: 'causal' }]);
    const again = await run(['replays', file, '--id', '1']);
    expect(again.stdout).toBe(replayed.stdout);
    expect((await run(['verify', file])).code).toBe(0);
  });

  test('is kept with when each frame was sent', async () => {
    const file = copy();
    expect((await run(['replay', file, ...targets])).code).toBe(0);
    const db = new Database(file, { readonly: true });
    const { frames } = db.prepare('SELECT count(*) AS frames FROM replay_sending').get() as {
      frames: number;
    };
    const { sent } = db.prepare('SELECT sent FROM replay').get() as { sent: number };
    db.close();
    expect(frames).toBe(sent);
    expect(sent).toBeGreaterThan(400);
  });

  test('leaves the file as it is where that is asked for', async () => {
    const file = copy();
    const before = digest(file);
    expect((await run(['replay', file, ...targets, '--no-store'])).code).toBe(0);
    expect(digest(file)).toBe(before);
  });

  test('is partial where somebody stopped it, and says so', async () => {
    const running = await startMutant(mutant('slow'));
    const started = launch(['replay', copy(), ...against(running.port, running.adhocctlPort)]);
    setTimeout(() => started.child.kill('SIGINT'), 1_500);
    const { code, stdout } = await started.ended;
    await running.stop();
    expect(stdout).toContain('stopped with Ctrl-C');
    expect(code).toBe(130);
  });

  test('is told all the same where the file is kept locked, or gone, before it is in it', async () => {
    const file = copy();
    const started = launch(['replay', file, ...targets]);
    const db = new Database(file);
    while (!hasBegun(db)) await sleep(10);
    db.exec('BEGIN IMMEDIATE');
    const { code, stdout, stderr } = await started.ended;
    db.exec('ROLLBACK');
    db.close();
    expect(stdout).toMatch(/^Same: /);
    expect(stderr).toContain('the verdict is not kept in the file: ');
    expect(code).toBe(0);
  });

  test('of fewer replays than were asked for is none', async () => {
    const started = launch(['replay', copy(), ...targets, '--no-store', '--repeat', '1000']);
    setTimeout(() => started.child.kill('SIGINT'), 5_000);
    const { code, stdout } = await started.ended;
    expect(stdout).toMatch(/\d+ replays?: /);
    expect(code).toBe(130);
  });

  test('that has nowhere to go is refused before anything is played', async () => {
    const file = copy();
    for (const html of [temporaryFolder(), '/nowhere/verdict.html']) {
      const { stdout, stderr } = await run(['replay', file, ...targets, '--html', html]);
      expect(stdout).toBe('');
      expect(stderr).toMatch(`postreel: the verdict cannot be written to ${html}: `);
    }
    expect((await run(['replays', file])).stdout).not.toContain('causal');
  });

  test('goes to standard output as JSON, alone', async () => {
    const { stdout } = await run(['replay', copy(), ...targets, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'same', partial: null });
  });
});

describe('what is no use is one clear line:', () => {
  async function refused(...args: string[]): Promise<{ code: number | null; line: string }> {
    const { code, stdout, stderr } = await run(['replay', ...args]);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return { code, line: stderr.trim() };
  }

  function written(name: string, text: string): string {
    const file = join(temporaryFolder(), name);
    writeFileSync(file, text);
    return file;
  }

  test('a file that is not there, or no capture', async () => {
    expect(await refused('/nowhere.db', ...targets)).toEqual({
      code: 2,
      line: 'postreel: /nowhere.db does not exist',
    });
    const { code, line } = await refused(written('x.db', 'x'.repeat(5000)), ...targets);
    expect([code, line]).toEqual([2, expect.stringContaining('is not a capture: it is not a database')]);
  });

  test('a newer format', async () => {
    const file = copy();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    const { code, line } = await refused(file, ...targets);
    expect([code, line]).toEqual([2, expect.stringContaining('was written by a newer version')]);
  });

  test('a session that is not there', async () => {
    const { code, line } = await refused(copy(), ...targets, '--session', '77');
    expect([code, line]).toEqual([2, expect.stringContaining('has no session 77')]);
  });

  test('masks and policies with mistakes', async () => {
    const masks = written(
      'masks.json',
      '{ "masks": [ { "kind": "pdp-delivred", "at": 0, "bytes": 4, "means": "counter" } ] }',
    );
    const { code, line } = await refused(copy(), ...targets, '--masks', masks);
    expect([code, line]).toEqual([2, expect.stringMatching(/pdp-delivred.*pdp-delivered/)]);
    const policy = written('policy.json', '{ "fails": { "late": 1 ');
    expect((await refused(copy(), ...targets, '--policy', policy)).code).toBe(2);
  });

  test('no target, two uses at once, and a target that is not this machine', async () => {
    expect((await refused(copy())).line).toContain('against what?');
    expect((await refused(copy(), ...targets, '--play', 'P1')).line).toContain('exclude each other');
    const { code, line } = await refused(copy(), '--against', '192.0.2.1:27313');
    expect([code, line]).toEqual([2, expect.stringContaining('--allow-remote')]);
  });

  test('a target that is not there, or says nothing: exit code 3', { timeout: 60_000 }, async () => {
    const closed = await run(['replay', copy(), '--against', '127.0.0.1:1']);
    expect([closed.code, closed.stdout]).toEqual([
      3,
      expect.stringMatching(/^The target did not answer|^Did not answer|^No answer/),
    ]);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const nothing = await run(['replay', copy(), '--against', `127.0.0.1:${port}`, '--patience', '0.3']);
    silent.close();
    expect(nothing.code).toBe(3);
    expect(nothing.stdout).toContain('said nothing');
  });
});

test('a capture with gaps is replayed, and the verdict declares them', async () => {
  const file = copy();
  const db = new Database(file);
  db.exec(`DELETE FROM frame WHERE id = 150;
           INSERT INTO gap (capture, first_sequence, frames, events, noticed, reason) VALUES (1, 150, 1, 0, 1, 'made');
           UPDATE capture SET frames = frames - 1, lost = 1`);
  db.close();
  const { code, stdout } = await run(['replay', file, ...targets, '--no-store']);
  expect(stdout).toContain('the capture lacks 1 frame');
  expect(code).toBe(0);
});
