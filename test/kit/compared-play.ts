/**
 * Plays to compare, made by hand: Ann, Bob and Cleo, who exchange datagrams, streams and what the relay tells them.
 *
 *     const play = new ComparedPlay();
 *     play.passes(datagrams(ann, bob), datagramFrom(ann, [1, 2]));   // was recorded, and comes
 *     play.lacks(datagrams(ann, bob), datagramFrom(ann, [3]));       // was recorded, and does not
 *     play.gets(datagrams(ann, cleo), datagramFrom(ann, [3]));       // comes, and was not recorded
 *     play.end().differences
 *
 * Sequence numbers count from 1; a frame comes a millisecond after the one before it.
 */
import { Cast } from '../../replay/cast.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { Comparator } from '../../replay/compare/comparator.ts';
import type { Compared } from '../../replay/compare/comparison.ts';
import {
  type Conversation,
  type Difference,
  type DifferenceClass,
  type Masks,
  type Policy,
  RELAY_END,
  type Unit,
} from '../../replay/types.ts';
import { pairwise } from './pairwise.ts';
import { address, block, datagram, endpoint } from './postoffice-wire.ts';

export const cast = new Cast([
  { player: '02:00:00:00:00:01', nickname: 'Ann' },
  { player: '02:00:00:00:00:02', nickname: 'Bob' },
  { player: '02:00:00:00:00:03', nickname: 'Cleo' },
]);
export const ann = '02:00:00:00:00:01/100';
export const bob = '02:00:00:00:00:02/100';
export const cleo = '02:00:00:00:00:03/100';
export const stranger = '02:00:00:00:00:09/100';

export interface Frame {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

function wire(text: string): ReturnType<typeof address> {
  const [mac = '', port] = text.split('/');
  return address(mac.replaceAll(':', ''), Number(port));
}

export function datagrams(from: string, to: string): Conversation {
  return cast.conversation(postoffice, cast.end(from), cast.end(to), Kind.pdpDelivered);
}

export function stream(from: string, to: string): Conversation {
  return cast.conversation(postoffice, cast.end(from), cast.end(to), Kind.ptpDelivered);
}

/** What the relay itself says to somebody. */
export function told(to: string): Conversation {
  return cast.conversation(postoffice, RELAY_END, cast.end(to), null);
}

export function datagramFrom(from: string, payload: readonly number[] | Uint8Array, padding = 0): Frame {
  return { kind: Kind.pdpDelivered, bytes: datagram(wire(from), Uint8Array.from(payload), padding) };
}

export function blockOf(payload: readonly number[] | Uint8Array): Frame {
  return { kind: Kind.ptpDelivered, bytes: block(Uint8Array.from(payload)) };
}

export function request(from: string): Frame {
  return { kind: Kind.ptpRequest, bytes: endpoint(wire(from)) };
}

export function ready(other: string): Frame {
  return { kind: Kind.ptpReady, bytes: endpoint(wire(other)) };
}

export const noMasks: Masks = { of: () => [] };
const harmless: ReadonlySet<DifferenceClass> = new Set(['masked', 'late', 'reordered-across']);
export const failMost: Policy = { fails: (_conversation, _kind, what) => !harmless.has(what) };

export class ComparedPlay {
  readonly comparator: Comparator;
  sequence = 0;
  now = 0;

  constructor({ masks = noMasks, policy = failMost }: { masks?: Masks; policy?: Policy } = {}) {
    this.comparator = new Comparator({ masks, policy, roles: cast.roles, aligners: pairwise });
  }

  expected({ kind, bytes }: Frame, fate: Partial<Unit> = {}): Unit {
    const sequence = ++this.sequence;
    return { kind, bytes, sequence, at: sequence, givenUp: false, isOptional: false, ...fate };
  }

  actual({ kind, bytes }: Frame): Unit {
    return { kind, bytes, sequence: 0, at: ++this.now, givenUp: false, isOptional: false };
  }

  passes(conversation: Conversation, recorded: Frame, came = recorded): Unit {
    const unit = this.lacks(conversation, recorded);
    this.gets(conversation, came);
    return unit;
  }

  lacks(conversation: Conversation, frame: Frame, fate: Partial<Unit> = {}): Unit {
    const unit = this.expected(frame, fate);
    this.comparator.lane(conversation).expect(unit);
    return unit;
  }

  gets(conversation: Conversation, frame: Frame): Unit {
    const unit = this.actual(frame);
    this.comparator.lane(conversation).came(unit);
    return unit;
  }

  closed(
    to: string,
    what: 'closed-early' | 'closed-late',
    how = 'the relay did so',
    sequence = this.sequence,
  ): void {
    this.comparator.ended({ class: what, conversation: told(to), sequence, at: this.now, how });
  }

  end(): Compared {
    return this.comparator.end();
  }

  /** The one that a report leads with. */
  first(): Difference | null {
    const { first, differences } = this.end();
    return first === null ? null : (differences[first] ?? null);
  }
}
