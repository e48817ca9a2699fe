/** Writes the pages of docs/ that are made from tables: `npm run docs`. A test compares them with what is there. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { optionsDoc } from './options-doc.ts';
import { faultsDoc } from './faults-doc.ts';
import { filterDoc } from './filter-doc.ts';
import { findingsDoc } from './findings-doc.ts';
import type { GeneratedDoc } from './markdown.ts';
import { protocolDocs } from './protocols-doc.ts';
import { packageRoot } from './version.ts';

export const generatedDocs: readonly GeneratedDoc[] = [
  { file: 'docs/options.md', make: optionsDoc },
  { file: 'docs/faults.md', make: faultsDoc },
  { file: 'docs/findings.md', make: findingsDoc },
  { file: 'docs/filter.md', make: filterDoc },
  ...protocolDocs,
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, make } of generatedDocs) writeFileSync(packageRoot() + file, make());
}
