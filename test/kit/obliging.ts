/**
 * A protocol by TCP and UDP whose relay does what it is told, for tests of what it may not do.
 *
 * A frame is a byte that counts the rest, and the rest: a letter that says what to do, and more bytes. `e` is for an
 * echo; `a` for as many bytes as the next byte says; `h` holds the connection; `c` closes it; anything else is nothing.
 */
import { CommonFault, FAULTS_OWN } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import {
  Direction,
  type FrameSpec,
  type FrameView,
  type Hub,
  type Outlet,
  type Peer,
  type Protocol,
  type Session,
} from '../../protocol/types.ts';

export const UNFINISHED_MS = 300;

/** What an obliging hub has to do with one connection. */
export interface Guest {
  readonly peer: Peer;
  readonly outlet: Outlet;
  /** What it has said, as text. */
  readonly heard: string[];
  isGone: boolean;
}

const field = { size: { from: 'bytes' }, name: 'body', type: 'bytes' } as const;

function spec(name: string, direction: Direction, more: Partial<FrameSpec> = {}): FrameSpec {
  const fields = [{ name: 'bytes', type: 'u8', size: 1 } as const, field];
  return { name, direction, bytesMin: 1, bytesMax: 256, fields, ...more };
}

/** A frame that says this. */
export function telling(text: string): Buffer {
  const body = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.of(body.length), body]);
}

export interface Obliging {
  readonly protocol: Protocol;
  /** All who ever came. */
  readonly guests: Guest[];
}

export function obliging(more: Partial<Protocol> = {}): Obliging {
  const guests: Guest[] = [];
  const accept = (outlet: Outlet, peer: Peer): Session => {
    const guest: Guest = { peer, outlet, heard: [], isGone: false };
    guests.push(guest);
    return {
      label: 'guest',
      state: 'here',
      frame: (frame) => serve(guest, frame),
      gone: () => (guest.isGone = true),
    };
  };
  const hub: Hub = {
    accept,
    acceptDatagrams: accept,
    deadline: Infinity,
    wake: () => undefined,
    players: new Map<number, number>(),
    sessions: () => [],
  };
  const protocol: Protocol = {
    id: 97,
    name: 'obliging',
    title: 'Obliging',
    revision: 1,
    transports: ['tcp', 'udp'],
    port: 1,
    outboxBytesMax: 512_000,
    faults: [{ name: 'half-frame', text: 'half a frame came' }],
    unfinished: { ms: UNFINISHED_MS, fault: FAULTS_OWN },
    frames: [spec('request', Direction.toRelay, { forRelay: true }), spec('answer', Direction.toPeer)],
    framing: {
      start: { toRelay: 0, toPeer: 0 },
      datagram: 0,
      measure(_mode, view, at) {
        const bytes = view.getUint8(at);
        return bytes === 0 ? -CommonFault.malformed : 1 + bytes;
      },
      classify: () => 0,
    },
    summarize: () => 'a request',
    createHub: () => hub,
    ...more,
  };
  return { protocol, guests };
}

function serve({ outlet, heard }: Guest, { bytes, at, end }: FrameView): Outcome {
  const text = Buffer.from(bytes.slice(at + 1, end)).toString('latin1');
  heard.push(text);
  if (text.startsWith('e')) outlet.send(1, bytes.slice(at, end));
  if (text.startsWith('a')) outlet.send(1, telling('a'.repeat(text.charCodeAt(1))));
  if (text.startsWith('h')) outlet.hold(true);
  if (text.startsWith('c')) outlet.close(CommonFault.none);
  return Outcome.consumed;
}
