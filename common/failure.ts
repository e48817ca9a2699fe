/**
 * What can go wrong outside of our own code, as an error with a code.
 *
 * The message is one line, complete in itself, and fit to be shown to the person who typed the
 * command: it says what was being done, to what, and what is wrong with it.
 */

/** `input`: the command or a file it names is wrong. `outside`: the machine, the network or a file's state is. */
export type FailureKind = 'input' | 'outside';

export class Failure extends Error {
  readonly kind: FailureKind;
  /** A stable word for scripts and tests: `port-in-use`, `not-a-capture`, ... */
  readonly code: string;

  constructor(kind: FailureKind, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.kind = kind;
    this.code = code;
  }
}
