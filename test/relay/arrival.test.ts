/** When a frame counts as arrived: what an end sets off begins with the end, not with the last bytes. */
import { expect, onTestFinished, test } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import { protocolByName } from '../../protocol/registry.ts';
import { RELAY, type Millis, type Tap } from '../../protocol/types.ts';
import { Relay } from '../../relay/relay.ts';
import { ControlClient } from '../kit/control-client.ts';
import { player } from '../kit/socket-client.ts';

interface Noted {
  readonly kind: string;
  readonly arrived: Millis;
  readonly at: Millis;
}

const nothing = () => undefined;

/** Notes what the relay itself writes. */
function noting(): { tap: Tap; noted: Noted[] } {
  const noted: Noted[] = [];
  const { frames } = protocolByName('adhocctl')!;
  const tap: Tap = {
    opened: nothing,
    identified: nothing,
    hop(from, _to, kind, _outcome, _bytes, _at, _end, arrived) {
      if (from === RELAY) noted.push({ kind: frames[kind]!.name, arrived, at: monotonic() });
      return -1;
    },
    amend: nothing,
    departed: nothing,
    undelivered: nothing,
    closed: nothing,
    turned: nothing,
    attach: nothing,
  };
  return { tap, noted };
}

async function lobby(): Promise<{ noted: Noted[]; ann: ControlClient; bob: ControlClient }> {
  const { tap, noted } = noting();
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: [{ protocol: protocolByName('adhocctl')!, port: 0 }],
    maxConnections: 10,
    tap,
  });
  await relay.start();
  onTestFinished(() => relay.stop(100));
  const { port } = relay.addresses[0]!;
  const ann = await ControlClient.logIn(port, { mac: player(1).mac, nickname: 'Ann' });
  await ann.join('G');
  const bob = await ControlClient.logIn(port, { mac: player(2).mac, nickname: 'Bob' });
  await bob.join('G');
  expect((await ann.next())[0]).toBe(2);
  return { noted, ann, bob };
}

test.each([
  ['ends', (bob: ControlClient) => bob.end()],
  ['breaks', (bob: ControlClient) => bob.client.socket.resetAndDestroy()],
])('a member who %s is announced as gone from that moment on', async (_, go) => {
  const { noted, ann, bob } = await lobby();
  await new Promise((resolve) => setTimeout(resolve, 300));
  go(bob);
  expect((await ann.next())[0]).toBe(3);
  const farewell = noted.at(-1)!;
  expect(farewell.kind).toBe('peer-disconnected');
  expect(farewell.at - farewell.arrived).toBeLessThan(100);
});
