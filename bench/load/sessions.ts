/** Opens sessions, and knows of each that it is open before anything is measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientInit } from './client.ts';
import { address, datagram, init, PDP, PTP, type Shape } from './wire.ts';

type OnFrame = ClientInit['onFrame'];

/** The init, and a datagram to itself. */
export const PDP_ROWS = 2;
/** Three inits, the request, and an answer to either end. */
export const PTP_ROWS = 6;

const PROBE_BYTES = 16;
/** Few enough for any relay's queue of connections to accept. */
const AT_A_TIME = 64;

/** The session is open when a datagram to itself has come back. */
export function openPdp(port: number, id: number, shape: Shape, onFrame: OnFrame): Client {
  const probe = datagram(id, PROBE_BYTES);
  return new Client({ port, hello: Buffer.concat([init('pdp', id), probe]), answer: probe, shape, onFrame });
}

/** Makes them a few at a time, and waits for all. */
export async function openMany<T extends { readonly client: Client }>(
  count: number,
  make: (index: number) => T,
): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const some = Array.from({ length: Math.min(AT_A_TIME, count - made.length) }, (_, i) =>
      make(made.length + i),
    );
    await Promise.all(some.map((each) => each.client.opened));
    made.push(...some);
  }
  return made;
}

const unexpected: OnFrame = () => {
  throw new Error('a frame came to somebody to whom nothing was sent');
};

/** A stream from `connector` to `listener`, by all the steps that it takes. */
export async function openPtp(
  port: number,
  connector: number,
  listener: number,
  onFrame: OnFrame,
): Promise<{ sender: Client; receiver: Client }> {
  const common = { port, shape: PTP, onFrame: unexpected };
  const asked = new Client({
    ...common,
    shape: PDP,
    hello: init('listen', listener),
    answer: address(connector),
  });
  // Nothing tells a listener that it is known by now, and not every relay lets a connector wait for it.
  await sleep(100);
  const sender = new Client({
    ...common,
    hello: init('connect', connector, listener),
    answer: address(listener),
  });
  await asked.opened;
  const receiver = new Client({
    ...common,
    hello: init('accept', listener, connector),
    answer: address(connector),
    onFrame,
  });
  await Promise.all([sender.opened, receiver.opened]);
  return { sender, receiver };
}
