/** What GATE.PUNCH does where there is too much of something. */
import { expect, test } from 'vitest';
import { SERVERS_MAX, WAITING_MAX } from '../../../protocol/gatepunch/hub.ts';
import { gatepunch } from '../../../protocol/gatepunch/index.ts';
import { LINE_BYTES_MAX, LOBBY_BYTES_MAX } from '../../../protocol/gatepunch/layout.ts';
import { PORT_KEPT_MS, Ports, PORTS_MAX } from '../../../protocol/gatepunch/ports.ts';
import { command, introduced, lobby2, notFound, reg2 } from '../../kit/gatepunch-wire.ts';
import { transcript } from '../../kit/transcript.ts';

function ip(n: number): string {
  return `10.0.${n >> 8}.${n & 255}`;
}

test('of more servers than there may be the newcomer is turned away, and those that are there may register anew', () =>
  transcript(gatepunch, ({ client }) => {
    const servers = Array.from({ length: SERVERS_MAX }, (_, n) =>
      client(`server ${n}`, ip(n)).sends(command('reg')),
    );
    client('one more', '192.0.2.200').sends(command('reg')).isClosed('lobby-full');
    servers[0]!.sends(command('reg'));
    client('newer of the first', ip(0)).sends(command('reg'));
    servers[1]!.ends();
    client('another', '192.0.2.201').sends(command('reg'));
  }));

test('of more who wait than may the newcomer is refused at once', () =>
  transcript(gatepunch, ({ client, datagrams, at }) => {
    const server = client('server', '192.0.2.1').sends(command('reg'));
    const waiting = Array.from({ length: WAITING_MAX }, (_, n) =>
      client(`client ${n}`, ip(n)).sends(command('connect', '192.0.2.1')),
    );
    const late = client('late', '192.0.2.2').sends(command('connect', '192.0.2.1')).hears(notFound);
    // Who waits already may think better of it.
    waiting[0]!.sends(command('connect', '192.0.2.1'));
    waiting[1]!.ends();
    late.sends(command('connect', '192.0.2.1'));
    datagrams('server’s UDP', '192.0.2.1', 7).sends(command('reg'));
    datagrams('late’s UDP', '192.0.2.2', 8).sends(command('connect'));
    late.hears(introduced('192.0.2.1', 7));
    server.hears(introduced('192.0.2.2', 8));
    at(1);
    for (const [n, each] of [...waiting.slice(2), waiting[0]!].entries()) if (n >= 0) each.hears(notFound);
  }));

test('of more addresses than are kept the oldest is forgotten', () => {
  const ports = new Ports();
  for (let n = 0; n < PORTS_MAX; n++) ports.hear(ip(n), n, 0);
  ports.hear(ip(0), 77, 1);
  ports.hear('192.0.2.1', 99, 2);
  expect(ports.size).toBe(PORTS_MAX);
  expect([ports.of(ip(0)), ports.of(ip(1)), ports.of(ip(2)), ports.of('192.0.2.1')]).toEqual([
    77,
    null,
    2,
    99,
  ]);
  ports.expire(PORT_KEPT_MS);
  expect(ports.size).toBe(2);
  expect(ports.deadline).toBe(PORT_KEPT_MS + 1);
  ports.forget(ip(0));
  ports.forget('192.0.2.1');
  expect(ports.deadline).toBe(Infinity);
});

test('a lobby that would be too long shows as many as fit', () =>
  transcript(gatepunch, ({ client, top }) => {
    const data = Array.from({ length: 8 }, () => '"'.repeat(LINE_BYTES_MAX));
    for (let n = 0; n < 100; n++) client(`server ${n}`, ip(n)).sends(reg2('1.2.0', ...data));
    const asking = client('client').sends(lobby2());
    const answer = top.happenings.at(-1);
    const bytes = answer?.what === 'sent' ? answer.bytes : new Uint8Array(0);
    const listed = JSON.parse(Buffer.from(bytes.subarray(1)).toString()) as { ip: string; data8: string }[];
    const each = (LOBBY_BYTES_MAX - 2) / (JSON.stringify(listed[0]).length + 1);
    expect(listed).toHaveLength(Math.floor(each));
    expect(listed.map((server) => server.ip)).toEqual(listed.map((_, n) => ip(n)));
    expect(listed[0]?.data8).toBe(data[7]);
    asking.hears(bytes);
  }));
