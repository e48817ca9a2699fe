/**
 * Captures of many sessions, written straight into a file: pairs of players who exchange datagrams.
 *
 *     const recording = new PlayedSessions(file);
 *     recording.play('Ann', 'Bob', { frames: 4 });             // a session from its first to its last frame
 *     const going = recording.begin('Cid', 'Dan');              // one that goes on
 *     recording.end(going);
 *     recording.finish();
 *
 * Each call is a transaction of its own, and takes a millisecond. The relay does not matter here.
 */
import { postoffice } from '../../protocol/postoffice/index.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { openStore, transaction } from './capture-file.ts';
import { address, datagram, pdpOpen } from './postoffice-wire.ts';

const MS = 1e6;

export interface Pair {
  readonly conns: readonly [number, number];
  readonly names: readonly [string, string];
}

export interface PairOptions {
  readonly frames?: number;
  readonly game?: string;
  /** Why its connections end. */
  readonly fault?: number;
}

export class PlayedSessions {
  readonly store: ReturnType<typeof openStore>;
  #conns = 0;
  #now = 0;
  #sequence = 0;

  constructor(file: string) {
    this.store = openStore(file);
  }

  get lastSequence(): number {
    return this.#sequence;
  }

  play(one: string, other: string, options: PairOptions = {}): Pair {
    const pair = this.begin(one, other, options);
    this.end(pair, options.fault);
    return pair;
  }

  /** Two who were not there before, and say something to each other. */
  begin(one: string, other: string, { frames = 2, game = '' }: PairOptions = {}): Pair {
    const conns = [++this.#conns, ++this.#conns] as const;
    const pair = { conns, names: [one, other] as const };
    transaction(this.store, () => {
      for (const [i, conn] of conns.entries()) this.#arrive(conn, pair.names[i] as string, game);
      this.#talk(pair, frames);
    });
    return pair;
  }

  goesOn(pair: Pair, frames: number): void {
    transaction(this.store, () => this.#talk(pair, frames));
  }

  /** The first of them to the other. */
  says({ conns: [one, other] }: Pair, payload: Uint8Array): void {
    transaction(this.store, () => this.#frame(one, other, Kind.pdp, 0, datagram(addressOf(other), payload)));
  }

  /** One who says something to each of all the others: so many in all. */
  crowd(players: number): void {
    const first = this.#conns + 1;
    transaction(this.store, () => {
      for (let i = 0; i < players; i++) this.#arrive(++this.#conns, `P${i}`, '');
      for (let i = 1; i < players; i++) this.#talk({ conns: [first, first + i], names: ['', ''] }, 1);
    });
  }

  /** The recorder could not keep so many frames. */
  gap(frames: number): void {
    transaction(this.store, (store) =>
      store.gap(this.#sequence + 1, frames, 0, this.#tick(), 'recorder was full'),
    );
    this.#sequence += frames;
  }

  end({ conns }: Pair, fault: number = CommonFault.none): void {
    transaction(this.store, (store) => {
      for (const conn of conns) store.closed(conn, fault, this.#tick());
    });
  }

  finish(): void {
    this.store.finish(this.#tick());
  }

  #arrive(conn: number, name: string, game: string): void {
    this.store.opened(conn, postoffice.id, '192.0.2.1', 40_000 + (conn % 20_000), this.#tick());
    this.store.identified(conn, 'pdp', endpointOf(conn), '', new Uint8Array(0), name, game, '');
    this.#frame(conn, 0, Kind.pdpOpen, 1, pdpOpen(addressOf(conn)));
  }

  #talk({ conns: [one, other] }: Pair, frames: number): void {
    for (let i = 0; i < frames; i++) {
      const [from, to] = i % 2 === 0 ? [one, other] : [other, one];
      this.#frame(from, to, Kind.pdp, 0, datagram(addressOf(to), Buffer.from(`${i}`)));
    }
  }

  #frame(from: number, to: number, kind: number, outcome: number, bytes: Uint8Array): void {
    const delay = outcome === 0 ? 50_000 : null;
    this.store.frame(++this.#sequence, this.#tick(), delay, from, to, kind, outcome, bytes);
  }

  #tick(): number {
    return (this.#now += MS);
  }
}

function macOf(conn: number): string {
  return `02${conn.toString(16).padStart(10, '0')}`;
}

function addressOf(conn: number) {
  return address(macOf(conn), 100);
}

/** Its player is what comes before the port. */
export function endpointOf(conn: number): string {
  return `${macOf(conn).replaceAll(/(..)(?=.)/g, '$1:')}/100`;
}
