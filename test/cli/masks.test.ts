/** `mask learn` and `mask audit`, over files as a relay leaves them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Run } from '../../cli/commands.ts';
import { maskAudit } from '../../cli/commands/mask-audit.ts';
import { maskLearn, SESSIONS_LEARNED_MAX } from '../../cli/commands/mask-learn.ts';
import { Output } from '../../cli/output.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { readMasks } from '../../replay/masks/file.ts';
import { record, temporaryFolder, protocol } from '../kit/capture-file.ts';
import { ANN, BOB } from '../kit/masks.ts';
import { address, datagram, endpoint, pdpOpen } from '../kit/postoffice-wire.ts';

const commands = { 'mask learn': maskLearn, 'mask audit': maskAudit };
let db: string;
let folder: string;

async function run(
  name: keyof typeof commands,
  words: readonly string[],
  flags: Record<string, string | true> = {},
) {
  let text = '';
  let told = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    told += String(chunk);
    return true;
  });
  onTestFinished(() => stderr.mockRestore());
  const output = new Output(() => stream);
  const settings = resolveSettings(name, new Map(Object.entries(flags)), {}, null);
  const command: Run = commands[name];
  const [file = '', ...rest] = words;
  const reload = () => settings;
  const exitCode = await command({ settings, file, rest, version: '1.2.3', output, reload });
  await output.flush();
  return { exitCode, text, lines: text.split('\n').slice(0, -1), told: told.split('\n').slice(0, -1) };
}

/** Ann sends Bob these payloads. Another session of the file. */
function recorded(payloads: readonly (readonly number[])[]): void {
  record(db, (store) => {
    for (const [i, mac] of [ANN, BOB].entries()) {
      const self = address(mac.replaceAll(':', ''), 100);
      store.opened(i + 1, protocol.id, '192.0.2.1', 4000 + i, 1_000);
      store.frame(i + 1, 2_000, null, i + 1, 0, Kind.pdpOpen, Outcome.consumed, Buffer.from(pdpOpen(self)));
      store.identified(i + 1, 'pdp', `${mac}/100`, '', Buffer.from(endpoint(self)));
    }
    for (const [i, payload] of payloads.entries()) {
      const bytes = Buffer.from(datagram(address(BOB.replaceAll(':', ''), 100), Uint8Array.from(payload)));
      store.frame(3 + i, 1e7 * (i + 1), 50_000, 1, 2, Kind.pdp, Outcome.forwarded, bytes);
    }
  });
}

const played = (from: number) => Array.from({ length: 60 }, (_, i) => [1, 2, 3, 4, from + i, 0, 0, 0, i, 6]);

beforeEach(() => {
  folder = temporaryFolder();
  db = `${folder}/some.db`;
  recorded(played(0));
  recorded(played(100));
});

describe('postreel mask learn', () => {
  it('prints masks, and tells people how far they are to be trusted', async () => {
    const { exitCode, lines, told } = await run('mask learn', [`${db}:1`, `${db}:2`]);
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      '{',
      `  "comment": "Proposed by postreel mask learn from ${db}:1, ${db}:2",`,
      '  "masks": [',
      '    { "conversation": { "from": "P1", "to": "P2" }, "kind": "pdp-delivered", "size": 10, "at": 4, "bytes": 4, "means": "counter",',
      '      "comment": "differs in 60 of 60 pairs of frames; hides 16.7 % of their bytes" }',
      '  ]',
      '}',
    ]);
    expect(told).toEqual([
      'Compared 62 pairs of frames in 3 conversations.',
      '1 mask hides 16.1 % of all bytes that were compared.',
    ]);
  });

  it('says what is missing, and what needs a reason', async () => {
    recorded(Array.from({ length: 10 }, (_, i) => [i * 23 + 5]));
    recorded(Array.from({ length: 9 }, (_, i) => [(i * 59 + 7) & 255]));
    const { lines, told } = await run('mask learn', [`${db}:3`, `${db}:4`]);
    expect(lines.join('\n')).toContain('"bytes": "all", "means": "counter", "why": ""');
    expect(told.slice(2)).toEqual([
      `1 frame of ${db}:3 has no counterpart.`,
      '1 mask rests on fewer than 20 pairs of frames: look twice.',
      '1 mask hides a whole payload: say why in "why", or take it out.',
    ]);
  });

  it('finds nothing in what is the same', async () => {
    const { lines, told } = await run('mask learn', [`${db}:1`, `${db}:1`]);
    expect(lines.slice(2)).toEqual(['  "masks": [', '  ]', '}']);
    expect(told[1]).toBe('Nothing differs, so there is nothing to mask.');
  });

  it('--json is one object', async () => {
    const { text } = await run('mask learn', [`${db}:1`, `${db}:2`], { json: true });
    expect(JSON.parse(text)).toMatchObject({
      sessions: [
        { file: db, session: 1 },
        { file: db, session: 2 },
      ],
      proposals: [{ mask: { at: 4, bytes: 4 }, needsReason: false, frames: 60, differing: 60 }],
      pairs: 62,
      alone: [0, 0],
    });
  });

  it('--out writes a file, and over one that is there only with --force', async () => {
    const out = `${folder}/masks.json`;
    const words = [`${db}:1`, `${db}:2`];
    expect((await run('mask learn', words, { out })).text).toBe('');
    expect(readMasks(out).masks).toHaveLength(1);
    writeFileSync(out, 'mine');
    await expect(run('mask learn', words, { out })).rejects.toMatchObject({
      kind: 'input',
      code: 'file-exists',
      message: `${out} is there already; --force writes over it`,
    });
    expect(readFileSync(out, 'utf8')).toBe('mine');
    await run('mask learn', words, { out, force: true });
    expect(readMasks(out).masks).toHaveLength(1);
    const late = `${folder}/late.json`;
    const open = CaptureFile.open.bind(CaptureFile);
    vi.spyOn(CaptureFile, 'open').mockImplementationOnce((file) => {
      writeFileSync(late, 'mine');
      return open(file);
    });
    await expect(run('mask learn', words, { out: late })).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(late, 'utf8')).toBe('mine');
    const nowhere = `${folder}/no/masks.json`;
    await expect(run('mask learn', words, { out: nowhere })).rejects.toMatchObject({
      kind: 'outside',
      code: 'cannot-write',
    });
    expect(existsSync(nowhere)).toBe(false);
  });

  it('fails in one line where a session is not there', async () => {
    await expect(run('mask learn', [`${db}:1`, `${db}:9`])).rejects.toThrow(`${db} has no session 9`);
    await expect(run('mask learn', [`${db}:1`, db])).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(run('mask learn', [`${db}:1`, `${folder}/no.db:1`])).rejects.toMatchObject({
      code: 'no-such-file',
    });
    const many = new Array<string>(SESSIONS_LEARNED_MAX + 1).fill(`${db}:1`);
    await expect(run('mask learn', many)).rejects.toThrow('at most 64 times FILE:SESSION, not 65');
  });
});

describe('postreel mask audit', () => {
  const masks = () => `${folder}/m.json`;
  beforeEach(() =>
    writeFileSync(
      masks(),
      JSON.stringify({
        masks: [
          { kind: 'pdp', at: 4, bytes: 4, means: 'counter' },
          { kind: 'ptp', at: 4, bytes: 4, means: 'counter' },
        ],
      }),
    ),
  );

  it('says what would be missed, where, and which masks are stale', async () => {
    const { exitCode, lines } = await run('mask audit', [`${db}:1`], { masks: masks() });
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      'The masks would miss 16.1 % of single-byte faults in 62 frames.',
      '',
      'from  to  kind           frames  missed  masks',
      'P1    P2  pdp-delivered      60  16.7 %  1',
      '',
      `${masks()}: mask 2 hides nothing in this session.`,
    ]);
  });

  it('--json has all of it', async () => {
    const { text } = await run('mask audit', [`${db}:1`], { masks: masks(), json: true });
    const { rows, ...rest } = JSON.parse(text) as { rows: unknown[] };
    const faults = 60 * 24 + 2 * 24;
    expect(rest).toEqual({
      masks: masks(),
      file: db,
      session: 1,
      share: 240 / faults,
      frames: 62,
      faults,
      missed: 240,
      stale: [2],
      left: 0,
    });
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({
      from: 'P1',
      to: 'P2',
      protocol: 'postoffice',
      kind: 'pdp-delivered',
      frames: 60,
      faults: 1440,
      missed: 240,
      masks: [1],
    });
  });

  it('fails in one line where the masks are missing, or wrong', async () => {
    await expect(run('mask audit', [`${db}:1`])).rejects.toThrow(
      'mask audit takes the masks to look at: --masks FILE',
    );
    writeFileSync(
      masks(),
      '{"masks": [{"conversation": {"from": "P5"}, "at": 1, "bytes": 1, "means": "other"}]}',
    );
    await expect(run('mask audit', [`${db}:1`], { masks: masks() })).rejects.toMatchObject({
      kind: 'input',
      code: 'bad-masks',
      message: `${masks()}:1:38: mask 1: no player of this session is called "P5" (did you mean "P1"?); it has P1, P2`,
    });
    await expect(run('mask audit', [`${db}:9`], { masks: masks() })).rejects.toMatchObject({
      code: 'no-such-session',
    });
  });
});
