/**
 * `postreel ui FILE`: the dashboard without a relay. Nobody plays through this process, so HTTP runs in it and needs no
 * thread of its own.
 */
import type { FastifyInstance } from 'fastify';
import { Failure } from '../../common/failure.ts';
import { monotonic, wallMicros } from '../../common/clock.ts';
import type { HttpAddress } from '../../dashboard/http-server.ts';
import { createApp } from '../../dashboard/server/app.ts';
import { createDashboard } from '../../dashboard/server/dashboard.ts';
import { listen } from '../../dashboard/server/listen.ts';
import { openArchive } from '../../dashboard/server/open-archive.ts';
import { Background } from '../background.ts';
import { uiBanner, uiReadyJson } from '../banner.ts';
import type { Context } from '../commands.ts';
import { httpAccess } from '../http-access.ts';
import { options } from '../options.ts';
import { errorLine } from '../report.ts';
import { SETTLE_MS, settleOrDie } from '../screen.ts';
import { handleSignals } from '../signals.ts';
import { paintFor } from '../style.ts';
import { programFile } from '../version.ts';

/** So many ports are tried from the usual one on. */
const PORTS_TRIED_MAX = 10;

export async function ui({ settings, file, version }: Context): Promise<number> {
  const { http: port, httpHost, readyJson } = settings;
  if (port === null) throw new Failure('input', 'bad-usage', 'postreel ui is nothing without HTTP');
  const out = new Background(1);
  const err = new Background(2);
  const asked = new Promise<string>((resolve) => {
    const leave = (exitCode: number) => process.exit(exitCode);
    handleSignals({ stop: resolve, leave, reload: () => undefined }, process.env);
  });
  const dashboard = await createDashboard({
    version,
    archive: openArchive(file),
    backend: null,
    program: programFile(),
    clock: monotonic,
    wallMicros,
    onMistake: (error) => err.write(`${errorLine(error)}\n`),
  });
  const { madeUp, ...access } = httpAccess(settings);
  const app = createApp(dashboard, { ...access, hasControlServer: false });
  const address = await listenNear(app, httpHost, port);
  const http = madeUp === null ? address : { ...address, token: madeUp };
  out.write(
    readyJson
      ? uiReadyJson({ http, file, pid: process.pid })
      : uiBanner({ version, http, taken: otherThan(port, address), file, paint: paintFor(1, process.env) }),
  );
  await out.settle(SETTLE_MS);
  await asked;
  await app.close();
  await settleOrDie(out, err);
  return 0;
}

/** A relay that runs beside it has the usual port: then it is the next one that is free, if nobody has asked for another. */
async function listenNear(app: FastifyInstance, host: string, port: number): Promise<HttpAddress> {
  const last = port === options.http.fallback ? port + PORTS_TRIED_MAX - 1 : port;
  for (let next = port; ; next++) {
    try {
      return await listen(app, host, next);
    } catch (error) {
      if (next >= last || !(error instanceof Failure) || error.code !== 'port-in-use') throw error;
    }
  }
}

/** The port that was to be, where it became another. */
function otherThan(port: number, { port: taken }: HttpAddress): number | null {
  return port === 0 || port === taken ? null : port;
}
