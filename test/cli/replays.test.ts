/** `postreel replays`, over files as replays leave them. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { replays } from '../../cli/commands/replays.ts';
import { printable } from '../../common/printable.ts';
import { displayWidth, momentText } from '../../cli/format.ts';
import { Output } from '../../cli/output.ts';
import { replaysTable } from '../../cli/replays-table.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { plain } from '../../cli/style.ts';
import { verdictText } from '../../cli/verdict-text.ts';
import { verdictHtml } from '../../replay/reports/html.ts';
import { verdictJson } from '../../replay/reports/json.ts';
import { verdictJunit } from '../../replay/reports/junit.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { beginReplay } from '../../replay/stored.ts';
import { temporaryFile, temporaryFolder } from '../kit/capture-file.ts';
import { Play } from '../kit/play.ts';
import { changed, fullVerdict, madeVerdict, storeReplay } from '../kit/verdicts.ts';

let file: string;

async function run(flags: Record<string, string | true> = {}) {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const output = new Output(() => stream);
  const settings = resolveSettings('replays', new Map(Object.entries(flags)), {}, null);
  const context = { settings, file, rest: [], version: '1.2.3', output, reload: () => settings };
  const exitCode = await replays(context);
  await output.flush();
  return { exitCode, text, lines: text.split('\n').slice(0, -1) };
}

/** A capture with two sessions. */
beforeEach(() => {
  file = temporaryFile();
  const play = new Play(file);
  play.send(play.socket(1), play.socket(2));
  play.send(play.socket(3), play.socket(4));
  play.end();
});

/** One that differs, one that was broken off, and three more. */
function storeSome(): void {
  storeReplay(file, fullVerdict());
  beginReplay(file, { ...madeVerdict(), session: 2, pid: 1, version: '1' }).close();
  storeReplay(file, madeVerdict([], { session: null, partial: 'stopped' }));
  storeReplay(file, madeVerdict([], { subject: { mode: 'recording', file: 'b.db', session: 3 } }));
  const role = { name: 'P2', player: 'b', nickname: '' };
  const subject = { mode: 'game', role, target: ':27312', pace: 'max' } as const;
  storeReplay(file, madeVerdict([], { subject, roles: [role], outcome: 'unanswered' }));
}

describe('postreel replays', () => {
  it('is a table for people, a line for each', async () => {
    storeSome();
    const { exitCode, lines } = await run();
    const started = momentText('2023-11-14T22:13:20.123Z');
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      `id  started                session  against          pace    verdict         first difference`,
      ` 1  ${started}          1  127.0.0.1:27313  causal  differs         Bob got a datagram from Ann with port 101 where it was 100`,
      ` 2  ${started}          2  127.0.0.1:27313  causal  not finished    -`,
      ` 3  ${started}  capture 1  127.0.0.1:27313  causal  same, partial   -`,
      ` 4  ${started}          1  b.db:3           -       same            -`,
      ` 5  ${started}          1  P2 at :27312     max     did not answer  -`,
    ]);
  });

  it('--json is an array of objects with exactly the fields that scripts rely on', async () => {
    storeSome();
    const told = JSON.parse((await run({ json: true })).text) as object[];
    expect(told).toHaveLength(5);
    expect(told[0]).toEqual({
      id: 1,
      capture: 1,
      session: 1,
      mode: 'relay',
      target: '127.0.0.1:27313',
      comparedSession: null,
      role: null,
      pace: 'causal',
      version: '1.2.3',
      startedAt: '2023-11-14T22:13:20.123Z',
      lasted: 12_345.5,
      outcome: 'differs',
      partial: null,
      sent: 1500,
      expected: 1200,
      came: 1199,
      equal: 1190,
      first: 'Bob got a datagram from Ann with port 101 where it was 100',
    });
    expect(told[1]).toMatchObject({ outcome: null, lasted: null, first: null });
  });

  it('--session lists those of one session, and refuses one that is not there', async () => {
    storeSome();
    expect((await run({ session: '2' })).lines).toHaveLength(2);
    expect(JSON.parse((await run({ session: '2', json: true })).text)).toMatchObject([{ id: 2 }]);
    await expect(run({ session: '9' })).rejects.toMatchObject({ kind: 'input', code: 'no-such-session' });
  });

  it('says so where there are none', async () => {
    expect((await run()).lines).toEqual([`${file} holds no replays.`]);
    expect((await run({ session: '2' })).lines).toEqual([`${file} holds no such replays.`]);
    expect((await run({ json: true })).lines).toEqual(['[]']);
  });

  it('keeps to the columns of the terminal, and lets nothing move its cursor', () => {
    const text = `\x1b[2J${'wide '.repeat(60)}`;
    storeReplay(
      file,
      madeVerdict([changed({ text })], { subject: { mode: 'relay', target: `${text}:1`, pace: 'max' } }),
    );
    const reader = CaptureFile.open(file);
    const lines = replaysTable(reader.replays(), plain, 130);
    reader.close();
    for (const line of lines) {
      expect(printable(line)).toBe(line);
      expect(displayWidth(line)).toBeLessThanOrEqual(130);
    }
    expect(lines[1]).toMatch(/…$/);
  });
});

describe('postreel replays --id', () => {
  it('shows the verdict as it was printed', async () => {
    storeSome();
    expect((await run({ id: '1' })).lines).toEqual(verdictText(fullVerdict(), plain, Infinity));
  });

  it('--json is the verdict, with its number', async () => {
    storeSome();
    expect((await run({ id: '1', json: true })).text).toBe(`${verdictJson(fullVerdict(), 1)}\n`);
  });

  it('--html and --junit write it to files', async () => {
    storeSome();
    const folder = temporaryFolder();
    const [html, junit] = [join(folder, 'a.html'), join(folder, 'a.xml')];
    await run({ id: '1', html, junit });
    expect(readFileSync(html, 'utf8')).toBe(verdictHtml(fullVerdict()));
    expect(readFileSync(junit, 'utf8')).toBe(verdictJunit(fullVerdict()));
  });

  it('says in one line that a file cannot be written', async () => {
    storeSome();
    const html = join(temporaryFolder(), 'folder');
    mkdirSync(html);
    const refusal = { kind: 'outside', code: 'cannot-write' };
    await expect(run({ id: '1', html })).rejects.toMatchObject(refusal);
    await expect(run({ id: '1', html })).rejects.toThrow(`the verdict cannot be written to ${html}: EISDIR`);
  });

  it('refuses a replay that is not there, or has no verdict, and reports of all at once', async () => {
    storeSome();
    await expect(run({ id: '6' })).rejects.toMatchObject({ kind: 'input', code: 'no-such-replay' });
    await expect(run({ id: '2' })).rejects.toMatchObject({ kind: 'input', code: 'no-verdict' });
    await expect(run({ html: 'a.html' })).rejects.toMatchObject({ kind: 'input', code: 'bad-usage' });
    await expect(run({ junit: 'a.xml' })).rejects.toMatchObject({ kind: 'input', code: 'bad-usage' });
  });
});
