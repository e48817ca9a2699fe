/** docs/faults.md: every reason for which a connection ends or a frame goes no further, from the tables. */
import { commonFaults, FAULTS_OWN } from '../protocol/fault.ts';
import { outcomes } from '../protocol/outcome.ts';
import { protocols } from '../protocol/registry.ts';
import type { FaultSpec } from '../protocol/types.ts';
import { table } from './markdown.ts';

export function faultsDoc(): string {
  return [
    '<!-- Made by `npm run docs` from the tables of protocol/. -->',
    '',
    '# Faults and outcomes',
    '',
    'A **fault** is why a connection ended: in logs, in the relay’s counts, and in `connection.fault` of a capture.',
    'An **outcome** is what became of a frame: in `postreel frames` and in `frame.outcome`. The codes never change.',
    '',
    '## Why connections end, in every protocol',
    '',
    ...reasons(commonFaults, 0),
    ...protocols.flatMap(({ title, faults }) => [
      '',
      `## Why connections end: ${title}`,
      '',
      ...reasons(faults, FAULTS_OWN),
    ]),
    '',
    '## What becomes of frames',
    '',
    ...reasons(outcomes, 0),
    '',
  ].join('\n');
}

function reasons(specs: readonly FaultSpec[], first: number): string[] {
  return table(
    ['code', 'name', 'meaning'],
    specs.map(({ name, text }, i) => [String(first + i), `\`${name}\``, text]),
  );
}
