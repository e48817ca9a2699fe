/** `captures`, `frames` and `verify`, over files as a relay leaves them. */
import { Writable } from 'node:stream';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Run } from '../../cli/commands.ts';
import { captures } from '../../cli/commands/captures.ts';
import { frames } from '../../cli/commands/frames.ts';
import { index } from '../../cli/commands/index.ts';
import { sessions } from '../../cli/commands/sessions.ts';
import { verify } from '../../cli/commands/verify.ts';
import { momentText } from '../../cli/format.ts';
import { Output } from '../../cli/output.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import { openStore, protocol, record, temporaryFile, transaction } from '../kit/capture-file.ts';
import { mac } from '../kit/lobby.ts';
import { Play } from '../kit/play.ts';

const commands = { captures, frames, index, sessions, verify };
let file: string;

async function run(name: keyof typeof commands, flags: Record<string, string | true> = {}) {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const output = new Output(() => stream);
  const settings = resolveSettings(name, new Map(Object.entries(flags)), {}, null);
  const command: Run = commands[name];
  const exitCode = await command({
    settings,
    file,
    rest: [],
    version: '1.2.3',
    output,
    reload: () => settings,
  });
  await output.flush();
  return { exitCode, text, lines: text.split('\n').slice(0, -1) };
}

const json = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, unknown>;

// Two players, of whom the second has not said who it is; a datagram each way; one to nobody.
const datagram = Buffer.from('02bbccddee020000d20403000000686921', 'hex');
const opening = Buffer.from(`0000000002aabbccdd0100003930${'00'.repeat(10)}`, 'hex');
const own = Buffer.from('02aabbccdd0100003930', 'hex');

function play(store: CaptureStore): void {
  store.opened(1, protocol.id, '192.0.2.1', 4001, 1_000);
  store.identified(1, 'pdp', '02:aa:bb:cc:dd:01/12345', '', Buffer.alloc(10));
  store.opened(2, protocol.id, '2001:db8::2', 4002, 2_000);
  store.frame(1, 1_500_000, null, 1, 0, Kind.pdpOpen, Outcome.consumed, opening);
  store.frame(2, 2_000_000_000, 91_200, 1, 2, Kind.pdp, Outcome.forwarded, datagram);
  store.frame(3, 2_100_000_000, null, 1, 0, Kind.pdp, Outcome.noTarget, datagram);
  store.frame(4, 2_200_000_000, 10_000, 0, 2, Kind.ptpRequest, Outcome.originated, own);
  store.gap(5, 120, 3, 2_300_000_000, 'recorder was full');
  store.frame(125, 3_000_000_000, 12_340_000, 1, 2, Kind.pdp, Outcome.forwarded, datagram);
}

beforeEach(() => {
  file = temporaryFile();
});

describe('postreel captures', () => {
  it('--json is an array of objects with exactly the fields that scripts rely on', async () => {
    record(file, play);
    const { exitCode, text } = await run('captures', { json: true });
    expect(exitCode).toBe(0);
    expect(JSON.parse(text)).toEqual([
      {
        id: 1,
        startedAt: '2023-11-14T22:13:20.123Z',
        endedAt: '2023-11-14T22:13:29.123Z',
        ended: 'clean',
        connections: 2,
        frames: 5,
        bytes: opening.length + 3 * datagram.length + own.length,
        gaps: 120,
      },
    ]);
  });

  it('is a table for people, with trouble under the capture that had it', async () => {
    record(file, play);
    record(file, (store) => store.trouble('the disk\x1b was full'));
    const { lines } = await run('captures');
    const started = momentText('2023-11-14T22:13:20.123Z');
    expect(lines).toEqual([
      'id  started              lasted  ended  connections  frames  bytes  lost',
      ` 1  ${started}   9.0 s  clean            2       5   85 B   120`,
      ` 2  ${started}   9.0 s  clean            0       0    0 B     0`,
      '    trouble: the disk\ufffd was full',
    ]);
  });

  it('shows a capture that is being recorded, and one that a crash ended', async () => {
    transaction(openStore(file), play);
    expect((await run('captures')).lines[1]).toContain(' recording ');
    expect(JSON.parse((await run('captures', { json: true })).text)).toMatchObject([
      { ended: 'recording', endedAt: null },
    ]);
  });

  it('refuses what is no capture file', async () => {
    await expect(run('captures')).rejects.toMatchObject({ kind: 'input', code: 'no-such-file' });
  });
});

describe('postreel frames', () => {
  beforeEach(() => record(file, play));

  it('prints a line each, aligned, with gaps in their places', async () => {
    const { exitCode, lines } = await run('frames');
    const KIND = 'adhocctl/peer-disconnected'.length;
    const from = '02:aa:bb:cc:dd:01/12345';
    const address = '[2001:db8::2]:4002     ';
    const sent = '3 bytes to 02:bb:cc:dd:ee:02/1234';
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      `       1      0.001500          -  ${from}  relay                    ${'postoffice/pdp-open'.padEnd(KIND)}      24  consumed     opens PDP 02:aa:bb:cc:dd:01/12345`,
      `       2      2.000000    0.09 ms  ${from}  ${address}  ${'postoffice/pdp'.padEnd(KIND)}      17  forwarded    ${sent}`,
      `       3      2.100000          -  ${from}  -                        ${'postoffice/pdp'.padEnd(KIND)}      17  no-target    ${sent}`,
      `       4      2.200000    0.01 ms  relay                    ${address}  ${'postoffice/ptp-request'.padEnd(KIND)}      10  originated   02:aa:bb:cc:dd:01/12345 asks for a stream`,
      '-- 120 frames lost here: recorder was full --',
      `     125      3.000000    12.3 ms  ${from}  ${address}  ${'postoffice/pdp'.padEnd(KIND)}      17  forwarded    ${sent}`,
    ]);
  });

  it('--json is one object a line, with every field and the bytes in hex', async () => {
    const { lines } = await run('frames', { json: true });
    expect(lines).toHaveLength(6);
    expect(json(lines[1])).toEqual({
      sequence: 2,
      time: 2_000_000_000,
      departed: 2_000_091_200,
      from: { conn: 1, endpoint: '02:aa:bb:cc:dd:01/12345', address: '192.0.2.1', port: 4001, role: 'pdp' },
      to: { conn: 2, endpoint: null, address: '2001:db8::2', port: 4002, role: null },
      protocol: 'postoffice',
      kind: 'pdp',
      size: datagram.length,
      outcome: 'forwarded',
      summary: '3 bytes to 02:bb:cc:dd:ee:02/1234',
      bytes: datagram.toString('hex'),
    });
    const nobody = { conn: 0, endpoint: null, address: null, port: null, role: null };
    expect(json(lines[2])).toMatchObject({ to: nobody, departed: null, outcome: 'no-target' });
    expect(json(lines[3])).toMatchObject({ from: nobody, protocol: 'postoffice', outcome: 'originated' });
    expect(json(lines[4])).toEqual({
      gap: { firstSequence: 5, frames: 120, events: 3, noticed: 2_300_000_000, reason: 'recorder was full' },
    });
  });

  it('says what is inside the payloads of a conversation that began as matching', async () => {
    const [ann, bob] = ['02aabbccdd0100003930', '02bbccddee020000d204'];
    const to = (end: string, payload: string) =>
      Buffer.from(`${end}${Buffer.of(payload.length / 2, 0, 0, 0).toString('hex')}${payload}`, 'hex');
    record(file, (store) => {
      store.opened(1, protocol.id, '192.0.2.1', 4001, 1_000);
      store.identified(1, 'pdp', '02:aa:bb:cc:dd:01/12345', '', Buffer.alloc(10));
      store.opened(2, protocol.id, '192.0.2.2', 4002, 2_000);
      store.identified(2, 'pdp', '02:bb:cc:dd:ee:02/1234', '', Buffer.alloc(10));
      store.frame(1, 1_000, 10, 1, 2, Kind.pdp, Outcome.forwarded, to(bob, '0102000000abcd'));
      store.frame(2, 2_000, 10, 2, 1, Kind.pdp, Outcome.forwarded, to(ann, '0200000000'));
      store.frame(3, 3_000, 10, 1, 2, Kind.pdp, Outcome.forwarded, to(bob, 'ffff'));
      store.frame(4, 4_000, null, 1, 0, Kind.pdp, Outcome.noTarget, to(bob, '0400000000'));
    });
    const expected = [
      '7 bytes to 02:bb:cc:dd:ee:02/1234, HELLO with 2 bytes',
      '5 bytes to 02:aa:bb:cc:dd:01/12345, JOIN with 0 bytes',
      '2 bytes to 02:bb:cc:dd:ee:02/1234',
      // It reached nobody, and so it belongs to no conversation between two.
      '5 bytes to 02:bb:cc:dd:ee:02/1234',
    ];
    const { lines } = await run('frames');
    expect(lines.map((line) => line.slice(line.indexOf(' bytes to') - 1))).toEqual(expected);
    const told = (await run('frames', { json: true })).lines.map(json);
    expect(told.map(({ summary }) => summary)).toEqual(expected);
  });

  it('says so as well where a filter on what is inside leaves out how the conversation began', async () => {
    const bob = '02bbccddee020000d204';
    record(file, (store) => {
      for (const conn of [1, 2]) {
        store.opened(conn, protocol.id, '192.0.2.1', 4000 + conn, 1_000);
        store.identified(conn, 'pdp', `02:aa:bb:cc:dd:0${conn}/1`, '', Buffer.alloc(10));
      }
      for (const [i, payload] of ['0200000000', '0400000000'].entries()) {
        const bytes = Buffer.from(`${bob}05000000${payload}`, 'hex');
        store.frame(i + 1, 1_000, 10, 1, 2, Kind.pdp, Outcome.forwarded, bytes);
      }
    });
    const { lines } = await run('frames', { filter: 'matching.opcode == CANCEL', json: true });
    expect(lines.map(json)).toMatchObject([
      { sequence: 2, summary: '5 bytes to 02:bb:cc:dd:ee:02/1234, CANCEL with 0 bytes' },
    ]);
  });

  it('--limit counts frames', async () => {
    expect((await run('frames', { limit: '2' })).lines).toHaveLength(2);
  });

  it('--filter leaves out what does not pass, and keeps the gaps', async () => {
    const shown = async (flags: Record<string, string | true>) =>
      (await run('frames', { json: true, ...flags })).lines.map((line) => {
        const { sequence, gap } = json(line);
        return sequence ?? gap;
      });
    const gap = expect.objectContaining({ firstSequence: 5 }) as unknown;
    expect(await shown({ filter: 'kind == pdp && to != relay' })).toEqual([2, gap, 125]);
    expect(await shown({ filter: 'payload contains "hi!"' })).toEqual([2, 3, gap, 125]);
    expect(await shown({ filter: 'payload contains "hi!"', limit: '2' })).toEqual([2, 3]);
    expect(await shown({ filter: 'size == 0' })).toEqual([gap]);
  });

  it('--filter that cannot be read fails before anything is printed', async () => {
    record(temporaryFileAsCurrent(), (store) => store.opened(1, protocol.id, '192.0.2.1', 4001, 1_000));
    await expect(run('frames', { filter: 'sise == 3' })).rejects.toMatchObject({
      kind: 'input',
      code: 'bad-filter',
    });
  });

  it('--follow --filter shows what passes as it comes', async () => {
    const store = openStore(temporaryFileAsCurrent());
    transaction(store, (it) => {
      it.opened(1, protocol.id, '192.0.2.1', 4001, 1_000);
      it.frame(1, 1_000, null, 1, 0, Kind.pdpOpen, Outcome.consumed, opening);
    });
    const filter = 'from == 02:aa:bb:cc:dd:01 && payload matches "^hi"';
    const following = run('frames', { follow: true, json: true, filter });
    await new Promise((resolve) => setTimeout(resolve, 50));
    transaction(store, (it) => {
      it.identified(1, 'pdp', '02:aa:bb:cc:dd:01/12345', '', Buffer.alloc(10));
      it.frame(2, 2_000, null, 1, 0, Kind.pdp, Outcome.noTarget, datagram);
    });
    store.finish(3_000);
    expect((await following).lines.map((line) => json(line)['sequence'])).toEqual([2]);
  });

  it('reads the newest capture, or the one that --capture names', async () => {
    record(file, (store) => {
      store.opened(1, protocol.id, '192.0.2.9', 4009, 1_000);
      store.frame(1, 5_000, null, 1, 0, Kind.pdpOpen, Outcome.consumed, opening);
    });
    expect((await run('frames')).lines).toHaveLength(1);
    expect((await run('frames', { capture: '1' })).lines).toHaveLength(6);
    await expect(run('frames', { capture: '3' })).rejects.toMatchObject({
      kind: 'input',
      code: 'no-such-capture',
    });
  });

  it('prints what it cannot explain: lost connections, unknown kinds, damaged bytes', async () => {
    record(file, (store) => {
      store.opened(1, protocol.id, '192.0.2.1', 4001, 1_000);
      store.opened(2, 99, '192.0.2.2', 4002, 1_000);
      store.frame(1, 0, null, 1, 0, 200, 77, Buffer.from([1]));
      store.frame(2, 0, null, 1, 0, Kind.pdp, Outcome.forwarded, Buffer.from([1]));
      store.frame(3, 0, null, 2, 7, 3, Outcome.forwarded, Buffer.from([1]));
    });
    const lines = (await run('frames', { json: true })).lines.map(json);
    expect(lines.map(({ protocol, kind, outcome, summary }) => [protocol, kind, outcome, summary])).toEqual([
      ['postoffice', 'kind-200', 'outcome-77', ''],
      ['postoffice', 'pdp', 'forwarded', ''],
      [null, 'kind-3', 'forwarded', ''],
    ]);
    expect((await run('frames')).lines[2]).toMatch(/ 192\.0\.2\.2:4002 +connection 7 +kind-3 /);
  });

  it('--follow learns who a connection is while it prints', async () => {
    const store = openStore(temporaryFileAsCurrent());
    transaction(store, (it) => {
      it.opened(1, protocol.id, '192.0.2.1', 4001, 1_000);
      it.frame(1, 1_000, null, 1, 0, Kind.pdpOpen, Outcome.consumed, opening);
    });
    const following = run('frames', { follow: true, json: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    transaction(store, (it) => {
      it.identified(1, 'pdp', '02:aa:bb:cc:dd:01/12345', '', Buffer.alloc(10));
      it.frame(2, 2_000, null, 1, 0, Kind.pdp, Outcome.noTarget, datagram);
    });
    store.finish(3_000);
    const { exitCode, lines } = await following;
    expect(exitCode).toBe(0);
    expect(lines.map((line) => json(line)['from'])).toMatchObject([
      { conn: 1, endpoint: null },
      { conn: 1, endpoint: '02:aa:bb:cc:dd:01/12345' },
    ]);
  });

  function temporaryFileAsCurrent(): string {
    file = temporaryFile();
    return file;
  }
});

/** Ann and Bob in a group; six others who play together, of whom the last is lost. */
function twoSessions(): void {
  const lounge = new Play(file);
  const [ann, bob] = [lounge.login(1, 'Ann\x1b'), lounge.login(2, 'Bob')] as const;
  lounge.join(ann, 'RED', 1);
  lounge.join(bob, 'RED', 1);
  lounge.wait(3000);
  lounge.leave(ann);
  lounge.leave(bob);
  const conns = [3, 4, 5, 6, 7, 8].map((n) => lounge.socket(n));
  for (const conn of conns.slice(1)) lounge.send(conns[0] as number, conn);
  for (const conn of conns) lounge.close(conn, 7);
  lounge.end();
}

describe('postreel sessions', () => {
  it('is a table for people, the newest last, with many players counted', async () => {
    twoSessions();
    const { exitCode, lines } = await run('sessions');
    expect(exitCode).toBe(0);
    const started = momentText('2023-11-14T22:13:20.123Z');
    const later = momentText('2023-11-14T22:13:23.123Z');
    const others = [3, 4, 5, 6].map(mac).join(', ');
    expect(lines).toEqual([
      `id  started              lasted  game    group  players${' '.repeat(78)}  frames  bytes  ended`,
      ` 1  ${started}   3.0 s  A Game  RED    Ann\ufffd, Bob${' '.repeat(76)}       6   46 B  left`,
      ` 2  ${later}   0.0 s  -       -      ${others} and 2 more      11   59 B  lost`,
    ]);
  });

  it('--json is an array of objects with exactly the fields that scripts rely on', async () => {
    twoSessions();
    const [first, second] = JSON.parse((await run('sessions', { json: true })).text) as unknown[];
    expect(first).toEqual({
      id: 1,
      capture: 1,
      startedAt: '2023-11-14T22:13:20.128Z',
      endedAt: '2023-11-14T22:13:23.133Z',
      ended: 'left',
      game: 'GAME00001',
      gameName: 'A Game',
      group: 'RED',
      firstSequence: 3,
      lastSequence: 8,
      frames: 6,
      bytes: 46,
      delayP50: 40_000,
      delayP99: 40_000,
      delayMax: 40_000,
      players: [
        { player: mac(1), nickname: 'Ann\x1b', connections: [{ conn: 1, first: 3, last: 7 }] },
        { player: mac(2), nickname: 'Bob', connections: [{ conn: 2, first: 5, last: 8 }] },
      ],
    });
    expect(second).toMatchObject({ id: 2, ended: 'lost', group: null });
  });

  it('can be asked for one game, one player, one capture', async () => {
    twoSessions();
    const ids = async (flags: Record<string, string | true>) => {
      const found = JSON.parse((await run('sessions', { ...flags, json: true })).text) as { id: number }[];
      return found.map(({ id }) => id);
    };
    expect(await ids({})).toEqual([1, 2]);
    expect(await ids({ game: 'game00001' })).toEqual([1]);
    expect(await ids({ game: 'GAME0000' })).toEqual([]);
    expect(await ids({ player: 'bob' })).toEqual([1]);
    expect(await ids({ player: mac(5).toUpperCase() })).toEqual([2]);
    expect(await ids({ player: 'Bo' })).toEqual([]);
    new Play(file).end();
    expect(await ids({ capture: '1' })).toEqual([1, 2]);
    expect(await ids({ capture: '2' })).toEqual([]);
    expect((await run('sessions', { capture: '2' })).lines).toEqual([`${file} holds no such sessions.`]);
    await expect(run('sessions', { capture: '3' })).rejects.toMatchObject({ code: 'no-such-capture' });
  });

  it('fits into the terminal', async () => {
    twoSessions();
    const { isTTY, columns } = process.stdout;
    onTestFinished(() => void Object.assign(process.stdout, { isTTY, columns }));
    Object.assign(process.stdout, { isTTY: true, columns: 80 });
    const { lines } = await run('sessions');
    expect(lines[2]).toContain(' and 5 more');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is dated right where a capture begins with every look at them', async () => {
    twoSessions();
    const read = Object.getOwnPropertyDescriptor(CaptureFile.prototype, 'captures')?.value as () => never;
    let isPlaying = false;
    const look = vi.spyOn(CaptureFile.prototype, 'captures').mockImplementation(function (this: CaptureFile) {
      const known = read.call(this);
      // A play reads what it has recorded.
      if (isPlaying) return known;
      isPlaying = true;
      const play = new Play(file);
      play.send(play.socket(1), play.socket(2));
      play.end();
      isPlaying = false;
      return known;
    });
    onTestFinished(() => look.mockRestore());
    const found = JSON.parse((await run('sessions', { json: true })).text) as { startedAt: string }[];
    expect(found.length).toBeGreaterThanOrEqual(3);
    for (const { startedAt } of found) expect(startedAt).toMatch(/^2023-11-14T22:13:2/);
  });

  it('says of a session that it goes on, and of a capture that it is to be indexed', async () => {
    const play = new Play(file);
    play.send(play.socket(1), play.socket(2));
    play.commit();
    expect((await run('sessions')).lines[1]).toMatch(/ goes on$/);
    expect(JSON.parse((await run('sessions', { json: true })).text)).toMatchObject([
      { ended: null, endedAt: null },
    ]);
    play.end();
    const db = new Database(file);
    db.pragma('foreign_keys = OFF');
    db.exec('DELETE FROM session; UPDATE capture SET sessions_through = NULL');
    db.close();
    expect((await run('sessions')).lines).toEqual([
      `the sessions of capture 1 are not known: postreel index ${file}`,
    ]);
  });
});

describe('postreel index', () => {
  it('says of each capture what it found, and when it had nothing to do', async () => {
    record(file, play);
    record(file, () => undefined);
    const known = [
      'capture 1: 1 session in 5 frames, known already',
      'capture 2: 0 sessions in 0 frames, known already',
    ];
    expect((await run('index')).lines).toEqual(known);
    expect((await run('index', { again: true })).lines).toEqual([
      'capture 1: 1 session in 5 frames',
      'capture 2: 0 sessions in 0 frames',
    ]);
    expect(JSON.parse((await run('index', { capture: '2', json: true })).text)).toEqual([
      { id: 2, skipped: true, unreadable: null, sessions: 0, frames: 0 },
    ]);
  });

  it('leaves the sessions of what it cannot read, and says so', async () => {
    record(file, play);
    const db = new Database(file);
    db.exec('UPDATE connection SET revision = 99 WHERE id = 2');
    db.close();
    expect((await run('index', { again: true })).lines).toEqual([
      `capture 1: 1 session in 5 frames, left as they are: it was recorded with revision 99 of ${protocol.name}, ` +
        `of which this version reads revision ${protocol.revision}`,
    ]);
  });

  it('has nothing to say of a file without captures', async () => {
    record(file, () => undefined);
    const other = new Database(file);
    other.exec('DELETE FROM capture');
    other.close();
    expect((await run('index')).lines).toEqual([`${file} holds no captures.`]);
  });
});

describe('postreel frames --session', () => {
  it('prints the frames of one session, and the gaps within it', async () => {
    const play = new Play(file);
    play.store.gap(1, 2, 0, 0, 'before');
    play.sequence = 2;
    const [a, b, c] = [play.socket(1), play.socket(2), play.socket(3)] as const;
    play.store.gap(6, 4, 0, 0, 'within');
    play.sequence = 9;
    play.send(c, c);
    play.send(a, b);
    play.close(a).close(b);
    play.send(c, c);
    play.store.gap(13, 1, 0, 0, 'after');
    play.end();
    const { lines } = await run('frames', { session: '1', json: true });
    const shown = lines.map((line) => json(line)['sequence'] ?? json(line)['gap']);
    expect(shown).toEqual([3, 4, expect.objectContaining({ reason: 'within' }), 11]);
    expect((await run('frames', { session: '1', capture: '1', limit: '2' })).lines).toHaveLength(2);
  });

  it('refuses a session that is not there, or not in the capture that is named', async () => {
    twoSessions();
    const refusal = { kind: 'input', code: 'no-such-session' };
    await expect(run('frames', { session: '3' })).rejects.toMatchObject(refusal);
    await expect(run('frames', { session: '1', capture: '2' })).rejects.toMatchObject(refusal);
  });
});

describe('postreel verify', () => {
  it('says ok of each check, and exits with 0', async () => {
    record(file, play);
    const { exitCode, lines } = await run('verify');
    expect(exitCode).toBe(0);
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^ok {2}\w/);
    expect(lines.at(-1)).toBe(`${file} is whole.`);
  });

  it('says FAILED of the check that failed, and exits with 1', async () => {
    record(file, play);
    const db = new Database(file);
    db.exec('DELETE FROM frame WHERE kind = (SELECT max(kind) FROM frame)');
    db.close();
    const { exitCode, lines } = await run('verify');
    expect(exitCode).toBe(1);
    expect(lines.filter((line) => line.startsWith('FAILED')).length).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatch(/ is not whole: \d+ of \d+ checks failed\.$/);
  });

  it('--json is the report', async () => {
    record(file, play);
    const report = JSON.parse((await run('verify', { json: true })).text) as Record<string, unknown>;
    expect(report).toMatchObject({ file, ok: true });
    expect(report['checks']).toContainEqual({
      name: 'integrity',
      ok: true,
      detail: expect.any(String) as string,
    });
  });
});
