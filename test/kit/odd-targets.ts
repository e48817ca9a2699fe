/** Targets of a replay that are no relays, and relays that take their time. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { HubContext, Millis } from '../../protocol/types.ts';
import { breakingHub, type Letter, Scene } from './breaking-hub.ts';
import { startRelay, type RunningRelay } from './recorded-relay.ts';
import type { Ports } from './replaying.ts';

/** Whoever connects is left to this. Gone when the test ends. */
export async function target(greet: (socket: Socket) => void): Promise<Ports> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    greet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { port, adhocctlPort: port };
}

/** Nobody is there. */
export async function nowhere(): Promise<Ports> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { port, adhocctlPort: port };
}

export interface Handled {
  readonly what: 'came' | 'left';
  readonly letter: Letter;
}

/** A postoffice that delivers everything so much later, and in order; tells what came when, and what left. */
export async function slowRelay(
  delayMs: Millis,
  handled: (what: Handled) => void = () => undefined,
): Promise<RunningRelay> {
  const scene = new Scene(postoffice);
  scene.breaker = {
    letter(letter) {
      handled({ what: 'came', letter });
      scene.inOrder(delayMs, () => {
        handled({ what: 'left', letter });
        scene.deliver(letter);
      });
      return true;
    },
  };
  onTestFinished(() => scene.stop());
  const createHub = (context: HubContext) => breakingHub(scene, context);
  return startRelay(null, [{ ...postoffice, createHub }]);
}

/** A postoffice that does not deliver what this says. */
export async function deafRelay(isLost: (letter: Letter) => boolean): Promise<RunningRelay> {
  const scene = new Scene(postoffice);
  scene.breaker = { letter: isLost };
  const createHub = (context: HubContext) => breakingHub(scene, context);
  return startRelay(null, [{ ...postoffice, createHub }]);
}
