/**
 * Plays that need no relay: players who log in, form groups, open sockets and send, written into a
 * capture as a relay would have it recorded. Time passes by a millisecond a step, unless told otherwise.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { onTestFinished } from 'vitest';
import { CaptureFile } from '../../recorder/captures.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { meta, temporaryFile } from './capture-file.ts';
import { field, FieldKind, lobby, LobbyKind, mac } from './lobby.ts';

const MS = 1e6;
/** How long a frame is in the relay, if it leaves. */
export const DELAY_NS = 40_000;

export class Play {
  readonly file: string;
  readonly store: CaptureStore;
  now = 0;
  sequence = 0;
  #conn = 0;

  constructor(file = temporaryFile()) {
    this.file = file;
    this.store = CaptureStore.open(file, meta, [lobby, field]);
    this.store.begin();
    onTestFinished(() => {
      if (this.store.db.open) this.store.abandon();
    });
  }

  wait(ms: number): this {
    this.now += ms * MS;
    return this;
  }

  #tick(): number {
    return (this.now += MS);
  }

  frame(from: number, to: number, kind: number, outcome: Outcome, text: string, departs = true): number {
    const leaves = departs && (outcome === Outcome.forwarded || outcome === Outcome.originated);
    this.store.frame(
      ++this.sequence,
      this.#tick(),
      leaves ? DELAY_NS : null,
      from,
      to,
      kind,
      outcome,
      Buffer.from(text),
    );
    return this.sequence;
  }

  /** A connection to the field. */
  open(): number {
    const conn = ++this.#conn;
    this.store.opened(conn, field.id, '192.0.2.1', conn, this.#tick());
    return conn;
  }

  /** It says that it is a socket of player `n`. */
  identify(conn: number, n: number, port = 1, toward = '', nickname = ''): number {
    this.store.identified(conn, 'socket', `${mac(n)}/${port}`, toward, new Uint8Array(0), nickname);
    return conn;
  }

  /** A socket of player `n` on the field, its opening frame included. */
  socket(n: number, port = 1, toward = '', nickname = ''): number {
    const conn = this.open();
    this.frame(conn, 0, FieldKind.open, Outcome.consumed, 'open');
    return this.identify(conn, n, port, toward, nickname);
  }

  login(n: number, nickname = `P${n}`, game = 'GAME00001'): number {
    const conn = ++this.#conn;
    this.store.opened(conn, lobby.id, '192.0.2.1', conn, this.#tick());
    this.frame(conn, 0, LobbyKind.login, Outcome.consumed, nickname);
    this.store.identified(conn, 'player', mac(n), '', new Uint8Array(0), nickname, game, 'A Game');
    return conn;
  }

  /** Asks, and is told who leads; answers the number of the asking frame. */
  join(conn: number, group: string, leader: number): number {
    const asked = this.frame(conn, 0, LobbyKind.ask, Outcome.consumed, group);
    this.frame(0, conn, LobbyKind.leader, Outcome.originated, mac(leader));
    return asked;
  }

  leave(conn: number): number {
    return this.frame(conn, 0, LobbyKind.leave, Outcome.consumed, 'bye');
  }

  send(from: number, to: number, text = 'hello'): number {
    return this.frame(from, to, FieldKind.send, Outcome.forwarded, `- ${text}`);
  }

  /** A frame for an endpoint that nobody holds. */
  miss(from: number, endpoint: string): number {
    return this.frame(from, 0, FieldKind.send, Outcome.noTarget, `${endpoint} hello`);
  }

  close(conn: number, fault: number = CommonFault.none): this {
    this.store.closed(conn, fault, this.#tick());
    return this;
  }

  commit(): this {
    this.store.commit();
    this.store.begin();
    return this;
  }

  /** What is in the file now. */
  sessions(): RecordedSession[] {
    this.commit();
    return sessionsOf(this.file);
  }

  /** Ends the capture in good order. */
  end(): RecordedSession[] {
    this.store.commit();
    this.store.finish(this.#tick());
    return sessionsOf(this.file);
  }

  /** Ends as a relay does that is killed. */
  kill(): RecordedSession[] {
    this.store.commit();
    this.store.abandon();
    return sessionsOf(this.file);
  }
}

export function sessionsOf(file: string): RecordedSession[] {
  const capture = CaptureFile.open(file);
  try {
    return capture.sessions();
  } finally {
    capture.close();
  }
}
