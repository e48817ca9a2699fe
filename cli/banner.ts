/** The first thing that a person sees: where the relay is, whether it records, and what to do with an emulator now. */
import type { NetworkInterfaceInfo } from 'node:os';
import type { ListeningAddress } from '../relay/relay.ts';
import { columns, hostPortText } from './format.ts';
import type { Paint } from './style.ts';

/** A machine with more networks than that belongs to someone who knows their addresses. */
const ADDRESSES_SHOWN_MAX = 6;

export interface BannerOptions {
  readonly version: string;
  readonly addresses: readonly ListeningAddress[];
  /** Null if nothing is recorded. */
  readonly record: { readonly file: string; readonly captureId: number } | null;
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  readonly paint: Paint;
}

export function banner({ version, addresses, record, interfaces, paint }: BannerOptions): string {
  const recording =
    record === null ? 'off; --record turns it on' : `${record.file}, capture ${record.captureId}`;
  const facts = [
    ...addresses.map((address) => ['listens', `${address.protocol.title} on ${whereText(address)}`]),
    ['records', recording],
    ['stops', 'with Ctrl-C'],
  ];
  const reachable = reachableAt(addresses[0]?.host ?? '', interfaces);
  return [
    '',
    `  ${paint('bold', `Postreel ${version}`)}`,
    '',
    ...columns(facts, ['left', 'left']).map((line) => `  ${line}`),
    '',
    '  To play through it, in PPSSPP (1.20 or newer) under Settings > Networking > Ad hoc multiplayer:',
    '    1. set "Try to use server-provided packet relay" to yes',
    '    2. type one of these into "Change PRO adhoc server IP address":',
    ...columns(reachable, ['left', 'left']).map((line) => `         ${paint('cyan', line)}`),
    ...(addresses.some(({ protocol }) => protocol.name === 'adhocctl')
      ? []
      : [
          '  PPSSPP asks the same address for an ad-hoc control server (tcp 27312), by which players find',
          '  each other. This version does not have one: let one run beside it.',
        ]),
    '',
    '',
  ].join('\n');
}

/** For scripts: one line, once the relay listens. */
export function readyJson(
  addresses: readonly ListeningAddress[],
  record: string | null,
  pid: number,
): string {
  const listeners = Object.fromEntries(
    addresses.map(({ protocol, host, port }) => [protocol.name, { host, port }]),
  );
  return `${JSON.stringify({ ready: true, listeners, record, pid })}\n`;
}

export function whereText({ protocol, host, port }: ListeningAddress): string {
  const every = host === '::' || host === '0.0.0.0';
  return every ? `${protocol.transport} port ${port}` : `${protocol.transport} ${hostPortText(host, port)}`;
}

/** Addresses that players can type, and for whom each is. */
function reachableAt(host: string, interfaces: BannerOptions['interfaces']): string[][] {
  if (host !== '::' && host !== '0.0.0.0') return [[host, '']];
  const others = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => [address, `from other machines (${name})`]),
  );
  return [...others.slice(0, ADDRESSES_SHOWN_MAX), ['127.0.0.1', 'on this machine']];
}
