/** What the relay knows of everybody who is connected, whatever their bytes come by. */
import type { Fault, Identity, Peer, Protocol, Session } from '../protocol/types.ts';

/** Why nothing is read from somebody. Any one of them is enough. */
export const Hold = { session: 1, slowTarget: 2, recorder: 4 } as const;

export interface Connected {
  readonly id: number;
  readonly protocol: Protocol;
  readonly peer: Peer;
  readonly session: Session;
  /** Null as long as it has not said who it is. */
  readonly identity: Identity | null;
  /** What is written over the start of every frame forwarded from it. */
  readonly stamp: Uint8Array;
  /** Whether it still takes part; one that only says goodbye does not. */
  readonly isOpen: boolean;
  /** Bytes on their way to it. */
  readonly waitingBytes: number;
  /** Who waits for several slow targets is let go by the last of them. */
  setHold(hold: number, on: boolean): void;
  /** Keeps `from` waiting while it has as much on its way to it as it may be given. */
  slowIfFull(from: Connected): void;
  close(fault: Fault): void;
  /** Ends at once, whatever waits. */
  destroy(): void;
}

/** IPv4 clients of a dual-stack socket are named as IPv4. */
export function asIpv4(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
