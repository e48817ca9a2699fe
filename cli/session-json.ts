/**
 * A session's report as JSON. Scripts rely on these fields. Times are in nanoseconds since the capture's
 * start, frames are sequence numbers; `startedAt` names a moment.
 */
import type { SessionView } from '../analysis/observe.ts';
import type { SessionReport } from '../analysis/session-report.ts';
import { describeFault } from '../protocol/fault.ts';
import type { RecordedConnection } from '../recorder/captures.ts';

const NANOS_PER_MILLI = 1e6;

export function sessionJson({ view, findings, conversations, joining }: SessionReport): string {
  const { session, gaps } = view;
  const { delayP50, delayP99, delayMax, players: _, ...told } = session;
  return JSON.stringify(
    {
      session: {
        ...told,
        startedAt: startedAt(view),
        delay: { p50: delayP50, p99: delayP99, max: delayMax },
      },
      gaps,
      findings,
      players: players(view),
      turnedAway: turnedAway(view).map(connectionJson),
      conversations: conversations.list.map(({ filter: _filter, ...told }) => told),
      beyondConversations: conversations.beyond,
      steps: joining.steps,
      beyondSteps: joining.beyond,
    },
    null,
    2,
  );
}

/** When the session began, on the wall clock: ISO 8601. */
export function startedAt({ capture, session }: SessionView): string {
  return new Date(Date.parse(capture.startedAt) + session.started / NANOS_PER_MILLI).toISOString();
}

/** Connections of nobody who plays in this session. */
export function turnedAway({ session, connections }: SessionView): readonly RecordedConnection[] {
  const spans = session.players.flatMap((player) => player.connections);
  const own = new Set(spans.map(({ conn }) => conn));
  return [...connections.values()].filter(({ conn }) => !own.has(conn));
}

function players({ session, connections }: SessionView): readonly object[] {
  return session.players.map(({ player, nickname, connections: spans }) => ({
    player,
    nickname,
    connections: spans.map(({ conn, first, last }) => {
      const connection = connections.get(conn);
      return { conn, first, last, ...(connection && connectionJson(connection)) };
    }),
  }));
}

function connectionJson(connection: RecordedConnection): object {
  const { conn, protocol, role, endpoint, toward, remoteAddress, remotePort, transport } = connection;
  const { opened, closed, fault } = connection;
  return {
    conn,
    protocol: protocol?.name ?? null,
    role,
    endpoint,
    toward,
    address: remoteAddress,
    port: remotePort,
    transport: transport ?? 'tcp',
    opened,
    closed,
    fault: fault === null ? null : describeFault(protocol, fault).name,
  };
}
