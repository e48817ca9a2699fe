/** Which version of the program this is, and where its package is. Both hold for the sources and for dist/. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, with a slash at its end. */
export function packageRoot(): string {
  const nearest = ['../', '../../'].map((up) => fileURLToPath(new URL(up, import.meta.url)));
  const root = nearest.find((folder) => existsSync(`${folder}package.json`));
  if (root === undefined) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
  return root;
}

export function packageVersion(): string {
  const described = JSON.parse(readFileSync(`${packageRoot()}package.json`, 'utf8')) as { version: string };
  return described.version;
}

/** The program itself, for what it does in a process of its own. */
export function programFile(): string {
  return `${packageRoot()}dist/cli/main.js`;
}
