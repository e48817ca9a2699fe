/** What SIGHUP changes in a running relay, and the one log line that says so. */
import { settingsDifference, type Difference, type Settings } from './settings.ts';

/** What the relay runs with from now on: `next` where SIGHUP may change it, `running` elsewhere. */
export function afterReload(running: Settings, next: Settings): Settings {
  const { logLevel, maxConnections, recordFlush } = next;
  return { ...running, logLevel, maxConnections, recordFlush };
}

export function reloadText(running: Settings, next: Settings): string {
  const differences = settingsDifference('relay', running, next);
  const changed = differences.filter(({ spec }) => spec.reloads).map(changeText);
  const waiting = differences.filter(({ spec }) => !spec.reloads).map(({ spec }) => spec.name);
  const parts = [...changed];
  if (waiting.length > 0) parts.push(`${waiting.join(', ')} changed too, but need a restart`);
  const what = parts.length > 0 ? parts.join('; ') : 'nothing changed';
  const where = next.config ?? 'no config file';
  return `options read again from ${where}: ${what}`;
}

function changeText({ spec, before, after }: Difference): string {
  return `${spec.name} is ${String(after)}, was ${String(before)}`;
}
