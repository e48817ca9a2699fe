/** Opens the HTTP port, or says in one line why not. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Failure } from '../../common/failure.ts';

/** Answers where it listens. Rejects with a `Failure`: `port-in-use`, `port-not-allowed`, `no-such-host`, `cannot-listen`. */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<{ host: string; port: number }> {
  try {
    await app.ready();
    // Not by the application's own `listen`, which makes more servers than one for a name, without their limits.
    app.server.listen({ host, port });
    await once(app.server, 'listening');
  } catch (error) {
    throw listenFailure(host, port, error as NodeJS.ErrnoException);
  }
  const { address, port: taken } = app.server.address() as AddressInfo;
  return { host: address, port: taken };
}

const reasons: Readonly<Record<string, readonly [code: string, why: string]>> = {
  EADDRINUSE: ['port-in-use', 'another program already does (--http names another port)'],
  EACCES: ['port-not-allowed', 'this user may not (ports below 1024 need rights)'],
  EADDRNOTAVAIL: ['no-such-host', 'this machine has no such address'],
  ENOTFOUND: ['no-such-host', 'this machine has no such address'],
  EAI_AGAIN: ['no-such-host', 'this machine has no such address'],
};

function listenFailure(host: string, port: number, error: NodeJS.ErrnoException): Failure {
  const [code, why] = reasons[error.code ?? ''] ?? ['cannot-listen', error.message];
  return new Failure('outside', code, `http cannot listen on ${host} port ${port}: ${why}`, error);
}
