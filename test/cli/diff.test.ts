/** `postreel diff`: what it answers, and what it refuses in one line. */
import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../cli/commands.ts';
import { diffWith, type MakeComparison } from '../../cli/commands/diff.ts';
import { exitCodeOf } from '../../cli/verdict-out.ts';
import { Output } from '../../cli/output.ts';
import { resolveSettings } from '../../cli/settings.ts';
import type { Failure } from '../../common/failure.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { Verdict } from '../../replay/types.ts';
import { temporaryFile, temporaryFolder } from '../kit/capture-file.ts';
import { ELSEWHERE, EVENING, playEvening } from '../kit/taped-plays.ts';
import { Tape } from '../kit/taped.ts';
import { StandIn } from '../replay/stand-in.ts';

async function diff(words: readonly [string, string], flags: ReadonlyMap<string, string | true> = new Map()) {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const output = new Output(() => stream);
  const settings = resolveSettings('diff', flags, {}, null);
  const [file, ...rest] = words;
  const context: Context = { settings, file, rest, version: '1.2.3', output, reload: () => settings };
  const rules: Parameters<MakeComparison>[0][] = [];
  const code = await diffWith((given) => {
    rules.push(given);
    return new StandIn();
  }, context);
  await output.flush();
  return { code, text, rules: rules[0]! };
}

const JSON_FLAG = new Map([['json', true as const]]);

describe('two recordings', () => {
  it('that are the same end with 0', async () => {
    const [first, second] = [playEvening(), playEvening(ELSEWHERE)];
    const { code, text } = await diff([`${first}:1`, `${second}:1`]);
    expect(code).toBe(0);
    expect(text).toContain('P1 is 02:aa:bb:cc:dd:01 in the first recording');
    const json = await diff([`${first}:1`, `${second}:1`], JSON_FLAG);
    expect(json.code).toBe(0);
    const verdict = JSON.parse(json.text) as Verdict;
    expect(verdict).toMatchObject({
      outcome: 'same',
      subject: { mode: 'recording', file: second, session: 1 },
      file: first,
      capture: 1,
      session: 1,
      partial: null,
      first: null,
      holds: [],
      counts: { sent: 0 },
    });
    expect(verdict.roles.map(({ name }) => name)).toEqual(['P1', 'P2', 'P3']);
    expect(Date.parse(verdict.startedAt)).toBeGreaterThan(0);
  });

  it('that differ end with 1', async () => {
    const [first, second] = [playEvening(), playEvening({ words: EVENING.words.slice(1) })];
    const { code, text } = await diff([`${first}:1`, `${second}:1`], JSON_FLAG);
    expect(code).toBe(1);
    expect(JSON.parse(text)).toMatchObject({ outcome: 'differs', first: 0 });
  });

  it('are compared by the masks and the policy that are named, with the first one’s roles', async () => {
    const folder = temporaryFolder();
    const [masks, policy] = [join(folder, 'masks.json'), join(folder, 'policy.json')];
    const mask = { conversation: { from: 'P2' }, at: 0, bytes: 1, means: 'counter' };
    writeFileSync(masks, JSON.stringify({ masks: [mask] }));
    writeFileSync(policy, JSON.stringify({ fails: { late: true } }));
    const words = [`${playEvening()}:1`, `${playEvening()}:1`] as const;
    const { rules } = await diff(
      words,
      new Map([
        ['masks', masks],
        ['policy', policy],
      ]),
    );
    expect(rules.roles.map(({ name }) => name)).toEqual(['P1', 'P2', 'P3']);
    const end = (role: string) => ({ role, endpoint: '' });
    const conversation = { protocol: postoffice, from: end('P2'), to: end('P3'), kind: 7, isStream: false };
    expect(rules.policy.fails(conversation, 7, 'late')).toBe(true);
    expect(rules.masks.of(conversation, 7, new Uint8Array(20))).toMatchObject([{ at: 14, size: 1 }]);
    const usual = (await diff(words)).rules;
    expect(usual.policy.fails(conversation, 7, 'late')).toBe(false);
    expect(usual.masks.of(conversation, 7, new Uint8Array(20))).toEqual([]);
  });

  it('that were not read to the end are not called the same', () => {
    expect(exitCodeOf({ outcome: 'same', partial: null })).toBe(0);
    expect(exitCodeOf({ outcome: 'same', partial: 'stopped' })).toBe(130);
    expect(exitCodeOf({ outcome: 'differs', partial: 'stopped' })).toBe(1);
  });

  it('may be in one file', async () => {
    const file = playEvening();
    playEvening({}, undefined, new Tape(file));
    expect((await diff([`${file}:1`, `${file}:2`])).code).toBe(0);
  });
});

describe('what is refused, in one line', () => {
  async function refused(first: string, second: string): Promise<string> {
    const error = (await diff([first, second]).catch((reason: unknown) => reason)) as Failure;
    expect(error.kind).toBe('input');
    expect(error.message).not.toContain('\n');
    return `${error.code}: ${error.message}`;
  }

  it('is a word that is no session of a file', async () => {
    expect(await refused('games.db', 'games.db:1')).toMatch(/^bad-usage: FILE:SESSION takes /);
    expect(await refused('games.db:1', 'games.db')).toMatch(/^bad-usage: FILE:SESSION takes /);
  });

  it('is a file that is not there, or is no capture', async () => {
    const file = playEvening();
    const text = join(temporaryFolder(), 'notes.txt');
    writeFileSync(text, 'not a database, but long enough to be one if one did not look into it. '.repeat(9));
    expect(await refused(`${file}:1`, `${text}-not:1`)).toBe(`no-such-file: ${text}-not does not exist`);
    expect(await refused(`${text}:1`, `${file}:1`)).toMatch(/^not-a-capture: /);
  });

  it('is a newer format', async () => {
    const [file, newer] = [playEvening(), temporaryFile()];
    copyFileSync(file, newer);
    const db = new Database(newer);
    db.pragma('user_version = 99');
    db.close();
    expect(await refused(`${file}:1`, `${newer}:1`)).toMatch(/^newer-format: .* of format 99/);
  });

  it('is a session that is not there', async () => {
    const file = playEvening();
    expect(await refused(`${file}:1`, `${file}:7`)).toBe(`no-such-session: ${file} has no session 7`);
  });

  it('is the same session twice, by whatever name', async () => {
    const file = playEvening();
    const link = join(temporaryFolder(), 'link.db');
    symlinkSync(file, link);
    for (const other of [file, link])
      expect(await refused(`${file}:1`, `${other}:1`)).toBe(
        `same-session: both are session 1 of ${file}: name two`,
      );
  });
});
