import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../cli/config.ts';
import { options } from '../../cli/options.ts';
import { loadSettings } from '../../cli/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postreel-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const name = join(folder, 'relay.json');
  writeFileSync(name, text);
  return name;
}

describe('a config file', () => {
  it('sets options by their names', () => {
    const { values } = readConfig(file('{"record": "games.db", "max-connections": 10}'));
    expect([...values]).toEqual([
      [options.record, 'games.db'],
      [options.maxConnections, 10],
    ]);
  });

  it.each([
    ['{"recrod": true}', 'relay.json: there is no option "recrod"'],
    ['{"__proto__": {}, "toString": 1}', 'relay.json: there is no option "__proto__"'],
    ['{"maxConnections": 10}', 'relay.json: there is no option "maxConnections"'],
    ['{"config": "other.json"}', 'relay.json: "config" cannot be set in a config file'],
    ['[]', 'relay.json must hold one JSON object, such as {"record": "games.db"}'],
    ['null', 'relay.json must hold one JSON object, such as {"record": "games.db"}'],
  ])('is refused if it holds %s', (text, line) => {
    expect(() => parseConfig('relay.json', text)).toThrow(line);
  });

  it.each(['{"record": ', '{\n  record: 1\n}', ''])('that is not JSON is refused in one line: %j', (text) => {
    expect(() => parseConfig('relay.json', text)).toThrow(/^relay\.json is not JSON: .+$/);
  });

  it('that is not there, is a folder, or is huge, is refused in one line', () => {
    const missing = join(folder, 'no.json');
    expect(() => readConfig(missing)).toThrow(
      `cannot read the config file ${missing}: there is no such file`,
    );
    expect(() => readConfig(folder)).toThrow(/^cannot read the config file .*EISDIR/);
    expect(() => readConfig(file(' '.repeat(1024 * 1024 + 1)))).toThrow(/too large for a config file/);
  });
});

describe('which config file', () => {
  it('is said by --config, or else by POSTREEL_CONFIG', () => {
    const name = file('{"max-connections": 10}');
    const flags = new Map([['config', name]]);
    expect(loadSettings('relay', flags, { POSTREEL_CONFIG: '/nowhere' })).toMatchObject({
      config: name,
      maxConnections: 10,
    });
    expect(loadSettings('relay', new Map(), { POSTREEL_CONFIG: name }).maxConnections).toBe(10);
    expect(loadSettings('relay', new Map(), {}).maxConnections).toBe(5000);
  });
});
