/**
 * Verdicts made by hand, for whoever shows, stores or counts them.
 *
 *     const verdict = madeVerdict([changed(), missing({ follows: 0 })], { partial: 'it was stopped' });
 *     storeReplay(file, verdict);
 *
 * Two players, Ann and Bob, and two conversations: datagrams from the one to the other, and what the relay says to
 * Bob. Counts, outcome and the first difference follow from the differences, unless they are said.
 */
import { postoffice } from '../../protocol/postoffice/index.ts';
import { Kind } from '../../protocol/postoffice/layout.ts';
import { Cast } from '../../replay/cast.ts';
import { beginReplay, storeSending, storeVerdict } from '../../replay/stored.ts';
import {
  type Difference,
  differenceClasses,
  type DifferenceClass,
  RELAY_END,
  type Sending,
  type Verdict,
} from '../../replay/types.ts';
import * as wire from './postoffice-wire.ts';

export const ANN = '02:aa:bb:cc:dd:01';
export const BOB = '02:aa:bb:cc:dd:02';

export const cast = new Cast([
  { player: ANN, nickname: 'Ann' },
  { player: BOB, nickname: 'Bob' },
]);

const [ann, bob] = [cast.end(`${ANN}/100`), cast.end(`${BOB}/200`)];

export const datagrams = cast.conversation(postoffice, ann, bob, Kind.pdpDelivered);
export const stream = cast.conversation(postoffice, bob, ann, Kind.ptpDelivered);
export const control = cast.conversation(postoffice, RELAY_END, bob, null);

/** As Bob gets it from Ann, port 100. */
export function datagram(payload: string, port = 100): Uint8Array {
  return wire.datagram(wire.address(ANN.replaceAll(':', ''), port), Buffer.from(payload));
}

export function difference(name: DifferenceClass, told: Partial<Difference> = {}): Difference {
  return {
    class: name,
    fails: !['masked', 'late', 'reordered-across'].includes(name),
    follows: null,
    conversation: datagrams,
    sequence: 12,
    at: 1234.5,
    expectedKind: null,
    expected: null,
    actualKind: null,
    actual: null,
    offset: null,
    field: null,
    streamOffset: null,
    text: `a frame from Ann to Bob ${differenceClasses[name]}`,
    ...told,
  };
}

/** The port is another. */
export function changed(told: Partial<Difference> = {}): Difference {
  return difference('changed', {
    expectedKind: Kind.pdpDelivered,
    expected: datagram('hello, Bob'),
    actualKind: Kind.pdpDelivered,
    actual: datagram('hello, Bob', 101),
    offset: 8,
    field: 'port',
    text: 'Bob got a datagram from Ann with port 101 where it was 100',
    ...told,
  });
}

export function missing(told: Partial<Difference> = {}): Difference {
  return difference('missing', {
    expectedKind: Kind.pdpDelivered,
    expected: datagram('are you there?'),
    ...told,
  });
}

/** Bytes 1 000 and 1 001 of a stream. */
export function changedStream(told: Partial<Difference> = {}): Difference {
  return difference('changed', {
    conversation: stream,
    expected: Uint8Array.of(1, 2, 3, 4, 5, 6),
    actual: Uint8Array.of(1, 2, 9, 9, 5, 6),
    offset: 2,
    streamOffset: 1000,
    ...told,
  });
}

export function closedEarly(told: Partial<Difference> = {}): Difference {
  return difference('closed-early', { conversation: control, ...told });
}

export function madeVerdict(differences: readonly Difference[] = [], told: Partial<Verdict> = {}): Verdict {
  const first = differences.findIndex(({ fails, follows }) => fails && follows === null);
  const byClass = Object.fromEntries(Object.keys(differenceClasses).map((name) => [name, 0])) as Record<
    DifferenceClass,
    number
  >;
  for (const { class: name } of differences) byClass[name] += 1;
  return {
    outcome: first === -1 ? 'same' : 'differs',
    subject: { mode: 'relay', target: '127.0.0.1:27313', pace: 'causal' },
    file: 'evening.db',
    capture: 1,
    session: 1,
    startedAt: '2023-11-14T22:13:20.123Z',
    lasted: 12_345.5,
    partial: null,
    notes: [],
    roles: cast.roles,
    counts: { sent: 1500, expected: 1200, came: 1199, equal: 1190, differences: byClass },
    holds: [
      { by: 'nothing', sends: 1000, total: 0, longest: 0 },
      { by: 'answer', sends: 500, total: 4250.25, longest: 81.5 },
    ],
    first: first === -1 ? null : first,
    differences,
    ...told,
  };
}

/** One of everything. */
export function fullVerdict(told: Partial<Verdict> = {}): Verdict {
  return madeVerdict(
    [
      difference('masked', { ...changed(), class: 'masked', fails: false, text: 'only its clock differs' }),
      changed(),
      missing({ follows: 1, sequence: 13 }),
      difference('late', { follows: 2, sequence: 14 }),
      changedStream({ sequence: 20 }),
      difference('extra', { actualKind: Kind.pdpDelivered, actual: datagram('who is it?'), sequence: 21 }),
      missing({ sequence: 22, text: 'Bob did not get a datagram from Ann' }),
      missing({ sequence: 23, text: 'Bob did not get another' }),
      closedEarly({
        sequence: 30,
        text: 'the relay closed Bob’s connection while 3 frames to it were to come',
      }),
    ],
    { notes: ['The capture lacks 12 frames of this time.'], ...told },
  );
}

/** Stores it as a replay does, and answers its number. */
export function storeReplay(file: string, verdict: Verdict, sendings: readonly Sending[] = []): number {
  const writer = beginReplay(file, { ...verdict, pid: 77, version: '1.2.3' });
  for (const sending of sendings) storeSending(writer, sending);
  storeVerdict(writer, verdict);
  return writer.id;
}
