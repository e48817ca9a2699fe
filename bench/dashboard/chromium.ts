/**
 * A Chromium to look at the dashboard with: found where it usually is, or installed where that is possible.
 *
 * The rule: whoever needs a browser gets one, or one clear line that says why there is none and what would help. Nothing goes
 * on without.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { Failure } from '../../common/failure.ts';

/** Names a program; nothing else is looked for then. */
export const CHROMIUM_VARIABLE = 'POSTREEL_CHROMIUM';

/** What a browser needs that nobody sits before, as root or in a container, and that asks nobody but us for anything. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A container's shared memory is often too small.
  '--disable-dev-shm-usage',
] as const;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'] as const;
const PLACES = [
  '/usr/bin/chromium',
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
] as const;

const INSTALL_MS = 280_000;
const START_MS = 60_000;

/** What is asked of the machine, so that tests may be another one. */
export interface BrowserMachine {
  readonly env: Readonly<Record<string, string | undefined>>;
  isProgram(path: string): boolean;
  /** Where Playwright would have its own; it may not be there. */
  ownPath(): string;
  /** Null if there is a Chromium afterwards, else why not. */
  install(): string | null;
}

/** The path of a program. Throws a `Failure` of one line. */
export function findChromium(machine: BrowserMachine = thisMachine): string {
  const { env } = machine;
  const named = env[CHROMIUM_VARIABLE] ?? '';
  if (named !== '') {
    if (machine.isProgram(named)) return named;
    throw new Failure('outside', 'no-browser', `${CHROMIUM_VARIABLE} names ${named}, which is no program`);
  }
  const look = (): string | undefined => placesIn(machine).find((path) => machine.isProgram(path));
  const found = look();
  if (found !== undefined) return found;
  const why = machine.install();
  const installed = look();
  if (installed !== undefined) return installed;
  throw new Failure(
    'outside',
    'no-browser',
    `there is no Chromium, and ${why ?? 'installing one did not help'}: install one, or name one in ${CHROMIUM_VARIABLE}`,
  );
}

/** A fresh one, with a folder for its data that nobody had before. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [...FLAGS],
    timeout: START_MS,
    // Whoever started it ends it, whatever is to be done before.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

function placesIn(machine: BrowserMachine): readonly string[] {
  const folders = (machine.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...PLACES,
    machine.ownPath(),
  ];
}

const thisMachine: BrowserMachine = {
  env: process.env,
  isProgram(path) {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  },
  ownPath: () => chromium.executablePath(),
  install() {
    if (!existsSync('/usr/bin/apt-get')) return 'only Debian’s packages are known here';
    const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
    if (prefix.length > 0 && succeeds([...prefix, 'true']) !== null)
      return 'only root may install one (there is no sudo without a password)';
    // Test files run side by side: whoever comes second waits for the first, and then finds it there.
    const apt = [...prefix, 'apt-get', '-y', '-q', '-o', `DPkg::Lock::Timeout=${INSTALL_MS / 1000}`];
    const install = (): string | null => succeeds([...apt, 'install', 'chromium']);
    if (install() === null) return null;
    // Its lists may be old, or not there at all.
    return succeeds([...apt, 'update']) ?? install();
  },
};

/** Null if it does; else its last words. */
function succeeds([program = '', ...args]: readonly string[]): string | null {
  const { status, stderr } = spawnSync(program, args, {
    timeout: INSTALL_MS,
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status === 0) return null;
  const words = (stderr ?? '').trim().split('\n').at(-1) ?? '';
  return `${program} failed${words === '' ? '' : ` (${words})`}`;
}
