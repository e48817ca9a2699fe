/** docs/findings.md: what can be said of a session, from the table of analysis/findings/. */
import { severities, type Severity } from '../analysis/findings/finding.ts';
import { findingSpecs } from '../analysis/findings/table.ts';

const meanings: Readonly<Record<Severity, string>> = {
  problem: 'It has most likely spoiled the game for somebody.',
  warning: 'It may have, or says that something is not as it should be.',
  note: 'Good to know when one looks for something else.',
};

export function findingsDoc(): string {
  return [
    '<!-- Made by `npm run docs` from the table of analysis/findings/. -->',
    '',
    '# Findings',
    '',
    'What somebody with experience would say after reading the frames of a session: `postreel show` tells it, with the',
    'numbers of the frames that show it. Times are seconds since the session began. Where a recording lacks frames or ends',
    'too early to know, nothing is said. Each example is what a test makes happen, word for word.',
    ...severities.flatMap((severity) => ['', ...section(severity)]),
    '',
  ].join('\n');
}

function section(severity: Severity): string[] {
  const specs = findingSpecs.filter((spec) => spec.severity === severity);
  return [
    `## ${severity.charAt(0).toUpperCase()}${severity.slice(1)}s`,
    '',
    meanings[severity],
    ...specs.flatMap(({ id, title, explanation, example }) => [
      '',
      `### ${title}`,
      '',
      `\`${id}\`: ${explanation}`,
      '',
      `> ${example}`,
    ]),
  ];
}
