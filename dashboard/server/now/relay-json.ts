/** How the relay is, in the form of `api/now.ts`: totals, and who plays what with whom. */
import { commonFaults } from '../../../protocol/fault.ts';
import { Outcome, outcomes } from '../../../protocol/outcome.ts';
import { protocols } from '../../../protocol/registry.ts';
import type { FaultSpec } from '../../../protocol/types.ts';
import { playerOf } from '../../../recorder/sessions/session.ts';
import type { NowGroup, RecorderNow, RelayNow } from '../../api/now.ts';
import type { Census, Figures } from '../backend.ts';

/** What becomes of frames when all is well. */
const arrived: ReadonlySet<string> = new Set(
  [Outcome.forwarded, Outcome.consumed, Outcome.originated].map((code) => outcomes[code]?.name ?? ''),
);

/** Why connections end when all is well. */
const ordinary: ReadonlySet<string> = new Set(['ended', 'shutdown', 'partner-gone']);

const faultTexts: ReadonlyMap<string, string> = new Map(
  [...commonFaults, ...protocols.flatMap(({ faults }) => faults)].map(({ name, text }) => [name, text]),
);

/** The live session of each player, by what stands before the port of its endpoints. */
export type LiveSessions = ReadonlyMap<string, number>;

export function relayNow(figures: Figures, census: Census | null, live: LiveSessions): RelayNow {
  const { players, connections, frames, bytes, connectionsRefused } = figures;
  return {
    players,
    connections,
    framesTotal: frames,
    bytesTotal: bytes,
    connectionsRefused,
    drops: dropsOf(figures),
    faults: [...figures.faults]
      .filter(([name]) => !ordinary.has(name))
      .map(([name, count]) => ({ name, text: faultTexts.get(name) ?? name, count }))
      .sort(mostFirst),
    groups: census === null ? [] : groupsOf(census, live),
  };
}

export function recorderNow({ recorder }: Figures): RecorderNow | null {
  return recorder === null ? null : { ...recorder };
}

function dropsOf({ outcomes: counts }: Figures): RelayNow['drops'] {
  const counted = outcomes.map(({ name, text }: FaultSpec, code) => ({
    name,
    text,
    count: counts[code] ?? 0,
  }));
  return counted.filter(({ name, count }) => count > 0 && !arrived.has(name)).sort(mostFirst);
}

function mostFirst(a: { readonly count: number }, b: { readonly count: number }): number {
  return b.count - a.count;
}

/** Games as the control server has them, and at the end those who play without having told one. */
function groupsOf({ games, sockets }: Census, live: LiveSessions): NowGroup[] {
  const groups = new Map<string, NowGroup>();
  const known = new Set<string>();
  const add = (group: Omit<NowGroup, 'players'>, player: string, nickname: string): void => {
    if (known.has(player)) return;
    known.add(player);
    const key = JSON.stringify([group.game, group.group]);
    const found = groups.get(key) ?? { ...group, players: [] };
    groups.set(key, found);
    found.players.push({ player, nickname, session: live.get(player) ?? null });
  };
  for (const { codes, name, players } of games) {
    for (const { endpoint, nickname, group } of players)
      add({ game: codes[0] ?? '', gameName: name, group }, playerOf(endpoint), nickname);
  }
  for (const line of sockets === '' ? [] : sockets.split('\n'))
    add({ game: '', gameName: '', group: null }, playerOf(line.slice(line.indexOf(' ') + 1)), '');
  return [...groups.values()];
}
