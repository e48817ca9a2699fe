/**
 * A game under test: we are the relay, and every recorded player but one, whose place a living client takes. What it
 * sends is compared with what that player sent.
 *
 * The relay is our own, and the other players are clients of it like any others, so that the living one meets what it
 * met then. Its own addresses may differ from those of the recording: what goes to it is sent under its living
 * addresses, and what it sends is compared under the recorded ones.
 */
import { monotonic, wallMicros } from '../common/clock.ts';
import { Failure } from '../common/failure.ts';
import type { Protocol } from '../protocol/types.ts';
import { Relay } from '../relay/relay.ts';
import { type Replay, rulesOf } from './against.ts';
import { Comparator } from './compare/comparator.ts';
import { verdictOf } from './compare/verdict.ts';
import { Engine, lastWords } from './engine/engine.ts';
import { LivingPlayer } from './living.ts';
import { Script } from './script/script.ts';
import type { Role, Subject, Verdict } from './types.ts';

/** Once all others have done all they did, the game has so long for what is left of its own. */
const AFTERWARDS_MS = 1000;

const CONNECTIONS_MAX = 1000;

export interface Game {
  /** Whose place it takes: a role, a nickname or an address. */
  readonly role: string;
  readonly host: string;
  /** For the protocol that carries what players say; null for its own port. */
  readonly listen: number | null;
  /** Where players find each other; what is missing here is not served. */
  readonly ports: ReadonlyMap<Protocol, number>;
  /** Tells people what to do. */
  readonly say: (text: string) => void;
}

/** Failure codes: those of `Script`, `no-such-role`, `bad-masks`, `bad-policy`, and those of listening. */
export async function playGame(game: Game, replay: Replay): Promise<Verdict> {
  const { reader, file, capture, pace, signal, onProgress } = replay;
  const session = replay.session === null ? null : reader.session(replay.session);
  const script = new Script(reader, reader.capture(capture), {
    session,
    plays: (protocol) => protocol.groupNotice === undefined || game.ports.has(protocol),
  });
  const role = roleOf(game.role, script);
  const external = [...script.clients.values()].find(({ player }) => player.name === role.player)?.player;
  if (external === undefined)
    throw new Failure(
      'input',
      'no-such-role',
      `${role.name} (${role.player}) has no connections in the recording`,
    );
  const { masks, policy } = rulesOf(replay, script);
  const comparison = new Comparator({ masks, policy, roles: script.cast.roles });
  const living = new LivingPlayer({ script, player: external, masks, comparison });
  const relay = new Relay({
    host: game.host,
    listeners: protocolsOf(script).map((protocol) => ({ protocol, port: portOf(protocol, game) })),
    maxConnections: CONNECTIONS_MAX,
    tap: living,
  });
  await relay.start();
  try {
    const subject: Subject = {
      mode: 'game',
      role,
      target: relay.addresses.map(({ protocol, port }) => `${protocol.name} on port ${port}`).join(', '),
      pace,
    };
    replay.onStart(subject);
    const who = role.nickname === '' ? role.player : `${role.nickname} (${role.player})`;
    game.say(`Waiting for a game in the place of ${who}: ${subject.target}`);
    const startedAt = new Date(wallMicros() / 1000).toISOString();
    const start = monotonic();
    const engine = new Engine({
      ...replay,
      script,
      // What the others get is not under test.
      comparison: null,
      target: (protocol) => ({
        host: '127.0.0.1',
        port: relay.addresses.find((each) => each.protocol === protocol)?.port ?? 0,
      }),
      external: living,
      rewriting: living,
      onProgress: (sent) => onProgress(sent, script.frames),
      beforeLeaving: () => lastWords(AFTERWARDS_MS, signal),
    });
    living.onHappened = () => engine.poke();
    const { sent, holds } = await engine.play();
    return verdictOf(comparison.end(), {
      subject,
      file,
      capture,
      session: replay.session,
      startedAt,
      lasted: monotonic() - start,
      partial: signal.aborted ? (signal.reason as Error).message : null,
      notes: [...script.notes, ...living.notes],
      roles: script.cast.roles,
      holds,
      sent,
      isAnswered: living.isThere || signal.aborted,
    });
  } finally {
    await relay.stop(0);
  }
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

function protocolsOf({ clients }: Script): Protocol[] {
  return [...new Set(Array.from(clients.values(), ({ protocol }) => protocol))];
}

function portOf(protocol: Protocol, { listen, ports }: Game): number {
  if (protocol.groupNotice !== undefined) return ports.get(protocol) ?? protocol.port;
  return listen ?? protocol.port;
}
