/** `postreel mask learn FILE:SESSION FILE:SESSION...`: masks for what differs between recordings of one play. */
import { existsSync, writeFileSync } from 'node:fs';
import { Failure } from '../../common/failure.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import { type Learned, learnMasks, maskFileText, percentText } from '../../replay/masks/learn.ts';
import { RecordedPlay } from '../../replay/recorded.ts';
import type { Context } from '../commands.ts';
import { type FileSession, FILE_SESSION, readFileSession } from '../file-session.ts';
import { plural } from '../format.ts';
import { progressLine } from '../progress.ts';

/** Each is read as a whole. */
export const SESSIONS_LEARNED_MAX = 64;

const FRAMES_PER_LOOK = 5_000;
/** What rests on less is pointed out. */
const FRAMES_MIN = 20;

export async function maskLearn({ settings, file, rest, output }: Context): Promise<number> {
  const words = [file, ...rest];
  const { out, force, json } = settings;
  const named = readSessions(words);
  refuseOverwriting(out, force);
  const learned = withPlays(named, (plays) => {
    const progress = progressLine('read', process.env);
    const total = 2 * plays.reduce((sum, { session }) => sum + session.frames, 0);
    let done = 0;
    const heard = () => {
      if (++done % FRAMES_PER_LOOK === 0) progress?.show(done, total);
    };
    try {
      return learnMasks(plays, heard);
    } finally {
      progress?.clear();
    }
  });
  const text = maskFileText(learned.proposals, `Proposed by postreel mask learn from ${words.join(', ')}`);
  if (out !== null) write(out, text, force);
  if (json) await output.line(JSON.stringify({ sessions: named, ...learned }, null, 2));
  else if (out === null) await output.line(text.trimEnd());
  for (const line of learnedLines(learned, words)) process.stderr.write(`${line}\n`);
  return 0;
}

/** For people: how far the proposal is to be trusted. */
export function learnedLines(learned: Learned, words: readonly string[]): string[] {
  const { proposals, pairs, conversations, share, alone, left, beyond } = learned;
  const reasons = proposals.filter(({ needsReason }) => needsReason).length;
  const thin = proposals.filter(({ frames }) => frames < FRAMES_MIN).length;
  const lines = [
    `Compared ${plural(pairs, 'pair')} of frames in ${plural(conversations, 'conversation')}.`,
    proposals.length === 0
      ? 'Nothing differs, so there is nothing to mask.'
      : `${plural(proposals.length, 'mask')} ${proposals.length === 1 ? 'hides' : 'hide'} ${percentText(share)} of all bytes that were compared.`,
  ];
  for (const [run, frames] of alone.entries())
    if (frames > 0)
      lines.push(
        `${plural(frames, 'frame')} of ${words[run] ?? ''} ${frames === 1 ? 'has' : 'have'} no counterpart.`,
      );
  if (left > 0)
    lines.push(`Nothing could be learned of ${plural(left, 'frame')}: with strangers, or too much.`);
  if (beyond > 0) lines.push(`${plural(beyond, 'more mask')} would be too many for a file.`);
  if (thin > 0)
    lines.push(
      `${plural(thin, 'mask')} ${thin === 1 ? 'rests' : 'rest'} on fewer than ${FRAMES_MIN} pairs of frames: look twice.`,
    );
  if (reasons > 0)
    lines.push(
      `${plural(reasons, 'mask')} ${reasons === 1 ? 'hides' : 'hide'} a whole payload: say why in "why", or take it out.`,
    );
  return lines;
}

function readSessions(words: readonly string[]): readonly FileSession[] {
  if (words.length > SESSIONS_LEARNED_MAX)
    throw new Failure(
      'input',
      'bad-usage',
      `at most ${SESSIONS_LEARNED_MAX} times ${FILE_SESSION}, not ${words.length}`,
    );
  return words.map(readFileSession);
}

/** Each file is opened once, however many of its sessions are named. */
function withPlays<T>(named: readonly FileSession[], use: (plays: readonly RecordedPlay[]) => T): T {
  const readers = new Map<string, CaptureFile>();
  try {
    const plays = named.map(({ file, session }) => {
      const reader = readers.get(file) ?? CaptureFile.open(file);
      readers.set(file, reader);
      return new RecordedPlay(reader, session);
    });
    return use(plays);
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}

/** Asked before the sessions are read, so that nobody waits for it. */
function refuseOverwriting(out: string | null, force: boolean): void {
  if (out !== null && !force && existsSync(out)) throw isThere(out);
}

function write(out: string, text: string, force: boolean): void {
  try {
    writeFileSync(out, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw isThere(out);
    throw new Failure(
      'outside',
      'cannot-write',
      `cannot write ${out}: ${message.replaceAll(/\s+/g, ' ')}`,
      error,
    );
  }
}

function isThere(out: string): Failure {
  return new Failure('input', 'file-exists', `${out} is there already; --force writes over it`);
}
