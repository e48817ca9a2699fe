/** `postreel replay FILE`: a recording against a relay, or a game, under test. The exit code is the verdict. */
import { networkInterfaces } from 'node:os';
import { Failure } from '../../common/failure.ts';
import { monotonic, wallMicros } from '../../common/clock.ts';
import { noGames } from '../../protocol/adhocctl/games.ts';
import { type Replay, replayAgainst } from '../../replay/against.ts';
import { Repeats } from '../../replay/compare/verdict.ts';
import { type Game, playGame } from '../../replay/play.ts';
import type { Context } from '../commands.ts';
import { printable } from '../../common/printable.ts';
import { readGameDb } from '../game-db.ts';
import { hubOf } from '../hubs.ts';
import { invitationText } from '../invitation.ts';
import { terminalHand } from '../hand.ts';
import { Keeping } from '../keeping.ts';
import { openInput } from '../open-input.ts';
import { type ProgressLine, progressLine } from '../progress.ts';
import { repeatsText } from '../repeats-text.ts';
import type { Settings } from '../settings.ts';
import { paintFor } from '../style.ts';
import { Starter } from '../starter.ts';
import { keepHeapSmall } from '../thrift.ts';
import { findTargets } from '../targets.ts';
import { checkVerdictFiles } from '../verdict-files.ts';
import { exitCodeOf, putVerdict, readRules, stopOnSignals, verdictFilesOf } from '../verdict-out.ts';

const RELAY_PATIENCE_S = 2;
/** Somebody has to start a game, and find the way through its menus. */
const GAME_PATIENCE_S = 60;

export async function replay({ settings, file, version, output }: Context): Promise<number> {
  refuseMisuse(settings);
  keepHeapSmall();
  const rules = readRules(settings);
  checkVerdictFiles(verdictFilesOf(settings));
  const targets = settings.play === null ? await findTargets(settings) : null;
  const hand = settings.pace === 'step' ? terminalHand(process.stdin, process.stderr) : null;
  const line = hand === null ? progressLine('sent', process.env) : null;
  const game = settings.play === null ? null : await gameOf(settings, line);
  const reader = openInput(file);
  const { signal, stop, done } = stopOnSignals();
  const starter = Starter.find(process, monotonic, () => stop('whoever started it is gone'));
  starter?.begun();
  if (hand !== null) hand.onQuit = () => stop('stopped by hand');
  try {
    const { session } = settings;
    const capture =
      session === null ? reader.capture(settings.capture ?? undefined).id : reader.session(session).captureId;
    const patience = settings.patience ?? (game === null ? RELAY_PATIENCE_S : GAME_PATIENCE_S);
    const play = (each: Replay) =>
      game === null ? replayAgainst(targets ?? new Map(), each) : playGame(game, each);
    const repeats = new Repeats();
    let id: number | null = null;
    for (let played = 0; played < settings.repeat && !signal.aborted; played++) {
      const kept = new Keeping((text) => {
        line?.clear();
        process.stderr.write(`${text}\n`);
      });
      const verdict = await play({
        reader,
        file,
        capture,
        session,
        pace: settings.pace,
        speed: settings.speed,
        patienceMs: patience * 1000,
        settleMs: settings.settle,
        ...rules,
        hand,
        signal,
        onStart(subject) {
          const startedAt = new Date(wallMicros() / 1000).toISOString();
          if (settings.store)
            kept.begin({ subject, file, capture, session, version, startedAt, pid: process.pid });
        },
        onSent: (sending) => kept.sent(sending),
        onProgress(sent, frames) {
          line?.show(sent, frames);
          starter?.progress(sent, frames);
        },
      }).finally(() => line?.clear());
      const number = kept.end(verdict);
      const before = repeats.told()?.verdict;
      repeats.add(verdict);
      if (repeats.told()?.verdict !== before) id = number;
    }
    const repeated = repeats.told();
    if (repeated === null) return exitCodeOf({ outcome: 'same', partial: 'stopped' });
    const paint = paintFor(1, process.env);
    await putVerdict(
      repeated.verdict,
      id,
      settings,
      output,
      settings.repeat > 1 ? repeatsText(repeated, paint) : [],
    );
    const { outcome, partial } = repeated.verdict;
    await starter?.ended({ replay: id, outcome, partial });
    return exitCodeOf({ outcome, partial: repeated.plays < settings.repeat ? 'stopped' : partial });
  } finally {
    hand?.close();
    done();
    reader.close();
  }
}

async function gameOf(settings: Settings, line: ProgressLine | null): Promise<Game> {
  const { play, host, listen, listeners, gameDb } = settings;
  const games = gameDb === null ? noGames : await readGameDb(gameDb);
  const paint = paintFor(2, process.env);
  const say = (text: string) => {
    line?.clear();
    process.stderr.write(text);
  };
  return {
    role: play ?? '',
    host,
    listen,
    ports: new Map(listeners.map(({ protocol, port }) => [protocol, port])),
    createHub: (protocol) => hubOf(protocol, settings, games),
    onWaiting(invitation) {
      say(invitationText(invitation, networkInterfaces(), paint));
    },
    onThere(player) {
      say(`${printable(player)} is there\n`);
    },
  };
}

/** Failure code: `bad-usage`. */
function refuseMisuse({ against, targets, play, listen, pace, repeat, session, capture }: Settings): void {
  const hasTarget = against !== null || targets.length > 0;
  const wrong: readonly (readonly [boolean, string])[] = [
    [!hasTarget && play === null, 'against what? --against HOST:PORT for a relay, or --play ROLE for a game'],
    [hasTarget && play !== null, '--against and --play exclude each other: a relay is under test, or a game'],
    [
      listen !== null && play === null,
      '--listen means nothing without --play: a relay under test listens itself',
    ],
    [
      session !== null && capture !== null,
      '--session and --capture exclude each other: a session is in one capture',
    ],
    [pace === 'step' && repeat > 1, '--repeat and --pace step exclude each other'],
  ];
  for (const [isWrong, line] of wrong) if (isWrong) throw new Failure('input', 'bad-usage', line);
}
