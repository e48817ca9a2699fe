/** What a run of the bench found, as it is written to bench/results.json. */
import os from 'node:os';
import type { Case } from './cases.ts';
import type { Figures } from './load/job.ts';
import type { Measured } from './measure.ts';
import { ratio, summarize, type Summary } from './statistics.ts';
import { subjects, type SubjectName } from './subjects.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly kernel: string;
}

export interface FigureResult extends Summary {
  /** To the baseline's median; null for the baseline itself, and where there is nothing to compare. */
  readonly ratio: number | null;
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly subjects: Readonly<Partial<Record<SubjectName, Readonly<Record<string, FigureResult | null>>>>>;
  /** A line for each measurement that went wrong. */
  readonly failures: readonly string[];
}

export interface Results {
  readonly postreel: string;
  readonly date: string;
  readonly quick: boolean;
  readonly rounds: number;
  readonly machine: Machine;
  readonly cases: readonly CaseResult[];
}

export function describeMachine(): Machine {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    node: process.version,
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

export type Rounds = ReadonlyMap<SubjectName, readonly Measured[]>;

export function caseResult({ name, title }: Pick<Case, 'name' | 'title'>, rounds: Rounds): CaseResult {
  const baseline = figuresOf(rounds.get('baseline') ?? []);
  const found: CaseResult['subjects'] = Object.fromEntries(
    subjects.flatMap((subject) => {
      const measured = rounds.get(subject);
      if (measured === undefined) return [];
      const figures = Object.entries(figuresOf(measured)).map(([key, summary]) => {
        const compared = subject === 'baseline' ? null : ratio(summary, baseline[key] ?? null);
        return [key, summary === null ? null : { ...summary, ratio: compared }] as const;
      });
      return [[subject, Object.fromEntries(figures)]];
    }),
  );
  const failures = [...rounds].flatMap(([subject, measured]) =>
    measured.flatMap(({ failure }) => (failure === null ? [] : [`${subject}: ${failure}`])),
  );
  return { name, title, subjects: found, failures };
}

/** Of the rounds that went well. A round that does not have a figure at all takes no part in it. */
function figuresOf(measured: readonly Measured[]): Record<string, Summary | null> {
  const rounds: Figures[] = measured.flatMap(({ failure, figures }) => (failure === null ? [figures] : []));
  const keys = new Set(rounds.flatMap((round) => Object.keys(round)));
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      summarize(rounds.flatMap((round) => (round[key] === undefined ? [] : [round[key]]))),
    ]),
  );
}
