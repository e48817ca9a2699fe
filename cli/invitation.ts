/** For whom a replay waits, and how a game finds its way there: what a person reads before a game under test begins. */
import type { NetworkInterfaceInfo } from 'node:os';
import type { Invitation } from '../replay/play.ts';
import type { Role } from '../replay/types.ts';
import { howToPlay, reachableAt, whereText } from './banner.ts';
import { printable } from '../common/printable.ts';
import { columns } from './format.ts';
import type { Paint } from './style.ts';

/** Others that are named; of more, the rest are counted. */
const OTHERS_SHOWN_MAX = 8;

export function invitationText(
  { role, others, addresses }: Invitation,
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  paint: Paint,
): string {
  const facts = [
    ...addresses.map((address) => ['listens', `${address.protocol.title} on ${whereText(address)}`]),
    ['plays', othersText(others)],
    ['waits', `for a game in the place of ${roleText(role)}, as long as it takes`],
    ['stops', 'with Ctrl-C'],
  ];
  return [
    '',
    `  ${paint('bold', `Start the game: ${roleText(role)} is the one that is missing`)}`,
    '',
    ...columns(facts, ['left', 'left']).map((line) => `  ${line}`),
    '',
    ...howToPlay(addresses, reachableAt(addresses[0]?.host ?? '', interfaces), paint),
    '  Its address may be another than that of the recording, but none of the others’.',
    '',
    '',
  ].join('\n');
}

function othersText(others: readonly Role[]): string {
  if (others.length === 0) return 'nobody else';
  const more = others.length - OTHERS_SHOWN_MAX;
  const named = others.slice(0, OTHERS_SHOWN_MAX).map(roleText);
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** `P2 (Gus, 02:00:00:00:0d:02)`. */
function roleText({ name, nickname, player }: Role): string {
  const called = nickname === '' ? player : `${nickname}, ${player}`;
  return printable(`${name} (${called})`);
}
