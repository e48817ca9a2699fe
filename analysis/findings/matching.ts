/**
 * Joins by the matching library that were refused, not answered, or answered late.
 *
 * The rule: a join waits from its first JOIN to the first answer; what is repeated meanwhile is the
 * same join.
 */
import type { RecordedConnection } from '../../recorder/captures.ts';
import type { Observer, SeenFrame, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { castOf, type Cast, isDelivered } from './cast.ts';
import { GapWatch } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { lengthText, momentText, plural, SECOND } from './words.ts';

const MATCHING = 'matching';
/** The opcodes of the messages that matter here. */
const Message = { hello: 1, join: 2, accept: 3, cancel: 4, bye: 9 } as const;

/** A game answers at once, unless it asks its player. */
const ANSWER_NS = 3 * SECOND;
/** A JOIN that crossed with its ACCEPT is no new one. */
const CROSSING_NS = SECOND;

/** A host that advertises its room. */
export function isHello({ inner }: SeenFrame): boolean {
  return inner?.protocol.name === MATCHING && inner.kind === Message.hello;
}

interface Join {
  readonly from: RecordedConnection;
  readonly to: RecordedConnection;
  readonly first: number;
  readonly firstAt: number;
  last: number;
  joins: number;
}

interface Refusals {
  readonly at: number;
  readonly frames: number[];
  readonly wait: number;
  times: number;
  /** When a later join was accepted; null if none was. */
  acceptedAt: number | null;
}

interface Fates {
  readonly refused: readonly Found[];
  readonly unanswered: readonly Found[];
  readonly late: readonly Found[];
}

class Joins {
  readonly #view: SessionView;
  readonly #cast: Cast;
  readonly #gaps: GapWatch;
  readonly #pending = new Bounded<number, Join>();
  readonly #refused = new Bounded<number, Refusals>();
  readonly #acceptedAt = new Bounded<number, { at: number }>();
  readonly #unanswered = new Bounded<number, Found>();
  readonly #late = new Bounded<number, Found>();

  constructor(view: SessionView) {
    this.#view = view;
    this.#cast = castOf(view);
    this.#gaps = new GapWatch(view);
  }

  frame(seen: SeenFrame): void {
    // What is lacking may be the answer.
    if (this.#gaps.passed(seen.frame.sequence)) this.#pending.clear();
    const { frame, from, to, inner } = seen;
    if (inner?.protocol.name !== MATCHING || !isDelivered(seen)) return;
    const way = this.#cast.way(this.#cast.numberOf(frame.from), this.#cast.numberOf(frame.to));
    if (way === -1) return;
    const back = this.#cast.back(way);
    const { sequence, arrived } = frame;
    switch (inner.kind) {
      case Message.join:
        this.#join(way, from!, to!, sequence, arrived);
        break;
      case Message.accept:
        this.#accept(back, sequence, arrived);
        break;
      case Message.cancel:
        this.#refuse(back, sequence, arrived);
        this.#withdraw(way, sequence, arrived);
        break;
      case Message.bye:
        this.#withdraw(way, sequence, arrived);
        break;
    }
  }

  #join(way: number, from: RecordedConnection, to: RecordedConnection, sequence: number, at: number): void {
    if (at - (this.#acceptedAt.get(way)?.at ?? -Infinity) < CROSSING_NS) return;
    const join = this.#pending.take(way, () => ({
      from,
      to,
      first: sequence,
      firstAt: at,
      last: 0,
      joins: 0,
    }));
    if (join === null) return;
    join.joins += 1;
    join.last = sequence;
  }

  #accept(way: number, sequence: number, at: number): void {
    const join = this.#pending.get(way);
    this.#pending.delete(way);
    const accepted = this.#acceptedAt.take(way, () => ({ at }));
    if (accepted !== null) accepted.at = at;
    const refused = this.#refused.get(way);
    if (refused !== undefined) refused.acceptedAt ??= at;
    if (join === undefined || at - join.firstAt < ANSWER_NS) return;
    const [joiner, host] = this.#names(join);
    this.#late.take(way, () => ({
      text: `${host} took ${lengthText(at - join.firstAt)} to accept ${joiner}`,
      frames: evidence(join.first, sequence),
      at: join.firstAt,
    }));
  }

  #refuse(way: number, sequence: number, at: number): void {
    const join = this.#pending.get(way);
    if (join === undefined) return;
    this.#pending.delete(way);
    const refused = this.#refused.take(way, () => ({
      at,
      wait: at - join.firstAt,
      frames: [join.first, sequence],
      times: 0,
      acceptedAt: null,
    }));
    if (refused !== null) refused.times += 1;
  }

  /** The player who asked does not want to any more. */
  #withdraw(way: number, sequence: number, at: number): void {
    const join = this.#pending.get(way);
    if (join === undefined) return;
    this.#pending.delete(way);
    this.#leaveUnanswered(way, join, at, 'gave up', sequence);
  }

  #leaveUnanswered(way: number, join: Join, until: number, then: string, sequence = 0): void {
    const waited = until - join.firstAt;
    if (waited < ANSWER_NS) return;
    const [joiner, host] = this.#names(join);
    const times = join.joins === 1 ? 'once' : `${join.joins} times`;
    this.#unanswered.take(way, () => ({
      text: `${joiner} asked ${times} to join ${host}, who answered nothing in ${lengthText(waited)}, and then ${then}`,
      frames: evidence(join.first, join.last, sequence),
      at: join.firstAt,
    }));
  }

  #names({ from, to }: Join): readonly [joiner: string, host: string] {
    return [this.#cast.nameOfConnection(from), this.#cast.nameOfConnection(to)];
  }

  end(): Fates {
    for (const [way, join] of this.#pending.entries()) {
      const left = join.from.closed ?? Infinity;
      const hostLeft = join.to.closed ?? Infinity;
      const until = Math.min(left, hostLeft, this.#view.session.lastSeen);
      const then =
        until === left ? 'left' : until === hostLeft ? 'the host left' : 'nothing more is recorded';
      this.#leaveUnanswered(way, join, until, then);
    }
    return {
      refused: this.#refusals(),
      unanswered: [...this.#unanswered.values()],
      late: [...this.#late.values()],
    };
  }

  #refusals(): Found[] {
    return [...this.#refused.entries()].map(([way, { times, wait, frames, at, acceptedAt }]) => {
      const joiner = this.#cast.nameOfNumber(this.#cast.sender(way));
      const host = this.#cast.nameOfNumber(this.#cast.receiver(way));
      const often = times === 1 ? '' : `, ${plural(times, 'time')} in all`;
      const later = acceptedAt === null ? '' : `; it let it in at ${momentText(this.#view, acceptedAt)}`;
      return {
        text: `${host} answered the JOIN of ${joiner} with CANCEL, ${lengthText(wait)} after it${often}${later}`,
        frames: evidence(...frames),
        at,
      };
    });
  }
}

function watchJoins(fate: keyof Fates): (view: SessionView) => Observer<readonly Found[]> {
  return (view) => {
    const joins = new Joins(view);
    return { frame: (seen) => joins.frame(seen), end: () => joins.end()[fate] };
  };
}

export const matchingFindings: readonly FindingSpec[] = [
  {
    id: 'join-refused',
    severity: 'warning',
    title: 'A host refused a join',
    explanation:
      'The host answered a JOIN with CANCEL: its room was full or closed, its player said no, or the two games do not fit together.',
    example:
      'Alice (02:00:00:00:00:01) answered the JOIN of Bob (02:00:00:00:00:02) with CANCEL, 0.2 s after it',
    watch: watchJoins('refused'),
  },
  {
    id: 'join-unanswered',
    severity: 'problem',
    title: 'A join was not answered',
    explanation:
      'JOINs reached the host, which sent neither ACCEPT nor CANCEL: its game is no longer in the lobby, or does not see this player as one of its group.',
    example:
      'Bob (02:00:00:00:00:02) asked 9 times to join Alice (02:00:00:00:00:01), who answered nothing in 4.5 s, and then gave up',
    watch: watchJoins('unanswered'),
  },
  {
    id: 'join-answered-late',
    severity: 'note',
    title: 'A join was accepted late',
    explanation: 'The host needed more than 3 s to accept: many games ask their player first.',
    example: 'Alice (02:00:00:00:00:01) took 6.5 s to accept Bob (02:00:00:00:00:02)',
    watch: watchJoins('late'),
  },
];
