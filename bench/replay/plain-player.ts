/**
 * What a replay is compared with: it sends what a capture's clients sent, as fast as it is handed on, and counts the
 * bytes that come. It keeps no order but the file's, waits for nobody, compares nothing and stores nothing:
 * `plain-player.js FILE PORT`.
 *
 * Not a strawman: what goes to one connection in a turn leaves in one write.
 */
import { connect, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

const FRAMES_PER_TURN = 1_000;
/** Less than what makes a relay close a reader, even if all of it is for one. */
const ON_THE_WAY_BYTES_MAX = 400_000;
/** For openings, which nobody acknowledges. */
const SETTLE_MS = 500;

type Row = readonly [from: number, to: number | null, bytes: Buffer];

const [, , file = '', port = ''] = process.argv;
const rows = new Database(file, { readonly: true })
  .prepare<[], Row>('SELECT from_connection, to_connection, bytes FROM frame ORDER BY id')
  .raw()
  .iterate();

const sockets = new Map<number, Socket>();
let expectedBytes = 0;
let cameBytes = 0;

function socketOf(connection: number): Socket {
  let socket = sockets.get(connection);
  if (socket === undefined) {
    socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
    socket.on('data', (bytes) => (cameBytes += bytes.length));
    sockets.set(connection, socket);
  }
  return socket;
}

let isSettled = false;
for (let isOver = false; !isOver;) {
  const waiting = new Map<number, Buffer[]>();
  for (let frames = 0; frames < FRAMES_PER_TURN; frames++) {
    const next = rows.next();
    isOver = next.done === true;
    if (next.done === true) break;
    const [from, to, bytes] = next.value;
    if (to !== null && !isSettled) {
      await sleep(SETTLE_MS);
      isSettled = true;
    }
    if (to === null) socketOf(from).write(bytes);
    else waiting.set(from, [...(waiting.get(from) ?? []), bytes]);
    if (to !== null) expectedBytes += bytes.length;
  }
  for (const [from, all] of waiting) socketOf(from).write(Buffer.concat(all));
  do await turn();
  while (expectedBytes - cameBytes > (isOver ? 0 : ON_THE_WAY_BYTES_MAX));
}
for (const socket of sockets.values()) socket.destroy();
