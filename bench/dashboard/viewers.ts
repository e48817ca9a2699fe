/**
 * Viewers without browsers: what they ask of the server is what pages ask, and what they are told is thrown away.
 *
 * The rule: they cost the machine as little as can be, so that what is measured is what the server costs those who play.
 */
import { WebSocket } from 'ws';
import { LIVE_PATH } from '../../dashboard/api/paths.ts';
import type { Millis } from '../../protocol/types.ts';

/** A search that is over is begun anew, so that one always runs. */
const SEARCH_AGAIN_MS: Millis = 1_000;
/** Which hardly any frame passes, so that all are looked at. */
const FILTER = 'payload contains ff:fe:fd:fc && size > 100';
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

export interface Viewers {
  /** Messages that came. */
  readonly messages: number;
  close(): void;
}

/** Three who follow the end of one session each, and one of them searches besides. */
export async function openViewers(port: number): Promise<Viewers> {
  const sessions = await liveSessions(port, 1);
  const sockets: WebSocket[] = [];
  let messages = 0;
  let broken: Error | null = null;
  for (let n = 0; n < 3; n++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${LIVE_PATH}`);
    sockets.push(socket);
    socket.on('message', () => messages++);
    socket.on('error', (error) => (broken = error));
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const session = sessions[n % sessions.length];
    socket.send(JSON.stringify({ watch: 'tail', id: 1, session, filter: '', columns: '' }));
  }
  let id = 1;
  const [first] = sockets;
  const search = (): void => {
    if (id > 1) first?.send(JSON.stringify({ stop: id }));
    const session = sessions[id % sessions.length];
    first?.send(JSON.stringify({ watch: 'search', id: ++id, session, filter: FILTER, fold: false }));
  };
  search();
  const timer = setInterval(search, SEARCH_AGAIN_MS);
  return {
    get messages() {
      if (broken !== null) throw broken;
      return messages;
    },
    close() {
      clearInterval(timer);
      for (const socket of sockets) socket.close();
    },
  };
}
