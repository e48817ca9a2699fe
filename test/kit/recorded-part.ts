/**
 * A client that plays one recorded player from its own part of a recording: it opens, sends and ends what that player
 * did, each when as many bytes have come to it as had come then.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommonFault } from '../../protocol/fault.ts';
import { CaptureFile, type RecordedConnection } from '../../recorder/captures.ts';
import { playerOf } from '../../recorder/sessions/session.ts';
import type { Ports } from './plays.ts';
import { Client } from './socket-client.ts';

interface Deed {
  readonly at: number;
  readonly conn: number;
  readonly does: 'open' | 'send' | 'hear' | 'end' | 'break';
  readonly bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** In the order of the newest capture. */
function deedsOf(reader: CaptureFile, own: ReadonlyMap<number, RecordedConnection>): Deed[] {
  const { id } = reader.capture();
  const deeds: Deed[] = [];
  for (const { sequence: at, from, to, bytes } of reader.frames(id, {})) {
    // What it says to itself it first says and then hears.
    if (own.has(from)) deeds.push({ at, conn: from, does: 'send', bytes: Buffer.from(bytes) });
    if (own.has(to)) deeds.push({ at, conn: to, does: 'hear', bytes: Buffer.from(bytes) });
  }
  for (const { conn, openedAfter, closedAfter } of reader.places(id)) {
    if (!own.has(conn)) continue;
    deeds.push({ at: (openedAfter ?? 0) + 0.25, conn, does: 'open', bytes: NOTHING });
    const fault = own.get(conn)?.fault;
    const does = fault === CommonFault.lost ? 'break' : 'end';
    if (closedAfter !== null) deeds.push({ at: closedAfter + 0.5, conn, does, bytes: NOTHING });
  }
  return deeds.sort((one, other) => one.at - other.at);
}

/** Plays it to its end. What it hears is only counted. */
export async function playPart(file: string, player: string, ports: Ports, thinkMs = 0): Promise<void> {
  const reader = CaptureFile.open(file);
  const clients = new Map<number, Client>();
  try {
    const own = new Map(
      [...reader.connections(reader.capture().id)].filter(
        ([, { endpoint }]) => endpoint !== null && playerOf(endpoint) === player,
      ),
    );
    for (const { conn, does, bytes } of deedsOf(reader, own)) {
      const client = clients.get(conn);
      if (does === 'open') {
        const { protocol } = own.get(conn) as RecordedConnection;
        const opened = new Client(protocol?.groupNotice === undefined ? ports.postoffice : ports.adhocctl!);
        await opened.connected();
        clients.set(conn, opened);
      } else if (does === 'hear') {
        await client!.take(bytes.length);
        if (thinkMs > 0) await sleep(thinkMs);
      } else if (does === 'send') client!.send(bytes);
      else if (does === 'break') client!.socket.resetAndDestroy();
      else client!.end();
    }
  } finally {
    for (const client of clients.values()) client.end();
    reader.close();
  }
}
