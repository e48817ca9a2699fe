/**
 * The rows of a timeline: one for each player, and below it, where it is opened, one for each of the player's endpoints.
 *
 * The rule: players in the order in which they came, endpoints in the order in which they were first opened. Connections
 * of one endpoint for one purpose share a row, so that whoever comes back ten times is one row with ten stretches.
 */
import type { Lane, LaneTraffic } from '../../../../../api/sessions.ts';

export interface Row {
  /** The same as long as the row means the same. */
  readonly key: string;
  readonly kind: 'player' | 'endpoint';
  readonly player: string;
  /** Of an endpoint: what comes after the player, and what it is for. */
  readonly label: string;
  readonly lanes: readonly Lane[];
  readonly isOpen: boolean;
  readonly top: number;
  readonly height: number;
}

export interface RowHeights {
  readonly player: number;
  readonly endpoint: number;
}

/** Up to so many endpoints in all are shown without being asked for. */
export const OPEN_ROWS_MAX = 12;

interface Endpoint {
  readonly key: string;
  readonly label: string;
  readonly lanes: Lane[];
}

/** `open` tells whose endpoints are shown. */
export function rowsOf(
  players: readonly string[],
  lanes: readonly Lane[],
  open: ReadonlySet<string>,
  heights: RowHeights,
): readonly Row[] {
  const rows: Row[] = [];
  let top = 0;
  const add = (row: Omit<Row, 'top' | 'height'>) => {
    const height = heights[row.kind];
    rows.push({ ...row, top, height });
    top += height;
  };
  for (const [player, theirs] of byPlayer(players, lanes)) {
    const isOpen = open.has(player);
    add({ key: player, kind: 'player', player, label: '', lanes: theirs, isOpen });
    if (!isOpen) continue;
    for (const { key, label, lanes: own } of endpointsOf(player, theirs))
      add({ key, kind: 'endpoint', player, label, lanes: own, isOpen: false });
  }
  return rows;
}

export function heightOf(rows: readonly Row[]): number {
  const last = rows.at(-1);
  return last === undefined ? 0 : last.top + last.height;
}

/** By connection: the row that it is drawn in. */
export function rowOfConn(rows: readonly Row[]): ReadonlyMap<number, Row> {
  // Endpoints come behind their player, and are more exact.
  return new Map(rows.flatMap((row) => row.lanes.map(({ conn }) => [conn, row] as const)));
}

/** The row in which an endpoint, or else its player, is drawn; null for one who is not in this session. */
export function rowOfEndpoint(rows: readonly Row[], endpoint: string): Row | null {
  const has = (row: Row) => row.lanes.some((lane) => lane.endpoint === endpoint);
  const player = endpoint.split('/', 1)[0];
  return (
    rows.find((row) => row.kind === 'endpoint' && has(row)) ??
    rows.find((row) => row.kind === 'player' && row.player === player) ??
    null
  );
}

/** Whose endpoints are shown: as the address has it (`1.3`, `none`), or all where these are few. */
export function openPlayers(
  text: string | null,
  players: readonly string[],
  lanes: readonly Lane[],
): ReadonlySet<string> {
  if (text !== null) {
    const numbers = new Set(text.split('.'));
    return new Set(players.filter((_, i) => numbers.has(String(i + 1))));
  }
  const counts = byPlayer(players, lanes).map(
    ([player, theirs]) => [player, endpointsOf(player, theirs).length] as const,
  );
  if (counts.reduce((sum, [, count]) => sum + count, 0) > OPEN_ROWS_MAX) return new Set();
  // One endpoint alone shows nothing that its player does not.
  return new Set(counts.flatMap(([player, count]) => (count > 1 ? [player] : [])));
}

/** For the address. */
export function openText(open: ReadonlySet<string>, players: readonly string[]): string {
  const numbers = players.flatMap((player, i) => (open.has(player) ? [i + 1] : []));
  return numbers.length === 0 ? 'none' : numbers.join('.');
}

/** Those who have connections and are not among the players come last. */
function byPlayer(players: readonly string[], lanes: readonly Lane[]): [string, Lane[]][] {
  const groups = new Map<string, Lane[]>(players.map((player) => [player, []]));
  for (const lane of lanes) groups.set(lane.player, [...(groups.get(lane.player) ?? []), lane]);
  return [...groups].map(([player, theirs]) => [player, theirs.sort((a, b) => a.opened - b.opened)]);
}

function endpointsOf(player: string, lanes: readonly Lane[]): readonly Endpoint[] {
  const endpoints = new Map<string, Endpoint>();
  for (const lane of lanes) {
    const { protocol, role, endpoint, toward } = lane;
    const key = [player, protocol, role, endpoint, toward].join('\n');
    const known = endpoints.get(key);
    if (known === undefined) endpoints.set(key, { key, label: labelOf(player, lane), lanes: [lane] });
    else known.lanes.push(lane);
  }
  return [...endpoints.values()];
}

/** `pdp /5001`; of what is no socket of a game, what it is: `adhocctl`. */
function labelOf(player: string, { endpoint, role, protocol, conn }: Lane): string {
  const port = endpoint?.startsWith(`${player}/`) === true ? endpoint.slice(player.length) : '';
  return port === ''
    ? (protocol ?? role ?? `connection ${conn}`)
    : `${role ?? protocol ?? ''} ${port}`.trim();
}

// Traffic -----------------------------------------------------------------------------------------

/** What went on in a row: of all of its connections together. */
export interface RowTraffic {
  readonly bytesIn: Float64Array;
  readonly bytesOut: Float64Array;
  readonly frames: Float64Array;
  readonly drops: Float64Array;
}

const NUMBERS = ['bytesIn', 'bytesOut', 'frames', 'drops'] as const;

export function trafficOf(row: Row, traffic: ReadonlyMap<number, LaneTraffic>, buckets: number): RowTraffic {
  const sum = () => new Float64Array(buckets);
  const total = { bytesIn: sum(), bytesOut: sum(), frames: sum(), drops: sum() };
  for (const { conn } of row.lanes) {
    const lane = traffic.get(conn);
    if (lane === undefined) continue;
    for (const name of NUMBERS)
      for (let i = 0; i < buckets; i++) total[name][i] = total[name][i]! + (lane[name][i] ?? 0);
  }
  return total;
}
