/**
 * What lobbies show: servers that registered by TCP, those that were asked for, in the order that was asked for.
 *
 * The rule: whatever a game tells about itself, the answer is JSON in one line, and never longer than it may be.
 */
import { utf8Bytes } from '../utf8.ts';
import { Code, DATA_COUNT, DATA_NAMES, LINE_FEED, LOBBY_BYTES_MAX } from './layout.ts';

/** What a server tells about itself. */
export interface Listing {
  readonly ip: string;
  /** As many as there may be; those that were not given are empty. */
  readonly data: readonly string[];
  /** Seconds since 1970. */
  readonly createdTime: number;
  /** All of it, as lobbies show it. */
  readonly json: Uint8Array;
}

export function listing(ip: string, data: readonly string[], createdTime: number): Listing {
  const named = DATA_NAMES.map((name, i) => [name, data[i] ?? ''] as const);
  const json = utf8Bytes(JSON.stringify({ ip, ...Object.fromEntries(named), createdTime }));
  return { ip, data: named.map(([, text]) => text), createdTime, json };
}

export interface LobbyQuery {
  /** For each of the data; empty matches all. */
  readonly filters: readonly string[];
  /** The index of the data to sort by; -1 for when it was registered. */
  readonly sort: number;
  readonly descends: boolean;
  readonly limit: number;
}

/** No server is listed after that many, however large a number was given. */
const LIMIT = /^[0-9]{1,9}$/;

/** From the lines of a `lobby2`. What means nothing is as if it had been left empty. */
export function lobbyQuery([, ...lines]: readonly string[]): LobbyQuery {
  const [sort = '', order = '', limit = ''] = lines.slice(DATA_COUNT);
  return {
    filters: lines.slice(0, DATA_COUNT),
    sort: DATA_NAMES.indexOf(sort),
    // Clients depend on this order, whatever its name says.
    descends: order === 'ASC',
    limit: LIMIT.test(limit) ? Number(limit) : Infinity,
  };
}

/** Those that match, in the order that was asked for; of equals the older registration comes first. */
export function search(listings: Iterable<Listing>, query: LobbyQuery): readonly Listing[] {
  const { filters, sort, descends, limit } = query;
  const sign = descends ? -1 : 1;
  return [...listings]
    .filter(({ data }) => filters.every((wanted, i) => wanted === '' || wanted === data[i]))
    .sort((one, other) => sign * compare(sortKey(one, sort), sortKey(other, sort)))
    .slice(0, limit);
}

function sortKey({ data, createdTime }: Listing, sort: number): string | number {
  return data[sort] ?? createdTime;
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const [COMMA, OPEN, CLOSE] = [0x2c, 0x5b, 0x5d] as const;

/** The answer to a `lobby2`: as many of them as fit. */
export function lobbyAnswer(listings: readonly Listing[]): Uint8Array {
  const shown: Uint8Array[] = [];
  let bytes = 2;
  for (const { json } of listings) {
    const more = json.length + (shown.length > 0 ? 1 : 0);
    if (bytes + more > LOBBY_BYTES_MAX) break;
    bytes += more;
    shown.push(json);
  }
  const answer = new Uint8Array(1 + bytes + 1);
  answer[0] = Code.lobby;
  answer[1] = OPEN;
  let at = 2;
  for (const json of shown) {
    if (at > 2) answer[at++] = COMMA;
    answer.set(json, at);
    at += json.length;
  }
  answer[at] = CLOSE;
  answer[at + 1] = LINE_FEED;
  return answer;
}
