/** docs/replay.md says what the tables say, and what it shows is accepted. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allOptions } from '../../cli/options.ts';
import { packageRoot } from '../../cli/version.ts';
import { protocols } from '../../protocol/registry.ts';
import { meanings, parseMasks } from '../../replay/masks/file.ts';
import { defaultPolicy, parsePolicy } from '../../replay/policy.ts';
import {
  type Conversation,
  differenceClasses,
  type DifferenceClass,
  holdReasons,
  holdTexts,
  paces,
} from '../../replay/types.ts';

const doc = readFileSync(`${packageRoot()}docs/replay.md`, 'utf8');

/** The rows of the table whose first heading this is, each as its cells. */
function table(heading: string): string[][] {
  const lines = doc.split('\n');
  const head = lines.findIndex((line) => line.startsWith(`| ${heading} `));
  expect(head, heading).not.toBe(-1);
  const rows = lines.slice(head + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

function blocks(language: string): string[] {
  return Array.from(doc.matchAll(/^```(\w*)\n([^]*?)^```$/gm))
    .filter(([, found]) => found === language)
    .map(([, , text = '']) => text);
}

const nobody = {} as Conversation;

describe('the tables', () => {
  test('of differences are those of the program', () => {
    const classes = Object.entries(differenceClasses) as [DifferenceClass, string][];
    const fails = (name: DifferenceClass) => (defaultPolicy.fails(nobody, null, name) ? 'yes' : 'no');
    expect(table('class')).toEqual(classes.map(([name, text]) => [`\`${name}\``, text, fails(name)]));
  });

  test('of holds are those of the program', () => {
    expect(table('held by')).toEqual(holdReasons.map((name) => [`\`${name}\``, holdTexts[name]]));
  });

  test('of paces have them all', () => {
    expect(table('`--pace`').map(([name]) => name)).toEqual(paces.map((name) => `\`${name}\``));
  });

  test('of masks have all protocols and meanings', () => {
    const rows = new Map(table('key').map(([key, text]) => [key, text]));
    const listed = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');
    expect(rows.get('`protocol`')).toBe(listed(protocols.map(({ name }) => name)));
    expect(rows.get('`means`')).toContain(listed(meanings));
  });
});

describe('the examples', () => {
  test('of masks and of a policy are accepted', () => {
    const [masks = '', policy = ''] = blocks('json');
    expect(parseMasks('masks.json', masks).masks).toHaveLength(3);
    expect(parsePolicy('policy.json', policy).rules).toHaveLength(1);
  });

  test('use no option that is not there', () => {
    const flags = new Set(
      allOptions.flatMap(({ name, without }) =>
        without === null ? [`--${name}`] : [`--${name}`, `--no-${name}`],
      ),
    );
    const used = new Set(doc.match(/(?<![\w-])--[a-z][a-z-]*[a-z]/g));
    expect(used.size).toBeGreaterThan(15);
    expect([...used].filter((flag) => !flags.has(flag))).toEqual([]);
  });
});
