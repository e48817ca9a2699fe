// Builds dist/ from the sources: TypeScript to JavaScript, the migrations beside it, and the dashboard's page.
//
// `--if-possible` is for installs without development dependencies: where there is no compiler but
// a dist/ is there already, that one is used; where there is neither, one line says what to do.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const ifPossible = process.argv.includes('--if-possible');

function compiler() {
  try {
    return createRequire(import.meta.url).resolve('typescript/bin/tsc');
  } catch {
    return null;
  }
}

const tsc = compiler();
if (tsc === null) {
  if (ifPossible) process.exit(0);
  console.error('postreel: cannot build without development dependencies: run `npm ci` without --omit=dev');
  process.exit(2);
}
// An emptied dist/ beside a surviving build record would make the compiler believe all is there.
const built = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(built.status ?? 1);
if (existsSync(`${root}/migrations`))
  cpSync(`${root}/migrations`, `${root}/dist/migrations`, { recursive: true });

await buildPage();

/** Takes seconds, so it is done only where something has changed that the page is made of. */
async function buildPage() {
  const made = `${root}dist/dashboard/web`;
  const record = `${root}dist/.page`;
  const sources = ['dashboard/web', 'dashboard/api', 'protocol', 'analysis', 'package-lock.json'].flatMap(
    filesOf,
  );
  const state = sources.map((file) => `${file} ${statSync(root + file).mtimeMs}`).join('\n');
  if (existsSync(`${made}/index.html`) && existsSync(record) && readFileSync(record, 'utf8') === state)
    return;
  const { build } = await import('vite');
  await build({ configFile: `${root}dashboard/web/vite.config.ts`, logLevel: 'warn' });
  writeFileSync(record, state);
}

function filesOf(path) {
  if (!statSync(root + path).isDirectory()) return [path];
  return readdirSync(root + path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length));
}
