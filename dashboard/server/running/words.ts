/**
 * A replay as a command line: the words for the program, and the same for people to type.
 *
 * The rule: what a request says is always part of a word that begins with an option of ours, so that it can be no option
 * itself; and no shell reads it.
 */
import { protocolByName } from '../../../protocol/registry.ts';
import { Failure } from '../../../common/failure.ts';
import type { NewReplay } from '../../api/replays.ts';

/** A name or an address, and a port. What it means is up to the program. */
const HOST_PORT = /^[\w.:%[\]-]+:\d{1,5}$/;
const PLAIN = /^[\w@%+=:,./-]+$/;

/** Throws a `Failure` of kind `input`: `bad-target`, `no-such-protocol`. */
export function replayWords(file: string, asked: Omit<NewReplay, 'masks'>, masks: string | null): string[] {
  const { session, against, targets = {}, pace, speed, patience } = asked;
  const option = (name: string, value: string | number | null | undefined) =>
    value === null || value === undefined ? [] : [`--${name}=${value}`];
  return [
    'replay',
    file,
    ...option('session', session),
    ...option('against', hostPort(against)),
    ...Object.entries(targets).flatMap(([name, address]) =>
      option(`against-${protocolName(name)}`, hostPort(address)),
    ),
    ...option('pace', pace),
    ...option('speed', speed),
    ...option('patience', patience),
    ...option('masks', masks),
  ];
}

/** As a shell takes it. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

function hostPort(text: string): string {
  if (HOST_PORT.test(text)) return text;
  const line = `${JSON.stringify(text)} is no target: it takes HOST:PORT, such as 127.0.0.1:27312`;
  throw new Failure('input', 'bad-target', line);
}

function protocolName(name: string): string {
  if (protocolByName(name) !== null) return name;
  throw new Failure('input', 'no-such-protocol', `there is no protocol ${JSON.stringify(name)}`);
}
