import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { banner, readyJson, type BannerOptions, uiBanner, uiReadyJson } from '../../cli/banner.ts';
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

const listening = (host: string, ...protocols: Protocol[]) =>
  [protocol, ...protocols].map((each, i) => ({ protocol: each, host, port: 27_313 - i }));

const adhocctl: Protocol = { ...protocol, name: 'adhocctl', title: 'adhocctl (who plays with whom)' };

const usual: BannerOptions = {
  version: '1.2.3',
  addresses: listening('::'),
  http: { host: '127.0.0.1', port: 27_314 },
  guard: 'off',
  record: null,
  interfaces,
  paint: plain,
};

describe('the banner', () => {
  const everywhere = banner({ ...usual, record: { file: 'games.db', captureId: 4 } });

  it('says what runs, where it listens, what it serves and where it records', () => {
    expect(everywhere).toContain('  Postreel 1.2.3\n');
    expect(everywhere).toContain('  listens    aemu postoffice (PDP and PTP) on tcp port 27313\n');
    expect(everywhere).toContain('  dashboard  http://127.0.0.1:27314/\n');
    expect(everywhere).toContain('  records    games.db, capture 4\n');
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
    const text = banner({ ...usual, addresses: listening('192.0.2.7'), http: null });
    expect(text).toContain('on tcp 192.0.2.7:27313\n');
    expect(text).toContain('\n         192.0.2.7\n');
    expect(text).not.toContain('127.0.0.1');
  });

  it('says that nothing is recorded, and how to change that', () => {
    expect(banner(usual)).toContain('records    off; --record turns it on');
  });

  it('says what a guard does, where there is one', () => {
    expect(banner(usual)).not.toContain('guards');
    expect(banner({ ...usual, guard: 'login' })).toContain('  guards     only players who are logged in');
    expect(banner({ ...usual, guard: 'group' })).toContain('each in its own group\n');
  });

  it('names an address of this machine where HTTP is served on all', () => {
    const serves = (host: string) => banner({ ...usual, http: { host, port: 8080 } });
    expect(serves('0.0.0.0')).toContain('dashboard  http://127.0.0.1:8080/\n');
    expect(serves('::1')).toContain('dashboard  http://[::1]:8080/\n');
  });

  it('speaks of another control server only where this relay has none', () => {
    expect(everywhere).toContain('let another run beside it');
    const both = banner({ ...usual, addresses: listening('::', adhocctl) });
    expect(both).not.toContain('control server');
    expect(both).toContain('    2. type one of these');
  });

  it('asks for packet relay only where there is a packet relay', () => {
    const text = banner({ ...usual, addresses: listening('::', adhocctl).slice(1) });
    expect(text).not.toContain('packet relay');
    expect(text).toContain('    1. type one of these');
  });

  it('fits into 100 columns', () => {
    const guarded = banner({ ...usual, addresses: listening('::', adhocctl), guard: 'group' });
    for (const line of [...everywhere.split('\n'), ...guarded.split('\n')])
      expect(line.length).toBeLessThanOrEqual(100);
  });
});

it('the line for scripts is JSON with exactly what they rely on', () => {
  const http = { host: '127.0.0.1', port: 27_314 };
  const line = readyJson({ addresses: listening('::'), http, record: 'games.db', pid: 42 });
  expect(line).toBe(
    '{"ready":true,"listeners":{"postoffice":{"host":"::","port":27313}},' +
      '"http":{"host":"127.0.0.1","port":27314},"record":"games.db","pid":42}\n',
  );
  expect(readyJson({ addresses: [], http: null, record: null, pid: 1 })).toContain('"http":null');
});

describe('where somebody must name a token that was made up', () => {
  const http = { host: '0.0.0.0', port: 8080, token: 'abc-123' };

  it('the banner has it in the link, where no log of a server or proxy ever sees it', () => {
    expect(banner({ ...usual, http })).toContain('  dashboard  http://127.0.0.1:8080/#token=abc-123\n');
  });

  it('scripts are told as well', () => {
    const line = readyJson({ addresses: [], http, record: null, pid: 1 });
    expect(JSON.parse(line)).toMatchObject({ http });
  });
});

describe('the banner of a file that is shown without a relay', () => {
  const http = { host: '127.0.0.1', port: 8080 };
  const shown = { version: '1.2.3', http, taken: null, file: 'a.db', paint: plain };

  it('says what is shown, and where', () => {
    const text = uiBanner({ ...shown, file: 'a\u001b[2J.db' });
    expect(text).toContain('  Postreel 1.2.3\n');
    expect(text).toContain('  dashboard  http://127.0.0.1:8080/\n');
    expect(text).toContain('with Ctrl-C');
    expect(text).not.toContain('\u001b');
  });

  it('says why it is not on the usual port', () => {
    expect(uiBanner({ ...shown, taken: 8079 })).toContain(
      '  dashboard  http://127.0.0.1:8080/\n             (another program has port 8079)\n',
    );
    expect(uiBanner(shown)).not.toContain('another program');
  });

  it('is one line of JSON for scripts', () => {
    expect(uiReadyJson({ http, file: 'a.db', pid: 7 })).toBe(
      '{"ready":true,"http":{"host":"127.0.0.1","port":8080},"file":"a.db","pid":7}\n',
    );
  });
});

describe('of proxies', () => {
  const dpea = protocolByName('dpea') as Protocol;
  const proxies = [
    { protocol: dpea, host: '::', port: 5001, target: { address: 'game.example', port: 5002 } },
    { protocol: dpea, host: '127.0.0.2', port: 6001, target: { address: '::1', port: 5003 } },
  ];
  const addresses = [...listening('::'), ...proxies];

  it('the banner says where each leads', () => {
    const text = banner({ ...usual, addresses });
    expect(text).toContain('dpea point-to-point (dpea-p2p) on tcp port 5001, before game.example:5002\n');
    expect(text).toContain('on tcp 127.0.0.2:6001, before [::1]:5003\n');
  });

  it('scripts are told all, in the order in which they were given', () => {
    const ready = JSON.parse(readyJson({ addresses, http: null, record: null, pid: 1 })) as object;
    expect(ready).toMatchObject({
      listeners: {
        postoffice: { host: '::', port: 27_313 },
        dpea: [
          { host: '::', port: 5001, to: { host: 'game.example', port: 5002 } },
          { host: '127.0.0.2', port: 6001, to: { host: '::1', port: 5003 } },
        ],
      },
    });
  });
});
