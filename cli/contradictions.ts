/** Settings of a relay of which each makes sense alone, but not all together. One line says which. */
import { Failure } from '../common/failure.ts';
import type { Settings } from './settings.ts';

type Contradiction = readonly [whenever: (settings: Settings) => boolean, line: string];

const contradictions: readonly Contradiction[] = [
  [
    ({ listeners }) => listeners.length === 0,
    'every listener is turned off: a relay needs one, or there is nothing to relay',
  ],
  [
    ({ guard, http, listeners }) => guard !== 'off' && http === null && !hasControlServer(listeners),
    '--guard admits nobody without the control server of this relay (adhocctl) or lists from another (--http): turn one of them on',
  ],
];

/** Fails with `Failure('input', 'contradiction')`. */
export function refuseContradictions(settings: Settings): void {
  for (const [whenever, line] of contradictions) {
    if (whenever(settings)) throw new Failure('input', 'contradiction', line);
  }
}

/** Whether players find each other through this relay itself. */
export function hasControlServer(listeners: Settings['listeners']): boolean {
  return listeners.some(({ protocol }) => protocol.name === 'adhocctl');
}
