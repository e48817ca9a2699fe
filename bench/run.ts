/**
 * `npm run bench`: measures baseline, relay and recording relay in turn, and shows them side by side.
 *
 * In turn (A B C A B C), because the machine changes while this runs; medians and ratios, because
 * what a machine does differs, and what two programs on the same machine do differs much less.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../cli/version.ts';
import { type Case, cases } from './cases.ts';
import type { Measured } from './measure.ts';
import { parseOptions, WrongUse } from './options.ts';
import { interrupt, Interrupted, killAll } from './processes.ts';
import { Progress } from './progress.ts';
import { type CaseResult, caseResult, describeMachine, type Results } from './results.ts';
import { removeRecordings, type SubjectName } from './subjects.ts';
import { machineText, table } from './table.ts';

const RESULTS = fileURLToPath(new URL('../../bench/results.json', import.meta.url));

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
process.on('exit', () => {
  killAll();
  removeRecordings();
});

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof Interrupted) return 130;
  if (!(error instanceof WrongUse)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  return 2;
});

async function main(words: readonly string[]): Promise<number> {
  const names = cases(true, false).map(({ name }) => name);
  const { quick, long, json, rounds, only } = parseOptions(words, names);
  const chosen = cases(quick, long).filter(({ name }) => only === null || name === only);
  const progress = new Progress(chosen.reduce((sum, each) => sum + secondsOf(each, rounds), 0));
  const found: CaseResult[] = [];
  try {
    for (const each of chosen) found.push(await measureCase(each, rounds, progress));
  } finally {
    progress.clear();
  }
  const results: Results = {
    postreel: packageVersion(),
    date: new Date().toISOString(),
    quick,
    rounds,
    machine: describeMachine(),
    cases: found,
  };
  const text = resultsText(results);
  // A single case must not take the place of all of them.
  if (only === null) writeFileSync(RESULTS, text);
  if (json) process.stdout.write(text);
  else process.stdout.write(`${page(chosen, results).join('\n')}\n`);
  return found.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

async function measureCase(each: Case, rounds: number, progress: Progress): Promise<CaseResult> {
  const found = new Map<SubjectName, Measured[]>(each.subjects.map((subject) => [subject, []]));
  const turns = Math.min(rounds, each.roundsMax);
  for (let round = 1; round <= turns; round++) {
    for (const subject of each.subjects) {
      progress.at(each.name, `${subject} · round ${round} of ${turns}`, each.seconds);
      found.get(subject)?.push(await each.measure(subject));
    }
  }
  return caseResult(each, found);
}

function secondsOf({ seconds, subjects, roundsMax }: Case, rounds: number): number {
  return seconds * subjects.length * Math.min(rounds, roundsMax);
}

function page(chosen: readonly Case[], { machine, rounds, quick, cases: found }: Results): string[] {
  return [
    machineText(machine),
    `Medians of up to ${rounds} rounds${quick ? ', quick: shorter than what is worth quoting' : ''}. Ratios are to the baseline, a plain forwarder in Node.`,
    '',
    ...table(chosen, found),
  ];
}

/** With the rounds of a figure on one line, as people and `diff` like it. */
function resultsText(results: Results): string {
  const numbers = /\[\s+([-\d.e+,\s]+?)\s+\]/g;
  return `${JSON.stringify(results, null, 2).replace(numbers, (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`)}\n`;
}
