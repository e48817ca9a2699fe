/**
 * A game under test: we are the relay, and every recorded player but one, whose place a living client takes. What it
 * sends is compared with what that player sent.
 *
 * The relay is our own, and the other players are clients of it like any others, on this machine, so that the living
 * one meets what it met then. Its own addresses may differ from those of the recording: what goes to it is sent under
 * its living addresses, and what it sends is compared under the recorded ones.
 *
 * The rule: whatever the pace, the others wait for the living player, the first time without end, because somebody
 * has to start a game and find the way through its menus. `recorded` then keeps the distances of the recording, `step`
 * holds back what the others send, and `max` spares them only waiting for each other.
 */
import { monotonic, wallMicros } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import type { Millis, Protocol } from '../protocol/types.ts';
import { type ListeningAddress, Relay } from '../relay/relay.ts';
import { type Replay, rulesOf } from './against.ts';
import { Comparator } from './compare/comparator.ts';
import { verdictOf } from './compare/verdict.ts';
import { Engine, lastWords } from './engine/engine.ts';
import { LivingPlayer } from './living.ts';
import { NO_TARGET, Script } from './script/script.ts';
import { givesNames } from './text-handles.ts';
import type { Role, Subject, Verdict } from './types.ts';

/** Once all others have done all they did, the game has so long for what is left of its own. */
export const AFTERWARDS_MS: Millis = 1000;

/** Sockets of the game, and of whoever else comes, beside those of the recorded players. */
const CONNECTIONS_MAX = 1000;

/** The relay draws others in each play, and a game learns those of the others from whoever sits before it. */
const GIVES_NAMES =
  'its relay makes up the addresses, and a game under test could not know those of the others';

/** For whom a replay waits, and where. */
export interface Invitation {
  /** Whose place is free. */
  readonly role: Role;
  /** Who is there already. */
  readonly others: readonly Role[];
  readonly addresses: readonly ListeningAddress[];
}

export interface Game {
  /** Whose place it takes: a role, a nickname or an address. */
  readonly role: string;
  /** Where it finds the relay. The other players come from this machine. */
  readonly host: string;
  /** For the protocol that carries what players say; null for its own port. */
  readonly listen: number | null;
  /** Where players find each other; what is missing here is not served. */
  readonly ports: ReadonlyMap<Protocol, number>;
  /** In place of a protocol's own, where its hub is to be made with settings. */
  readonly createHub: (protocol: Protocol) => Protocol['createHub'] | undefined;
  /** The others are in their places, and wait. */
  readonly onWaiting: (invitation: Invitation) => void;
  /** It has come, and says that it is this one. */
  readonly onThere: (player: string) => void;
}

/** Failure codes: those of `Script`, `no-such-role`, `bad-masks`, `bad-policy`, and those of listening. */
export async function playGame(game: Game, replay: Replay): Promise<Verdict> {
  const { reader, file, capture, pace, signal, onProgress } = replay;
  const session = replay.session === null ? null : reader.session(replay.session);
  const script = new Script(reader, reader.capture(capture), {
    session,
    whyNot: (protocol) => whyNot(protocol, game),
  });
  const role = roleOf(game.role, script);
  const player = [...script.clients.values()].find((client) => client.player.name === role.player)?.player;
  if (player === undefined)
    throw new Failure(
      'input',
      'no-such-role',
      `${role.name} (${role.player}) has no connection to be played`,
    );
  const { masks, policy } = rulesOf(replay, script);
  const comparison = new Comparator({ masks, policy, roles: script.cast.roles });
  const living = new LivingPlayer({ script, player, masks, comparison });
  const relay = relayFor(game, script, living);
  await relay.start();
  const { addresses } = relay;
  try {
    const subject: Subject = { mode: 'game', role, target: targetText(addresses), pace };
    replay.onStart(subject);
    const startedAt = new Date(wallMicros() / 1000).toISOString();
    const start = (living.start = monotonic());
    const engine = new Engine({
      ...replay,
      script,
      // What the others get is not under test.
      comparison: null,
      target: (protocol) => {
        const address = addresses.find((each) => each.protocol === protocol);
        return { host: hostFromHere(address?.host ?? ''), port: address?.port ?? 0 };
      },
      external: living,
      rewriting: living,
      onProgress: (sent) => onProgress(sent, script.frames),
      beforeLeaving: () => lastWords(AFTERWARDS_MS, signal),
    });
    const others = script.cast.roles.filter((each) => each !== role);
    living.onHappened = () => engine.poke();
    living.onMissed = (conversation, unit) => engine.missed(conversation, unit);
    living.onAwaited = () => game.onWaiting({ role, others, addresses });
    living.onThere = game.onThere;
    const { sent, holds, unanswered } = await engine.play();
    if (signal.aborted) living.stopped();
    return verdictOf(comparison.end(), {
      subject,
      file,
      capture,
      session: replay.session,
      startedAt,
      lasted: monotonic() - start,
      partial: signal.aborted ? (signal.reason as Error).message : null,
      notes: [...script.notes, ...living.notes, ...(unanswered === null ? [] : [unanswered])],
      roles: script.cast.roles,
      holds,
      sent,
      // It is waited for without end; but who comes and says nothing at all has not answered.
      isAnswered: living.isThere || signal.aborted,
    });
  } finally {
    await relay.stop(0);
  }
}

function whyNot(protocol: Protocol, { ports }: Game): string | null {
  if (protocol.frames.some(givesNames)) return GIVES_NAMES;
  return protocol.groupNotice === undefined || ports.has(protocol) ? null : NO_TARGET;
}

function relayFor({ host, listen, ports, createHub }: Game, script: Script, living: LivingPlayer): Relay {
  const protocols = new Set(Array.from(script.clients.values(), ({ protocol }) => protocol));
  return new Relay({
    host,
    listeners: [...protocols].map((protocol) => {
      const port = (protocol.groupNotice === undefined ? listen : ports.get(protocol)) ?? protocol.port;
      const hub = createHub(protocol);
      return { protocol, port, ...(hub !== undefined && { createHub: hub }) };
    }),
    // The others may have to wait for a game much longer than anybody is silent.
    isPatient: true,
    maxConnections: script.clients.size + CONNECTIONS_MAX,
    tap: living,
  });
}

function roleOf(word: string, { cast }: Script): Role {
  const role = cast.find(word);
  if (role !== null) return role;
  const known = cast.roles.map(
    ({ name, nickname, player }) => `${name} (${nickname === '' ? player : nickname})`,
  );
  const message = `${JSON.stringify(word)} is not one player of the recording; there are ${known.join(', ')}`;
  throw new Failure('input', 'no-such-role', message);
}

function targetText(addresses: readonly ListeningAddress[]): string {
  return addresses.map(({ protocol, port }) => `${protocol.name} on port ${port}`).join(', ');
}

/** Where the others find the relay that listens on this. */
function hostFromHere(host: string): string {
  return host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
}
