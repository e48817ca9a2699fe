/** `postreel tunnel`: one end of a tunnel, with its log and its status line, until it is told to stop. */
import { randomBytes } from 'node:crypto';
import { monotonic } from '../../common/clock.ts';
import { printable } from '../../common/printable.ts';
import { Tunnel } from '../../tunnel/tunnel.ts';
import { Background } from '../background.ts';
import { tunnelBanner, tunnelReadyJson } from '../banner.ts';
import type { Context } from '../commands.ts';
import { Repeats } from '../events.ts';
import { createLog, type Log } from '../log.ts';
import { findLive, Screen, SETTLE_MS, settleOrDie } from '../screen.ts';
import { handleSignals } from '../signals.ts';
import { paintFor, wantsColour } from '../style.ts';
import { tunnelStatusText } from '../tunnel-status.ts';
import { type HostPort, readHostPort } from '../values.ts';

const STATUS_MS = 1000;

export async function tunnel({ settings, version }: Context): Promise<number> {
  const { name, peer, readyJson } = settings;
  const out = new Background(1);
  const err = new Background(2);
  const live = findLive(!readyJson, process.env);
  const colour = wantsColour(live?.fd ?? 2, process.env);
  const screen = new Screen(err, live && { lines: live.fd === 1 ? out : err, columns: live.columns }, colour);
  const log = await createLog({
    level: settings.logLevel,
    format: settings.logFormat,
    colour: wantsColour(2, process.env),
    lines: screen,
  });
  const asked = new Promise<string>((resolve) => {
    const leave = (exitCode: number) => void settleOrDie(out, err).then(() => process.exit(exitCode));
    handleSignals({ stop: resolve, leave, reload: () => undefined }, process.env);
  });

  // What a tunnel needs is there: `contradictions.ts` refuses what is not.
  const ends = { name: name ?? '', peer: peer ?? '', relay: readHostPort(settings.relay ?? '') as HostPort };
  const forward = readHostPort(settings.forward ?? '');
  const tunnel = new Tunnel({
    ...ends,
    listen: readHostPort(settings.tunnelListen ?? '', 0),
    forward,
    clock: monotonic,
    random: Math.random,
    drawNumber: () => randomBytes(8).readBigUInt64BE() || 1n,
    onEvent: logTo(log),
  });
  await tunnel.start();
  const told = { ...ends, listen: tunnel.address, forward };
  out.write(
    readyJson
      ? tunnelReadyJson({ ...told, pid: process.pid })
      : tunnelBanner({ ...told, version, paint: paintFor(1, process.env) }),
  );
  await out.settle(SETTLE_MS);
  const status = showStatus(tunnel, screen);

  const why = await asked;
  clearInterval(status);
  screen.clear();
  log.info(`${why}: stopping`);
  await tunnel.stop();
  log.info('stopped');
  await settleOrDie(out, err);
  return 0;
}

function logTo(log: Log): ConstructorParameters<typeof Tunnel>[0]['onEvent'] {
  const repeats = new Repeats(monotonic);
  return ({ level, text }) => {
    if (level !== 'warn') {
      log[level](printable(text));
      return;
    }
    const line = repeats.line(text, printable(text));
    if (line !== null) log.warn(line);
  };
}

function showStatus(tunnel: Tunnel, screen: Screen): NodeJS.Timeout {
  let before = tunnel.status();
  const show = () => {
    const now = tunnel.status();
    screen.status(tunnelStatusText(before, now, STATUS_MS), now.link === 'no relay');
    before = now;
  };
  show();
  return setInterval(show, STATUS_MS);
}
