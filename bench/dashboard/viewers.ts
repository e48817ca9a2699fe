/**
 * Viewers without browsers: what they ask of the server is what pages ask, and what they are told is thrown away.
 *
 * The rule: they cost the machine as little as can be, so that what is measured is what the server costs those who play.
 */
import { WebSocket } from 'ws';
import { monotonic } from '../../common/clock.ts';
import { LIVE_PATH } from '../../dashboard/api/paths.ts';
import type { Millis } from '../../protocol/types.ts';

/** For which each frame is read and tested; another each time, since what was found is kept. */
const filterOf = (n: number): string => `payload.size > ${n % 50} && to == 02:be:00:00:00:03`;
const VIEWERS = 3;
const TAIL_ID = 1;
const SESSION_MS: Millis = 10_000;

interface Sessions {
  /** Those that go on. */
  readonly live: readonly { readonly id: number }[] | null;
}

/** Sessions that go on, at least so many; asked until they are there. */
export async function liveSessions(port: number, atLeast: number): Promise<readonly number[]> {
  for (let waited = 0; waited < SESSION_MS; waited += 100) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/sessions`);
    const { live } = (await answer.json()) as Partial<Sessions>;
    if (live != null && live.length >= atLeast) return live.map(({ id }) => id);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`there are no ${atLeast} sessions`);
}

export interface Seen {
  /** Messages about the ends of sessions. */
  readonly tails: number;
  /** Frames that were looked at for the search. */
  readonly searchedPerSecond: number;
}

export interface Viewers {
  close(): Seen;
}

interface News {
  readonly id: number;
  readonly news: string;
  readonly exact?: boolean;
  readonly done?: number;
  readonly error?: string;
}

/**
 * Three who follow the end of one session each that goes on, and one of them searches besides, through another session: as soon
 * as that is over, for something else, so that there is always one under way.
 */
export async function openViewers(port: number, searched: number): Promise<Viewers> {
  const sessions = await liveSessions(port, 1);
  const sockets: WebSocket[] = [];
  const from = monotonic();
  let [tails, frames, underway, id] = [0, 0, 0, TAIL_ID];
  let broken: Error | null = null;
  const search = (socket: WebSocket): void => {
    if (id > TAIL_ID) socket.send(JSON.stringify({ stop: id }));
    frames += underway;
    underway = 0;
    const watch = { watch: 'search', id: ++id, session: searched, filter: filterOf(id), fold: false };
    socket.send(JSON.stringify(watch));
  };
  const hear = (socket: WebSocket, { id: about, news, exact, done = 0, error }: News): void => {
    if (news === 'refused') broken = new Error(error);
    if (news === 'tail') tails++;
    if (news !== 'search' || about !== id) return;
    underway = done;
    if (exact === true) search(socket);
  };
  for (let n = 0; n < VIEWERS; n++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${LIVE_PATH}`);
    sockets.push(socket);
    socket.on('message', (data: Buffer) => hear(socket, JSON.parse(data.toString()) as News));
    socket.on('error', (error) => (broken = error));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const session = sessions[n % sessions.length];
    socket.send(JSON.stringify({ watch: 'tail', id: TAIL_ID, session, filter: '', columns: '' }));
  }
  search(sockets[0] as WebSocket);
  return {
    close() {
      for (const socket of sockets) socket.close();
      if (broken !== null) throw broken;
      return { tails, searchedPerSecond: ((frames + underway) * 1000) / (monotonic() - from) };
    },
  };
}
