/**
 * Sessions for people, a line each, that fits into the terminal: what does not fit is cut where it is longest, in
 * the game's name and the players, and then left out column by column. JSON has all of it.
 */
import type { CaptureSummary, FoundSession } from '../recorder/captures.ts';
import type { SessionPlayer } from '../recorder/sessions/session.ts';
import { printable } from '../common/printable.ts';
import {
  bytesText,
  COLUMN_GAP,
  columns,
  columnWidths,
  countText,
  cut,
  displayWidth,
  durationText,
  momentText,
} from './format.ts';
import type { Paint } from './style.ts';

/** More players are counted instead of named. */
const PLAYERS_NAMED_MAX = 4;
/** They are not cut further; rather, other columns are left out. */
const GAME_COLUMNS_MIN = 8;
const PLAYERS_COLUMNS_MIN = 18;

const NS_PER_MS = 1e6;

const heads = ['id', 'started', 'lasted', 'game', 'group', 'players', 'frames', 'bytes', 'ended'] as const;
type Head = (typeof heads)[number];

const numbers: ReadonlySet<Head> = new Set(['id', 'lasted', 'frames', 'bytes']);
/** What a narrow terminal does without, the first first. */
const dispensable: readonly Head[] = ['bytes', 'frames', 'lasted'];

interface Row {
  /** With the whole name of the game, and all players that may be named. */
  readonly cells: Readonly<Record<Head, string>>;
  readonly names: readonly string[];
  readonly players: number;
  readonly isLost: boolean;
}

/** In the order in which they come. Of each session only what is shown of it is kept. No lines for none. */
export function sessionsTable(found: Iterable<FoundSession>, paint: Paint, width: number): string[] {
  const rows = Array.from(found, tableRow);
  if (rows.length === 0) return [];
  const { shown, game, players } = fit(rows, width);
  const cellOf = (row: Row, head: Head): string => {
    if (head === 'players') return playersText(row.names, row.players, players);
    return head === 'game' ? cut(row.cells.game, game) : row.cells[head];
  };
  const lines = columns(
    [shown, ...rows.map((row) => shown.map((head) => cellOf(row, head)))],
    shown.map((head) => (numbers.has(head) ? 'right' : 'left')),
  );
  return lines.map((line, index) => {
    if (index === 0) return paint('bold', line);
    return rows[index - 1]?.isLost === true ? paint('yellow', line) : line;
  });
}

/** ISO 8601, milliseconds. */
export function momentOf({ startedAt }: CaptureSummary, nanos: number): string {
  return new Date(Date.parse(startedAt) + nanos / NS_PER_MS).toISOString();
}

function tableRow({ session, capture }: FoundSession): Row {
  const players = session.players.length;
  const names = inOrder(session.players)
    .slice(0, players === PLAYERS_NAMED_MAX + 1 ? players : PLAYERS_NAMED_MAX)
    .map(nameOf);
  return {
    cells: {
      id: String(session.id),
      started: momentText(momentOf(capture, session.started)),
      lasted: durationText((session.lastSeen - session.started) / NS_PER_MS),
      game: printable(session.gameName || session.game || '-'),
      group: printable((session.group ?? '') || '-'),
      players: playersText(names, players, Infinity),
      frames: countText(session.frames),
      bytes: bytesText(session.bytes),
      ended: session.ended ?? 'goes on',
    },
    names,
    players,
    isLost: session.ended === 'lost',
  };
}

/** What is shown, and how many columns of the terminal there are for two of them. */
interface Fit {
  readonly shown: readonly Head[];
  readonly game: number;
  readonly players: number;
}

function fit(rows: readonly Row[], width: number): Fit {
  const wanted = new Map<Head, number>();
  for (const head of heads) {
    const [widest = 0] = columnWidths([[head], ...rows.map(({ cells }) => [cells[head]])], 1);
    wanted.set(head, widest);
  }
  const want = (head: Head) => wanted.get(head) ?? 0;
  const roomBeside = (others: readonly Head[]) =>
    others.reduce((left, head) => left - COLUMN_GAP - want(head), width - COLUMN_GAP);
  const least = Math.min(want('game'), GAME_COLUMNS_MIN) + Math.min(want('players'), PLAYERS_COLUMNS_MIN);
  let others: readonly Head[] = heads.filter((head) => head !== 'game' && head !== 'players');
  for (const head of dispensable) {
    if (roomBeside(others) >= least) break;
    others = others.filter((other) => other !== head);
  }
  const room = roomBeside(others);
  // The game has what the players leave, or else a third.
  const fair = Math.max(GAME_COLUMNS_MIN, room - want('players'), Math.floor(room / 3));
  const game = Math.min(want('game'), fair);
  return {
    shown: heads.filter((head) => head === 'game' || head === 'players' || others.includes(head)),
    game,
    players: Math.max(PLAYERS_COLUMNS_MIN, room - game),
  };
}

// Players -----------------------------------------------------------------------------------------

/** Who was only sent to comes last. */
function inOrder(players: readonly SessionPlayer[]): readonly SessionPlayer[] {
  return [...players.filter(isConnected), ...players.filter((player) => !isConnected(player))];
}

function isConnected({ connections }: SessionPlayer): boolean {
  return connections.length > 0;
}

function nameOf(player: SessionPlayer): string {
  const name = printable(player.nickname || player.player);
  return isConnected(player) ? name : `(${name})`;
}

/** As many names as fit, and how many players there are besides. */
function playersText(names: readonly string[], players: number, room: number): string {
  const besides = (named: number) => (players > named ? ` and ${countText(players - named)} more` : '');
  for (let named = names.length; named > 0; named--) {
    const text = names.slice(0, named).join(', ') + besides(named);
    if (displayWidth(text) <= room) return text;
  }
  return cut(names[0] ?? '', room - besides(1).length) + besides(1);
}
