/** Does something with the built program where a file, or a folder, may only be read; needs user namespaces. */
import { spawnSync } from 'node:child_process';

const dist = new URL('../../dist/', import.meta.url).href;

/**
 * The failure of this script, as kind, code and message. In it `load('recorder/comments.js')` is a promise of a module, and `file` what it is
 * about.
 */
export function failureWhereReadOnly(path: string, file: string, script: string): readonly string[] {
  const whole = `
    const load = (name) => import('${dist}' + name);
    const file = process.argv[1];
    (async () => { ${script} })().then(
      () => console.log('["nothing failed"]'),
      ({ kind, code, message }) => console.log(JSON.stringify([kind, code, message])),
    );`;
  const mount =
    'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && exec "$2" --input-type=commonjs -e "$3" "$4"';
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['-Urm', 'sh', '-c', mount, 'sh', path, process.execPath, whole, file],
    { encoding: 'utf8' },
  );
  return stdout === '' ? [stderr] : (JSON.parse(stdout) as string[]);
}
