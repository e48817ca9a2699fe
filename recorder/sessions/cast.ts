/** Who takes part in what a finder finds: connections, the players behind them, and frames that are remembered. */
import type { Protocol } from '../../protocol/types.ts';
import type { Nickname, Span, Tally } from './tally.ts';

/** Frames of a connection that has not said who it is; older ones count for nobody. */
export const EARLY_FRAMES_MAX = 8;

/** A frame that is remembered: it may still leave, or count for somebody. */
export interface Hop {
  readonly sequence: number;
  readonly arrived: number;
  readonly bytes: number;
  departed: number | null;
  /** Nobody will be told when it leaves. */
  isUnfollowed: boolean;
  /** Where it was counted. */
  a: Tally | null;
  b: Tally | null;
  /** The number of the connection that it is for. */
  readonly to: number;
}

export class Connection {
  readonly conn: number;
  readonly protocol: Protocol | null;
  readonly opened: number;
  /** The first frame that may count for it. */
  first: number;
  player: Player | null = null;
  tally: Tally | null = null;
  span: Span | null = null;
  /** It is its player's login: its frames say who plays with whom. */
  isLogin = false;
  early: Hop[] = [];
  asked = 0;

  constructor(conn: number, protocol: Protocol | null, opened: number, first: number) {
    this.conn = conn;
    this.protocol = protocol;
    this.opened = opened;
    this.first = first;
  }
}

export class Player {
  readonly name: string;
  nickname: Nickname | null = null;
  readonly connections = new Set<Connection>();
  login: Connection | null = null;
  game = '';
  gameName = '';
  /** Before this frame, no connection is in the tally. */
  since = 0;
  tally: Tally | null = null;

  constructor(name: string) {
    this.name = name;
  }
}

/** What the connection counts for now. */
export function tallyOf(connection: Connection): Tally | null {
  const { tally } = connection;
  const into = tally?.into ?? null;
  if (into === null) return tally;
  connection.tally = into.root;
  return connection.tally;
}

/** Remembers what a connection does before it has said who it is. What it does with others is theirs alone. */
export function keepEarly(connection: Connection, hop: Hop, other: number): void {
  if (other !== 0) {
    connection.early = [];
    connection.first = hop.sequence + 1;
    return;
  }
  connection.early.push(hop);
  if (connection.early.length <= EARLY_FRAMES_MAX) return;
  connection.first = (connection.early.shift() as Hop).sequence + 1;
}

/** Whether a name is a MAC address that stands for many. */
export function isMulticast(name: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(name) && (Number.parseInt(name.slice(0, 2), 16) & 1) === 1;
}
