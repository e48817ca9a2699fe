/** The command line of the bench. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly quick: boolean;
  /** What goes on for minutes goes on for as long as it should once in a while. */
  readonly long: boolean;
  readonly json: boolean;
  readonly rounds: number;
  /** One case, or null for all. */
  readonly only: string | null;
}

const ROUNDS = 3;
/** Quick runs are for seeing that all works. */
const ROUNDS_QUICK = 1;
const ROUNDS_MAX = 100;

export class WrongUse extends Error {}

export function parseOptions(words: readonly string[], caseNames: readonly string[]): BenchOptions {
  const { quick, long, json, rounds, only } = parse(words);
  const count = rounds === undefined ? (quick ? ROUNDS_QUICK : ROUNDS) : Number(rounds);
  if (!Number.isInteger(count) || count < 1 || count > ROUNDS_MAX)
    throw new WrongUse(`--rounds takes a number from 1 to ${ROUNDS_MAX}`);
  if (quick && long) throw new WrongUse('--quick and --long do not go together');
  if (only !== undefined && !caseNames.includes(only))
    throw new WrongUse(`--only takes one of ${caseNames.join(', ')}`);
  return { quick, long, json, rounds: count, only: only ?? null };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        quick: { type: 'boolean', default: false },
        long: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
}
