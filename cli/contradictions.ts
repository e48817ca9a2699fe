/** Settings of a command of which each makes sense alone, but not all together. One line says which. */
import { Failure } from '../common/failure.ts';
import type { CommandName } from './options.ts';
import type { Settings } from './settings.ts';

type Contradiction = readonly [whenever: (settings: Settings) => boolean, line: string];

const needed = (name: string) =>
  `postreel tunnel needs --${name}: --relay HOST:PORT --name A --peer B, and --listen or --forward or both`;

const ofTunnel: readonly Contradiction[] = [
  [({ relay }) => relay === null, needed('relay')],
  [({ name }) => name === null, needed('name')],
  [({ peer }) => peer === null, needed('peer')],
  [({ name, peer }) => name === peer, '--name and --peer are the same: each end has a name of its own'],
  [
    ({ tunnelListen, forward }) => tunnelListen === null && forward === null,
    'a tunnel without --listen and --forward carries nothing: give it one of them, or both',
  ],
];

const ofRelay: readonly Contradiction[] = [
  [
    ({ listeners }) => listeners.length === 0,
    'every listener is turned off: a relay needs one, or there is nothing to relay',
  ],
  [
    ({ guard, http, listeners }) => guard !== 'off' && http === null && !hasControlServer(listeners),
    '--guard admits nobody without the control server of this relay (adhocctl) or lists from another (--http): turn one of them on',
  ],
  [
    ({ adhocctlP2p, listeners }) => adhocctlP2p && !hasControlServer(listeners),
    '--adhocctl-p2p means nothing without the control server of this relay (adhocctl): turn it on, or leave the option out',
  ],
  [
    ({ gameDb, listeners }) => gameDb !== null && !hasControlServer(listeners),
    '--game-db means nothing without the control server of this relay (adhocctl): turn it on, or leave the option out',
  ],
  [
    // What has an address of its own does not meet the others, unless they are to be everywhere: the system knows.
    ({ listeners, http }) =>
      isUsedTwice([
        ...listeners.map(({ port, proxy }) => [proxy?.host ?? '', port] as const),
        ['', http ?? 0] as const,
      ]),
    'two listeners are to have the same port: give each one of its own, or 0 for one that is free',
  ],
];

const contradictions: Readonly<Partial<Record<CommandName, readonly Contradiction[]>>> = {
  relay: ofRelay,
  tunnel: ofTunnel,
};

/** Fails with `Failure('input', 'contradiction')`. */
export function refuseContradictions(settings: Settings, command: CommandName = 'relay'): void {
  for (const [whenever, line] of contradictions[command] ?? []) {
    if (whenever(settings)) throw new Failure('input', 'contradiction', line);
  }
}

/** 0 is any port that is free. */
function isUsedTwice(places: readonly (readonly [host: string, port: number])[]): boolean {
  const taken = places.filter(([, port]) => port !== 0).map((place) => place.join(' '));
  return new Set(taken).size < taken.length;
}

/** Whether players find each other through this relay itself. */
export function hasControlServer(listeners: Settings['listeners']): boolean {
  return listeners.some(({ protocol }) => protocol.name === 'adhocctl');
}
