/**
 * Who of one recording is who of another, and which of their endpoints and connections are the same.
 *
 * The rule: likenesses are tried from the strongest to the weakest, and those that are alike in one are paired in
 * the order in which they came. Who is left over keeps the address, and is named.
 */
import type { RecordedConnection } from '../recorder/captures.ts';
import { playerOf } from '../recorder/sessions/session.ts';
import type { RecordedPlay } from './recorded.ts';
import { Translation } from './translation.ts';
import type { Role } from './types.ts';

/** Of one sort; others are counted. */
export const NOTES_MAX = 20;

export interface Pair<T> {
  readonly first: T;
  readonly second: T;
}

export interface Pairing {
  /** From the second play into the first. */
  readonly translation: Translation;
  readonly connections: readonly Pair<RecordedConnection>[];
  /** Sentences without a full stop, for people. */
  readonly notes: readonly string[];
}

export type Played = Pick<RecordedPlay, 'cast' | 'connections'>;

export function pairPlays(first: Played, second: Played): Pairing {
  const players = pairPlayers(peopleOf(first), peopleOf(second));
  const translation = Translation.of(players.pairs.map((pair) => [pair.second.player, pair.first.player]));
  const moved = pairSockets(players.pairs, translation);
  const ports =
    moved === 1
      ? ['1 port differs between the two, and was paired by what it was opened for']
      : [`${moved} ports differ between the two, and were paired by what they were opened for`];
  return {
    translation,
    connections: pairOff(
      first.connections,
      second.connections,
      (connection) => connectionText(connection, Translation.of()),
      (connection) => connectionText(connection, translation),
    ).pairs,
    notes: [...players.notes, ...(moved > 0 ? ports : [])],
  };
}

// Players ------------------------------------------------------------------------------------------------

interface Person extends Role {
  readonly sockets: readonly Socket[];
}

interface Likeness {
  /** Says how they were taken for the same; empty where nobody asks. */
  readonly how: string;
  /** Those are alike who have the same; null where nothing can be said. */
  readonly of: (person: Person) => string | null;
}

const likenesses: readonly Likeness[] = [
  { how: '', of: ({ player }) => player },
  { how: 'by nickname', of: ({ nickname }) => (nickname === '' ? null : nickname) },
  {
    how: 'by the ports they open, and the order in which they came',
    of: ({ sockets }) => setText(sockets.map(portText)),
  },
  {
    how: 'by what they open, and the order in which they came',
    of: ({ sockets }) => setText(sockets.map(roleText)),
  },
  { how: 'by the order in which they came', of: () => '' },
];

function pairPlayers(
  firsts: readonly Person[],
  seconds: readonly Person[],
): { readonly pairs: readonly Pair<Person>[]; readonly notes: readonly string[] } {
  const pairs: Pair<Person>[] = [];
  const notes: string[] = [];
  let [leftFirst, leftSecond] = [firsts, seconds];
  for (const { how, of } of likenesses) {
    const found = pairOff(leftFirst, leftSecond, of, of);
    pairs.push(...found.pairs);
    if (how !== '') notes.push(...found.pairs.map((pair) => pairNote(pair, how)));
    [leftFirst, leftSecond] = [found.firsts, found.seconds];
  }
  const alone = [
    ...leftFirst.map((person) => `${nameOf(person)} plays in the first recording only`),
    ...leftSecond.map((person) => `${nameOf(person)} plays in the second recording only`),
  ];
  return { pairs, notes: [...few(notes), ...few(alone)] };
}

function pairNote({ first, second }: Pair<Person>, how: string): string {
  const name = first.nickname || second.nickname || first.name;
  return `${name} is ${first.player} in the first recording and ${second.player} in the second (${how})`;
}

function nameOf({ nickname, player }: Role): string {
  return nickname === '' ? player : `${nickname} (${player})`;
}

function few(notes: readonly string[]): readonly string[] {
  const beyond = notes.length - NOTES_MAX;
  return beyond > 0 ? [...notes.slice(0, NOTES_MAX), `${beyond} more players likewise`] : notes;
}

function peopleOf({ cast, connections }: Played): readonly Person[] {
  const sockets = groupBy(socketsOf(connections), ({ endpoint }) => playerOf(endpoint));
  return cast.roles.map((role) => ({ ...role, sockets: sockets.get(role.player) ?? [] }));
}

// Endpoints ----------------------------------------------------------------------------------------------

/** An endpoint with a port, and what it was opened for. */
interface Socket {
  readonly endpoint: string;
  readonly port: string;
  readonly role: string;
  /** Empty where there may be many: then its port is what it is known by, and else it may be any. */
  readonly toward: string;
}

/** Each endpoint once, in the order in which they were opened. */
function socketsOf(connections: readonly RecordedConnection[]): readonly Socket[] {
  const sockets = new Map<string, Socket>();
  for (const { endpoint, toward, role, protocolId } of connections) {
    if (endpoint === null || endpoint === playerOf(endpoint)) continue;
    // Who listens lends its endpoint to those who accept.
    if (sockets.has(endpoint) && toward !== '') continue;
    const port = endpoint.slice(playerOf(endpoint).length + 1);
    sockets.set(endpoint, { endpoint, port, role: `${protocolId} ${role ?? ''}`, toward: toward ?? '' });
  }
  return [...sockets.values()];
}

function roleText({ role }: Socket): string {
  return role;
}

function portText({ role, port, toward }: Socket): string {
  return toward === '' ? `${role} ${port}` : role;
}

function setText(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join();
}

/** Tells the translation, and answers how many have other ports. */
function pairSockets(people: readonly Pair<Person>[], translation: Translation): number {
  let moved = 0;
  const isOpen = ({ toward }: Socket) => toward === '';
  const rounds: readonly SocketRound[] = [
    { takes: isOpen, keyOf: ({ role, port }) => `${role} ${port}` },
    { takes: isOpen, keyOf: roleText },
    { takes: () => true, keyOf: ({ role }, toward) => `${role} ${toward}` },
    { takes: () => true, keyOf: ({ role }, toward) => `${role} ${playerOf(toward)}` },
    { takes: () => true, keyOf: roleText },
  ];
  let left = people.map(({ first, second }) => ({ firsts: first.sockets, seconds: second.sockets }));
  for (const { takes, keyOf } of rounds) {
    // All players at once, because whom one talks to is known by the endpoints of others.
    left = left.map(({ firsts, seconds }) => {
      const found = pairOff(
        firsts,
        seconds,
        (socket) => (takes(socket) ? keyOf(socket, socket.toward) : null),
        (socket) => (takes(socket) ? keyOf(socket, translation.endpoint(socket.toward)) : null),
        samePorts,
      );
      for (const { first, second } of found.pairs) {
        translation.pairEndpoints(second.endpoint, first.endpoint);
        if (first.port !== second.port) moved += 1;
      }
      return found;
    });
  }
  return moved;
}

interface SocketRound {
  readonly takes: (socket: Socket) => boolean;
  readonly keyOf: (socket: Socket, toward: string) => string;
}

/** Where one side has all ports of the other, by these. Else the ports are whatever was free, and say nothing. */
function samePorts(firsts: readonly Socket[], seconds: readonly Socket[]): readonly Pair<Socket>[] {
  const byPort = new Map(seconds.map((socket) => [socket.port, socket]));
  const pairs = firsts.flatMap((first) => {
    const second = byPort.get(first.port);
    return second === undefined ? [] : [{ first, second }];
  });
  return pairs.length === Math.min(firsts.length, seconds.length) ? pairs : inOrder(firsts, seconds);
}

// Connections --------------------------------------------------------------------------------------------

/** Those are the same that lead from the same endpoint to the same, in the order in which they were opened. */
function connectionText(
  { protocolId, role, endpoint, toward }: RecordedConnection,
  translation: Translation,
): string | null {
  if (endpoint === null) return null;
  return [protocolId, role, translation.endpoint(endpoint), translation.endpoint(toward ?? '')].join(' ');
}

// Pairs --------------------------------------------------------------------------------------------------

interface PairedOff<T> {
  readonly pairs: readonly Pair<T>[];
  /** Who is left over. */
  readonly firsts: readonly T[];
  readonly seconds: readonly T[];
}

/** Pairs those who are alike; null is like nobody. */
function pairOff<T>(
  firsts: readonly T[],
  seconds: readonly T[],
  keyOfFirst: (one: T) => string | null,
  keyOfSecond: (one: T) => string | null,
  match: (firsts: readonly T[], seconds: readonly T[]) => readonly Pair<T>[] = inOrder,
): PairedOff<T> {
  const alike = groupBy(seconds, keyOfSecond);
  const pairs = [...groupBy(firsts, keyOfFirst)].flatMap(([key, group]) =>
    key === null ? [] : match(group, alike.get(key) ?? []),
  );
  const [pairedFirsts, pairedSeconds] = [
    new Set(pairs.map(({ first }) => first)),
    new Set(pairs.map(({ second }) => second)),
  ];
  return {
    pairs,
    firsts: firsts.filter((one) => !pairedFirsts.has(one)),
    seconds: seconds.filter((one) => !pairedSeconds.has(one)),
  };
}

function groupBy<K, T>(all: readonly T[], keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

function inOrder<T>(firsts: readonly T[], seconds: readonly T[]): readonly Pair<T>[] {
  return firsts.slice(0, seconds.length).map((first, i) => ({ first, second: seconds[i] as T }));
}
