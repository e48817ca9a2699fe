/**
 * Streams that did not come about: nobody listened, nobody accepted, or somebody accepted too late.
 *
 * The rule: what the relay tells a connect means that its stream stands, and what it tells a listener
 * means that it was asked; both in the order in which connects came.
 */
import type { RecordedConnection } from '../../recorder/captures.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { Observer, SeenFrame, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { castOf, type Cast, faultOf, listAt } from './cast.ts';
import { isWhole, Trails } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { lengthText, momentText, SECOND } from './words.ts';

/** Who gives up sooner did not mean it. */
const WAITED_MIN_NS = SECOND;
/** Who listens later than this came for something else. */
const LATE_MAX_NS = 60 * SECOND;

interface Attempt {
  readonly connection: RecordedConnection;
  readonly toward: string;
  readonly init: number;
  readonly at: number;
  /** The frame by which its listener was asked; 0 if none was. */
  asked: number;
  stands: boolean;
}

/** Fates of connects, by the fault with which they ended; null: it depends on whether a listener was asked. */
const fates: Readonly<Record<string, 'unheard' | 'unaccepted' | null>> = {
  'no-listener': 'unheard',
  'not-accepted': 'unaccepted',
  ended: null,
  lost: null,
  replaced: null,
};

class Connects implements Observer<readonly Found[]> {
  readonly #view: SessionView;
  readonly #cast: Cast;
  readonly #fate: 'unheard' | 'unaccepted';
  readonly #trails = new Trails();
  readonly #attempts = new Map<number, Attempt>();
  /** Those whose listener was not asked yet, by its endpoint. */
  readonly #waiting = new Map<string, Attempt[]>();
  #sequence = 0;

  constructor(view: SessionView, fate: 'unheard' | 'unaccepted') {
    this.#view = view;
    this.#cast = castOf(view);
    this.#fate = fate;
  }

  frame(seen: SeenFrame): void {
    const { frame, from, to } = seen;
    this.#trails.note(seen);
    this.#sequence = frame.sequence;
    if (from?.role === 'ptp-connect' && from.toward !== null && !this.#attempts.has(from.conn)) {
      const attempt: Attempt = {
        connection: from,
        toward: from.toward,
        init: frame.sequence,
        at: frame.arrived,
        asked: 0,
        // Where its first frame is no init, its beginning is not recorded, and it speaks already.
        stands: frame.outcome !== Outcome.consumed,
      };
      this.#attempts.set(from.conn, attempt);
      listAt(this.#waiting, from.toward).push(attempt);
    }
    if (to === null || frame.from !== 0) return;
    if (to.role === 'ptp-connect') {
      const attempt = this.#attempts.get(to.conn);
      if (attempt !== undefined) attempt.stands = true;
    } else if (to.role === 'ptp-listen' && to.endpoint !== null) {
      this.#ask(to.endpoint, frame.sequence, frame.arrived);
    }
  }

  #ask(endpoint: string, sequence: number, at: number): void {
    const waiting = listAt(this.#waiting, endpoint);
    let attempt = waiting.shift();
    while (attempt !== undefined && (attempt.connection.closed ?? Infinity) < at) attempt = waiting.shift();
    if (attempt !== undefined) attempt.asked = sequence;
  }

  end(): readonly Found[] {
    const groups = new Bounded<string, Attempt[]>();
    const stood = new Map<string, Attempt[]>();
    for (const attempt of this.#attempts.values()) {
      const pair = `${playerOf(attempt.connection.endpoint ?? '')} ${attempt.toward}`;
      if (attempt.stands) listAt(stood, pair).push(attempt);
      else if (this.#fateOf(attempt) === this.#fate) groups.take(pair, () => [])?.push(attempt);
    }
    return [...groups.entries()].map(([pair, attempts]) => this.#tell(attempts, stood.get(pair) ?? []));
  }

  #fateOf({ connection, asked, stands, at, init }: Attempt): 'unheard' | 'unaccepted' | null {
    const closed = this.#cast.endOf(connection);
    const fate = fates[faultOf(connection)];
    if (stands || closed === null || fate === undefined) return null;
    if (fate !== null) return fate;
    // It gave up by itself, so that only the frames can tell whether the stream stood.
    if (closed - at < WAITED_MIN_NS || !isWhole(this.#view, init, this.#sequence)) return null;
    return asked === 0 ? 'unheard' : 'unaccepted';
  }

  #tell(attempts: readonly Attempt[], stood: readonly Attempt[]): Found {
    const last = attempts.at(-1)!;
    const { connection, toward } = last;
    const waited = lengthText(connection.closed! - last.at);
    const times = attempts.length === 1 ? 'asked' : `asked ${attempts.length} times`;
    const who = `${this.#cast.nameOfConnection(connection)} ${times} for a stream to ${this.#cast.placeOf(toward)}`;
    const { text, frames } = this.#fate === 'unheard' ? this.#unheard(last) : this.#unaccepted(last);
    const worked = stood.find(({ at }) => at > last.at);
    const after =
      worked === undefined ? '' : `; a later attempt worked, at ${momentText(this.#view, worked.at)}`;
    return {
      text: `${who}, and ${text.replace('{waited}', waited)}${after}`,
      frames: evidence(...attempts.slice(-4).map(({ init }) => init), ...frames),
      at: attempts[0]!.at,
    };
  }

  #unheard({ connection, toward }: Attempt): { text: string; frames: readonly number[] } {
    const gaveUp = connection.closed!;
    const text = 'nobody listened there in the {waited} that it waited';
    const listeners = this.#cast.connectionsAt(toward).filter(({ role }) => role === 'ptp-listen');
    const [late] = listeners
      .map((listener) => ({ ...this.#trails.of(listener.conn), listener }))
      .map((trail) => ({ ...trail, since: trail.firstSentAt || trail.listener.opened }))
      .filter(({ since }) => since > gaveUp && since <= gaveUp + LATE_MAX_NS);
    if (late !== undefined) {
      const lateness = lengthText(late.since - gaveUp);
      return { text: `${text}; a listener appeared ${lateness} too late`, frames: [late.firstSent] };
    }
    const gone = listeners.filter(({ closed }) => closed !== null && closed < gaveUp).at(-1);
    const when = gone === undefined ? '' : `; the last listener ended at ${this.#moment(gone.closed!)}`;
    return { text: `${text}${when}`, frames: [] };
  }

  #unaccepted({ connection, toward, asked }: Attempt): { text: string; frames: readonly number[] } {
    const gone = this.#cast
      .connectionsAt(toward)
      .find(({ role, closed }) => role === 'ptp-listen' && closed !== null && closed <= connection.closed!);
    const told = asked === 0 ? '' : ' was told, but';
    const end = gone === undefined ? '' : `; it stopped listening at ${this.#moment(gone.closed!)}`;
    return { text: `the listener${told} did not accept it in {waited}${end}`, frames: [asked] };
  }

  #moment(at: number): string {
    return momentText(this.#view, at);
  }
}

/** Accepts for which no connect waited any more. */
function lateAccepts(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();
  return {
    frame: (seen) => trails.note(seen),
    end: () =>
      [...view.connections.values()].flatMap((accept) => {
        if (faultOf(accept) !== 'nobody-waits' || accept.toward === null || cast.endOf(accept) === null)
          return [];
        const at = trails.of(accept.conn).firstSentAt || accept.opened;
        const connect = cast
          .connectionsAt(accept.toward)
          .filter(({ toward, closed }) => toward === accept.endpoint && closed !== null && closed <= at)
          .at(-1);
        const name = cast.nameOfConnection(accept);
        const why =
          connect === undefined
            ? 'which had not asked for one'
            : `${lengthText(at - connect.closed!)} after that had given up`;
        return {
          text: `${name} accepted a stream from ${cast.placeOf(accept.toward)}, ${why}`,
          frames: evidence(
            connect === undefined ? 0 : trails.of(connect.conn).firstSent,
            trails.of(accept.conn).firstSent,
          ),
          at,
        };
      }),
  };
}

export const streamFindings: readonly FindingSpec[] = [
  {
    id: 'no-listener',
    severity: 'problem',
    title: 'A stream was asked for where nobody listened',
    explanation:
      'A PTP connect ended before anybody listened at its target: the other game was not that far yet, listens at another port, or had left; trying again once it listens may help.',
    example:
      'Alice (02:00:00:00:00:01) asked for a stream to port 20 of Bob (02:00:00:00:00:02), and nobody listened there in the 5.0 s that it waited; a listener appeared 0.4 s too late',
    watch: (view) => new Connects(view, 'unheard'),
  },
  {
    id: 'not-accepted',
    severity: 'problem',
    title: 'A listener did not accept',
    explanation: 'A PTP connect reached a listener, whose game never took it: it was busy, full, or hung.',
    example:
      'Alice (02:00:00:00:00:01) asked for a stream to port 20 of Bob (02:00:00:00:00:02), and the listener was told, but did not accept it in 20.0 s',
    watch: (view) => new Connects(view, 'unaccepted'),
  },
  {
    id: 'accept-too-late',
    severity: 'warning',
    title: 'A stream was accepted too late',
    explanation:
      'A PTP accept came when its connect no longer waited: one game or its network is slower than the other has patience.',
    example:
      'Bob (02:00:00:00:00:02) accepted a stream from port 1025 of Alice (02:00:00:00:00:01), 0.5 s after that had given up',
    watch: lateAccepts,
  },
];
