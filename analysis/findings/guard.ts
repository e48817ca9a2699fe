/**
 * What the guard did not let pass.
 *
 * The rule: a player who logs out loses its sockets, and that is how a game ends, not a finding.
 */
import { describeFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import type { Observer, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { castOf, faultOf, isForLobby } from './cast.ts';
import { Trails } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { type Tally, tally } from './tally.ts';
import { listText, momentText, plural, SECOND, spanText } from './words.ts';

const refusals: ReadonlySet<string> = new Set(['not-logged-in', 'logged-in-elsewhere', 'not-in-group']);
/** A login ends within a second of its sockets. */
const ONE_LEAVE_NS = 2 * SECOND;

/** Those that one player lost for one reason. */
interface Group {
  readonly connections: RecordedConnection[];
  readonly fault: string;
  readonly text: string;
}

function grouped(view: SessionView, isMeant: (connection: RecordedConnection) => boolean): Group[] {
  const cast = castOf(view);
  const groups = new Bounded<string, Group>();
  for (const connection of view.connections.values()) {
    if (cast.endOf(connection) === null || !isMeant(connection)) continue;
    const { name, text } = describeFault(connection.protocol, connection.fault!);
    const key = `${cast.numberOf(connection.conn)} ${name} ${connection.remoteAddress}`;
    groups.take(key, () => ({ connections: [], fault: name, text }))?.connections.push(connection);
  }
  return [...groups.values()];
}

function refusedConnections(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();
  return {
    frame: (seen) => trails.note(seen),
    end: () =>
      grouped(view, (connection) => refusals.has(faultOf(connection))).map(({ connections, text }) => {
        const first = connections[0]!;
        const name = cast.nameOfConnection(first);
        const count = plural(connections.length, 'connection');
        const when = spanText(view, first.closed!, connections.at(-1)!.closed!);
        return {
          text: `${count} from ${first.remoteAddress} as ${name} ${connections.length === 1 ? 'was' : 'were'} refused ${when}: ${text}`,
          frames: evidence(...connections.map(({ conn }) => trails.of(conn).firstSent)),
          at: first.closed!,
        };
      }),
  };
}

function refusedFrames(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const tallies = new Bounded<string, Tally>();
  return {
    frame(seen) {
      if (seen.frame.outcome === Outcome.refused) tally(tallies, cast, seen);
    },
    end: () =>
      [...tallies.values()].map(({ sender, target, frames, first, firstAt, last, lastAt }) => ({
        text: `${plural(frames, 'frame')} from ${cast.nameOfConnection(sender)} to ${cast.placeOf(target)} ${frames === 1 ? 'was' : 'were'} refused ${spanText(view, firstAt, lastAt)}: they are not in one group`,
        frames: evidence(first, last),
        at: firstAt,
      })),
  };
}

function loggedOut(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();

  /** Whether the client itself ended its login, or nothing is known of that. */
  const isGoodbye = ({ endpoint, closed }: RecordedConnection): boolean => {
    const lobbies = cast
      .connectionsOf(playerOf(endpoint!))
      .filter((each) => isForLobby(each) && Math.abs((each.closed ?? Infinity) - closed!) < ONE_LEAVE_NS);
    return lobbies.length === 0 || lobbies.some((each) => faultOf(each) === 'ended');
  };

  return {
    frame: (seen) => trails.note(seen),
    end: () =>
      grouped(
        view,
        (each) => faultOf(each) === 'logged-out' && each.endpoint !== null && !isGoodbye(each),
      ).map(({ connections }) => {
        const first = connections[0]!;
        const roles = [...new Set(connections.map(({ role }) => role ?? ''))];
        return {
          text: `${cast.nameOfConnection(first)} lost ${plural(connections.length, 'connection')} (${listText(roles)}) at ${momentText(view, first.closed!)}, because its login had ended and the guard insists on one`,
          frames: evidence(...connections.map(({ conn }) => trails.of(conn).lastSent)),
          at: first.closed!,
        };
      }),
  };
}

export const guardFindings: readonly FindingSpec[] = [
  {
    id: 'connections-refused',
    severity: 'problem',
    title: 'The guard refused connections',
    explanation:
      'The guard did not let a player in, for the reason that is given: it must be logged in at the control server, from the same IP address, and in the group of those it plays with.',
    example:
      '2 connections from 198.51.100.7 as 02:00:00:00:00:07 were refused from 3.0 s to 3.5 s: the guard knows this MAC address, but as logged in from another IP address',
    watch: refusedConnections,
  },
  {
    id: 'frames-refused',
    severity: 'warning',
    title: 'The guard dropped frames',
    explanation:
      'A player talked to somebody who is not in its group, and the guard dropped it: an old address that the game still knows, or one of the two is in the wrong group.',
    example:
      '31 frames from Alice (02:00:00:00:00:01) to port 1 of Bob (02:00:00:00:00:02) were refused from 2.0 s to 5.0 s: they are not in one group',
    watch: refusedFrames,
  },
  {
    id: 'login-lost',
    severity: 'problem',
    title: 'A player lost its login, and with it its sockets',
    explanation:
      'The login at the control server ended without the player’s doing, and the guard closed its sockets for that: look at why the login ended.',
    example:
      'Bob (02:00:00:00:00:02) lost 1 connection (pdp) at 6.1 s, because its login had ended and the guard insists on one',
    watch: loggedOut,
  },
];
