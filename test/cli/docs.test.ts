import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedDocs } from '../../cli/docs.ts';
import { optionsDoc } from '../../cli/options-doc.ts';
import { allOptions, environmentName } from '../../cli/options.ts';
import { packageRoot } from '../../cli/version.ts';

it.each(generatedDocs)('$file is up to date (npm run docs makes it so)', ({ file, make }) => {
  expect(readFileSync(packageRoot() + file, 'utf8')).toBe(make());
});

describe('docs/options.md', () => {
  it.each(allOptions)('tells of --$name all that the table knows', (spec) => {
    const doc = optionsDoc();
    expect(doc).toContain(spec.help.replaceAll('|', '\\|'));
    expect(doc).toContain(`\`--${spec.name}\``);
    expect(doc).toContain(`\`${environmentName(spec)}\``);
    if (spec.without !== null) expect(doc).toContain(`\`--no-${spec.name}\``);
  });

  it('is the same each time', () => expect(optionsDoc()).toBe(optionsDoc()));
});
