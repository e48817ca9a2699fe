import { beforeEach, describe, expect, it } from 'vitest';
import { logEvents } from '../../cli/events.ts';
import { createLog, type Log, type LogOptions } from '../../cli/log.ts';

let lines: string[];
beforeEach(() => {
  lines = [];
});

function log(level: LogOptions['level'], format: LogOptions['format'] = 'json'): Promise<Log> {
  return createLog({ level, format, colour: false, lines: { write: (line) => void lines.push(line) } });
}

const messages = () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
const peer = { address: '192.0.2.1', port: 4242 };

describe('connections', () => {
  it('are for those who debug', async () => {
    const tell = logEvents(await log('info'));
    tell({ kind: 'opened', text: 'connected', conn: 7, peer });
    expect(lines).toEqual([]);
  });

  it('are told with their number, their address and what happened', async () => {
    const tell = logEvents(await log('debug'));
    tell({ kind: 'opened', text: 'connected', conn: 7, peer });
    tell({ kind: 'closed', text: 'the client\x1b[2J ended it', conn: 7, peer, fault: 0 });
    expect(messages()).toEqual([
      'connection 7 from 192.0.2.1:4242 opened: connected',
      'connection 7 from 192.0.2.1:4242 closed: the client\ufffd[2J ended it',
    ]);
    expect(JSON.parse(lines[1] as string)).toMatchObject({ event: 'closed', conn: 7, peer, fault: 0 });
  });
});

describe('warnings', () => {
  it('come at once, and then not more than once in ten seconds', async () => {
    let now = 0;
    const tell = logEvents(await log('info'), () => now);
    const full = { kind: 'limit', text: 'all connections are taken' } as const;
    for (let i = 0; i < 1000; i++) tell(full);
    tell({ kind: 'error', text: 'the listener broke' });
    now = 10_000;
    tell(full);
    now = 20_000;
    tell(full);
    expect(messages()).toEqual([
      'all connections are taken',
      'the listener broke',
      'all connections are taken (and 999 times since the last such line)',
      'all connections are taken',
    ]);
  });

  it('name the first of those whom a fault that the operator can mend befell, and count the others', async () => {
    let now = 0;
    const tell = logEvents(await log('info'), () => now);
    const refused = (conn: number) =>
      tell({ kind: 'closed', text: 'IPv6 has no\x07 place here', conn, peer, fault: 17, warn: true });
    for (let conn = 7; conn < 1000; conn++) refused(conn);
    now = 10_000;
    refused(1000);
    expect(messages()).toEqual([
      'connection 7 from 192.0.2.1:4242 closed: IPv6 has no\ufffd place here',
      'connection 1000 from 192.0.2.1:4242 closed: IPv6 has no\ufffd place here (and 992 times since the last such line)',
    ]);
  });

  it('are about the relay: a connection that broke is no more than news of that connection', async () => {
    const tell = logEvents(await log('info'));
    tell({ kind: 'error', text: 'read ECONNRESET', conn: 7, peer });
    expect(lines).toEqual([]);
  });
});

it('a log for people has a time, a level and a sentence in each line', async () => {
  const pretty = await log('info', 'pretty');
  pretty.info({ players: 3 }, 'something happened');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: something happened\n$/);
});
