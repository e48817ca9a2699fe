// Takes pictures of the dashboard: the two of the README into docs/pictures/, or with `--all DIR` one of every view, at a
// desk and on a phone, dark and light, into that folder.
//
// What is on them is made here: an evening of four players is recorded, and replayed against a relay that breaks something.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const { startChromium } = await import(`${root}dist/bench/dashboard/chromium.js`);
const load = async (file) => (await runnerImport(root + file)).module;

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const BYTES_MAX = 250_000;
const SETTLE_MS = 700;
/** How long a view may take until it shows what it is about. */
const THERE_MS = 60_000;
const WHO = { product: 'POST00001', name: 'Great Forest' };

const all = process.argv[2] === '--all' ? resolve(process.argv[3] ?? 'pictures') : null;
if (process.argv.length > 2 && all === null) {
  console.error('screenshots: takes nothing, or --all DIR');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'postreel-'));
const children = new Set();

try {
  await main();
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const { eveningPlay } = await load('test/kit/evening.ts');
  const games = join(folder, 'games.json');
  writeFileSync(games, JSON.stringify({ crosslinks: {}, names: { [WHO.product]: WHO.name } }));
  const file = join(folder, 'evening.db');
  const play = (relay) =>
    eveningPlay(
      { postoffice: relay.listeners.postoffice.port, adhocctl: relay.listeners.adhocctl.port },
      { product: WHO.product },
    );

  const relay = await program('relay', '--record', file, '--game-db', games, ...freePorts());
  await play(relay.ready);
  await play(relay.ready);
  await relay.stop();
  await replay(file);

  const running = await program('relay', '--record', file, '--game-db', games, ...freePorts());
  const browser = await startChromium();
  let isDone = false;
  // One evening after the other: who looks at what goes on sees it going on.
  const playOn = async () => {
    while (!isDone) await play(running.ready);
  };
  const played = playOn();
  try {
    await sleep(6_000);
    const url = `http://127.0.0.1:${running.ready.http.port}`;
    await pictures(browser, url);
  } finally {
    isDone = true;
    await played;
    await browser.close();
    await running.stop();
  }
}

async function pictures(browser, url) {
  if (all === null) {
    const into = join(root, 'docs/pictures');
    mkdirSync(into, { recursive: true });
    await picture(
      browser,
      url,
      '/sessions/1/frames?frame=60',
      'dark',
      DESK,
      join(into, 'frames.png'),
      '[role=treeitem]',
    );
    await picture(
      browser,
      url,
      '/sessions/1',
      'light',
      DESK,
      join(into, 'session.png'),
      'main canvas, main svg',
    );
    return;
  }
  mkdirSync(all, { recursive: true });
  for (const [name, path] of await views(url))
    for (const theme of ['dark', 'light'])
      for (const size of [DESK, PHONE])
        await picture(browser, url, path, theme, size, join(all, `${name}-${size.width}-${theme}.png`));
}

/** Of everything that there is, whatever its number. */
async function views(url) {
  const { sessions } = await (await fetch(`${url}/api/sessions`)).json();
  const ended = sessions.filter(({ ended }) => ended !== null);
  const live = sessions.find(({ ended }) => ended === null);
  const first = ended.at(-1)?.id ?? 1;
  return [
    ['now', '/'],
    ['sessions', '/sessions'],
    ['session', `/sessions/${first}`],
    ['frames', `/sessions/${first}/frames`],
    ['conversations', `/sessions/${first}/conversations`],
    ['session-replays', `/sessions/${first}/replays`],
    ['replays', '/replays'],
    ['replay', '/replays/1'],
    ['nowhere', '/sessions/nowhere'],
    ...(live === undefined ? [] : [['live', `/sessions/${live.id}/frames`]]),
  ];
}

/** Of a view at which `shows` is to be seen, and that waits for nothing any more. */
async function picture(browser, url, path, theme, size, into, shows = 'main') {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(url + path);
  await page.locator(shows).first().waitFor({ timeout: THERE_MS });
  await page.waitForFunction(
    "!document.querySelector('main [aria-busy=true]') && !/reading, \\d+ %/.test(document.body.innerText)",
    undefined,
    { timeout: THERE_MS },
  );
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: into });
  await context.close();
  const { size: bytes } = statSync(into);
  console.log(`${into} ${Math.round(bytes / 1000)} kB`);
  if (all === null && bytes > BYTES_MAX)
    throw new Error(`${into} has ${bytes} bytes: more than ${BYTES_MAX} do not go into the README`);
}

/** Kept in the file, with its differences. */
async function replay(file) {
  const { mutant, startMutant } = await load('test/kit/mutants.ts');
  const broken = await startMutant(mutant('truncates'));
  const target = (port) => `127.0.0.1:${port}`;
  const { status } = await finished(
    ...['replay', file, '--session', '1', '--against', target(broken.port)],
    ...['--against-adhocctl', target(broken.adhocctlPort), '--patience', '2'],
  );
  await broken.stop();
  if (status !== 1) throw new Error(`the replay ended with ${status}`);
}

function freePorts() {
  return ['--postoffice', '0', '--adhocctl', '0', '--http', '0', '--host', '127.0.0.1'];
}

function started(...words) {
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

async function finished(...words) {
  const child = started(...words);
  child.stdout.resume();
  return { status: await new Promise((resolve) => child.on('exit', resolve)) };
}

async function program(...words) {
  const child = started(...words, '--ready-json');
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const line = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
    void ended.then((status) => reject(new Error(`${words[0]} ended with ${status}`)));
  });
  return {
    ready: JSON.parse(line),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
