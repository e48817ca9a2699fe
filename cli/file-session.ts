/**
 * A session of a capture file, as one word: `capture.db:3`. The last colon counts, since names of files may
 * hold some too.
 */
import { Failure } from '../common/failure.ts';
import { sessionNumber } from './values.ts';

export interface FileSession {
  readonly file: string;
  readonly session: number;
}

/** As `--help` writes it. */
export const FILE_SESSION = 'FILE:SESSION';

const session = sessionNumber();

/** Failure code: `bad-usage`. */
export function readFileSession(word: string): FileSession {
  const colon = word.lastIndexOf(':');
  if (colon === -1) throw refused(word, 'the number of the session is missing');
  const file = word.slice(0, colon);
  if (file === '') throw refused(word, 'the file is missing');
  const id = session.fromText(word.slice(colon + 1));
  if (id === undefined) throw refused(word, `behind the last colon must be ${session.accepts}`);
  return { file, session: id };
}

function refused(word: string, why: string): Failure {
  const shown = word.length > 200 ? `${word.slice(0, 197)}...` : word;
  return new Failure(
    'input',
    'bad-usage',
    `${FILE_SESSION} takes a capture file and a session in it, such as capture.db:3, not ${JSON.stringify(shown)}: ${why}`,
  );
}
