import { describe, expect, it } from 'vitest';
import { options } from '../../cli/options.ts';
import { afterReload, reloadText } from '../../cli/reload.ts';
import { resolveSettings, settingsDifference, type Settings } from '../../cli/settings.ts';

const settings = (flags: Record<string, string>): Settings =>
  resolveSettings('relay', new Map(Object.entries(flags)), {}, null);

const running = settings({});
const other = settings({
  record: 'other.db',
  host: '::1',
  postoffice: '1',
  'adhocctl-p2p': 'true',
  'game-db': 'games.json',
  guard: 'group',
  http: '0',
  'http-host': '::',
  'http-token': 'not-to-be-seen',
  'max-connections': '10',
  'record-policy': 'block',
  'record-flush': '50',
  'log-level': 'debug',
  'log-format': 'json',
  'ready-json': 'true',
});

describe('SIGHUP', () => {
  it('changes what the table says that it can change, and nothing else', () => {
    const changed = settingsDifference('relay', running, afterReload(running, other));
    const reloading = Object.values(options).filter(({ reloads }) => reloads);
    expect(changed.map(({ spec }) => spec.name).sort()).toEqual(reloading.map(({ name }) => name).sort());
  });

  it('says in one line what changed and what has to wait', () => {
    expect(reloadText(running, { ...other, config: 'relay.json' })).toBe(
      'options read again from relay.json: max-connections is 10, was 5000; record-flush is 50, was 100; ' +
        'log-level is debug, was info; record, host, postoffice, adhocctl-p2p, game-db, guard, http, http-host, ' +
        'http-token, record-policy, log-format, ready-json, config ' +
        'changed too, but need a restart',
    );
  });

  it('does not say what a secret is', () => {
    expect(reloadText(running, other)).not.toContain(other.httpToken as string);
  });

  it('says so where nothing changed', () => {
    expect(reloadText(running, running)).toBe('options read again from no config file: nothing changed');
  });

  it('says again what still needs a restart', () => {
    expect(reloadText(afterReload(running, other), other)).toContain('need a restart');
  });
});
