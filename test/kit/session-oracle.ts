/**
 * Sessions by their definition, found slowly: presences of players as nodes of a graph, those who meet as
 * its edges, sessions as its components, and every frame looked at again for each of them.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { RecordedSession, SessionEnd } from '../../recorder/sessions/session.ts';
import type { Frame, Happening } from './happenings.ts';
import { LobbyKind } from './lobby.ts';

const ABSENCE = 30e9;
const EARLY = 8;
const ASKED = 16;

export type Found = Omit<RecordedSession, 'id' | 'captureId' | 'delayP50' | 'delayP99'>;

interface Nickname {
  readonly text: string;
  /** Where it was told. */
  readonly at: number;
}

interface Span {
  readonly conn: number;
  readonly player: string;
  readonly nickname: Nickname;
  readonly first: number;
  readonly since: number;
  last: number;
}

/** A player's presence in a group, or among those whom it meets. */
interface Node {
  readonly group: string | null;
  readonly spans: Span[];
  readonly guests: { readonly player: string; readonly nickname: Nickname; readonly first: number }[];
  readonly edges: Set<Node>;
  isSession: boolean;
  /** When it came into its group, as a number; the first is the founder. */
  settled: number;
}

interface Conn {
  readonly conn: number;
  readonly isLobby: boolean;
  readonly opened: number;
  readonly after: number;
  player: Player | null;
  span: Span | null;
  asked: number;
}

interface Player {
  readonly name: string;
  nickname: Nickname;
  readonly conns: Conn[];
  login: Conn | null;
  node: Node | null;
  isPending: boolean;
  since: number;
  absentSince: number | null;
  /** Absent from others, among whom it was. */
  isAway: boolean;
}

interface Closing {
  readonly node: Node;
  readonly cause: SessionEnd | null;
  readonly at: number;
}

const notices: Readonly<Record<number, string>> = {
  [LobbyKind.ask]: 'asks',
  [LobbyKind.leave]: 'leaves',
  [LobbyKind.leader]: 'joins',
};

const nameOf = (endpoint: string) => endpoint.split('/')[0] as string;

export function findSlowly(told: readonly Happening[], end: { at: number; clean: boolean }): Found[] {
  const conns = new Map<number, Conn>();
  const players: Player[] = [];
  const nodes: Node[] = [];
  const closings: Closing[] = [];
  const frames: Frame[] = [];
  const undelivered = new Set<Frame>();
  let after = 0;
  let now = 0;

  const isGone = ({ absentSince, isAway, node }: Player): boolean => {
    if (absentSince === null) return false;
    if (!isAway) return now - absentSince >= ABSENCE;
    const others = component(node as Node);
    const isOpen = [...others].some(({ spans }) => spans.some(({ last }) => last === Infinity));
    const ends = closings.filter((closing) => others.has(closing.node)).map(({ at }) => at);
    return !isOpen && now - Math.max(...ends) >= ABSENCE;
  };
  const find = (name: string): Player | undefined => {
    const player = players.find((each) => each.name === name);
    if (player === undefined || !isGone(player)) return player;
    players.splice(players.indexOf(player), 1);
    return undefined;
  };
  const playerNamed = (name: string): Player => {
    const known = find(name);
    if (known !== undefined) return known;
    const player: Player = {
      name,
      nickname: { text: '', at: -1 },
      conns: [],
      login: null,
      node: null,
      isPending: false,
      since: 0,
      absentSince: null,
      isAway: false,
    };
    players.push(player);
    return player;
  };
  const pass = (at: number) => {
    now = Math.max(now, at);
  };
  const newNode = (group: string | null): Node => {
    const node = { group, spans: [], guests: [], edges: new Set<Node>(), isSession: false, settled: 0 };
    nodes.push(node);
    return node;
  };
  const attach = (conn: Conn, player: Player, first: number, since: number) => {
    const { name, nickname } = player;
    conn.span = { conn: conn.conn, player: name, nickname, first, since, last: Infinity };
    player.node?.spans.push(conn.span);
  };
  const detach = (conn: Conn, last: number, cause: SessionEnd | null, at: number) => {
    const node = nodes.find(({ spans }) => conn.span !== null && spans.includes(conn.span));
    if (conn.span === null || node === undefined) return;
    conn.span.last = last;
    conn.span = null;
    closings.push({ node, cause, at });
  };
  const leave = (player: Player, last: number, cause: SessionEnd | null, at: number) => {
    for (const conn of player.conns) detach(conn, last, cause, at);
    player.node = null;
    player.isPending = false;
  };
  const link = (one: Node, two: Node) => {
    one.edges.add(two);
    two.edges.add(one);
    one.isSession = two.isSession = true;
  };
  const meet = (player: Player, name: string, sequence: number) => {
    if (name === player.name || name.startsWith('ff:') || player.node === null) return;
    const other = playerNamed(name);
    if (other.login !== null) return;
    if (other.conns.length === 0 && !other.isAway) other.absentSince = now;
    other.node ??= player.node;
    link(player.node, other.node);
    if (other.conns.length === 0)
      other.node.guests.push({ player: name, nickname: other.nickname, first: sequence });
  };
  /** Before it says who it is, only what a connection does with the relay is its own. */
  const firstOwn = (conn: Conn): number => {
    const own = frames.filter(({ from, to }) => from === conn.conn || to === conn.conn);
    const shared = own.filter(({ from, to }) => from !== 0 && to !== 0).at(-1)?.sequence ?? 0;
    const tooMany = own.filter(({ sequence }) => sequence > shared).at(-1 - EARLY)?.sequence ?? 0;
    return Math.max(conn.after, shared, tooMany) + 1;
  };
  const asks = (player: Player, group: string, { sequence, arrived }: Frame) => {
    leave(player, sequence - 1, 'left', arrived);
    player.node = newNode(group);
    player.isPending = true;
    player.since = sequence;
    for (const conn of player.conns) attach(conn, player, sequence, arrived);
  };
  const joins = (player: Player, leader: string, frame: Frame) => {
    const isLeader = leader === player.name;
    const other = isLeader ? undefined : find(leader);
    const theirs = other?.login === null || other === undefined ? null : other.node;
    if (!player.isPending) {
      if (player.node !== null && (isLeader || (theirs !== null && component(player.node).has(theirs))))
        return;
      asks(player, '', frame);
    }
    player.isPending = false;
    const node = player.node as Node;
    node.isSession = true;
    node.settled = frame.sequence;
    if (theirs !== null && other?.isPending === false) link(node, theirs);
  };
  const noticeOf = (conn: Conn | undefined, frame: Frame): string | null => {
    if (conn?.player?.login !== conn || conn === undefined) return null;
    const acted: readonly number[] = [
      Outcome.forwarded,
      Outcome.consumed,
      Outcome.originated,
      Outcome.undelivered,
    ];
    if (!acted.includes(frame.outcome)) return null;
    return notices[frame.kind] ?? null;
  };
  const nobody: readonly number[] = [Outcome.noTarget, Outcome.refused, Outcome.tooLarge];

  for (const [at, what] of told.entries()) {
    switch (what.is) {
      case 'opened': {
        pass(what.at);
        const { conn, isLobby, at } = what;
        conns.set(conn, { conn, isLobby, opened: at, after, player: null, span: null, asked: 0 });
        break;
      }
      case 'identified': {
        const conn = conns.get(what.conn) as Conn;
        const player = playerNamed(nameOf(what.endpoint));
        conn.player = player;
        if (what.nickname !== '') player.nickname = { text: what.nickname, at };
        if (conn.isLobby) {
          leave(player, after, 'left', now);
          player.login = conn;
        } else if (player.login === null) player.node ??= newNode(null);
        player.conns.push(conn);
        player.absentSince = null;
        player.isAway = false;
        const own = firstOwn(conn);
        const first = Math.max(own, player.since);
        if (player.node !== null) attach(conn, player, first, first > own ? now : conn.opened);
        if (player.login === null && what.toward !== '') meet(player, nameOf(what.toward), after + 1);
        break;
      }
      case 'closed': {
        pass(what.at);
        const conn = conns.get(what.conn) as Conn;
        conns.delete(what.conn);
        const { player } = conn;
        if (player === null) break;
        const causes: Record<number, SessionEnd | null> = {
          [CommonFault.none]: 'left',
          [CommonFault.replaced]: 'left',
          [CommonFault.partnerGone]: null,
        };
        const cause = what.fault in causes ? (causes[what.fault] as SessionEnd | null) : 'lost';
        if (player.login === conn) leave(player, after, cause, what.at);
        else detach(conn, after, cause, what.at);
        player.conns.splice(player.conns.indexOf(conn), 1);
        if (player.login === conn) {
          player.login = null;
          player.since = after + 1;
          if (player.conns.length > 0) {
            player.node = newNode(null);
            for (const other of player.conns) attach(other, player, after + 1, now);
          }
        }
        if (player.conns.length === 0) {
          player.isAway = player.node !== null;
          player.absentSince = what.at;
        }
        break;
      }
      case 'frame': {
        now = Math.max(now, what.arrived);
        after = what.sequence;
        const from = conns.get(what.from);
        const to = conns.get(what.to);
        const notice = noticeOf(from ?? to, what);
        const player = (from ?? to)?.player ?? null;
        if (player !== null && notice === 'asks') asks(player, what.text, what);
        if (player !== null && notice === 'joins') joins(player, nameOf(what.text), what);
        const one = from?.player ?? null;
        const two = to?.player ?? null;
        if (one !== null && two !== null && one.login === null && two.login === null) {
          meet(one, two.name, what.sequence);
        }
        if (one?.login === null && from !== undefined && !from.isLobby && nobody.includes(what.outcome)) {
          from.asked += 1;
          if (from.asked <= ASKED && what.kind === 1)
            meet(one, nameOf(what.text.split(' ')[0] as string), what.sequence);
        }
        frames.push(what);
        if (player !== null && notice === 'leaves') leave(player, what.sequence, 'left', what.arrived);
        break;
      }
      case 'undelivered':
        undelivered.add(what.frame);
        break;
      case 'gap':
        after = what.first + what.frames - 1;
        break;
      case 'departed':
      case 'commit':
        break;
    }
  }
  for (const conn of conns.values()) detach(conn, after, end.clean ? 'stopped' : 'unclean', end.at);

  // What is late and was never told had not left when the capture ended.
  const left = new Set(told.flatMap((what) => (what.is === 'departed' ? [what.frame] : [])));
  const hasLeft = (frame: Frame) => frame.departs !== null && (!frame.isLate || left.has(frame));

  const seen = new Set<Node>();
  return nodes
    .filter((node) => node.isSession)
    .flatMap((node) => {
      if (seen.has(node)) return [];
      const group = component(node);
      for (const each of group) seen.add(each);
      return [describe(group)];
    })
    .sort((one, two) => one.firstSequence - two.firstSequence || one.started - two.started);

  function describe(group: ReadonlySet<Node>): Found {
    const spans = [...group].flatMap((node) => node.spans);
    const guests = [...group].flatMap((node) => node.guests);
    const covers = (conn: number, sequence: number) =>
      spans.some((span) => span.conn === conn && span.first <= sequence && sequence <= span.last);
    const own = frames.filter(({ sequence, from, to }) => covers(from, sequence) || covers(to, sequence));
    const delays = own.filter(hasLeft).map(({ arrived, departs }) => (departs as number) - arrived);
    // The founder's, unless that is lost.
    const named = [...group].sort((one, two) => one.settled - two.settled).find((node) => node.group !== '');
    const theirs = closings.filter(({ node }) => group.has(node));
    const firstSequence = Math.min(...spans.map(({ first }) => first));
    const joined = [...spans.map(({ player, first, nickname }) => ({ player, first, nickname })), ...guests];
    const names = [...new Set(joined.map(({ player }) => player))].map((player) => ({
      player,
      first: Math.min(...joined.filter((each) => each.player === player).map(({ first }) => first)),
    }));
    names.sort((one, two) => one.first - two.first || (one.player < two.player ? -1 : 1));
    return {
      started: Math.min(...spans.map(({ since }) => since)),
      lastSeen: Math.max(
        ...spans.map(({ since }) => since),
        ...own.map(({ arrived }) => arrived),
        ...theirs.map(({ at }) => at),
      ),
      ended: theirs.findLast(({ cause }) => cause !== null)?.cause ?? 'left',
      game: '',
      gameName: '',
      group: named === undefined ? '' : named.group,
      firstSequence,
      lastSequence: Math.max(
        firstSequence - 1,
        ...own.map(({ sequence }) => sequence),
        ...spans.map(({ last }) => last),
      ),
      frames: own.length,
      bytes: own.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
      delayMax: delays.length === 0 ? null : Math.max(...delays),
      players: names.map(({ player }) => ({
        player,
        nickname: joined
          .filter((each) => each.player === player)
          .sort((one, two) => two.nickname.at - one.nickname.at)[0]!.nickname.text,
        connections: spans
          .filter((span) => span.player === player && span.last >= span.first)
          .map(({ conn, first, last }) => ({ conn, first, last }))
          .sort((one, two) => one.first - two.first || one.conn - two.conn),
      })),
    };
  }
}

function component(start: Node): Set<Node> {
  const found = new Set([start]);
  for (const node of found) for (const other of node.edges) found.add(other);
  return found;
}
