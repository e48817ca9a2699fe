/**
 * A long evening, written straight into a capture file as a relay would have had it recorded: 32 players in
 * eight groups of four, unless there are to be more, each of whom sends to the three others in turn. Needs no test to run in.
 *
 * The rule: it is the same whenever it is written, and every player hears all of a round before the next.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { macText } from '../../protocol/address.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { protocols } from '../../protocol/registry.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { type Address, addressBytes, init, Init, pdp } from './socket-client.ts';

export const BIG_GROUPS = 8;
export const BIG_GROUP_PLAYERS = 4;
const PORT = 5001;
const PAYLOAD_BYTES = 200;
const STARTED_AT_MICROS = 1_700_000_000_000_000;
const POSTOFFICE_ID = 1;
const FRAMES_PER_TRANSACTION = 10_000;
const TRANSACTION_BYTES = 4 * 1024 * 1024;
/** From one frame to the next, and from a frame's arrival to its departure. */
const STEP_NS = 15_000;
const DELAY_NS = 40_000;

interface BigPlayer {
  readonly conn: number;
  readonly address: Address;
}

/** Groups one after the other in a round, so that neighbours in the file have nothing to do with each other. */
interface Way {
  readonly from: BigPlayer;
  readonly to: BigPlayer;
}

function players(groups: number): readonly BigPlayer[] {
  return Array.from({ length: groups * BIG_GROUP_PLAYERS }, (_, n) => ({
    conn: n + 1,
    address: { mac: macText(Uint8Array.of(2, 0, 0, 0xb1, n >> 8, n & 0xff), 0), port: PORT },
  }));
}

function waysOfARound(all: readonly BigPlayer[]): readonly Way[] {
  const ways: Way[] = [];
  for (let step = 1; step < BIG_GROUP_PLAYERS; step++)
    for (let seat = 0; seat < BIG_GROUP_PLAYERS; seat++)
      for (let group = 0; group < all.length / BIG_GROUP_PLAYERS; group++) {
        const at = (n: number): BigPlayer =>
          all[group * BIG_GROUP_PLAYERS + (n % BIG_GROUP_PLAYERS)] as BigPlayer;
        ways.push({ from: at(seat), to: at(seat + step) });
      }
  return ways;
}

export interface BigPlayOptions {
  /** Of four players each. */
  readonly groups?: number;
  readonly payloadBytes?: number;
}

/** Writes a capture of so many frames, the openings included. */
export function bigPlay(
  file: string,
  frames: number,
  { groups = BIG_GROUPS, payloadBytes = PAYLOAD_BYTES }: BigPlayOptions = {},
): void {
  const all = players(groups);
  const meta = { startedAtMicros: STARTED_AT_MICROS, pid: process.pid, version: 'test' };
  const store = CaptureStore.open(file, meta, protocols);
  let now = 0;
  store.begin();
  all.forEach(({ conn, address }) => {
    now += STEP_NS;
    store.opened(conn, POSTOFFICE_ID, '192.0.2.1', 40_000 + conn, now);
    store.frame(conn, now, null, conn, 0, Kind.pdpOpen, Outcome.consumed, init(Init.pdp, address));
    const endpoint = `${address.mac}/${address.port}`;
    store.identified(conn, 'pdp', endpoint, '', addressBytes(address));
  });
  // Bytes are borrowed until the transaction ends, so that each frame of one has its own.
  const ways = waysOfARound(all);
  const heads = ways.map(({ to }) => pdp(to.address, Buffer.alloc(payloadBytes, to.conn)));
  const perTransaction = Math.min(FRAMES_PER_TRANSACTION, Math.ceil(TRANSACTION_BYTES / payloadBytes));
  const pool = Array.from({ length: perTransaction }, () => Buffer.alloc(heads[0]!.length));
  for (let sequence = all.length + 1; sequence <= frames; sequence++) {
    const n = sequence - all.length - 1;
    const bytes = pool[n % perTransaction]!;
    const { from, to } = ways[n % ways.length]!;
    heads[n % ways.length]!.copy(bytes);
    bytes.writeUInt32LE(n, bytes.length - payloadBytes);
    now += STEP_NS;
    store.frame(sequence, now, DELAY_NS, from.conn, to.conn, Kind.pdp, Outcome.forwarded, bytes);
    if ((n + 1) % perTransaction === 0) {
      store.commit();
      store.begin();
    }
  }
  now += DELAY_NS;
  for (const { conn } of all) store.closed(conn, CommonFault.none, (now += STEP_NS));
  store.commit();
  store.finish(now + STEP_NS);
}
