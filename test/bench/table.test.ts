import { describe, expect, it } from 'vitest';
import type { Case } from '../../bench/cases.ts';
import type { Measured } from '../../bench/measure.ts';
import { caseResult } from '../../bench/results.ts';
import type { SubjectName } from '../../bench/subjects.ts';
import { figureText, table } from '../../bench/table.ts';

const right = (figures: Measured['figures']): Measured => ({ figures, failure: null });
const wrong = (failure: string): Measured => ({ figures: {}, failure });

const spec: Case = {
  name: 'delay',
  title: 'One-way delay',
  subjects: ['baseline', 'relay', 'guarded', 'recording'],
  figures: [
    { key: 'p50Ms', label: 'p50', unit: 'ms' },
    { key: 'rssBytes', label: 'memory', unit: 'bytes', needsProc: true },
  ],
  seconds: 1,
  roundsMax: 9,
  measure: () => Promise.resolve(right({})),
};

const shown = (rounds: Partial<Record<SubjectName, Measured[]>>): string[] =>
  table([spec], [caseResult(spec, new Map(Object.entries(rounds) as [SubjectName, Measured[]][]))]);

describe('the table of the bench', () => {
  it('has a line for each figure, with the ratio to the baseline and the widest spread', () => {
    expect(
      shown({
        baseline: [right({ p50Ms: 0.2, rssBytes: 5e7 }), right({ p50Ms: 0.2, rssBytes: 5e7 })],
        relay: [right({ p50Ms: 0.09, rssBytes: 6e7 }), right({ p50Ms: 0.11, rssBytes: 6e7 })],
        guarded: [right({ p50Ms: 0.12, rssBytes: 7e7 }), right({ p50Ms: 0.12, rssBytes: 7e7 })],
        recording: [right({ p50Ms: 0.15, rssBytes: 8e7 }), right({ p50Ms: 0.15, rssBytes: 8e7 })],
      }),
    ).toEqual([
      '          baseline     relay  ratio   guarded  ratio  recording  ratio  spread',
      '',
      'One-way delay',
      '  p50     0.200 ms  0.100 ms   0.50  0.120 ms   0.60   0.150 ms   0.75    20 %',
      '  memory     50 MB     60 MB   1.20     70 MB   1.40      80 MB   1.60     0 %',
    ]);
  });

  it('never shows zero for what the system does not tell, and says why', () => {
    const lines = shown({ baseline: [right({ p50Ms: 0.2, rssBytes: null })] });
    expect(lines[4]).toMatch(/^ {2}memory +n\/a +- +- +/);
    expect(lines.at(-1)).toMatch(/^n\/a: .*\/proc/);
  });

  it('says what went wrong, and leaves the wrong round out of the figures', () => {
    const lines = shown({
      baseline: [right({ p50Ms: 0.2, rssBytes: 1 })],
      relay: [right({ p50Ms: 0.1, rssBytes: 1 }), wrong('of 9 frames sent, 8 came')],
      recording: [wrong('frames got mixed up')],
    });
    expect(lines[3]).toMatch(/0\.200 ms +0\.100 ms +0\.50 +- +- +0 %/);
    expect(lines.slice(5)).toEqual([
      '  ! relay: of 9 frames sent, 8 came',
      '  ! recording: frames got mixed up',
    ]);
  });

  it('warns where the load or the recording did not keep up', () => {
    const lines = shown({
      baseline: [right({ p50Ms: 1, rssBytes: 1, loadBusy: 0.97, sendLagP99Ms: 12 })],
      recording: [right({ p50Ms: 1, rssBytes: 1, framesNotRecorded: 1200 })],
    });
    expect(lines.slice(5)).toEqual([
      '  ! recording: 1 200 frames were not recorded, and the recording says so',
      '  ! baseline: the load had no time left, so this may be its limit',
      '  ! the load sent 1 % more than 12 ms late: the machine had no core to spare for it',
    ]);
  });

  it('writes figures with their units', () => {
    expect(figureText(0.08123, 'ms')).toBe('0.0812 ms');
    expect(figureText(1234.5, 'ms')).toBe('1 235 ms');
    expect(figureText(0.8, 'us')).toBe('0.800 µs');
    expect(figureText(2_500_000, 'perSecond')).toBe('2 500 000/s');
    expect(figureText(228, 'bytes')).toBe('228 B');
    expect(figureText(0.0021, 'share')).toBe('0.21 %');
    expect(figureText(1_200, 'count')).toBe('1 200');
  });
});
