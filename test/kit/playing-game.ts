/** Plays a recording for a scripted game in this process, as the command would for an emulator. */
import { protocols } from '../../protocol/registry.ts';
import type { Replay } from '../../replay/against.ts';
import { type Game, type Invitation, playGame } from '../../replay/play.ts';
import type { Verdict } from '../../replay/types.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { Ports } from './plays.ts';
import { usual } from './replaying.ts';

/** Ports that are free; nothing is said, and nobody comes. */
export function usualGame(role: string): Game {
  return {
    role,
    host: '127.0.0.1',
    listen: 0,
    ports: new Map(protocols.filter(({ groupNotice }) => groupNotice !== undefined).map((each) => [each, 0])),
    createHub: () => undefined,
    onWaiting: () => undefined,
    onThere: () => undefined,
  };
}

export function portsOf({ addresses }: Invitation): Ports {
  const ports = Object.fromEntries(addresses.map(({ protocol, port }) => [protocol.name, port]));
  const { postoffice = 0, adhocctl } = ports;
  return { postoffice, ...(adhocctl !== undefined && { adhocctl }) };
}

export interface Played<T> {
  readonly verdict: Verdict;
  /** What the game came to. */
  readonly game: T;
}

/** The game begins when the others wait for it, as a person would begin it. */
export async function playFor<T>(
  file: string,
  role: string,
  play: (ports: Ports, invitation: Invitation) => Promise<T>,
  options: Partial<Replay> & { readonly game?: Partial<Game> } = {},
): Promise<Played<T>> {
  const { game, ...replay } = options;
  const reader = CaptureFile.open(file);
  try {
    const begun: Promise<T>[] = [];
    const verdict = await playGame(
      {
        ...usualGame(role),
        onWaiting(invitation) {
          const playing = play(portsOf(invitation), invitation);
          // Whoever waits for it hears of it.
          playing.catch(() => undefined);
          begun.push(playing);
        },
        ...game,
      },
      { ...usual(reader, file), patienceMs: 5000, ...replay },
    );
    const [playing] = begun;
    if (playing === undefined) throw new Error('nobody was waited for');
    return { verdict, game: await playing };
  } finally {
    reader.close();
  }
}
