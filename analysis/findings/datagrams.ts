/**
 * Datagrams that reached nobody, and players who never answer.
 *
 * The rule: what crosses with somebody's coming or going is ordinary, and so is one lost datagram.
 */
import { Outcome } from '../../protocol/outcome.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import type { Observer, SeenFrame, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { addresseeOf, castOf, isDelivered, isForData, isTalk, isTurnedAway, portOf } from './cast.ts';
import { GapWatch, knowsAllEnds } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { isHello } from './matching.ts';
import { type Tally, tally } from './tally.ts';
import { countText, lengthText, listText, momentText, plural, SECOND, spanText } from './words.ts';

/** Others need so long to notice who came or left. */
const GRACE_NS = 3 * SECOND;
const NOBODY_FRAMES_MIN = 3;
/** Enough to be meant as a conversation. */
const ONE_WAY_FRAMES_MIN = 20;
const ONE_WAY_NS = 5 * SECOND;
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

function nobodyThere(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const tallies = new Bounded<string, Tally>();

  /** Those of the sender's kind that hold this endpoint at some time. */
  const holders = (target: string, { role }: RecordedConnection) =>
    cast.connectionsAt(target).filter((each) => each.role === role && isForData(each));

  const isInPassing = (target: string, sender: RecordedConnection, at: number) =>
    holders(target, sender).some(
      ({ opened, closed }) => at >= opened - GRACE_NS && at <= (closed ?? Infinity) + GRACE_NS,
    );

  const why = ({ sender, target, firstAt, lastAt }: Tally): string => {
    const held = holders(target, sender);
    const before = held.filter(({ closed }) => closed !== null && closed < firstAt).at(-1);
    const after = held.find(({ opened }) => opened > firstAt);
    const player = playerOf(target);
    if (after !== undefined) return `; it was opened at ${momentText(view, after.opened)}`;
    if (before !== undefined) return `; it was closed at ${momentText(view, before.closed!)}`;
    if (player === BROADCAST) return ', because a relay has no address for all';
    if (cast.connectionsAt(target).some(isTurnedAway)) return '; the guard had turned this player away';
    const ports = cast
      .connectionsOf(player)
      .filter(isForData)
      .filter(({ role, opened, closed }) => {
        return role === sender.role && opened <= lastAt && (closed ?? Infinity) >= firstAt;
      })
      .map(({ endpoint }) => portOf(endpoint!));
    const others = [...new Set(ports)].filter((port) => port !== '');
    if (others.length > 0)
      return `; this player held ${others.length === 1 ? 'port' : 'ports'} ${listText(others)}`;
    if (!knowsAllEnds(view)) return '';
    return cast.connectionsOf(player).length === 0
      ? '; nobody of this address was there'
      : '; this player held no port then';
  };

  return {
    frame(seen) {
      const { frame, from } = seen;
      if (frame.outcome !== Outcome.noTarget || from === null) return;
      const target = addresseeOf(seen);
      if (target !== null && !isInPassing(target, from, frame.arrived)) tally(tallies, cast, seen);
    },
    end: () =>
      [...tallies.values()]
        .filter(({ frames }) => frames >= NOBODY_FRAMES_MIN)
        .map((each) => {
          const name = cast.nameOfConnection(each.sender);
          const count = plural(each.frames, 'datagram');
          const when = spanText(view, each.firstAt, each.lastAt);
          return {
            text: `${name} sent ${count} to ${cast.placeOf(each.target)} ${when}, which nobody held${why(each)}`,
            frames: evidence(each.first, each.last),
            at: each.firstAt,
          };
        }),
  };
}

interface Way {
  /** Since the last gap. */
  frames: number;
  first: number;
  firstAt: number;
  last: number;
  lastAt: number;
  /** Whether anything was ever said on it. */
  isUsed: boolean;
  /** The port to which its frames went instead, which nobody held. */
  strayPort: string;
  strays: number;
  gaps: number;
}

function oneWay(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const ways = new Bounded<number, Way>();
  const sent = new Array<number>(cast.size).fill(0);
  const watch = new GapWatch(view);
  let gaps = 0;

  const take = (way: number): Way | null =>
    way === -1
      ? null
      : ways.take(way, () => ({
          frames: 0,
          first: 0,
          firstAt: 0,
          last: 0,
          lastAt: 0,
          isUsed: false,
          strayPort: '',
          strays: 0,
          gaps,
        }));

  const deliver = (way: Way, seen: SeenFrame): void => {
    way.isUsed = true;
    // Hosts advertise to all who may never want to join, and blocks of a stream may go one way.
    if (isHello(seen) || seen.spec?.lossless === true) return;
    // An answer may be among the frames that are lacking.
    if (way.gaps !== gaps) {
      way.gaps = gaps;
      way.frames = 0;
    }
    if (way.frames === 0) {
      way.first = seen.frame.sequence;
      way.firstAt = seen.frame.arrived;
    }
    way.frames += 1;
    way.last = seen.frame.sequence;
    way.lastAt = seen.frame.arrived;
  };

  return {
    frame(seen) {
      if (watch.passed(seen.frame.sequence)) gaps += 1;
      if (!isTalk(seen)) return;
      const sender = cast.numberOf(seen.frame.from);
      if (sender >= 0) sent[sender] = sent[sender]! + 1;
      if (isDelivered(seen)) {
        const way = take(cast.way(sender, cast.numberOf(seen.frame.to)));
        if (way !== null) deliver(way, seen);
      } else if (seen.frame.outcome === Outcome.noTarget) {
        const target = addresseeOf(seen) ?? '';
        const way = take(cast.way(sender, cast.numberOfPlayer(playerOf(target))));
        if (way === null) return;
        way.strays += 1;
        way.strayPort = portOf(target);
      }
    },
    end() {
      const found: Found[] = [];
      for (const [way, { frames, first, firstAt, last, lastAt }] of ways.entries()) {
        const back = ways.get(cast.back(way));
        const isEnough = frames >= ONE_WAY_FRAMES_MIN && lastAt - firstAt >= ONE_WAY_NS;
        if (!isEnough || back?.isUsed === true) continue;
        const receiver = cast.receiver(way);
        const [from, to] = [cast.nameOfNumber(cast.sender(way)), cast.nameOfNumber(receiver)];
        const answer =
          back !== undefined && back.strays > 0
            ? `its ${plural(back.strays, 'answer')} went to port ${back.strayPort}, which nobody held`
            : sent[receiver] === 0
              ? 'it said nothing to anybody'
              : 'it talked to others meanwhile';
        found.push({
          text: `${from} sent ${countText(frames)} frames to ${to} in ${lengthText(lastAt - firstAt)}, which arrived and were never answered; ${answer}`,
          frames: evidence(first, last),
          at: firstAt,
        });
      }
      return found;
    },
  };
}

export const datagramFindings: readonly FindingSpec[] = [
  {
    id: 'nobody-there',
    severity: 'warning',
    title: 'Datagrams to a port that nobody holds',
    explanation:
      'A player talks to an address where no socket is open, so nothing of it arrives: the other game is not there (any more or yet), uses another port, or another relay.',
    example:
      'Alice (02:00:00:00:00:01) sent 51 datagrams to port 7 of Bob (02:00:00:00:00:02) from 2.0 s to 7.0 s, which nobody held; this player held port 1',
    watch: nobodyThere,
  },
  {
    id: 'one-way',
    severity: 'warning',
    title: 'A conversation goes one way',
    explanation:
      'A player got datagrams for seconds and never sent one back: its game does not understand them, is in another state, or answers to another port.',
    example:
      'Alice (02:00:00:00:00:01) sent 91 frames to Bob (02:00:00:00:00:02) in 9.0 s, which arrived and were never answered; it said nothing to anybody',
    watch: oneWay,
  },
];
