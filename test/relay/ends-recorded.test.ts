/** In which order ends are recorded: after what they came of, and before what comes of them. */
import { expect, onTestFinished, test } from 'vitest';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { describeFault } from '../../protocol/fault.ts';
import { kindName } from '../../protocol/kind.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { Protocol, Tap } from '../../protocol/types.ts';
import { connect, login, person } from '../kit/adhocctl-wire.ts';
import { startRelay } from '../kit/recorded-relay.ts';
import { Client, Init, init, player, ptp, streamPair } from '../kit/socket-client.ts';

/** What is recorded, in words: `1 -> 2 ptp`, `2 closed partner-gone`. */
function wordTap(protocol: Protocol): { readonly tap: Tap; readonly words: string[] } {
  const words: string[] = [];
  const nothing = (): void => undefined;
  const tap: Tap = {
    opened: nothing,
    identified: nothing,
    hop: (from, to, kind) => words.push(`${from} -> ${to} ${kindName(protocol, kind)}`),
    amend: nothing,
    departed: nothing,
    undelivered: nothing,
    closed: (conn, fault) => words.push(`${conn} closed ${describeFault(protocol, fault).name}`),
    turned: nothing,
    attach: nothing,
  };
  return { tap, words };
}

async function recordedBy(protocol: Protocol, play: (port: number) => Promise<void>): Promise<string[]> {
  const { tap, words } = wordTap(protocol);
  const relay = await startRelay(tap, [protocol]);
  await play(relay.portOf(protocol));
  await relay.stop();
  return words;
}

test('the end of a client comes before that of the other end of its pair, which still takes what is queued', async () => {
  const words = await recordedBy(postoffice, async (port) => {
    const [caller, called, listener] = await streamPair(port, player(1), player(2));
    caller.send(ptp('the end'));
    caller.end();
    await called.rest();
    await caller.closed;
    listener.end();
    await listener.closed;
  });
  expect(words.slice(-4)).toEqual([
    '2 -> 3 ptp',
    '2 closed ended',
    '3 closed partner-gone',
    '1 closed ended',
  ]);
});

test('bytes that end a connection come before its end, and that before the end of its pair', async () => {
  const words = await recordedBy(postoffice, async (port) => {
    const [caller, called, listener] = await streamPair(port, player(1), player(2));
    caller.send(Buffer.alloc(100, 0xff));
    await Promise.all([caller.closed, called.closed]);
    listener.end();
    await listener.closed;
  });
  expect(words.slice(-4)).toEqual([
    '2 -> 0 unframed',
    '2 closed too-long',
    '3 closed partner-gone',
    '1 closed ended',
  ]);
});

test('what a held connection has said too early comes before its end', async () => {
  const words = await recordedBy(postoffice, async (port) => {
    const early = await Client.open(port, Init.connect, player(1), player(2), ptp('early'));
    const again = new Client(port);
    onTestFinished(() => again.destroy());
    again.send(init(Init.connect, player(1), player(2)));
    await early.closed;
  });
  expect(words.slice(1, 4)).toEqual(['2 -> 0 ptp-connect', '1 -> 0 unframed', '1 closed replaced']);
});

test('the end of a member comes before the others are told of it', async () => {
  const words = await recordedBy(adhocctl, async (port) => {
    const members = ['02aabbccdd01', '02aabbccdd02'].map((mac) => {
      const client = new Client(port);
      client.send(Buffer.concat([login(person(mac, mac.slice(-1))), connect('ROOM')]));
      return client;
    });
    const [one, two] = members as [Client, Client];
    await Promise.all([one.take(7 + 139), two.take(7 + 139)]);
    one.end();
    await two.take(5);
    two.end();
    await two.closed;
  });
  const end = words.findIndex((each) => each.endsWith(' closed ended'));
  expect(words[end + 1]).toMatch(/^0 -> \d peer-disconnected$/);
});
