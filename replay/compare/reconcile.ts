/**
 * Looks at what lanes could not see alone: a frame that is missing in one and extra in another.
 *
 * The rule: only what was kept is looked at, each once, in the capture's order, so that the same differences
 * always come to the same account. A frame is known again by its payload; frames without one, by all their bytes.
 */
import type { Conversation } from '../types.ts';
import { type Frame, fieldsAt } from './field.ts';
import { clientEnd, keyOf } from './folding.ts';
import { type Found, type Ledger, Rank } from './ledger.ts';
import type { Likeness } from './same.ts';

/** How far a conversation came. */
export interface Progress {
  readonly conversation: Conversation;
  /** The number of the last recorded frame of it that came; 0 where none did. */
  readonly lastCame: number;
}

export function reconcile(ledger: Ledger, likeness: Likeness, lanes: Iterable<Progress>): void {
  ledger.kept.sort(inOrder);
  joinMisnamed(ledger, likeness);
  linkMisled(ledger.kept);
  bringForward(ledger.kept, [...lanes]);
  ledger.kept.sort(inOrder);
}

/** Sorting is stable: what stands in the same place stays in the order in which it was found. */
export function inOrder({ place: one }: Found, { place: other }: Found): number {
  return one.sequence - other.sequence || one.rank - other.rank;
}

/** The right receiver got the right payload, under another sender's name. */
function joinMisnamed(ledger: Ledger, likeness: Likeness): void {
  const extras = new Waiting(ledger.kept, (conversation) => keyOf(conversation, conversation.to));
  for (const missing of ledger.kept.filter((found) => found.class === 'missing')) {
    const extra = extras.take(missing);
    if (extra === null) continue;
    ledger.join(missing, extra);
    const expected = { kind: missing.expectedKind, bytes: missing.expected } as Frame;
    const actual = { kind: missing.actualKind, bytes: missing.actual } as Frame;
    missing.offset = likeness.offset(missing.conversation, expected, actual);
    if (missing.offset === null) continue;
    const { protocol } = missing.conversation;
    Object.assign(
      missing,
      fieldsAt(protocol, expected, actual, missing.offset, () => null),
    );
  }
}

/** The right payload came from the right sender, but to somebody else. */
function linkMisled(kept: readonly Found[]): void {
  const extras = new Waiting(kept, (conversation) => keyOf(conversation, conversation.from));
  for (const missing of kept.filter((found) => found.class === 'missing')) {
    const extra = extras.take(missing);
    if (extra === null) continue;
    missing.instead = extra.conversation;
    extra.instead = missing.conversation;
    extra.follows = missing;
    if (inOrder(extra, missing) < 0) extra.place = { ...missing.place, rank: Rank.behind };
  }
}

/** Extra frames by what they hold and by one of their ends. */
class Waiting {
  readonly #endpoint: (conversation: Conversation) => string;
  readonly #lines = new Map<string, Found[]>();

  constructor(kept: readonly Found[], endpoint: (conversation: Conversation) => string) {
    this.#endpoint = endpoint;
    for (const found of kept) {
      if (found.class !== 'extra' || found.content === null) continue;
      const key = this.#key(found);
      const line = this.#lines.get(key);
      if (line === undefined) this.#lines.set(key, [found]);
      else line.push(found);
    }
  }

  /** The first of another conversation; null where there is none. */
  take(missing: Found): Found | null {
    if (missing.content === null) return null;
    const line = this.#lines.get(this.#key(missing)) ?? [];
    const at = line.findIndex(({ conversation }) => conversation !== missing.conversation);
    return at === -1 ? null : (line.splice(at, 1)[0] ?? null);
  }

  #key({ conversation, content }: Found): string {
    return `${this.#endpoint(conversation)} ${content ?? ''}`;
  }
}

/**
 * A recorded end stands behind all that came before it, so that what a connection lacks because it was closed too
 * early would stand before its cause. Such an end takes its place before the first of them.
 *
 * An endpoint has one connection for each of its streams, and one for all else. Where it has streams, nobody can
 * say by which of them the relay's own frames were to come.
 */
function bringForward(kept: readonly Found[], lanes: readonly Progress[]): void {
  const ends = new Map<string, Found>();
  for (const found of kept) {
    const key = keyOf(found.conversation, clientEnd(found.conversation));
    if (found.class === 'closed-early' && !ends.has(key)) ends.set(key, found);
  }
  if (ends.size === 0) return;
  const streaming = new Set<string>();
  for (const { conversation } of lanes)
    if (conversation.isStream)
      for (const end of [conversation.from, conversation.to]) streaming.add(keyOf(conversation, end));
  const lastCame = progressOf(lanes);
  for (const { class: what, conversation, place } of kept) {
    const key = keyOf(conversation, conversation.to);
    const end = ends.get(key);
    if (what !== 'missing' || end === undefined || (!conversation.isStream && streaming.has(key))) continue;
    const isTail = lastCame(conversation) < place.sequence && place.sequence <= end.place.sequence;
    if (isTail) end.place = { sequence: place.sequence, rank: Rank.before };
  }
}

/** How far what comes by the same connection came. */
function progressOf(lanes: readonly Progress[]): (conversation: Conversation) => number {
  const connectionOf = (conversation: Conversation) =>
    [
      keyOf(conversation, conversation.to),
      ...(conversation.isStream ? [conversation.from.endpoint] : []),
    ].join(' ');
  const reached = new Map<string, number>();
  for (const { conversation, lastCame } of lanes) {
    const key = connectionOf(conversation);
    reached.set(key, Math.max(reached.get(key) ?? 0, lastCame));
  }
  return (conversation) => reached.get(connectionOf(conversation)) ?? 0;
}
