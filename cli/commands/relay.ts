/**
 * `postreel relay`: where the running program is put together. The recorder opens before the relay
 * listens, so that not even the first frame is missed, and closes after it, so that not the last. HTTP is there
 * before players are, because the relay is not to start where a part of it cannot.
 */
import { networkInterfaces } from 'node:os';
import { monotonic } from '../../common/clock.ts';
import { HttpServer } from '../../dashboard/http-server.ts';
import { type GameTable, noGames } from '../../protocol/adhocctl/games.ts';
import { Guard } from '../../protocol/guard.ts';
import type { ListedPlayer } from '../../protocol/guard-list.ts';
import type { Recorder } from '../../recorder/recorder.ts';
import { Relay } from '../../relay/relay.ts';
import { Background } from '../background.ts';
import { banner, httpText, leadsText, listenersJson, readyJson, whereText } from '../banner.ts';
import type { Context } from '../commands.ts';
import { hasControlServer } from '../contradictions.ts';
import { logEvents } from '../events.ts';
import { printable } from '../../common/printable.ts';
import { bytesText, countText, plural } from '../format.ts';
import { figuresOf } from '../figures.ts';
import { readGameDb } from '../game-db.ts';
import { type HubMemory, listenersOf, openHubMemory } from '../hubs.ts';
import { httpAccess, type HttpAccess } from '../http-access.ts';
import { createLog, type Log } from '../log.ts';
import { afterReload, reloadText } from '../reload.ts';
import { errorLine } from '../report.ts';
import { findLive, Screen, SETTLE_MS, settleOrDie } from '../screen.ts';
import { programFile } from '../version.ts';
import { unknownVariables, type Settings } from '../settings.ts';
import { handleSignals } from '../signals.ts';
import { isNews, statusText, StatusWindow, type Figures } from '../status.ts';
import { paintFor, wantsColour } from '../style.ts';

/** How long queued bytes may take to leave when the relay stops. */
const STOP_MS = 2000;

const LIVE_STATUS_MS = 1000;
const LOGGED_STATUS_MS = 60_000;

export async function relay({ settings, version, reload }: Context): Promise<number> {
  const out = new Background(1);
  const err = new Background(2);
  const live = findLive(!settings.readyJson, process.env);
  const colour = wantsColour(live?.fd ?? 2, process.env);
  const screen = new Screen(err, live && { lines: live.fd === 1 ? out : err, columns: live.columns }, colour);
  const log = await createLog({
    level: settings.logLevel,
    format: settings.logFormat,
    colour: wantsColour(2, process.env),
    lines: screen,
  });

  for (const name of unknownVariables(process.env))
    log.warn(`${name} is set in the environment, but there is no such option`);

  let reloadNow = (): void => undefined;
  const asked = new Promise<string>((resolve) => {
    const leave = (exitCode: number) => void settleOrDie(out, err).then(() => process.exit(exitCode));
    handleSignals({ stop: resolve, leave, reload: () => reloadNow() }, process.env);
  });

  const games = settings.gameDb === null ? noGames : await readGameDb(settings.gameDb);
  const recorder =
    settings.record === null ? null : await openRecorder(settings.record, settings, version, log);
  const access = httpAccess(settings);
  const { relay, http, memory } = await start(settings, version, games, recorder, access, log);
  reloadNow = reloader(settings, reload, relay, recorder, log);
  out.write(announcement(settings, version, relay, http, recorder, access.madeUp));
  if (live === null || settings.readyJson) logStart(relay, http, recorder, log);
  await out.settle(SETTLE_MS);
  const status = live === null ? logStatus(relay, recorder, err, log) : showStatus(relay, recorder, screen);

  const why = await asked;
  clearInterval(status);
  screen.clear();
  log.info(`${why}: stopping`);
  await Promise.all([http?.stop(), relay.stop(STOP_MS)]);
  const remembered = await isClosed(memory, log);
  const recorded = await closeRecorder(recorder, log);
  log.info(summary(relay, recorder));
  await settleOrDie(out, err);
  return recorded && remembered ? 0 : 3;
}

/** The recorder's module brings the database with it, so it is loaded only where something is recorded. */
async function openRecorder(file: string, settings: Settings, version: string, log: Log): Promise<Recorder> {
  const { Recorder } = await import('../../recorder/recorder.ts');
  return Recorder.open({
    file,
    policy: settings.recordPolicy,
    flushMs: settings.recordFlush,
    version,
    names: settings.names,
    onTrouble: (text, recovered) => {
      if (recovered) log.warn(`recording goes on: ${printable(text)}`);
      else log.error(`RECORDING IS IN TROUBLE: ${printable(text)}`);
    },
  });
}

/** Whether all that was to be recorded is in the file, or declared there as lost. */
async function closeRecorder(recorder: Recorder | null, log: Log): Promise<boolean> {
  try {
    await recorder?.close();
  } catch (error) {
    log.error(errorLine(error));
    return false;
  }
  return (recorder?.status().trouble ?? null) === null;
}

/** Whether all that hubs were to remember is kept. */
async function isClosed(memory: HubMemory, log: Log): Promise<boolean> {
  try {
    await memory.close();
    return true;
  } catch (error) {
    log.error(errorLine(error));
    return false;
  }
}

interface Started {
  readonly relay: Relay;
  readonly memory: HubMemory;
  /** Null if there is to be none. */
  readonly http: HttpServer | null;
}

async function start(
  settings: Settings,
  version: string,
  games: GameTable,
  recorder: Recorder | null,
  access: HttpAccess,
  log: Log,
): Promise<Started> {
  const memory = await openMemory(settings, recorder, log);
  const { host, maxConnections } = settings;
  const relay = new Relay({
    host,
    listeners: listenersOf(settings, games, memory),
    guard: new Guard(settings.guard),
    maxConnections,
    tap: recorder?.tap ?? null,
    onEvent: logEvents(log),
  });
  try {
    const http =
      settings.http === null
        ? null
        : await startHttp(settings.http, settings, version, relay, recorder, access, log);
    await relay.start();
    return { relay, http, memory };
  } catch (error) {
    await memory.close();
    await recorder?.close();
    throw error;
  }
}

async function openMemory(settings: Settings, recorder: Recorder | null, log: Log): Promise<HubMemory> {
  try {
    return await openHubMemory(settings, (text, recovered) => {
      if (recovered) log.warn(printable(text));
      else log.error(printable(text));
    });
  } catch (error) {
    await recorder?.close();
    throw error;
  }
}

function startHttp(
  port: number,
  settings: Settings,
  version: string,
  relay: Relay,
  recorder: Recorder | null,
  { madeUp: _told, ...access }: HttpAccess,
  log: Log,
): Promise<HttpServer> {
  const asked = {
    census: () => relay.census(),
    listPlayers: (players: readonly ListedPlayer[]) => relay.listPlayers(players),
    figures: () => figuresOf(relay.metrics, recorder),
  };
  return HttpServer.start(asked, {
    host: settings.httpHost,
    port,
    ...access,
    version,
    hasControlServer: hasControlServer(settings.listeners),
    file: recorder?.file ?? null,
    program: programFile(),
    onTrouble: (text, isOver) => {
      if (isOver) log.error(printable(text));
      else log.warn(printable(text));
    },
  });
}

function announcement(
  settings: Settings,
  version: string,
  { addresses }: Relay,
  server: HttpServer | null,
  recorder: Recorder | null,
  token: string | null,
): string {
  const http = server === null ? null : { ...server.address, ...(token === null ? {} : { token }) };
  const { guard } = settings;
  if (settings.readyJson)
    return readyJson({ addresses, http, record: recorder?.file ?? null, pid: process.pid });
  const paint = paintFor(1, process.env);
  return banner({
    version,
    addresses,
    http,
    guard,
    record: recorder,
    interfaces: networkInterfaces(),
    paint,
  });
}

function logStart(relay: Relay, http: HttpServer | null, recorder: Recorder | null, log: Log): void {
  const where = relay.addresses
    .map((address) => `${address.protocol.name} on ${whereText(address)}${leadsText(address)}`)
    .join(', ');
  const address = http?.address ?? null;
  const serves = address === null ? 'serves no HTTP' : `serves ${httpText(address)}`;
  const record =
    recorder === null ? 'records nothing' : `records into ${recorder.file}, capture ${recorder.captureId}`;
  log.info(
    { listeners: listenersJson(relay.addresses), http: address, record: recorder?.file ?? null },
    `listens for ${where}; ${serves}; ${record}`,
  );
}

function showStatus(relay: Relay, recorder: Recorder | null, screen: Screen): NodeJS.Timeout {
  const window = new StatusWindow(relay.metrics, recorder, monotonic());
  const show = () => {
    const figures = window.take(monotonic());
    screen.status(statusText(figures), (figures.recorder?.trouble ?? null) !== null);
  };
  show();
  return setInterval(show, LIVE_STATUS_MS);
}

function logStatus(relay: Relay, recorder: Recorder | null, err: Background, log: Log): NodeJS.Timeout {
  const window = new StatusWindow(relay.metrics, recorder, monotonic());
  let last: Figures | null = window.take(monotonic());
  return setInterval(() => {
    const dropped = err.takeDropped();
    if (dropped > 0) log.warn(`${plural(dropped, 'log line')} lost: standard error is read too slowly`);
    const figures = window.take(monotonic());
    if (!isNews(last, figures)) return;
    last = figures;
    log.info(figures, statusText(figures));
  }, LOGGED_STATUS_MS);
}

function reloader(
  started: Settings,
  reload: () => Settings,
  relay: Relay,
  recorder: Recorder | null,
  log: Log,
): () => void {
  let running = started;
  return () => {
    try {
      const next = reload();
      const text = reloadText(running, next);
      running = afterReload(running, next);
      log.level = running.logLevel;
      relay.maxConnections = running.maxConnections;
      if (recorder !== null) recorder.flushMs = running.recordFlush;
      log.info(text);
    } catch (error) {
      log.warn(`options stay as they are: ${errorLine(error)}`);
    }
  };
}

function summary({ metrics }: Relay, recorder: Recorder | null): string {
  const { framesOut, bytesOut, connectionsTotal } = metrics;
  const relayed = `relayed ${plural(framesOut, 'frame')} (${bytesText(bytesOut)}) of ${plural(connectionsTotal, 'connection')}`;
  if (recorder === null) return `stopped: ${relayed}`;
  const { framesRecorded, framesLost, trouble } = recorder.status();
  const recorded = `recorded ${countText(framesRecorded)}, lost ${countText(framesLost)}`;
  return `stopped: ${relayed}; ${recorded}${trouble === null ? '' : `; trouble: ${printable(trouble)}`}`;
}
