/** `postreel show`, over sessions made in memory. */
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { showSession, show, type ShowOptions } from '../../cli/commands/show.ts';
import { displayWidth, momentText } from '../../cli/format.ts';
import { Output } from '../../cli/output.ts';
import { FRAMES_PER_TURN } from '../../cli/session-walk.ts';
import { resolveSettings } from '../../cli/settings.ts';
import { CONVERSATIONS_SHOWN_MAX, wrapped } from '../../cli/show-text.ts';
import { plain, type Paint } from '../../cli/style.ts';
import type { Finding } from '../../analysis/findings/finding.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { ControlKind, MadeSession, NANOS } from '../kit/session-view.ts';

const ANN = '02:aa:bb:cc:dd:01';
const BOB = '02:aa:bb:cc:dd:02';

function finding(
  text: string,
  frames: readonly number[],
  severity: Finding['severity'] = 'problem',
): Finding {
  return { id: 'made-up', severity, text, frames, at: 3.5 * NANOS };
}

async function run(
  game: MadeSession,
  options: Partial<ShowOptions> = {},
  findings: readonly Finding[] = [],
  id = 1,
) {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const output = new Output(() => stream);
  const exitCode = await showSession(game.source(), id, output, {
    json: false,
    paint: plain,
    columns: 100,
    signal: new AbortController().signal,
    findings: () => ({ frame: () => undefined, end: () => findings }),
    ...options,
  });
  await output.flush();
  return { exitCode, text, lines: text.split('\n').slice(0, -1) };
}

/** The lines of one chapter, without their indent. */
function chapter(lines: readonly string[], title: string): string[] {
  const start = lines.indexOf(title) + 1;
  const end = lines.indexOf('', start);
  return lines.slice(start, end === -1 ? undefined : end).map((line) => line.slice(2));
}

/** Two who join, play, and part, and one who sends to nobody. */
function evening(): MadeSession {
  const game = new MadeSession({
    game: 'ULUS10391',
    gameName: 'Some Game',
    group: 'ROOM',
    started: NANOS,
    delayP50: 90_000,
    delayP99: 310_000,
    delayMax: 4_200_000,
  });
  const annLogin = game.at(1).login(ANN, 'Ann');
  const bobLogin = game.login(BOB, 'Bob');
  game.at(2).say(annLogin, ControlKind.asks, 'ROOM');
  const ann = game.at(3).pdp(ANN, 100);
  const bob = game.pdp(BOB, 200);
  for (let i = 0; i < 3; i++) game.at(4 + i).datagram(ann, bob, [1, 1, 0, 0, 0, 9]);
  for (let i = 0; i < 60; i++)
    game.at(10 + i * 0.02 + (i < 30 ? 0 : 4)).datagram(ann, bob, new Uint8Array(40 + (i % 2)).fill(255));
  game.datagram(ann, `${BOB}/999`, [255], { outcome: Outcome.noTarget, delayMs: null });
  game.at(20).close(ann);
  game.close(annLogin);
  game.at(21).close(bob, CommonFault.tooSlow);
  game.close(bobLogin, CommonFault.lost);
  return game;
}

describe('a session for people', () => {
  it('has a header, the findings, the players, the conversations, and how it went', async () => {
    const game = evening();
    const { exitCode, lines } = await run(game, {}, [
      finding('Bob stopped reading.', [7, 9]),
      finding('Less so.', [], 'note'),
    ]);
    expect(exitCode).toBe(0);
    expect(lines).toEqual([
      'Session 1: Some Game (ULUS10391), group "ROOM"',
      `${momentText('2023-11-14T22:13:21.123Z')}, 20.0 s, everybody left`,
      'capture 1, frames 1 to 69: 69 frames, 3.4 kB',
      'in the relay: half of all frames under 0.09 ms, 99 % under 0.31 ms, the slowest 4.20 ms',
      '',
      'Findings',
      '  problem  Bob stopped reading.',
      '           at 2.500 s; frames 7, 9',
      '  note     Less so.',
      '           at 2.500 s',
      '',
      'Players',
      '  nickname  address            from          came    left  connections',
      `  Ann       ${ANN}  2 addresses  0.000  19.000  player, pdp`,
      `  Bob       ${BOB}  2 addresses  0.000  20.000  player, pdp`,
      '',
      'Conversations',
      '  from     to       frames   bytes  a second  sizes (most common)',
      '  Ann/100  Bob/200      63  2.4 kB      50.0  6-41 (40)',
      '    datagrams; 3 of matching; 0.10 ms in the relay, 99 % under 0.10 ms',
      '    Ann/100 was silent for 4.0 s at 9.580 s, between frames 38 and 39',
      '  Ann/100  Bob/999       1     1 B         -  1',
      '    datagrams; lost: 1 no-target',
      '',
      'How it went',
      '  seconds  frame  who  what',
      '    0.000      1  Ann  logs in as "Ann" to play Some Game (ULUS10391)',
      '    0.000      2  Bob  logs in as "Bob" to play Some Game (ULUS10391)',
      '    1.000      3  Ann  asks for group "ROOM"',
      `    2.000      4  Ann  opens PDP ${ANN}/100`,
      `    2.000      5  Bob  opens PDP ${BOB}/200`,
      '    3.000      6  Ann  HELLO with 1 byte to Bob/200 x 3, every 1.0 s',
      '    9.000      9  Ann  first game data to Bob',
      '   19.000      -  Ann  leaves: the client ended it',
      '   20.000      -  Bob  pdp is closed: the client did not read what was sent to it, and its queue',
      '                       reached the limit',
      '   20.000      -  Bob  leaves: the network or the client broke the connection',
    ]);
  });

  it('keeps to the columns of the terminal', async () => {
    const long = finding(`${'word '.repeat(60)}end`, [1, 2, 3]);
    for (const columns of [70, 80, 120]) {
      const { lines } = await run(evening(), { columns }, [long]);
      // Tables are as wide as what they hold.
      const table = new Set([...chapter(lines, 'Players'), ...chapter(lines, 'Conversations')]);
      for (const line of lines.slice(6).filter((each) => !table.has(each.slice(2))))
        expect(line.length).toBeLessThanOrEqual(columns);
    }
    const { lines } = await run(evening(), { columns: Infinity }, [long]);
    expect(lines[6]?.length).toBeGreaterThan(300);
  });

  it('says how it ended, or that it goes on', async () => {
    const words = [];
    for (const ended of ['left', 'lost', 'stopped', 'unclean', null] as const) {
      const game = new MadeSession({ ended });
      game.pdp(ANN, 1);
      words.push((await run(game)).lines[1]?.split(', ').at(-1));
    }
    expect(words).toEqual([
      'everybody left',
      'ended as the last connection was lost',
      'ended as the relay was stopped',
      'ended as the recording broke off',
      'still going on',
    ]);
  });

  it('says what it does not know, and what the recording lacks', async () => {
    const game = new MadeSession();
    game.pdp(ANN, 1);
    game.gap(1200);
    game.gap(34, 'the disk\x1b was full');
    const { lines } = await run(game);
    expect(lines[0]).toBe('Session 1: unknown game, found by who talked to whom');
    expect(lines[3]).toBe(
      'the recording lacks 1 234 frames of this time: recorder was full; the disk\ufffd was full',
    );
    expect(chapter(lines, 'Findings')).toEqual(['nothing out of the ordinary']);
    expect(chapter(lines, 'Conversations')).toEqual(['nobody sent anything to anybody']);
  });

  it('names players by their nicknames, unless two have the same', async () => {
    const game = new MadeSession();
    const ann = game.nickname(ANN, 'Ann').pdp(ANN, 1);
    const bob = game.nickname(BOB, 'A very long nickname, as some have').pdp(BOB, 2);
    const [one, two] = ['02:aa:bb:cc:dd:03', '02:aa:bb:cc:dd:04'].map((mac) =>
      game.nickname(mac, 'Cyd').pdp(mac, 3),
    );
    game.datagram(ann, bob, [255]);
    game.datagram(one!, two!, [255]);
    const ways = chapter((await run(game)).lines, 'Conversations').filter((line) => line.includes('/'));
    expect(ways.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['Ann/1', 'A very long nicknam…/2'],
      ['02:aa:bb:cc:dd:03/3', '02:aa:bb:cc:dd:04/3'],
    ]);
  });

  it('lets nobody move the cursor by a nickname, a group or a finding', async () => {
    const game = new MadeSession({ game: '\x1b[2J', gameName: '\x1b[2J', group: '\x9b2J' });
    game.say(game.login(ANN, '\x1b]0;x\x07'), ControlKind.asks, '\x1b[2J');
    game.open('\x1b[2J', '\x1b[2J/1');
    const { text } = await run(game, {}, [finding('\x1b[2J', [])]);
    expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
  });

  it('shows the busiest conversations and counts the rest', async () => {
    const game = new MadeSession();
    const ann = game.pdp(ANN, 1);
    for (let port = 1; port <= CONVERSATIONS_SHOWN_MAX + 4; port++)
      for (let i = 0; i < port; i++) game.datagram(ann, `${BOB}/${port}`, [255]);
    const lines = chapter((await run(game)).lines, 'Conversations');
    expect(lines.at(-1)).toBe('and 4 more, which --json shows');
    expect(lines[1]).toContain(`/${CONVERSATIONS_SHOWN_MAX + 4} `);
    expect(lines.filter((line) => line.includes(`${BOB}/`))).toHaveLength(CONVERSATIONS_SHOWN_MAX);
  });

  it('says who never connected', async () => {
    const game = new MadeSession({
      players: [
        { player: ANN, nickname: 'Ann', connections: [{ conn: 1, first: 1, last: 1 }] },
        { player: BOB, nickname: '', connections: [] },
      ],
    });
    game.pdp(ANN, 1);
    expect(chapter((await run(game)).lines, 'Players').slice(1)).toEqual([
      `Ann       ${ANN}  192.0.2.1  0.000     -  pdp`,
      `-         ${BOB}  -              -     -  never connected`,
    ]);
  });

  it('has its columns below each other where nicknames are of double width', async () => {
    const game = new MadeSession();
    const yusuke = game.nickname(ANN, 'ゆうすけ').pdp(ANN, 1);
    const bob = game.nickname(BOB, 'Bob').pdp(BOB, 2);
    game.datagram(yusuke, bob, [255]);
    game.datagram(bob, yusuke, [255]);
    const { lines } = await run(game);
    const starts = (title: string, from: RegExp) =>
      chapter(lines, title)
        .filter((line) => from.test(line))
        .map((line) => displayWidth(line.slice(0, line.search(from))));
    for (const widths of [starts('Players', /02:aa/), starts('How it went', /opens/)]) {
      expect(widths.length).toBeGreaterThan(1);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it('counts those who were turned away', async () => {
    const game = new MadeSession();
    game.pdp(ANN, 1);
    game.close(game.stranger(game.open('pdp', `${BOB}/1`)), CommonFault.notLoggedIn);
    expect(chapter((await run(game)).lines, 'Players').at(-1)).toBe('1 connection of others turned away');
  });

  it('marks what matters with colours where it may', async () => {
    const paint: Paint = (tint, text) => `<${tint}>${text}</>`;
    const { text } = await run(evening(), { paint }, [
      finding('Bad.', [1]),
      finding('So so.', [], 'warning'),
    ]);
    expect(text).toContain('<bold>Findings</>');
    expect(text).toContain('<red>problem  </>Bad.');
    expect(text).toContain('<yellow>warning  </>So so.');
    expect(text).toContain('<yellow>Ann/100 was silent');
  });
});

describe('a session for scripts', () => {
  it('has stable fields, times in nanoseconds and frames as sequence numbers', async () => {
    const game = evening();
    game.close(game.stranger(game.open('pdp', '02:aa:bb:cc:dd:07/1')), CommonFault.notLoggedIn);
    const found = [finding('Bob stopped reading.', [7, 9])];
    const { text } = await run(game, { json: true }, found);
    const told = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(told)).toEqual([
      'session',
      'gaps',
      'findings',
      'players',
      'turnedAway',
      'conversations',
      'beyondConversations',
      'steps',
      'beyondSteps',
    ]);
    expect(told['session']).toEqual({
      id: 1,
      captureId: 1,
      started: NANOS,
      startedAt: '2023-11-14T22:13:21.123Z',
      lastSeen: 21 * NANOS,
      ended: 'left',
      game: 'ULUS10391',
      gameName: 'Some Game',
      group: 'ROOM',
      firstSequence: 1,
      lastSequence: 69,
      frames: 69,
      bytes: game.session().bytes,
      delay: { p50: 90_000, p99: 310_000, max: 4_200_000 },
    });
    expect(told['findings']).toEqual(found);
    expect(told['players']).toMatchObject([
      { player: ANN, nickname: 'Ann', connections: [{ conn: 1 }, { conn: 3 }] },
      {
        player: BOB,
        nickname: 'Bob',
        connections: [
          { conn: 2, fault: 'lost' },
          { conn: 4, fault: 'too-slow' },
        ],
      },
    ]);
    const [annPlayer] = told['players'] as { connections: unknown[] }[];
    expect(annPlayer?.connections[1]).toEqual({
      conn: 3,
      first: 1,
      last: 69,
      protocol: 'postoffice',
      role: 'pdp',
      endpoint: `${ANN}/100`,
      toward: '',
      address: '192.0.2.3',
      port: 40_003,
      transport: 'tcp',
      opened: 3 * NANOS,
      closed: 20 * NANOS,
      fault: 'ended',
    });
    expect(told['turnedAway']).toMatchObject([{ conn: 5, fault: 'not-logged-in' }]);
    expect(told['conversations']).toMatchObject([{ carries: 'datagrams' }, { dropped: { 'no-target': 1 } }]);
    expect((told['steps'] as unknown[])[5]).toEqual({
      at: 4 * NANOS,
      sequence: 6,
      player: ANN,
      what: 'HELLO with 1 byte',
      to: [`${BOB}/200`],
      lost: null,
      count: 3,
      last: 6 * NANOS,
      lastSequence: 8,
      every: NANOS,
    });
    expect([told['beyondConversations'], told['beyondSteps']]).toEqual([{ frames: 0, bytes: 0 }, 0]);
  });
});

describe('the command', () => {
  it('fails in one line where there is no such session', async () => {
    await expect(run(evening(), {}, [], 7)).rejects.toMatchObject({ kind: 'input', code: 'no-such-session' });
  });

  it.each(['x', '', '0', '1.5', '-1'])('refuses %j for the number of a session', async (word) => {
    const settings = resolveSettings('show', new Map(), {}, null);
    const output = new Output(() => new Writable());
    const context = { settings, file: 'none.db', rest: [word], version: '1', output, reload: () => settings };
    await expect(show(context)).rejects.toMatchObject({ kind: 'input', code: 'bad-usage' });
  });

  it.each(['1', '2147483647', '2147483648', '9007199254740991'])(
    'takes %s for the number of a session if frames --session does',
    async (word) => {
      const settings = resolveSettings('show', new Map(), {}, null);
      const output = new Output(() => new Writable());
      const context = {
        settings,
        file: 'none.db',
        rest: [word],
        version: '1',
        output,
        reload: () => settings,
      };
      const refusal = await show(context).then(
        () => '',
        (error: unknown) => (error as Error).message,
      );
      const read = () => resolveSettings('frames', new Map([['session', word]]), {}, null);
      if (refusal.includes('none.db')) expect(read().session).toBe(Number(word));
      else expect(read).toThrow(refusal.slice('SESSION takes '.length));
    },
  );

  it('stops between two turns when it is told to, and shows nothing', async () => {
    const game = evening();
    const [template] = game.frames;
    let read = 0;
    const stop = new AbortController();
    const source = {
      ...game.source(),
      *sessionFrames() {
        for (; read < 10 * FRAMES_PER_TURN; read++) {
          if (read === FRAMES_PER_TURN + 1) stop.abort();
          yield { ...template!, sequence: read + 1 };
        }
      },
    };
    let written = false;
    const output = new Output(() => {
      written = true;
      return new Writable();
    });
    const findings: ShowOptions['findings'] = () => ({ frame: () => undefined, end: () => [] });
    const options = { json: false, paint: plain, columns: 80, signal: stop.signal, findings };
    expect(await showSession(source, 1, output, options)).toBe(130);
    await output.flush();
    expect(written).toBe(false);
    expect(read).toBeLessThanOrEqual(2 * FRAMES_PER_TURN);
  });

  it('hears of what else happens while it reads', async () => {
    const game = evening();
    const [template] = game.frames;
    for (let i = 0; i < 3 * FRAMES_PER_TURN; i++) game.frames.push({ ...template!, sequence: 100 + i });
    let turns = 0;
    const timer = setImmediate(function again() {
      turns++;
      setImmediate(again).unref();
    });
    await run(game);
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

describe('text that is wrapped', () => {
  it('breaks between words', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrapped('one two three', 13)).toEqual(['one two three']);
  });

  it('leaves long words whole, and empty text empty', () => {
    expect(wrapped('a incomprehensible b', 4)).toEqual(['a', 'incomprehensible', 'b']);
    expect(wrapped('', 4)).toEqual(['']);
  });

  it('counts columns of the terminal', () => {
    expect(wrapped('狩人 狩人', 8)).toEqual(['狩人', '狩人']);
    expect(wrapped('狩人 狩人', 9)).toEqual(['狩人 狩人']);
  });
});
