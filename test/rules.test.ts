/** The repository's own rules. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}/${file}`, 'utf8');
const committed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const sources = committed.filter((file) => file.endsWith('.ts'));
const shipped = sources.filter((file) => !file.startsWith('test/'));

/** What the folder of a protocol holds. */
const protocolFiles = ['faults', 'framing', 'hub', 'index', 'layout', 'sessions', 'summary'];
/** What is only ever dissected has no behaviour. */
const payloadProtocolFiles = ['framing', 'index', 'layout', 'summary'];
const payloadProtocolFolders = [...read('protocol/payload.ts').matchAll(/from '\.\/(.*)\/index\.ts'/g)].map(
  ([, folder]) => folder,
);

/** Who may not import whom. What is not named is free. */
const directions: [from: string, to: string, why: string][] = [
  ['^protocol/', '^(?!protocol/)', 'protocols are pure'], // of Node as well: see tsconfig.protocol.json
  ['^common/', '^(?!common/|protocol/types)', 'everybody stands on common, so it stands on nothing'],
  ['^relay/', '^(?!relay/|protocol/|common/)', 'the relay knows no recorder, no command, no package'],
  ['^relay/', '^protocol/[^/]+/', 'the relay knows no protocol by name'],
  [
    '^recorder/',
    '^(relay|analysis|dashboard|cli|bench|test)/',
    'the recorder hears of frames through the tap alone',
  ],
  ['^recorder/', '^protocol/[^/]+/', 'the recorder knows no protocol by name'],
  [
    '^analysis/',
    '^(relay|dashboard|cli|bench|test)/',
    'what is said about a capture needs nothing but the capture',
  ],
  [
    '^analysis/(filter/|payloads[.]ts)',
    '^(?!analysis/(filter/|payloads[.]ts)|protocol/)', // of Node as well: see tsconfig.protocol.json
    'browsers run filters too',
  ],
  ['^analysis/', '^protocol/[^/]+/', 'what is said about a capture knows no protocol by name'],
  ['^(common|protocol|relay|recorder|analysis)/', '^replay/', 'what is replayed does not know of it'],
  ['^replay/', '^(dashboard|cli|bench|test)/', 'whoever starts a replay shows it'],
  ['^replay/', '^protocol/[^/]+/', 'replay knows no protocol by name'],
  ['^dashboard/', '^(relay|cli|bench|test)/', 'the dashboard is told, and asks'],
  ['^dashboard/api/', '^(?!dashboard/api/|(node_modules/)?typebox)', 'both sides of the API stand on it'],
  [
    '^dashboard/web/',
    '^(relay|recorder|cli|bench|test)/|^analysis/(?!filter/|payloads[.])|^dashboard/(?!web/|api/)',
    'a browser has neither files nor sockets',
  ],
  ['^dashboard/web/', '^protocol/[^/]+/', 'the page knows no protocol by name'],
  [
    '^(cli/(?!commands/ui)|relay/|dashboard/http-server|dashboard/server/(limits|messages|data-json))',
    'node_modules/fastify/|^dashboard/server/app',
    'no HTTP on the thread of the relay',
  ],
  [
    '^tunnel/',
    '^(?!tunnel/|common/)',
    'a tunnel is a client like any other: it knows no relay, no recorder, no command',
  ],
  [
    '^(common|protocol|relay|recorder|analysis|replay|dashboard)/',
    '^tunnel/',
    'only the command starts a tunnel',
  ],
  ['^cli/', '^(bench|test)/', 'the program does not need its tests'],
  ['^(?!testing/|test/)', '^testing/', 'what is offered to test suites is no part of the program'],
  [
    '^testing/',
    '^(dashboard|bench|test)/|^cli/(?!(hubs|targets|values|verdict-text|repeats-text|style|version)[.])',
    'a matcher takes the words and checks of the command, and nothing that makes it a program',
  ],
  ['^clients/', '^(?!clients/|protocol/|common/)', 'a client needs nothing but its protocol'],
  ['^(?!clients/|test/)', '^clients/', 'what is offered to other programs is no part of this one'],
  ['^testing/', '^protocol/[^/]+/', 'a matcher knows no protocol by name'],
  [
    '^(relay|cli/main|cli/program|cli/commands/relay)',
    '^node_modules/better-sqlite3',
    'a relay that does not record loads no database',
  ],
];

async function cruised(): Promise<ICruiseResult> {
  const forbidden: NonNullable<IFlattenedRuleSet['forbidden']> = [
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...directions.map(([from, to, name]) => ({
      name,
      severity: 'error' as const,
      from: { path: from },
      to: { path: to, dependencyTypesNot: ['core' as const] },
    })),
  ];
  const result = await cruise(
    [
      'protocol',
      'common',
      'relay',
      'recorder',
      'analysis',
      'replay',
      'dashboard',
      'tunnel',
      'cli',
      'testing',
      'clients',
      'bench',
    ],
    {
      baseDir: root,
      ruleSet: { forbidden },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
    },
  );
  return result.output as ICruiseResult;
}

describe('imports', () => {
  test('point one way, and never in a circle that is there at run time', async () => {
    const { summary } = await cruised();
    expect(summary.totalCruised).toBeGreaterThan(40);
    expect(summary.violations.map(({ rule, from, to }) => `${from} -> ${to}: ${rule.name}`)).toEqual([]);
  });

  test('have no default exports and no barrels', () => {
    for (const file of shipped.filter((each) => !/(vitest|eslint|vite)\.config/.test(each))) {
      expect(read(file), file).not.toMatch(/^export (default|\*)/m);
    }
  });
});

describe('files', () => {
  test('open with what they are for', () => {
    for (const file of shipped.filter((each) => each !== 'vitest.config.ts')) {
      expect(read(file), file).toMatch(/^(#!.*\n)?\/\*\*/);
    }
  });

  test('of every protocol have the same names', () => {
    const folders = readdirSync(`${root}/protocol`, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.length).toBeGreaterThan(payloadProtocolFolders.length);
    expect(folders.map(({ name }) => name)).toEqual(expect.arrayContaining(payloadProtocolFolders));
    for (const { name } of folders) {
      const files = payloadProtocolFolders.includes(name) ? payloadProtocolFiles : protocolFiles;
      const names = readdirSync(`${root}/protocol/${name}`);
      expect(names, name).toEqual(expect.arrayContaining(files.map((file) => `${file}.ts`)));
    }
  });

  test('ask for the time in one place', () => {
    const asks = /\b(performance\.now|Date\.now|process\.hrtime|new Date\(\))/;
    const askers = shipped.filter((file) => !file.startsWith('bench/') && asks.test(read(file)));
    expect(askers).toEqual(['common/clock.ts']);
  });

  test('leave nothing undone and nothing switched off', () => {
    const loose =
      /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|eslint-disable|\b(describe|test|it)\.(only|skip|todo|fails)\b/;
    const self = 'test/rules.test.ts';
    expect(sources.filter((file) => file !== self && loose.test(read(file)))).toEqual([]);
  });

  test('name no path of the machine they were written on', () => {
    const texts = committed.filter(
      (file) => /\.(ts|js|mjs|json|md|sql|yml)$|^\.ci\//.test(file) && file !== 'package-lock.json',
    );
    for (const file of texts) expect(read(file), file).not.toMatch(/(^|[\s"'`(=])\/(work|root|home)\/[a-z]/m);
  });
});

describe('migrations', () => {
  test.each(['', '/alphanet'])('are numbered from 1 without a hole, in migrations%s', (folder) => {
    const names = readdirSync(`${root}/migrations${folder}`, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    const numbers = names.map((name) => Number(/^(\d{4})_[a-z_]+\.sql$/.exec(name)?.[1]));
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
  });
});

describe('links in the docs', () => {
  test('lead to files that are there', () => {
    for (const file of committed.filter((each) => each.endsWith('.md'))) {
      const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
      for (const [, target = ''] of read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        const path = new URL(folder + target, 'file:///').pathname.slice(1);
        const isThere =
          committed.includes(path) ||
          committed.some((each) => each.startsWith(`${path.replace(/\/$/, '')}/`));
        expect(isThere, `${file} -> ${target}`).toBe(true);
      }
    }
  });
});
