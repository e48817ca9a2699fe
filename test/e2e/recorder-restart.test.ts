/** The recorder's thread dies while people play. In one process with the relay, so that it can be killed alone. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postoffice } from '../../dist/protocol/postoffice/index.js';
import { Recorder } from '../../dist/recorder/recorder.js';
import { Relay } from '../../dist/relay/relay.js';
import { captures, expectVerified, forwardedTexts, frames } from '../kit/capture-checks.ts';
import { run, temporaryFolder } from '../kit/program.ts';
import { Client, Init, pdp, player } from '../kit/socket-client.ts';

async function start(file: string) {
  const troubles: string[] = [];
  const recorder = await Recorder.open({
    file,
    policy: 'gap',
    flushMs: 20,
    version: 'test',
    onTrouble: (text) => troubles.push(text),
  });
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol: postoffice, port: 0 }],
    maxConnections: 100,
    tap: recorder.tap,
  });
  await relay.start();
  const { port } = relay.addresses[0] as { port: number };
  const a = await Client.open(port, Init.pdp, player(0));
  const b = await Client.open(port, Init.pdp, player(1));
  // A datagram that comes back shows that both are known.
  for (const [client, self] of [
    [a, player(0)],
    [b, player(1)],
  ] as const) {
    client.send(pdp(self, 'self'));
    await client.datagram();
  }
  return { recorder, relay, a, b, troubles };
}

test('a recorder that dies is started again, and the capture goes on without a hole', async () => {
  const file = join(temporaryFolder(), 'restart.db');
  const { recorder, relay, a, b, troubles } = await start(file);
  const expected = ['self', 'self'];
  for (let i = 0; i < 3000; i++) {
    a.send(pdp(player(1), `frame ${i}`));
    expected.push(`frame ${i}`);
    await b.datagram();
    if (i === 700 || i === 1900) await recorder.worker?.terminate();
  }
  await relay.stop(1000);
  await recorder.close();
  expect(troubles).toEqual([]);
  expect(await captures(file)).toMatchObject([{ ended: 'clean', gaps: 0 }]);
  expect(forwardedTexts(await frames(file))).toEqual(expected);
  await expectVerified(file);
  // What the ones that died knew of the sessions is gone with them.
  const { stdout, stderr } = await run(['sessions', file, '--json']);
  expect(JSON.parse(stdout)).toEqual([]);
  expect(stderr).toContain(`postreel index ${file}`);
  await run(['index', file]);
  expect(JSON.parse((await run(['sessions', file, '--json'])).stdout)).toMatchObject([
    { ended: 'stopped', players: [{}, {}] },
  ]);
});

test('one that keeps dying is given up: the relay goes on, says so, and counts what is lost', async () => {
  const file = join(temporaryFolder(), 'given-up.db');
  const { recorder, relay, a, b, troubles } = await start(file);
  for (let i = 0; troubles.length === 0 && i < 5000; i++) {
    a.send(pdp(player(1), `frame ${i}`));
    await b.datagram();
    await recorder.worker?.terminate();
  }
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toMatch(/nothing is recorded any more/);
  const before = recorder.status().framesLost;
  for (let i = 0; i < 10; i++) {
    a.send(pdp(player(1), 'still relayed'));
    expect((await b.datagram()).payload.toString()).toBe('still relayed');
  }
  expect(recorder.status().framesLost).toBe(before + 10);
  await relay.stop(1000);
  await recorder.close();
  expect(await captures(file)).toMatchObject([{ ended: 'unclean' }]);
  await expectVerified(file);
});
