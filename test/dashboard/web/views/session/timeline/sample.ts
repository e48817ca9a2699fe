/** Small sessions for tests of what is drawn of them. */
import type { Lane, SessionDetail, Timeline } from '../../../../../../dashboard/api/sessions.ts';

export function lane(given: Partial<Lane>): Lane {
  return {
    conn: 1,
    player: 'ann',
    protocol: 'postoffice',
    role: 'pdp',
    endpoint: 'ann/50',
    toward: null,
    address: '192.0.2.1',
    opened: 0,
    closed: null,
    fault: null,
    ...given,
  };
}

export const SECOND = 1e9;

/** Ann and Bob play for ten seconds. */
export const session: SessionDetail = {
  id: 7,
  capture: 1,
  startedAt: '2026-11-21T10:00:00.000Z',
  lasted: 10 * SECOND,
  ended: 'left',
  game: 'ULUS10511',
  gameName: 'A Game',
  group: 'ROOM',
  players: [
    { player: 'ann', nickname: 'Ann' },
    { player: 'bob', nickname: 'Bob' },
  ],
  playersBeyond: 0,
  frames: 1000,
  bytes: 50_000,
  delayP50: 70_000,
  delayP99: 2_000_000,
  findings: { problem: 1, warning: 0, note: 0 },
  verdicts: { same: 0, differs: 0, unanswered: 0 },
  started: 10 * SECOND,
  lastSeen: 20 * SECOND,
  firstSequence: 1,
  lastSequence: 1000,
  captureStartedAt: '2026-11-21T09:59:50.000Z',
  recording: false,
  lanes: [
    lane({
      conn: 1,
      opened: 10 * SECOND,
      closed: 20 * SECOND,
      fault: { name: 'ended', text: 'the client ended it' },
    }),
    lane({
      conn: 2,
      player: 'bob',
      endpoint: 'bob/50',
      opened: 11 * SECOND,
      closed: 15 * SECOND,
      fault: { name: 'lost', text: 'the network broke it' },
    }),
  ],
  lanesBeyond: 0,
  gapsBeyond: 0,
  gaps: [
    { first: 500, frames: 12, events: 0, noticed: 14 * SECOND, reason: 'the recorder could not keep up' },
  ],
};

export const timeline: Timeline = {
  from: 10 * SECOND,
  to: 20 * SECOND,
  step: SECOND,
  through: 1000,
  complete: true,
  exact: true,
  dropped: [],
  lanes: [
    {
      conn: 1,
      bytesIn: [50, 0, 0, 0, 0, 0, 0, 0, 0, 400],
      bytesOut: Array<number>(10).fill(0),
      frames: [1, 0, 0, 0, 0, 0, 0, 0, 0, 4],
      drops: [0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
    },
  ],
  arrows: [
    {
      at: 12 * SECOND,
      sequence: 30,
      from: 1,
      to: 2,
      what: 'ann asks bob for a stream',
      outcome: 'forwarded',
    },
    {
      at: 13 * SECOND,
      sequence: 31,
      from: 1,
      to: 0,
      what: 'ann asks eve for a stream',
      outcome: 'no-target',
    },
  ],
  arrowsBeyond: 0,
  silences: [{ from: 'bob/50', to: 'ann/50', at: 16 * SECOND, lasted: 2 * SECOND }],
};
