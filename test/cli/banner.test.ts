import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { banner, readyJson } from '../../cli/banner.ts';
import { plain } from '../../cli/style.ts';
import { protocolByName } from '../../protocol/registry.ts';
import type { Protocol } from '../../protocol/types.ts';

const protocol = protocolByName('postoffice') as Protocol;
const info = (address: string, more: object = {}) =>
  ({ address, family: 'IPv4', internal: false, ...more }) as NetworkInterfaceInfo;

const interfaces = {
  lo: [info('127.0.0.1', { internal: true })],
  eth0: [info('192.0.2.7'), info('fe80::1', { family: 'IPv6' })],
  wlan0: [info('198.51.100.7')],
};

const listening = (host: string) => [{ protocol, host, port: 27_313 }];

describe('the banner', () => {
  const everywhere = banner({
    version: '1.2.3',
    addresses: listening('::'),
    record: { file: 'games.db', captureId: 4 },
    interfaces,
    paint: plain,
  });

  it('says what runs, where it listens and where it records', () => {
    expect(everywhere).toContain('  Postreel 1.2.3\n');
    expect(everywhere).toContain('  listens  aemu postoffice (PDP and PTP) on tcp port 27313\n');
    expect(everywhere).toContain('  records  games.db, capture 4\n');
    expect(everywhere).toContain('with Ctrl-C');
  });

  it('lists the addresses that other machines and this one can type', () => {
    const typed = everywhere.split('\n').filter((line) => /^ {9}\S/.test(line));
    expect(typed).toEqual([
      '         192.0.2.7     from other machines (eth0)',
      '         198.51.100.7  from other machines (wlan0)',
      '         127.0.0.1     on this machine',
    ]);
  });

  it('lists the one address where there is only that', () => {
    const text = banner({
      version: '1',
      addresses: listening('192.0.2.7'),
      record: null,
      interfaces,
      paint: plain,
    });
    expect(text).toContain('on tcp 192.0.2.7:27313\n');
    expect(text).toContain('\n         192.0.2.7\n');
    expect(text).not.toContain('127.0.0.1');
  });

  it('says that nothing is recorded, and how to change that', () => {
    const text = banner({ version: '1', addresses: listening('::'), record: null, interfaces, paint: plain });
    expect(text).toContain('records  off; --record turns it on');
  });

  it('fits into 100 columns', () => {
    for (const line of everywhere.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

it('the line for scripts is JSON with exactly what they rely on', () => {
  const line = readyJson(listening('::'), 'games.db', 42);
  expect(line).toBe(
    '{"ready":true,"listeners":{"postoffice":{"host":"::","port":27313}},"record":"games.db","pid":42}\n',
  );
});
