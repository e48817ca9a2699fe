/**
 * How players came together and parted, step by step: logins, groups, sockets and streams, the messages of
 * match-making, the first game data each way, endings.
 *
 * It works from what protocols say of their frames (`forRelay`, `groupNotice`, the kinds inside payloads), and
 * knows none by name. Repeats are one step with a count. Memory is bounded by the limits below.
 */
import { CommonFault, describeFault } from '../protocol/fault.ts';
import { Outcome, outcomes } from '../protocol/outcome.ts';
import { Direction, type GroupNotice } from '../protocol/types.ts';
import type { RecordedConnection } from '../recorder/captures.ts';
import { playerOf, type RecordedSession } from '../recorder/sessions/session.ts';
import { endpointOf, frameView, targetOf } from './ends.ts';
import { Folding, type Happening, type Step } from './folding.ts';
import type { Observer, SeenFrame, SessionView } from './observe.ts';
import { carriageOf } from './payloads.ts';

/** Steps of frames, and steps of connections that begin or end. What finds no room is counted. */
export const STEPS_MAX = 400;
export const ENDINGS_MAX = 200;
/** Pairs of players whose first game data is told. */
export const FIRSTS_MAX = 1000;

/** A login comes at once, and protocols wait no longer for it. */
const LOGIN_WITHIN_NS = 10e9;
/** A connection may end a little after the session that its end ended. */
const ENDS_WITHIN_NS = 1e9;

/** Reasons for which connections of a game end when all is well. */
const ordinary: ReadonlySet<number> = new Set([
  CommonFault.none,
  CommonFault.shutdown,
  CommonFault.partnerGone,
]);

export interface Joining {
  /** In order of time. */
  readonly steps: readonly Step[];
  /** What happened and is in none of them, because there were too many. */
  readonly beyond: number;
}

export class JoiningObserver implements Observer<Joining> {
  readonly #view: SessionView;
  readonly #steps = new Folding(STEPS_MAX);
  readonly #endings = new Folding(ENDINGS_MAX);
  /** Control connections from which nothing has come so far. */
  readonly #silent: Set<number>;
  readonly #logins = new Map<number, number>();
  readonly #firsts = new Set<string>();

  constructor(view: SessionView) {
    this.#view = view;
    this.#silent = new Set(controlConnections(view).map(({ conn }) => conn));
  }

  frame(seen: SeenFrame): void {
    const { frame, from, to, spec } = seen;
    const actor = from ?? to;
    if (actor === null || spec === null) return;
    const notice = actor.protocol?.groupNotice?.(frameView(frame)) ?? null;
    if (notice !== null) {
      this.#silent.delete(actor.conn);
      this.#tell(seen, actor, noticeText(notice, actor));
    } else if (from !== null && spec.forRelay === true) {
      if (!this.#isLogin(seen, from))
        this.#tell(seen, from, from.protocol?.summarize(frameView(frame)) ?? '');
    } else if (from !== null && spec.direction === Direction.toRelay) {
      this.#carried(seen, from);
    }
  }

  end(): Joining {
    for (const connection of controlConnections(this.#view)) this.#login(connection);
    for (const ending of endings(this.#view)) this.#endings.add(ending, ending.what);
    const steps = [...this.#steps.told(), ...this.#endings.told()];
    return {
      steps: steps.sort(byTime),
      beyond: this.#steps.beyond + this.#endings.beyond,
    };
  }

  /** What players say to each other: match-making by its kinds, and of the game's own only the first. */
  #carried(seen: SeenFrame, from: RecordedConnection): void {
    const { frame, spec, payload, inner } = seen;
    if (payload === null) return;
    const target = targetOf(seen);
    if (inner !== null) {
      const what = inner.protocol.summarize(inner.kind, payload);
      this.#tell(seen, from, what, target, `${inner.protocol.name} ${inner.kind}`);
      return;
    }
    if (frame.to === 0) return;
    const isStream = spec !== null && carriageOf(spec) === 'stream';
    const what = isStream ? 'first game data by stream' : 'first game data';
    const pair = [what, playerOf(endpointOf(from, frame.from)), playerOf(target)].join(' ');
    if (this.#firsts.has(pair) || this.#firsts.size >= FIRSTS_MAX) return;
    this.#firsts.add(pair);
    this.#tell(seen, from, what, playerOf(target));
  }

  #tell(
    { frame }: SeenFrame,
    actor: RecordedConnection,
    what: string,
    target: string | null = null,
    sort = what,
  ): void {
    const lost = frame.outcome > Outcome.originated ? frame.outcome : null;
    const happening: Happening = {
      at: frame.arrived,
      sequence: frame.sequence,
      player: playerOf(endpointOf(actor, actor.conn)),
      what,
      target,
      lost: lost === null ? null : (outcomes[lost]?.name ?? `outcome-${lost}`),
    };
    this.#steps.add(happening, sort);
  }

  /** The login itself is told from what is known of the connection, which is more than its frame says. */
  #isLogin({ frame }: SeenFrame, from: RecordedConnection): boolean {
    if (!this.#silent.delete(from.conn) || frame.arrived - from.opened > LOGIN_WITHIN_NS) return false;
    this.#logins.set(from.conn, frame.sequence);
    return true;
  }

  #login(connection: RecordedConnection): void {
    const player = playerOf(endpointOf(connection, connection.conn));
    const { players, game, gameName } = this.#view.session;
    const nickname = players.find((each) => each.player === player)?.nickname ?? '';
    const as = nickname === '' ? '' : ` as ${JSON.stringify(nickname)}`;
    const played = gameName === '' ? game : `${gameName} (${game})`;
    this.#endings.add(
      {
        at: connection.opened,
        sequence: this.#logins.get(connection.conn) ?? null,
        player,
        what: `logs in${as}${game === '' ? '' : ` to play ${played}`}`,
        target: null,
        lost: null,
      },
      'login',
    );
  }
}

/** Of the same moment, frames come first, in their order. */
function byTime(one: Step, other: Step): number {
  return one.at - other.at || (one.sequence ?? Infinity) - (other.sequence ?? Infinity) || 0;
}

/** Connections of the session's players by which they find each other. */
function controlConnections(view: SessionView): readonly RecordedConnection[] {
  return own(view).filter(({ protocol }) => protocol?.groupNotice !== undefined);
}

/** Each once, though a player may have come back with one. */
function own({ session, connections }: SessionView): readonly RecordedConnection[] {
  const conns = new Set(session.players.flatMap((player) => player.connections.map(({ conn }) => conn)));
  return [...conns].flatMap((conn) => connections.get(conn) ?? []);
}

function noticeText(notice: GroupNotice, actor: RecordedConnection): string {
  switch (notice.does) {
    case 'asks':
      return `asks for group ${JSON.stringify(notice.group)}`;
    case 'joins':
      return notice.leader === playerOf(endpointOf(actor, actor.conn))
        ? 'is in the group, and leads it'
        : `is in the group that ${notice.leader} leads`;
    case 'leaves':
      return 'leaves the group';
  }
}

/** In order of time: ends that are out of the ordinary, who was turned away, and each player's last end. */
function endings(view: SessionView): readonly Happening[] {
  const players = new Set(own(view));
  const lasts = lastEnds(view);
  const found: Happening[] = [];
  // Of one moment, leaving comes last.
  const others = [...view.connections.values()].filter((each) => !lasts.has(each));
  for (const connection of [...others, ...lasts]) {
    const { closed, fault, protocol, role } = connection;
    if (closed === null || fault === null || !isWithin(view.session, closed)) continue;
    const { text } = describeFault(protocol, fault);
    const name = role ?? protocol?.name ?? 'connection';
    const what = !players.has(connection)
      ? `is turned away (${name}): ${text}`
      : lasts.has(connection)
        ? `leaves: ${text}`
        : ordinary.has(fault)
          ? null
          : `${name} is closed: ${text}`;
    if (what === null) continue;
    const player = playerOf(endpointOf(connection, connection.conn));
    found.push({ at: closed, sequence: null, player, what, target: null, lost: null });
  }
  return found.sort((one, other) => one.at - other.at);
}

/** The connection that each player who is gone closed last. */
function lastEnds({ session, connections }: SessionView): ReadonlySet<RecordedConnection> {
  const lasts = new Set<RecordedConnection>();
  for (const player of session.players) {
    const theirs = player.connections.flatMap(({ conn }) => connections.get(conn) ?? []);
    if (theirs.length === 0 || theirs.some(({ closed }) => closed === null)) continue;
    lasts.add(theirs.reduce((last, each) => ((each.closed ?? 0) > (last.closed ?? 0) ? each : last)));
  }
  return lasts;
}

function isWithin({ started, lastSeen, ended }: RecordedSession, at: number): boolean {
  return at >= started && (ended === null || at <= lastSeen + ENDS_WITHIN_NS);
}
