/** What happens in a capture, as data: to be told to a store, and to the slow oracle of sessions. */
import fc from 'fast-check';
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { CaptureStore } from '../../recorder/store.ts';
import { field, FieldKind, lobby, LobbyKind, mac } from './lobby.ts';

export interface Opened {
  readonly is: 'opened';
  readonly conn: number;
  readonly isLobby: boolean;
  readonly at: number;
}

export interface Identified {
  readonly is: 'identified';
  readonly conn: number;
  readonly endpoint: string;
  readonly toward: string;
  readonly nickname: string;
}

export interface Closed {
  readonly is: 'closed';
  readonly conn: number;
  readonly fault: number;
  readonly at: number;
}

export interface Frame {
  readonly is: 'frame';
  readonly sequence: number;
  readonly arrived: number;
  /** When it leaves, and whether that is told with the frame, later, or never happens. */
  readonly departs: number | null;
  readonly isLate: boolean;
  readonly from: number;
  readonly to: number;
  readonly kind: number;
  readonly outcome: number;
  readonly text: string;
}

export interface Late {
  readonly is: 'departed' | 'undelivered';
  readonly frame: Frame;
}

export interface Gap {
  readonly is: 'gap';
  readonly first: number;
  readonly frames: number;
}

export interface Commit {
  readonly is: 'commit';
}

export type Happening = Opened | Identified | Closed | Frame | Late | Gap | Commit;

const PLAYERS = 5;
const MS = 1e6;

/** What somebody does next; numbers are taken modulo whatever there is. */
type Move = readonly [name: string, who: number, whom: number, chance: number];

const weights: readonly [name: string, weight: number][] = [
  ['socket', 8],
  ['silent', 1],
  ['identify', 2],
  ['login', 4],
  ['rename', 4],
  ['ask', 8],
  ['answer', 8],
  ['leave', 2],
  ['send', 20],
  ['miss', 4],
  ['tell', 5],
  ['close', 6],
  ['late', 6],
  ['wait', 4],
  ['gap', 1],
  ['commit', 4],
];

const move = fc.oneof(
  ...weights.map(([name, weight]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(name), fc.nat(1000), fc.nat(1000), fc.nat(1000)),
  })),
);

/** Anything that may happen, and much that should not. */
export const happenings: fc.Arbitrary<Happening[]> = fc
  .array(move, { minLength: 1, maxLength: 120, size: 'max' })
  .map((moves) => play(moves));

interface Seat {
  readonly conn: number;
  readonly isLobby: boolean;
  isIdentified: boolean;
}

const faults = [
  CommonFault.none,
  CommonFault.lost,
  CommonFault.partnerGone,
  CommonFault.replaced,
  CommonFault.tooSlow,
];
const groups = ['red', 'blue'];

function play(moves: readonly Move[]): Happening[] {
  const told: Happening[] = [];
  const seats: Seat[] = [];
  const owed: Frame[] = [];
  let now = 0;
  let conn = 0;
  let sequence = 0;

  const open = (isLobby: boolean): Seat => {
    const seat = { conn: ++conn, isLobby, isIdentified: false };
    seats.push(seat);
    told.push({ is: 'opened', conn, isLobby, at: (now += MS) });
    return seat;
  };
  const identify = (seat: Seat, who: number, whom: number, chance: number): void => {
    if (seat.isIdentified) return;
    seat.isIdentified = true;
    const toward = !seat.isLobby && chance % 5 === 0 ? `${mac(whom % PLAYERS)}/2` : '';
    const nickname = seat.isLobby || chance % 3 === 0 ? `nick${chance % 7}` : '';
    told.push({ is: 'identified', conn: seat.conn, endpoint: `${mac(who % PLAYERS)}/1`, toward, nickname });
  };
  const frame = (from: number, to: number, kind: number, outcome: number, text: string, chance: number) => {
    const mayLeave = outcome === Outcome.forwarded || outcome === Outcome.originated;
    const arrived = (now += MS);
    const isLate = mayLeave && chance % 4 === 0;
    const departs = mayLeave && chance % 11 !== 1 ? arrived + 1 + ((chance * 7919) % 900_000) : null;
    const made: Frame = {
      is: 'frame',
      sequence: ++sequence,
      arrived,
      departs,
      isLate,
      from,
      to,
      kind,
      outcome,
      text,
    };
    told.push(made);
    if (isLate) owed.push(made);
  };
  const pick = (n: number, fits: (seat: Seat) => boolean = () => true): Seat | undefined => {
    const fitting = seats.filter(fits);
    return fitting[n % Math.max(fitting.length, 1)];
  };

  const doing: Record<string, (who: number, whom: number, chance: number) => void> = {
    socket(who, whom, chance) {
      const seat = open(false);
      for (let i = 0; i <= chance % 3; i++)
        frame(seat.conn, 0, FieldKind.open, Outcome.consumed, 'open', chance);
      identify(seat, who, whom, chance);
    },
    silent: (who) => void open(who % 4 === 0),
    identify(who, whom, chance) {
      const seat = pick(whom, ({ isIdentified }) => !isIdentified);
      if (seat !== undefined) identify(seat, who, whom, chance);
    },
    login(who, whom, chance) {
      const seat = open(true);
      frame(seat.conn, 0, LobbyKind.login, Outcome.consumed, 'login', chance);
      identify(seat, who, whom, chance);
    },
    /** Somebody logs in and out again, under another name. */
    rename(who, whom, chance) {
      doing['login']?.(who, whom, chance);
      doing['close']?.(seats.length - 1, whom, chance);
    },
    ask(who, _, chance) {
      const seat = pick(who, ({ isLobby }) => isLobby);
      if (seat === undefined) return;
      const outcome = chance % 9 === 0 ? Outcome.ignored : Outcome.consumed;
      frame(seat.conn, 0, LobbyKind.ask, outcome, groups[chance % 2] as string, chance);
    },
    answer(who, whom, chance) {
      const seat = pick(who, ({ isLobby }) => isLobby);
      if (seat === undefined) return;
      frame(0, seat.conn, LobbyKind.leader, Outcome.originated, mac(whom % PLAYERS), chance);
    },
    leave(who, _, chance) {
      const seat = pick(who, ({ isLobby }) => isLobby);
      if (seat !== undefined) frame(seat.conn, 0, LobbyKind.leave, Outcome.consumed, 'bye', chance);
    },
    send(who, whom, chance) {
      const from = pick(who, ({ isLobby }) => !isLobby);
      const to = pick(whom, ({ isLobby }) => !isLobby);
      if (from === undefined || to === undefined) return;
      // Now and then to a connection of which nothing is known.
      const target = chance % 40 === 0 ? 5000 : to.conn;
      frame(from.conn, target, FieldKind.send, Outcome.forwarded, `- ${chance}`, chance);
    },
    miss(who, whom, chance) {
      const seat = pick(who, ({ isLobby }) => !isLobby);
      if (seat === undefined) return;
      const name = chance % 6 === 0 ? 'ff:ff:ff:ff:ff:ff' : mac(whom % (PLAYERS + 3));
      const outcome = [Outcome.noTarget, Outcome.refused, Outcome.ignored][chance % 3] as number;
      frame(seat.conn, 0, FieldKind.send, outcome, `${name}/9 hello`, chance);
    },
    tell(who, _, chance) {
      const seat = pick(who);
      if (seat !== undefined) frame(0, seat.conn, 1, Outcome.originated, 'x', chance);
    },
    close(who, _, chance) {
      const seat = pick(who);
      if (seat === undefined) return;
      seats.splice(seats.indexOf(seat), 1);
      // What had not left by then never will.
      for (const frame of owed.filter(({ to }) => to === seat.conn)) {
        owed.splice(owed.indexOf(frame), 1);
        told.push({ is: 'undelivered', frame });
      }
      told.push({
        is: 'closed',
        conn: seat.conn,
        fault: faults[chance % faults.length] as number,
        at: (now += MS),
      });
    },
    late(who) {
      const [frame] = owed.splice(who % Math.max(owed.length, 1), 1);
      if (frame !== undefined) told.push({ is: frame.departs === null ? 'undelivered' : 'departed', frame });
    },
    wait: (_who, _whom, chance) => void (now += (chance % 2 === 0 ? 20_000 : 40_000) * MS),
    gap(_who, _whom, chance) {
      const frames = 1 + (chance % 3);
      told.push({ is: 'gap', first: sequence + 1, frames });
      sequence += frames;
    },
    commit: () => void told.push({ is: 'commit' }),
  };
  for (const [name, who, whom, chance] of moves) doing[name]?.(who, whom, chance);
  return told;
}

/** As a recorder would. */
export function tell(store: CaptureStore, what: Happening): void {
  switch (what.is) {
    case 'opened':
      store.opened(what.conn, what.isLobby ? lobby.id : field.id, '192.0.2.1', 1, what.at);
      break;
    case 'identified':
      store.identified(what.conn, 'some', what.endpoint, what.toward, new Uint8Array(0), what.nickname);
      break;
    case 'closed':
      store.closed(what.conn, what.fault, what.at);
      break;
    case 'frame': {
      const { sequence, arrived, departs, isLate, from, to, kind, outcome, text } = what;
      const delay = departs === null || isLate ? null : departs - arrived;
      store.frame(sequence, arrived, delay, from, to, kind, outcome, Buffer.from(text));
      break;
    }
    case 'departed':
      store.departed(what.frame.sequence, what.frame.departs as number);
      break;
    case 'undelivered':
      store.undelivered(what.frame.sequence);
      break;
    case 'gap':
      store.gap(what.first, what.frames, 0, 1, 'some');
      break;
    case 'commit':
      store.commit();
      store.begin();
      break;
  }
}
