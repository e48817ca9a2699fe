/** The first thing that a person sees: where the relay is, whether it records, and what to do with an emulator now. */
import type { NetworkInterfaceInfo } from 'node:os';
import type { GuardMode } from '../protocol/guard.ts';
import type { ListeningAddress } from '../relay/relay.ts';
import { printable } from '../common/printable.ts';
import { columns, hostPortText } from './format.ts';
import type { Paint } from './style.ts';

/** A machine with more networks than that belongs to someone who knows their addresses. */
const ADDRESSES_SHOWN_MAX = 6;

export interface BannerOptions {
  readonly version: string;
  readonly addresses: readonly ListeningAddress[];
  /** Null if there is none. */
  readonly http: HostPort | null;
  readonly guard: GuardMode;
  /** Null if nothing is recorded. */
  readonly record: { readonly file: string; readonly captureId: number } | null;
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  readonly paint: Paint;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
  /** One that was made up, so that whoever is to look on must be told. */
  readonly token?: string;
}

/** What a guard does to players. */
const GUARDS: Readonly<Record<GuardMode, string | null>> = {
  off: null,
  login: 'only players who are logged in at the control server may play',
  group: 'only players who are logged in at the control server may play, each in its own group',
};

export function banner(options: BannerOptions): string {
  const { version, addresses, http, guard, record, interfaces, paint } = options;
  const recording =
    record === null ? 'off; --record turns it on' : `${record.file}, capture ${record.captureId}`;
  const guarding = GUARDS[guard];
  const facts = [
    ...addresses.map((address) => [
      'listens',
      `${address.protocol.title} on ${whereText(address)}${leadsText(address)}`,
    ]),
    ...(http === null ? [] : [['dashboard', httpLink(http)]]),
    ...(guarding === null ? [] : [['guards', guarding]]),
    ['records', recording],
    ['stops', 'with Ctrl-C'],
  ];
  return [
    '',
    `  ${paint('bold', `Postreel ${version}`)}`,
    '',
    ...columns(facts, ['left', 'left']).map((line) => `  ${line}`),
    '',
    ...howToPlay(addresses, reachableAt(addresses[0]?.host ?? '', interfaces), paint),
    '',
    '',
  ].join('\n');
}

/** For people with an emulator: what to set, and what to type. */
export function howToPlay(
  addresses: readonly ListeningAddress[],
  reachable: readonly (readonly string[])[],
  paint: Paint,
): string[] {
  const has = (name: string) => addresses.some(({ protocol }) => protocol.name === name);
  const steps = [
    ...(has('postoffice') ? ['set "Try to use server-provided packet relay" to yes'] : []),
    'type one of these into "Change PRO adhoc server IP address":',
  ];
  return [
    '  To play through it, in PPSSPP (1.20 or newer) under Settings > Networking > Ad hoc multiplayer:',
    ...steps.map((step, i) => `    ${i + 1}. ${step}`),
    ...columns(reachable, ['left', 'left']).map((line) => `         ${paint('cyan', line)}`),
    ...(has('adhocctl')
      ? []
      : [
          '  PPSSPP asks the same address for an ad-hoc control server (tcp 27312), by which players find',
          '  each other. This relay runs without its own: let another run beside it.',
        ]),
  ];
}

export interface ReadyOptions {
  readonly addresses: readonly ListeningAddress[];
  readonly http: HostPort | null;
  readonly record: string | null;
  readonly pid: number;
}

/** For scripts: one line, once the relay listens. */
export function readyJson({ addresses, http, record, pid }: ReadyOptions): string {
  return `${JSON.stringify({ ready: true, listeners: listenersJson(addresses), http, record, pid })}\n`;
}

/** By the names of their protocols; of a proxy, all that there are, in the order in which they were given. */
export function listenersJson(addresses: readonly ListeningAddress[]): object {
  const listeners: Record<string, object> = {};
  for (const { protocol, host, port } of addresses)
    if (protocol.isProxy !== true) listeners[protocol.name] = { host, port };
  for (const { protocol } of addresses)
    if (protocol.isProxy === true)
      listeners[protocol.name] = addresses
        .filter((each) => each.protocol === protocol)
        .map(({ host, port, target }) => ({
          host,
          port,
          to: target && { host: target.address, port: target.port },
        }));
  return listeners;
}

export interface UiOptions {
  readonly version: string;
  readonly http: HostPort;
  /** The usual port, where another program has it; else null. */
  readonly taken: number | null;
  readonly file: string;
  readonly paint: Paint;
}

/** Of the dashboard without a relay. */
export function uiBanner({ version, http, taken, file, paint }: UiOptions): string {
  const facts = [
    ['shows', printable(file)],
    ['dashboard', httpLink(http)],
    ...(taken === null ? [] : [['', `(another program has port ${taken})`]]),
    ['stops', 'with Ctrl-C'],
  ];
  const lines = columns(facts, ['left', 'left']).map((line) => `  ${line}`);
  return ['', `  ${paint('bold', `Postreel ${version}`)}`, '', ...lines, '', ''].join('\n');
}

/** For scripts: one line, once the dashboard listens. */
export function uiReadyJson(ready: {
  readonly http: HostPort;
  readonly file: string;
  readonly pid: number;
}): string {
  const { http, file, pid } = ready;
  return `${JSON.stringify({ ready: true, http, file, pid })}\n`;
}

/** Of a tunnel. */
export interface TunnelEnds {
  readonly name: string;
  readonly peer: string;
  readonly relay: HostPort;
  /** Null where there is none. */
  readonly listen: HostPort | null;
  readonly forward: HostPort | null;
}

export function tunnelBanner(
  options: TunnelEnds & { readonly version: string; readonly paint: Paint },
): string {
  const { version, name, peer, relay, listen, forward, paint } = options;
  const at = ({ host, port }: HostPort) => hostPortText(host, port);
  const facts = [
    ['relay', `${at(relay)}, where this end is ${printable(name)} and the other ${printable(peer)}`],
    ...(listen === null
      ? []
      : [['listens', `on tcp ${at(listen)}, and carries what comes there to ${printable(peer)}`]]),
    ...(forward === null ? [] : [['forwards', `what ${printable(peer)} carries here to ${at(forward)}`]]),
    ['stops', 'with Ctrl-C'],
  ];
  const lines = columns(facts, ['left', 'left']).map((line) => `  ${line}`);
  return ['', `  ${paint('bold', `Postreel ${version}, tunnel`)}`, '', ...lines, '', ''].join('\n');
}

/** For scripts: one line, once the tunnel listens. The relay and the other end may come later. */
export function tunnelReadyJson(ready: TunnelEnds & { readonly pid: number }): string {
  const { name, peer, relay, listen, forward, pid } = ready;
  return `${JSON.stringify({ ready: true, name, peer, relay, listen, forward, pid })}\n`;
}

/** Where this machine finds it: `http://127.0.0.1:27314/`. */
export function httpText({ host, port }: HostPort): string {
  const reachable = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  return `http://${hostPortText(reachable, port)}/`;
}

/** The same with the token behind a `#`, where browsers keep it to themselves. For people alone, never for a log. */
export function httpLink(http: HostPort): string {
  return `${httpText(http)}${http.token === undefined ? '' : `#token=${http.token}`}`;
}

export function whereText({ protocol, host, port }: ListeningAddress): string {
  const every = host === '::' || host === '0.0.0.0';
  const transports = protocol.transports.join('+');
  return every ? `${transports} port ${port}` : `${transports} ${hostPortText(host, port)}`;
}

/** Of a proxy: where it leads. */
export function leadsText({ target }: ListeningAddress): string {
  return target === undefined ? '' : `, before ${hostPortText(target.address, target.port)}`;
}

/** Addresses that players can type, and for whom each is. */
export function reachableAt(host: string, interfaces: BannerOptions['interfaces']): string[][] {
  if (host !== '::' && host !== '0.0.0.0') return [[host, '']];
  const others = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => [address, `from other machines (${name})`]),
  );
  return [...others.slice(0, ADDRESSES_SHOWN_MAX), ['127.0.0.1', 'on this machine']];
}
