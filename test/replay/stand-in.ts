/**
 * A comparison so plain that it is right at sight, for tests of what feeds one: it keeps everything, and finds at
 * the end the longest that both sides of a conversation have in common. Streams are compared as one piece.
 */
import { kindName } from '../../protocol/kind.ts';
import { conversationKind } from '../../replay/cast.ts';
import type { Compared, Comparison, EndDifference, Lane } from '../../replay/compare/comparison.ts';
import {
  type Conversation,
  type Difference,
  type DifferenceClass,
  differenceClasses,
  type Unit,
} from '../../replay/types.ts';
import { join } from '../kit/bytes.ts';

class StandInLane implements Lane {
  readonly conversation: Conversation;
  readonly expected: Unit[] = [];
  readonly actual: Unit[] = [];

  constructor(conversation: Conversation) {
    this.conversation = conversation;
  }

  expect(unit: Unit): void {
    this.expected.push(unit);
  }

  came(unit: Unit): void {
    this.actual.push(unit);
  }

  /** How far the one is ahead of the other. */
  get lead(): number {
    return Math.abs(this.expected.length - this.actual.length);
  }
}

export class StandIn implements Comparison {
  readonly lanes = new Map<Conversation, StandInLane>();
  readonly ends: EndDifference[] = [];

  lane(conversation: Conversation): StandInLane {
    let lane = this.lanes.get(conversation);
    if (lane === undefined) this.lanes.set(conversation, (lane = new StandInLane(conversation)));
    return lane;
  }

  ended(difference: EndDifference): void {
    this.ends.push(difference);
  }

  overtook(): void {
    throw new Error('in two recordings nobody knows');
  }

  get held(): number {
    let held = 0;
    for (const lane of this.lanes.values()) held += lane.lead;
    return held;
  }

  end(): Compared {
    const found = [...this.lanes.values()].flatMap((lane) => [...differencesIn(lane)]);
    for (const { class: what, conversation, sequence, at, how } of this.ends)
      found.push({ ...difference(what, conversation, null, null), sequence, at, text: how });
    found.sort((one, other) => one.sequence - other.sequence);
    const sum = (of: (lane: StandInLane) => number) =>
      [...this.lanes.values()].reduce((total, lane) => total + of(lane), 0);
    const differences = { ...differenceClasses } as unknown as Record<DifferenceClass, number>;
    for (const what of Object.keys(differences) as DifferenceClass[])
      differences[what] = found.filter((each) => each.class === what).length;
    return {
      counts: {
        expected: sum(({ expected }) => expected.length),
        came: sum(({ actual }) => actual.length),
        equal: sum(({ expected, actual }) => common(expected, actual).length),
        differences,
      },
      first: found.length === 0 ? null : 0,
      differences: found,
    };
  }
}

function* differencesIn({ conversation, expected, actual }: StandInLane): IterableIterator<Difference> {
  if (conversation.isStream) {
    const [one, other] = [expected, actual].map((units) => join(units.map(({ bytes }) => bytes.subarray(4))));
    if (Buffer.compare(one!, other!) !== 0)
      yield difference('changed', conversation, expected[0] ?? null, actual[0] ?? null);
    return;
  }
  const pairs = [...common(expected, actual), [expected.length, actual.length] as const];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of pairs) {
    for (; i < nextI && j < nextJ; i++, j++)
      yield difference('changed', conversation, expected[i]!, actual[j]!);
    for (; i < nextI; i++)
      if (!expected[i]!.isOptional) yield difference('missing', conversation, expected[i]!, null);
    for (; j < nextJ; j++) yield difference('extra', conversation, null, actual[j]!, expected[i - 1]);
    [i, j] = [nextI + 1, nextJ + 1];
  }
}

/** The longest sequence of pairs that are equal. */
function common(expected: readonly Unit[], actual: readonly Unit[]): (readonly [number, number])[] {
  const texts = [expected, actual].map((units) =>
    units.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString('hex')}`),
  ) as [string[], string[]];
  const [ours, theirs] = texts;
  const best = ours.map(() => new Uint32Array(theirs.length + 1));
  best.push(new Uint32Array(theirs.length + 1));
  for (let i = ours.length - 1; i >= 0; i--)
    for (let j = theirs.length - 1; j >= 0; j--)
      best[i]![j] =
        ours[i] === theirs[j] ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < ours.length && j < theirs.length;) {
    if (ours[i] === theirs[j]) pairs.push([i++, j++]);
    else if (best[i + 1]![j]! >= best[i]![j + 1]!) i++;
    else j++;
  }
  return pairs;
}

function difference(
  what: DifferenceClass,
  conversation: Conversation,
  expected: Unit | null,
  actual: Unit | null,
  after: Unit | null = null,
): Difference {
  return {
    class: what,
    fails: true,
    follows: null,
    conversation,
    sequence: (expected ?? after)?.sequence ?? 0,
    at: actual?.at ?? 0,
    expectedKind: expected?.kind ?? null,
    expected: expected?.bytes ?? null,
    actualKind: actual?.kind ?? null,
    actual: actual?.bytes ?? null,
    offset: null,
    field: null,
    streamOffset: null,
    text: '',
  };
}

/** `missing pdp-delivered P1 -> P2`, for each. */
export function told({ differences }: Compared): string[] {
  return differences.map(({ class: what, conversation, expectedKind, actualKind }) => {
    const { protocol, from, to } = conversation;
    const kind = expectedKind ?? actualKind;
    const name = kind === null ? conversationKind(conversation) : kindName(protocol, kind);
    return `${what} ${name} ${from.role} -> ${to.role}`;
  });
}
