/**
 * Connections that ended by nobody's wish: broken, too slow, or closed by the relay for what they sent.
 *
 * The rule: every reason for which a connection can end is either ordinary, told by another finding, or
 * told here; one that this version does not know is told too.
 */
import { describeFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { FaultSpec } from '../../protocol/types.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import type { Observer, SessionView } from '../observe.ts';
import { castOf, type Cast, faultOf, portOf } from './cast.ts';
import { Trails } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { LastWords } from './last-words.ts';
import { bytesText, lengthText, listText, momentText, plural, SECOND } from './words.ts';

const OTHERS = 'closed-by-relay';
const TIMED_OUT = 'timed-out';

/** By the name of a fault: which finding tells of it. Null: it is ordinary, or another family tells of it. */
const told: Readonly<Record<string, string | null>> = {
  ended: null,
  shutdown: null,
  'partner-gone': null,
  lost: 'connection-lost',
  'timed-out': TIMED_OUT,
  'too-slow': 'slow-reader',
  'too-long': 'frame-too-long',
  malformed: 'strange-bytes',
  unexpected: 'strange-bytes',
  'unknown-init': 'strange-bytes',
  'unknown-opcode': 'strange-bytes',
  'unreliable-over-tcp': 'strange-bytes',
  // Of streams.ts, identity.ts and guard.ts.
  'no-listener': null,
  'not-accepted': null,
  'nobody-waits': null,
  replaced: null,
  'not-logged-in': null,
  'logged-in-elsewhere': null,
  'not-in-group': null,
  'logged-out': null,
};
/** How the texts of a protocol's own faults speak of time. */
const ofTime = /\b(in|for|within) \d+ s\b|\bin time\b/;

/** The finding that tells of an end for this reason; null where it is ordinary or told elsewhere. */
function findingOf({ name, text }: FaultSpec): string | null {
  const known = told[name];
  if (known !== undefined) return known;
  return ofTime.test(text) ? TIMED_OUT : OTHERS;
}

/** Connections of one player that broke so close together broke as one. */
const ONE_BREAK_NS = 5 * SECOND;
/** A console that is switched off ends some of its connections and breaks others, all at once. */
const ONE_EXIT_NS = SECOND;

/** The connections whose end belongs to one finding, in the order in which they ended. */
function endedFor(view: SessionView, id: string): RecordedConnection[] {
  const cast = castOf(view);
  return [...view.connections.values()]
    .filter((connection) => cast.endOf(connection) !== null && connection.fault !== null)
    .filter(({ protocol, fault }) => findingOf(describeFault(protocol, fault!)) === id)
    .sort((a, b) => a.closed! - b.closed!);
}

function brokenConnections(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();

  const isExit = (broken: RecordedConnection): boolean =>
    cast
      .connectionsOf(cast.player(cast.numberOf(broken.conn)))
      .some((each) => faultOf(each) === 'ended' && Math.abs(each.closed! - broken.closed!) < ONE_EXIT_NS);

  return {
    frame: (seen) => trails.note(seen),
    end() {
      const breaks: RecordedConnection[][] = [];
      const newest = new Map<string, RecordedConnection[]>();
      for (const broken of endedFor(view, 'connection-lost')) {
        if (isExit(broken)) continue;
        const name = cast.nameOfConnection(broken);
        const known = newest.get(name);
        if (known !== undefined && broken.closed! - known[0]!.closed! < ONE_BREAK_NS) {
          known.push(broken);
        } else {
          const made = [broken];
          newest.set(name, made);
          breaks.push(made);
        }
      }
      return breaks.map((connections) => {
        const first = connections[0]!;
        const ports = [...new Set(connections.map(({ endpoint }) => portOf(endpoint ?? '')))];
        const named = ports.filter((port) => port !== '').sort((x, y) => Number(x) - Number(y));
        const which =
          named.length === 0 ? '' : `, of port${named.length === 1 ? '' : 's'} ${listText(named)}`;
        const what = connections.length === 1 ? 'its connection' : plural(connections.length, 'connection');
        return {
          text: `${cast.nameOfConnection(first)} lost ${what} at ${momentText(view, first.closed!)}${which}`,
          frames: evidence(...connections.map(({ conn }) => trails.of(conn).lastSent)),
          at: first.closed!,
        };
      });
    },
  };
}

function slowReaders(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();
  const slow = endedFor(view, 'slow-reader');
  const left = new Map(slow.map(({ conn }) => [conn, { frames: 0, bytes: 0, first: 0, last: 0 }]));
  return {
    frame(seen) {
      trails.note(seen);
      const { frame } = seen;
      const queue = frame.outcome === Outcome.undelivered ? left.get(frame.to) : undefined;
      if (queue === undefined) return;
      queue.frames += 1;
      queue.bytes += frame.bytes.length;
      queue.first ||= frame.sequence;
      queue.last = frame.sequence;
    },
    end: () =>
      slow.map((connection) => {
        const { frames, bytes, first, last } = left.get(connection.conn)!;
        const { lastDepartedAt } = trails.of(connection.conn);
        const since =
          lastDepartedAt === 0 ? '' : `, ${lengthText(connection.closed! - lastDepartedAt)} after its last`;
        return {
          text: `${cast.nameOfConnection(connection)} stopped reading, and the relay closed its connection at ${momentText(view, connection.closed!)}${since}: ${plural(frames, 'frame')} (${bytesText(bytes)}) were waiting`,
          frames: evidence(first, last),
          at: connection.closed!,
        };
      }),
  };
}

/** Where it came from, unless its name says so. */
function address({ endpoint, remoteAddress }: RecordedConnection): string {
  return endpoint === null ? '' : ` from ${remoteAddress}`;
}

/** What the relay closed, with the reason and the last that was said before. */
function closed(id: string): (view: SessionView) => Observer<readonly Found[]> {
  return (view) => {
    const cast: Cast = castOf(view);
    const connections = endedFor(view, id);
    const words = new LastWords(connections);
    return {
      frame: (seen) => words.note(seen),
      end: () =>
        connections.map((connection) => {
          const { sequence, text } = words.of(connection.conn);
          const why = describeFault(connection.protocol, connection.fault!).text;
          return {
            text: `The relay closed a connection of ${cast.nameOfConnection(connection)}${address(connection)} at ${momentText(view, connection.closed!)}: ${why}${text === '' ? '' : `; ${text}`}`,
            frames: evidence(sequence),
            at: connection.closed!,
          };
        }),
    };
  };
}

export const closeFindings: readonly FindingSpec[] = [
  {
    id: 'connection-lost',
    severity: 'problem',
    title: 'A connection broke',
    explanation:
      'The network or the console ended a connection without a goodbye; what was said last before it, and who had fallen silent, tells which.',
    example: 'Bob (02:00:00:00:00:02) lost 2 connections at 9.0 s, of ports 1 and 2',
    watch: brokenConnections,
  },
  {
    id: 'slow-reader',
    severity: 'problem',
    title: 'A slow reader was closed',
    explanation:
      'A player did not take what the relay had for it until the queue was full, so its line is too slow or its game stands still.',
    example:
      'Bob (02:00:00:00:00:02) stopped reading, and the relay closed its connection at 6.0 s, 1.9 s after its last: 60 frames (61 kB) were waiting',
    watch: slowReaders,
  },
  {
    id: 'frame-too-long',
    severity: 'problem',
    title: 'A frame was announced that is too long',
    explanation:
      'A client announced more than its protocol allows, and was closed for it: its stream is out of step, or it is no game.',
    example:
      'The relay closed a connection of Bob (02:00:00:00:00:02) from 192.0.2.2 at 5.0 s: a frame was announced that is longer than the protocol allows; its last bytes began with 02 00 00 00 00 01 00 00 01 00 ff ff 00 00',
    watch: closed('frame-too-long'),
  },
  {
    id: 'strange-bytes',
    severity: 'problem',
    title: 'Bytes that are no frame',
    explanation:
      'A client sent what its protocol does not know, or not at this point, and was closed for it: another program, a scanner, or a client of another version.',
    example:
      'The relay closed a connection of the client at 192.0.2.66 port 4000 at 5.0 s: the bytes cannot be this protocol; its last bytes began with 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a, which look like a web browser or a scanner',
    watch: closed('strange-bytes'),
  },
  {
    id: TIMED_OUT,
    severity: 'warning',
    title: 'A client said nothing for too long',
    explanation:
      'A client did not say in time what its protocol asks for, and was closed: it hung, its network was gone, or it is no game.',
    example:
      'The relay closed a connection of the client at 192.0.2.66 port 4000 at 21.0 s: the opening frame did not arrive in time',
    watch: closed(TIMED_OUT),
  },
  {
    id: OTHERS,
    severity: 'warning',
    title: 'The relay closed a connection',
    explanation: 'The relay ended a connection for the reason that is given.',
    example:
      'The relay closed a connection of the client at 192.0.2.66 port 4000 at 5.0 s: the relay already had as many connections as it may have',
    watch: closed(OTHERS),
  },
];
