import { describe, expect, it } from 'vitest';
import {
  allOptions,
  COMMANDS,
  environmentName,
  flagText,
  listenerOptions,
  options,
  optionsOf,
  withoutText,
} from '../../cli/options.ts';
import { protocols } from '../../protocol/registry.ts';

describe('the table of options', () => {
  it('names each option of a command once, in one way from which all its names follow', () => {
    for (const command of COMMANDS) {
      const names = optionsOf(command).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(new Set(optionsOf(command).map(environmentName)).size).toBe(names.length);
    }
    for (const { name } of allOptions) expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/);
    for (const [key, spec] of Object.entries(options)) {
      // Where there is a verdict, `--json` may go to a file; a tunnel listens on an address, a replay on a port.
      if (spec !== options.verdictFile && spec !== options.tunnelListen)
        expect(key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)).toBe(spec.name);
    }
  });

  it('derives the names that scripts rely on', () => {
    expect(environmentName(options.maxConnections)).toBe('POSTREEL_MAX_CONNECTIONS');
    expect(flagText(options.record)).toBe('--record [FILE]');
    expect(flagText(options.recordPolicy)).toBe('--record-policy gap|block');
    expect(flagText(options.json)).toBe('--json');
  });

  it.each(allOptions)('--$name says what it does, what it takes and who takes it', (spec) => {
    expect(spec.help).toMatch(/^[A-Z].*[^.]$/);
    expect(spec.value.accepts).not.toBe('');
    expect(spec.commands.length).toBeGreaterThan(0);
    expect(COMMANDS).toEqual(expect.arrayContaining([...spec.commands]));
  });

  it.each(allOptions)('--$name accepts its own default, as text and as JSON', (spec) => {
    if (spec.fallback === null) return;
    expect(spec.value.fromText(String(spec.fallback))).toBe(spec.fallback);
    expect(spec.value.fromJson(spec.fallback)).toBe(spec.fallback);
  });

  it.each(allOptions)('--$name refuses what makes no sense, wherever it comes from', (spec) => {
    expect(spec.value.fromText('\0')).toBeUndefined();
    for (const value of [undefined, {}, [], Number.NaN, -1.5, 1e99, '', '\n', 'x'.repeat(5000)]) {
      expect(spec.value.fromJson(value)).toBeUndefined();
    }
  });

  it('has a port for every protocol of the registry: its own, or none where it must be asked for', () => {
    expect(listenerOptions.map(({ name, fallback }) => [name, fallback])).toEqual(
      protocols.map(({ name, port, isOptional }) => [name, isOptional ? null : port]),
    );
  });

  it('can turn HTTP and every listener off that is on, and says what that means', () => {
    const without = allOptions.filter((spec) => spec.without !== null);
    const on = listenerOptions.filter(({ fallback }) => fallback !== null);
    expect(without).toEqual(expect.arrayContaining([...on, options.http]));
    for (const spec of without) {
      expect(spec.without).toMatch(/^[A-Z].*[^.]$/);
      expect(withoutText(spec)).toBe(`--no-${spec.name}`);
      // What is only there or not is off; of all else there is none.
      const off = spec.placeholder === null ? false : null;
      expect([spec.value.fromText('off'), spec.value.fromJson(false)]).toEqual([off, off]);
      if (off === false) continue;
      // A port that the system picks is not no port.
      expect([spec.value.fromText('0'), spec.value.fromJson(0)]).toEqual([0, 0]);
    }
  });

  it('shows nobody what the token and the key are', () => {
    expect(allOptions.filter(({ isSecret }) => isSecret)).toEqual([options.alphanetKey, options.httpToken]);
  });

  it('gives every command an option for the config file and for the log level', () => {
    for (const command of COMMANDS) {
      expect(optionsOf(command)).toEqual(expect.arrayContaining([options.config, options.logLevel]));
    }
  });
});
