/**
 * Who claims to be whom: one address used by two, places that were taken over, and players who are in
 * the group but not on the relay.
 *
 * The rule: one player that moves to another network changes its address once; two machines take turns.
 */
import type { RecordedConnection } from '../../recorder/captures.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import type { Observer, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { castOf, faultOf, isForData, isForLobby, isTalk, isTurnedAway, portOf } from './cast.ts';
import { Trails } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { countText, lengthText, momentText, plural, SECOND, spanText } from './words.ts';

/** A player that moves changes its address once; there and back again is two. */
const TURNS_MIN = 3;
/** Games open their sockets within seconds of their group. */
const SOCKETLESS_NS = 10 * SECOND;

interface Turns {
  address: string;
  /** The one that it was before. */
  other: string;
  sequence: number;
  turns: number;
  firstAt: number;
  lastAt: number;
  readonly frames: number[];
}

/** Frames of one player that come now from one address, now from another. */
function twoAddresses(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const players = new Bounded<number, Turns>();
  return {
    frame(seen) {
      const { frame, from } = seen;
      if (!isTalk(seen) || from === null) return;
      const address = from.remoteAddress;
      const player = players.take(cast.numberOf(from.conn), () => ({
        address,
        other: '',
        sequence: 0,
        turns: 0,
        firstAt: 0,
        lastAt: 0,
        frames: [],
      }));
      if (player === null) return;
      if (player.address !== address) {
        if (player.turns === 0) player.firstAt = frame.arrived;
        if (player.turns < TURNS_MIN) player.frames.push(player.sequence, frame.sequence);
        player.turns += 1;
        player.lastAt = frame.arrived;
        player.other = player.address;
        player.address = address;
      }
      player.sequence = frame.sequence;
    },
    end: () =>
      [...players.entries()]
        .filter(([, { turns }]) => turns >= TURNS_MIN)
        .map(([number, { address, other, turns, firstAt, lastAt, frames }]) => {
          const addresses = [address, other].sort().join(' and from ');
          const when = spanText(view, firstAt, lastAt);
          return {
            text: `${cast.nameOfNumber(number)} sent from ${addresses} in turns, ${countText(turns)} times ${when}`,
            frames: evidence(...frames),
            at: firstAt,
          };
        }),
  };
}

type Takeover = 'elsewhere' | 'itself' | 'login';

/** Who took the place of this connection: the next that claims the same. */
function successor(
  { conn, role, toward }: RecordedConnection,
  claims: readonly RecordedConnection[],
): RecordedConnection | null {
  const next = claims.find((each) => {
    return each.conn > conn && each.role === role && each.toward === toward && !isTurnedAway(each);
  });
  return next ?? null;
}

function takeovers(kind: Takeover): (view: SessionView) => Observer<readonly Found[]> {
  return (view) => {
    const cast = castOf(view);
    const trails = new Trails();

    const kindOf = (old: RecordedConnection, next: RecordedConnection): Takeover => {
      if (isForLobby(old)) return 'login';
      return old.remoteAddress === next.remoteAddress ? 'itself' : 'elsewhere';
    };

    return {
      frame: (seen) => trails.note(seen),
      end: () =>
        [...view.connections.values()].flatMap((old) => {
          const at = cast.endOf(old);
          if (at === null || old.endpoint === null || faultOf(old) !== 'replaced') return [];
          const next = successor(old, cast.connectionsAt(old.endpoint));
          if (next === null || kindOf(old, next) !== kind) return [];
          const name = cast.nameOfConnection(old);
          const port = portOf(old.endpoint);
          const opened = port === '' ? 'connected' : `opened port ${port}`;
          const what = kind === 'login' ? 'logged in' : opened;
          const { remoteAddress } = next;
          const where = old.remoteAddress === remoteAddress ? 'the same address' : old.remoteAddress;
          const age = lengthText(at - old.opened);
          return [
            {
              text: `${name} ${what} at ${momentText(view, at)} from ${remoteAddress}, in place of a connection from ${where} that was ${age} old`,
              frames: evidence(trails.of(old.conn).lastSent, trails.of(next.conn).firstSent),
              at,
            },
          ];
        }),
    };
  };
}

/** Players who are in the group, but hold no socket here while others do. */
function withoutSockets(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();
  const { session } = view;
  return {
    frame: (seen) => trails.note(seen),
    end() {
      const data = [...view.connections.values()].filter(isForData);
      // Never, where nobody holds one: the group plays over another relay or without any.
      const since = Math.min(...data.map(({ opened }) => opened));
      if (session.group === null) return [];
      return session.players.flatMap(({ player }) => {
        const connections = cast.connectionsOf(player);
        const lobby = connections.filter(isForLobby).at(-1);
        if (lobby === undefined || connections.some(isForData)) return [];
        const from = Math.max(since, lobby.opened, session.started);
        const until = Math.min(lobby.closed ?? Infinity, session.lastSeen);
        if (until - from < SOCKETLESS_NS) return [];
        const { firstSent, lastSent } = trails.of(lobby.conn);
        const others = new Set(data.map(({ endpoint }) => playerOf(endpoint!))).size;
        return [
          {
            text: `${cast.nameOf(player)} was in the group for ${lengthText(until - from)} and opened no socket at this relay, as ${plural(others, 'other')} did`,
            frames: evidence(firstSent, lastSent),
            at: from,
          },
        ];
      });
    },
  };
}

export const identityFindings: readonly FindingSpec[] = [
  {
    id: 'same-mac-twice',
    severity: 'problem',
    title: 'Two machines use one MAC address',
    explanation:
      'Frames of one MAC address come from two IP addresses in turns, so two consoles claim to be the same player: give one of them another MAC address.',
    example:
      'Bob (02:00:00:00:00:02) sent from 192.0.2.2 and from 192.0.2.9 in turns, 121 times from 2.0 s to 8.1 s',
    watch: twoAddresses,
  },
  {
    id: 'replaced-from-elsewhere',
    severity: 'warning',
    title: 'A socket was taken over from another address',
    explanation:
      'A newer connection from another IP address took the place of an older one: either the player changed its network, or two consoles have the same MAC address.',
    example:
      'Bob (02:00:00:00:00:02) opened port 1 at 4.0 s from 192.0.2.9, in place of a connection from 192.0.2.2 that was 4.0 s old',
    watch: takeovers('elsewhere'),
  },
  {
    id: 'replaced-by-itself',
    severity: 'note',
    title: 'A socket was opened again while it was open',
    explanation:
      'A player opened a socket that the relay still held for it, from the same address: its old connection had died without a word, or its game opens it twice.',
    example:
      'Bob (02:00:00:00:00:02) opened port 1 at 4.0 s from 192.0.2.2, in place of a connection from the same address that was 4.0 s old',
    watch: takeovers('itself'),
  },
  {
    id: 'logged-in-twice',
    severity: 'warning',
    title: 'A player logged in twice',
    explanation:
      'A second login with the same MAC address ended the first: two copies of the emulator run, or the first lost its connection without a word.',
    example:
      'Bob (02:00:00:00:00:02) logged in at 4.0 s from 192.0.2.2, in place of a connection from the same address that was 4.0 s old',
    watch: takeovers('login'),
  },
  {
    id: 'player-without-sockets',
    severity: 'warning',
    title: 'A player is in the group but not at the relay',
    explanation:
      'Others of the group play over this relay and this player never connected to it: its emulator is probably set to another relay, or to none.',
    example:
      'Carol (02:00:00:00:00:03) was in the group for 20.0 s and opened no socket at this relay, as 2 others did',
    watch: withoutSockets,
  },
];
