/**
 * A long evening, written straight into a capture file as a relay would have had it recorded: 32 players in
 * eight groups of four, unless there are to be more, each of whom sends to the three others in turn.
 *
 * The rule: it is the same whenever it is written, and every player hears all of a round before the next.
 */
import { endpointText, macText } from '../../protocol/address.ts';
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { protocols } from '../../protocol/registry.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { address, datagram, init, PDP } from '../load/wire.ts';

export const BIG_GROUPS = 8;
export const BIG_GROUP_PLAYERS = 4;
const PAYLOAD_BYTES = 200;
const STARTED_AT_MICROS = 1_700_000_000_000_000;
const POSTOFFICE_ID = 1;
const FRAMES_PER_TRANSACTION = 10_000;
const TRANSACTION_BYTES = 4 * 1024 * 1024;
/** From one frame to the next, and from a frame's arrival to its departure. */
const STEP_NS = 15_000;
const DELAY_NS = 40_000;
/** In an address. */
const PORT_AT = 8;

/** Groups one after the other in a round, so that neighbours in the file have nothing to do with each other. */
interface Way {
  /** The numbers of their connections. */
  readonly from: number;
  readonly to: number;
}

function waysOfARound(groups: number): readonly Way[] {
  const ways: Way[] = [];
  for (let step = 1; step < BIG_GROUP_PLAYERS; step++)
    for (let seat = 0; seat < BIG_GROUP_PLAYERS; seat++)
      for (let group = 0; group < groups; group++) {
        const at = (n: number): number => 1 + group * BIG_GROUP_PLAYERS + (n % BIG_GROUP_PLAYERS);
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
  const players = groups * BIG_GROUP_PLAYERS;
  const meta = { startedAtMicros: STARTED_AT_MICROS, pid: process.pid, version: 'bench' };
  const store = CaptureStore.open(file, meta, protocols);
  let now = 0;
  store.begin();
  for (let conn = 1; conn <= players; conn++) {
    now += STEP_NS;
    store.opened(conn, POSTOFFICE_ID, '192.0.2.1', 40_000 + conn, now);
    store.frame(conn, now, null, conn, 0, Kind.pdpOpen, Outcome.consumed, init('pdp', conn));
    const stamp = address(conn);
    const endpoint = endpointText(macText(stamp, 0), stamp.readUInt16LE(PORT_AT));
    store.identified(conn, 'pdp', endpoint, '', stamp);
  }
  // Bytes are borrowed until the transaction ends, so that each frame of one has its own.
  const ways = waysOfARound(groups);
  const frameOf = ways.map(({ to }) => datagram(to, payloadBytes));
  const perTransaction = Math.min(FRAMES_PER_TRANSACTION, Math.ceil(TRANSACTION_BYTES / payloadBytes));
  const pool = Array.from({ length: perTransaction }, () => Buffer.alloc(PDP.headerBytes + payloadBytes));
  for (let sequence = players + 1; sequence <= frames; sequence++) {
    const n = sequence - players - 1;
    const bytes = pool[n % perTransaction]!;
    const { from, to } = ways[n % ways.length]!;
    frameOf[n % ways.length]!.copy(bytes);
    bytes.writeUInt32LE(n, PDP.headerBytes);
    now += STEP_NS;
    store.frame(sequence, now, DELAY_NS, from, to, Kind.pdp, Outcome.forwarded, bytes);
    if ((n + 1) % perTransaction === 0) {
      store.commit();
      store.begin();
    }
  }
  now += DELAY_NS;
  for (let conn = 1; conn <= players; conn++) store.closed(conn, CommonFault.none, (now += STEP_NS));
  store.commit();
  store.finish(now + STEP_NS);
}
