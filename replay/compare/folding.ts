/**
 * Says which difference seems to follow from which, so that a report leads with causes.
 *
 * The rule: differences are looked at in order. Each follows from an earlier one that fails, if a rule of the
 * table below names one; the first rule that does decides. What follows from something that follows itself is
 * told to follow from where that began. No rule looks at a protocol: conversations with the relay have no kind,
 * and whom one of its frames is about is in that frame's fields.
 */
import { type Conversation, type End, RELAY_END } from '../types.ts';
import { endpointsIn, payloadIn } from './field.ts';
import type { Found } from './ledger.ts';

export interface Rule {
  readonly name: string;
  readonly text: string;
  readonly cause: (found: Found, earlier: Earlier) => Found | null;
}

export const rules: readonly Rule[] = [
  {
    name: 'misled',
    text: 'a frame came to somebody, because it did not come to whom it was for',
    cause: ({ follows }) => (follows?.fails === true ? follows : null),
  },
  {
    name: 'closed',
    text: 'what was closed before its time carries nothing any more',
    cause: ({ conversation }, { closedEarly }) => first(endsOf(conversation), closedEarly),
  },
  {
    name: 'untold-pair',
    text: 'two between whom the relay arranges something were not told of each other',
    cause: (found, { untoldPairs }) => first(pairsOf(found), untoldPairs),
  },
  {
    name: 'untold',
    text: 'a client that the relay did not answer, or that did not ask, does not go on as recorded',
    cause: (found, { untold }) => {
      const { conversation } = found;
      return first(
        [isEnd(found) ? keyOf(conversation, clientEnd(conversation)) : fromOf(conversation)],
        untold,
      );
    },
  },
  {
    name: 'pair-closed',
    text: 'two ends of a stream are closed one because of the other',
    cause: (found, { partners, ended }) =>
      isEnd(found) ? first(partners.get(clientKey(found)) ?? [], ended) : null,
  },
  {
    name: 'swallowed',
    text: 'a frame did not come, because it came within the one before it',
    cause: (found, { latest }) => {
      const before = latest.get(found.conversation);
      return before !== undefined && isRightAfter(found, before) && isWithin(found, before) ? before : null;
    },
  },
  {
    name: 'again',
    text: 'the same again in the same conversation, with nothing right in between',
    cause: (found, { latest }) => {
      const before = latest.get(found.conversation);
      return before?.class === found.class && isRightAfter(found, before) ? before : null;
    },
  },
];

/** The differences so far that fail, by what others may follow from. Of several in one place the first. */
interface Earlier {
  /** By client. */
  readonly closedEarly: Map<string, Found>;
  readonly ended: Map<string, Found>;
  /** What the relay and a client had to tell each other and did not, by the client, and by whom it was about. */
  readonly untold: Map<string, Found>;
  readonly untoldPairs: Map<string, Found>;
  /** The last of each conversation. */
  readonly latest: Map<Conversation, Found>;
  /** Who has a stream with whom. */
  readonly partners: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Sets `follows` of each. In order; `conversations` are all that there were. */
export function fold(kept: readonly Found[], conversations: Iterable<Conversation>): void {
  const earlier: Earlier = {
    closedEarly: new Map(),
    ended: new Map(),
    untold: new Map(),
    untoldPairs: new Map(),
    latest: new Map(),
    partners: partnersIn(conversations),
  };
  for (const found of kept) {
    const cause = causeOf(found, earlier);
    found.follows = cause === null ? null : (cause.follows ?? cause);
    if (found.fails) remember(earlier, found);
  }
}

function causeOf(found: Found, earlier: Earlier): Found | null {
  for (const rule of rules) {
    const cause = rule.cause(found, earlier);
    if (cause !== null) return cause;
  }
  return null;
}

function remember(earlier: Earlier, found: Found): void {
  earlier.latest.set(found.conversation, found);
  if (isEnd(found)) keep(earlier.ended, clientKey(found), found);
  if (found.class === 'closed-early') keep(earlier.closedEarly, clientKey(found), found);
  if (found.class !== 'missing' || !isWithRelay(found.conversation)) return;
  keep(earlier.untold, clientKey(found), found);
  for (const pair of pairsOf(found)) keep(earlier.untoldPairs, pair, found);
}

function keep(map: Map<string, Found>, key: string, found: Found): void {
  if (!map.has(key)) map.set(key, found);
}

function first(keys: Iterable<string>, map: ReadonlyMap<string, Found>): Found | null {
  for (const key of keys) {
    const found = map.get(key);
    if (found !== undefined) return found;
  }
  return null;
}

// Who a difference is about -------------------------------------------------------------------------

function isEnd({ class: what }: Found): boolean {
  return what === 'closed-early' || what === 'closed-late';
}

function isWithRelay({ kind }: Conversation): boolean {
  return kind === null;
}

/** Of a conversation with the relay: the other end. */
export function clientEnd({ from, to }: Conversation): End {
  return from.role === RELAY_END.role ? to : from;
}

/** Protocols may call different things by the same name. */
export function keyOf({ protocol }: Conversation, { endpoint }: End): string {
  return `${protocol.id} ${endpoint}`;
}

function clientKey({ conversation }: Found): string {
  return keyOf(conversation, clientEnd(conversation));
}

function fromOf(conversation: Conversation): string {
  return keyOf(conversation, conversation.from);
}

function endsOf(conversation: Conversation): readonly string[] {
  return [conversation.from, conversation.to].map((end) => keyOf(conversation, end));
}

function pairOf({ protocol }: Conversation, one: string, other: string): string {
  return [protocol.id, ...[one, other].sort()].join(' ');
}

/** Between whom it is; of a frame of the relay's own, whom it tells of each other. */
function pairsOf({ conversation, expectedKind, expected, actualKind, actual }: Found): readonly string[] {
  const { protocol, from, to } = conversation;
  if (!isWithRelay(conversation)) return [pairOf(conversation, from.endpoint, to.endpoint)];
  const [kind, bytes] = expected === null ? [actualKind, actual] : [expectedKind, expected];
  if (kind === null || bytes === null) return [];
  const { endpoint } = clientEnd(conversation);
  return endpointsIn(protocol, kind, bytes).map((named) => pairOf(conversation, endpoint, named));
}

function partnersIn(conversations: Iterable<Conversation>): Earlier['partners'] {
  const partners = new Map<string, Set<string>>();
  for (const conversation of conversations) {
    if (!conversation.isStream) continue;
    const [one, other] = endsOf(conversation) as [string, string];
    for (const [mine, its] of [
      [one, other],
      [other, one],
    ] as const) {
      const known = partners.get(mine);
      if (known === undefined) partners.set(mine, new Set([its]));
      else known.add(its);
    }
  }
  return partners;
}

// What comes right after what -----------------------------------------------------------------------

function isRightAfter(found: Found, before: Found): boolean {
  return !isEnd(found) && found.rights === before.rights;
}

/** Whether the payload of a missing one stands in one that came longer than it was recorded. */
function isWithin({ class: what, conversation, expectedKind, expected }: Found, before: Found): boolean {
  if (what !== 'missing' || before.class !== 'changed' || before.actual === null) return false;
  if (expectedKind === null || expected === null || before.actualBytes <= before.expectedBytes) return false;
  const payload = payloadIn(conversation.protocol, expectedKind, expected) ?? expected;
  return payload.length > 0 && Buffer.from(before.actual).includes(Buffer.from(payload));
}
