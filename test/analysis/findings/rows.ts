/** What a capture holds of a session that was never recorded: its connections, its frames, and what is known of it. */
import type { SessionView } from '../../../analysis/observe.ts';
import { UNFRAMED } from '../../../protocol/kind.ts';
import { Outcome } from '../../../protocol/outcome.ts';
import { postoffice as protocol } from '../../../protocol/postoffice/index.ts';
import type { RecordedConnection, RecordedFrame, RecordedGap } from '../../../recorder/captures.ts';
import type { SessionEnd } from '../../../recorder/sessions/session.ts';

const SECOND = 1e9;
/** Captures are older than their sessions. */
const STARTED = 100 * SECOND;
/** Other sessions have frames in the capture as well. */
export const FIRST_SEQUENCE = 1001;

export type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface Hop {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly bytes: Uint8Array;
  readonly outcome?: Outcome;
  readonly delayMs?: number | null;
}

/** Nanoseconds since the capture's start, of seconds since the session's. */
export function moment(seconds: number): number {
  return STARTED + Math.round(seconds * SECOND);
}

/** A connection that has not said who it is. */
export function rowOf(conn: number, remoteAddress: string, at: number): Writable<RecordedConnection> {
  return {
    conn,
    protocol,
    protocolId: protocol.id,
    revision: protocol.revision,
    remoteAddress,
    remotePort: 4000,
    transport: null,
    opened: moment(at),
    closed: null,
    fault: null,
    role: null,
    endpoint: null,
    toward: null,
    nickname: null,
    game: null,
    gameName: null,
    stamp: null,
  };
}

export function frameOf(sequence: number, arrived: number, { kind, delayMs, ...hop }: Hop): RecordedFrame {
  const departed = delayMs === null || delayMs === undefined ? null : arrived + Math.round(delayMs * 1e6);
  const code = kind === 'unframed' ? UNFRAMED : protocol.frames.findIndex(({ name }) => name === kind);
  const { from, to, bytes, outcome = Outcome.forwarded } = hop;
  return { sequence, arrived, departed, from, to, kind: code, outcome, bytes: Buffer.from(bytes) };
}

interface Told {
  readonly ended: SessionEnd | null;
  readonly group: string | null;
  /** By itself, with the last that happens. */
  readonly over: number | null;
}

export function viewOf(
  connections: readonly RecordedConnection[],
  players: readonly { readonly mac: string; readonly nickname: string }[],
  frames: readonly RecordedFrame[],
  gaps: readonly RecordedGap[],
  { ended, group, over }: Told,
): SessionView {
  const lastFrame = frames.at(-1)?.arrived ?? STARTED;
  const lastEnd = Math.max(0, ...connections.map(({ closed }) => closed ?? 0));
  const delays = frames.flatMap(({ arrived, departed }) => (departed === null ? [] : [departed - arrived]));
  delays.sort((a, b) => a - b);
  const delay = (share: number) => delays[Math.floor((delays.length - 1) * share)] ?? null;
  const firstSequence = frames[0]?.sequence ?? 0;
  const lastSequence = frames.at(-1)?.sequence ?? 0;
  const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  return {
    capture: {
      id: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: null,
      ended: 'recording',
      connections: connections.length,
      frames: frames.length,
      bytes,
      gaps: gaps.reduce((sum, gap) => sum + gap.frames, 0),
      trouble: null,
      lastSequence,
      lasted: lastEnd,
      hasSessions: true,
    },
    session: {
      id: 1,
      captureId: 1,
      started: STARTED,
      lastSeen: over ?? Math.max(lastFrame, lastEnd),
      ended,
      game: '',
      gameName: '',
      group,
      firstSequence,
      lastSequence,
      frames: frames.length,
      bytes,
      delayP50: delay(0.5),
      delayP99: delay(0.99),
      delayMax: delay(1),
      players: players.map(({ mac, nickname }) => ({
        player: mac,
        nickname,
        connections: connections
          .filter(({ endpoint }) => endpoint?.startsWith(mac) === true)
          .map(({ conn }) => ({ conn, first: firstSequence, last: lastSequence })),
      })),
    },
    connections: new Map(connections.map((row) => [row.conn, row])),
    gaps,
  };
}
