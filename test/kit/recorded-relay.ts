/**
 * A relay in this process, on real sockets, and what it has had recorded: written into a capture file once it has
 * stopped.
 *
 * The rule: what is recorded, and in which order, is what a recorder would have stored.
 */
import { onTestFinished } from 'vitest';
import { monotonic } from '../../common/clock.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { protocols } from '../../protocol/registry.ts';
import type { Identity, Peer, Protocol, Tap } from '../../protocol/types.ts';
import { Relay } from '../../relay/relay.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { meta, temporaryFile } from './capture-file.ts';
import type { Ports } from './replaying.ts';

const NANOS_PER_MILLI = 1e6;

interface Hop {
  readonly arrived: number;
  readonly from: number;
  readonly to: number;
  readonly kind: number;
  outcome: number;
  departed: number | null;
  readonly bytes: Uint8Array;
}

/** Keeps all in memory: for short plays. */
export class MemoryTap implements Tap {
  readonly #start = monotonic();
  readonly #hops: Hop[] = [];
  readonly #happenings: ((store: CaptureStore) => void)[] = [];

  opened(conn: number, protocol: Protocol, { address, port }: Peer, now: number): void {
    const at = this.#nanos(now);
    this.#happenings.push((store) => store.opened(conn, protocol.id, address, port, at));
  }

  identified(conn: number, identity: Identity, stamp: Uint8Array): void {
    const { role, endpoint, toward, nickname, game, gameName } = identity;
    this.#happenings.push((store) =>
      store.identified(conn, role, endpoint, toward, stamp, nickname, game, gameName),
    );
  }

  hop(
    from: number,
    to: number,
    kind: number,
    outcome: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    arrived: number,
  ): number {
    const hop: Hop = {
      arrived: this.#nanos(arrived),
      from,
      to,
      kind,
      outcome,
      departed: null,
      bytes: bytes.slice(at, end),
    };
    const sequence = this.#hops.push(hop);
    this.#happenings.push((store) => {
      const delay = hop.departed === null ? null : hop.departed - hop.arrived;
      store.frame(sequence, hop.arrived, delay, from, to, kind, hop.outcome, hop.bytes);
    });
    return sequence;
  }

  amend(hop: number, outcome: number): void {
    this.#hop(hop).outcome = outcome;
  }

  departed(hop: number, now: number): void {
    this.#hop(hop).departed = this.#nanos(now);
  }

  undelivered(hop: number): void {
    this.#hop(hop).outcome = Outcome.undelivered;
  }

  closed(conn: number, fault: number, now: number): void {
    const at = this.#nanos(now);
    this.#happenings.push((store) => store.closed(conn, fault, at));
  }

  turned(): void {
    // All is kept as it comes.
  }

  attach(): void {
    // There is always room.
  }

  writeTo(file: string): void {
    const store = CaptureStore.open(file, meta, protocols);
    store.begin();
    for (const happening of this.#happenings) happening(store);
    store.commit();
    store.finish(this.#nanos(monotonic()));
  }

  #hop(sequence: number): Hop {
    return this.#hops[sequence - 1] as Hop;
  }

  #nanos(now: number): number {
    return Math.round((now - this.#start) * NANOS_PER_MILLI);
  }
}

export interface RunningRelay extends Ports {
  readonly relay: Relay;
  /** The port of this protocol's listener. */
  portOf(protocol: Protocol): number;
  stop(): Promise<void>;
}

/** Of these protocols, on ports of their own. Stopped when the test ends, at the latest. */
export async function startRelay(
  tap: Tap | null = null,
  spoken: readonly Protocol[] = protocols,
): Promise<RunningRelay> {
  const relay = new Relay({
    host: '127.0.0.1',
    listeners: spoken.map((protocol) => ({ protocol, port: 0 })),
    maxConnections: 20_000,
    tap,
  });
  await relay.start();
  const portOf = (wanted: (protocol: Protocol) => boolean): number =>
    relay.addresses.find(({ protocol }) => wanted(protocol))?.port ?? 0;
  let isOver = false;
  const stop = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await relay.stop(0);
  };
  onTestFinished(stop);
  return {
    relay,
    port: portOf(({ groupNotice }) => groupNotice === undefined),
    adhocctlPort: portOf(({ groupNotice }) => groupNotice !== undefined),
    portOf: (protocol) => portOf((each) => each === protocol),
    stop,
  };
}

/** Has a play played on a relay, and answers the capture file of it. */
export async function recorded(
  play: (relay: RunningRelay) => Promise<unknown>,
  spoken: readonly Protocol[] = protocols,
): Promise<string> {
  const tap = new MemoryTap();
  const relay = await startRelay(tap, spoken);
  try {
    await play(relay);
  } finally {
    await relay.stop();
  }
  const file = temporaryFile();
  tap.writeTo(file);
  return file;
}
