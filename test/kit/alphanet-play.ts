/** Clients of AlphaNET on real sockets, who find each other by the addresses that the relay gives them. */
import { kindName } from '../../protocol/kind.ts';
import { alphanet } from '../../protocol/alphanet/index.ts';
import { dissect, encode, type FieldValue, flat } from '../../protocol/layout.ts';
import { heap, span } from '../../protocol/memory.ts';
import { Reader } from '../../protocol/reader.ts';
import { Direction, type FrameSpec } from '../../protocol/types.ts';
import { Client } from './socket-client.ts';

type Values = Readonly<Record<string, FieldValue>>;

export interface Heard {
  readonly kind: string;
  readonly values: Values;
}

export class AlphanetPlayer {
  readonly client: Client;
  ip = '';
  readonly #heard: Heard[] = [];
  #wake: () => void = () => undefined;

  private constructor(port: number) {
    this.client = new Client(port);
    const reader = new Reader(alphanet, Direction.toPeer, heap, {
      frame: ({ kind, bytes, at, end }) => {
        const rows = flat(dissect(alphanet.frames[kind] as FrameSpec, bytes.slice(at, end)));
        const values = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
        this.#heard.push({ kind: kindName(alphanet, kind), values });
        this.#wake();
      },
      fault: () => undefined,
      leftover: () => undefined,
    });
    this.client.socket.on('data', (chunk: Buffer) => {
      const copy = span(Uint8Array.from(chunk));
      reader.push(copy, 0, chunk.length);
    });
  }

  static async enter(port: number): Promise<AlphanetPlayer> {
    const player = new AlphanetPlayer(port);
    const { values } = await player.hears('virtual-ip');
    player.ip = values['ip'] as string;
    return player;
  }

  says(kind: string, values: Values): void {
    const spec = alphanet.frames.find(({ name }) => name === kind) as FrameSpec;
    this.client.send(Buffer.from(encode(spec, values)));
  }

  /** The next frame, which must be of this kind. */
  async hears(kind: string): Promise<Heard> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    const next = this.#heard.shift() as Heard;
    if (next.kind !== kind) throw new Error(`${next.kind} came instead of ${kind}`);
    return next;
  }

  async leaves(): Promise<void> {
    this.client.end();
    await this.client.closed;
  }
}

const PORT = 80;
const OWN_PORT = 4000;

/** From one to the other's socket. */
export function between(one: AlphanetPlayer, other: AlphanetPlayer): Values {
  return { source: one.ip, source_port: OWN_PORT, destination: other.ip, destination_port: PORT };
}

function back(one: AlphanetPlayer, other: AlphanetPlayer): Values {
  return { source: one.ip, source_port: PORT, destination: other.ip, destination_port: OWN_PORT };
}

function words(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/** All that two can do with each other, and what a third tries in the name of one of them. */
export async function playAlphanet(port: number): Promise<void> {
  const ann = await AlphanetPlayer.enter(port);
  const bob = await AlphanetPlayer.enter(port);
  const cat = await AlphanetPlayer.enter(port);
  ann.says('socket-status-request', between(ann, bob));
  const { values: asked } = await bob.hears('socket-status-request-delivered');
  bob.says('socket-status-response', {
    open: 1,
    listening: 1,
    destination: asked['destination'] as string,
    destination_port: asked['destination_port'] as number,
  });
  await ann.hears('socket-status');
  ann.says('socket-connection-request', between(ann, bob));
  await bob.hears('socket-connection-request-delivered');
  bob.says('socket-connection-status', { connected: 1 });
  await ann.hears('socket-connection-status-delivered');
  for (let turn = 1; turn <= 3; turn++) {
    ann.says('data', { ...between(ann, bob), payload: words(`ann ${turn}`) });
    await bob.hears('data-delivered');
    bob.says('data', { ...back(bob, ann), payload: words(`bob ${turn} hears ann`) });
    await ann.hears('data-delivered');
  }
  // Not hers to say.
  cat.says('data', { ...between(ann, bob), payload: words('I am Ann') });
  cat.says('socket-connection-request', between(ann, bob));
  cat.says('data', { ...between(cat, bob), payload: words('there is no such connection') });
  await cat.hears('request-failed-delivered');
  ann.says('socket-status-request', { ...between(ann, bob), destination: '203.0.113.7' });
  await ann.hears('socket-status-response-delivered');
  await ann.hears('request-failed-delivered');
  ann.says('socket-closed', between(ann, bob));
  await bob.hears('socket-closed-delivered');
  for (const each of [cat, ann, bob]) await each.leaves();
}
