/** What a person sees of a tunnel, and what a script does. */
import { describe, expect, it } from 'vitest';
import { tunnelBanner, tunnelReadyJson } from '../../cli/banner.ts';
import { Repeats } from '../../cli/events.ts';
import { plain } from '../../cli/style.ts';
import { tunnelStatusText } from '../../cli/tunnel-status.ts';
import { hostPort, readHostPort, relayName } from '../../cli/values.ts';

const ends = {
  ...{ name: 'home', peer: 'away', relay: { host: '::1', port: 8080 } },
  ...{ listen: null, forward: { host: '127.0.0.1', port: 80 } },
};

describe('a tunnel', () => {
  it('says which end it is, what it does with connections, and how it stops', () => {
    const text = tunnelBanner({ ...ends, version: '1.2.3', paint: plain });
    expect(text).toContain('  Postreel 1.2.3, tunnel\n');
    expect(text).toContain('  relay     [::1]:8080, where this end is home and the other away\n');
    expect(text).toContain('  forwards  what away carries here to 127.0.0.1:80\n');
    expect(text).not.toContain('listens');
    const both = tunnelBanner({
      ...ends,
      listen: { host: '127.0.0.1', port: 9 },
      version: '1',
      paint: plain,
    });
    expect(both).toContain('  listens   on tcp 127.0.0.1:9, and carries what comes there to away\n');
  });

  it('tells a script where it listens, in one line', () => {
    expect(tunnelReadyJson({ ...ends, pid: 7 })).toBe(
      '{"ready":true,"name":"home","peer":"away","relay":{"host":"::1","port":8080},"listen":null,' +
        '"forward":{"host":"127.0.0.1","port":80},"pid":7}\n',
    );
  });

  it('has a status line', () => {
    const before = { link: 'no peer', taken: 0, made: 0, bytesIn: 100, bytesOut: 0 } as const;
    const now = { link: 'together', taken: 1, made: 2, bytesIn: 1_200_100, bytesOut: 500 } as const;
    expect(tunnelStatusText(before, now, 500)).toBe(
      'both ends are there | 1 connection taken, 2 made | in 2.4 MB/s, out 1.0 kB/s',
    );
    expect(tunnelStatusText(before, before, 500)).toMatch(/^waits for the other end \| /);
  });
});

it('a name at the relay is 1 to 64 bytes without | and without what moves a cursor', () => {
  const { fromText } = relayName(64);
  for (const name of ['a', 'ä b', 'x'.repeat(64), 'ä'.repeat(32)]) expect(fromText(name)).toBe(name);
  for (const name of ['', 'a|b', 'a\n', '\x1b[2J', 'x'.repeat(65), 'ä'.repeat(33)])
    expect(fromText(name)).toBeUndefined();
});

it('where something listens may leave the port to the system; where something is may not', () => {
  expect(hostPort(0).fromText('127.0.0.1:0')).toBe('127.0.0.1:0');
  expect(hostPort().fromText('127.0.0.1:0')).toBeUndefined();
  expect(readHostPort('127.0.0.1:0', 0)).toEqual({ host: '127.0.0.1', port: 0 });
});

it('a warning that repeats is told of once in a while, with how often it was not', () => {
  let now = 0;
  const repeats = new Repeats(() => now);
  const line = (text: string) => repeats.line(text, `log: ${text}`);
  expect([line('a'), line('a'), line('b'), line('a')]).toEqual(['log: a', null, 'log: b', null]);
  now = 10_000;
  expect(line('a')).toBe('log: a (and 2 times since the last such line)');
});
