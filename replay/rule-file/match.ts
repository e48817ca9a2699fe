/**
 * Which frames a mask or a rule of a policy is about, by who says them to whom, protocol and kind.
 *
 * The rule: what is left out is any. A frame has one name before the relay and another behind it; either
 * names both, because whoever writes a rule means the message.
 */
import { unframed, UNFRAMED } from '../../protocol/kind.ts';
import { protocols as registered } from '../../protocol/registry.ts';
import type { FrameKind, FrameSpec, Protocol } from '../../protocol/types.ts';
import type { Cast } from '../cast.ts';
import { RELAY_END, type Conversation, type End } from '../types.ts';
import { type Entry, type Place, suggestion } from './reader.ts';

export const matchKeys = ['conversation', 'protocol', 'kind'] as const;

/** One kind of frame of one protocol; of unframed bytes, there is no spec. */
export interface NamedKind {
  readonly protocol: Protocol;
  readonly kind: FrameKind;
  readonly spec: FrameSpec | null;
}

/** How an end is named: a role, a nickname, an address, with or without its port, or `/100` for a port alone. */
interface NamedEnd {
  readonly word: string;
  readonly place: Place;
}

/** Null for any. */
export interface FrameMatch {
  readonly from: NamedEnd | null;
  readonly to: NamedEnd | null;
  readonly protocol: Protocol | null;
  readonly kinds: readonly NamedKind[] | null;
}

/** Whether a frame is meant; of an end of a connection, the kind is null. */
export type Matcher = (conversation: Conversation, kind: FrameKind | null) => boolean;

export function readMatch(entry: Entry, protocols: readonly Protocol[] = registered): FrameMatch {
  const name = entry.choice(
    'protocol',
    protocols.map((protocol) => protocol.name),
  );
  const protocol = protocols.find((each) => each.name === name) ?? null;
  const kinds = readKinds(entry, protocol === null ? protocols : [protocol]);
  const conversation = entry.get('conversation');
  if (conversation === null) return { from: null, to: null, protocol, kinds };
  const ends = entry.reader.object(conversation, ['from', 'to'], entry.whose);
  return { from: readEnd(ends, 'from'), to: readEnd(ends, 'to'), protocol, kinds };
}

function readEnd(entry: Entry, key: string): NamedEnd | null {
  const word = entry.text(key);
  if (word === '') entry.wrong(key, 'a role such as P1, a nickname or an address');
  return word === null ? null : { word, place: entry.place(key) };
}

function readKinds(entry: Entry, protocols: readonly Protocol[]): readonly NamedKind[] | null {
  const name = entry.text('kind');
  if (name === null) return null;
  const all = protocols.flatMap(kindsOf);
  const named = all.filter(({ spec }) => (spec?.name ?? unframed.name) === name);
  if (named.length > 0) return named.flatMap((each) => all.filter((other) => isSameMessage(each, other)));
  const names = all.map(({ spec }) => spec?.name ?? unframed.name);
  const whose = protocols.length === 1 ? `${protocols[0]?.name ?? ''} has no kind` : 'there is no kind';
  return entry
    .place('kind')
    .refuse(`${whose} ${JSON.stringify(name.slice(0, 60))} of frames${suggestion(name, names)}`);
}

function kindsOf(protocol: Protocol): NamedKind[] {
  const named = protocol.frames.map((spec, kind) => ({ protocol, kind, spec }));
  return [...named, { protocol, kind: UNFRAMED, spec: null }];
}

function isSameMessage(one: NamedKind, other: NamedKind): boolean {
  if (one.protocol !== other.protocol) return false;
  return one.kind === other.kind || one.spec?.becomes === other.kind || other.spec?.becomes === one.kind;
}

/** Fails where it names somebody who does not play in it. */
export function compileMatch({ from, to, protocol, kinds }: FrameMatch, cast: Cast): Matcher {
  const isFrom = compileEnd(from, cast);
  const isTo = compileEnd(to, cast);
  return (conversation, kind) =>
    (protocol === null || conversation.protocol === protocol) &&
    (kinds === null || kinds.some((each) => each.protocol === conversation.protocol && each.kind === kind)) &&
    isFrom(conversation.from) &&
    isTo(conversation.to);
}

function compileEnd(named: NamedEnd | null, cast: Cast): (end: End) => boolean {
  if (named === null) return () => true;
  const { word, place } = named;
  const isPlayer = compilePlayer(word, cast);
  if (isPlayer !== null) return isPlayer;
  const slash = word.lastIndexOf('/');
  if (slash !== -1) {
    const port = word.slice(slash + 1);
    const hasPort = ({ endpoint }: End) => endpoint.slice(endpoint.lastIndexOf('/') + 1) === port;
    if (slash === 0) return hasPort;
    const isOwner = compilePlayer(word.slice(0, slash), cast);
    if (isOwner !== null) return (end) => isOwner(end) && hasPort(end);
  }
  const wanted = word.toLowerCase();
  const isTwo = cast.roles.filter(({ nickname }) => nickname.toLowerCase() === wanted).length > 1;
  const names = cast.roles.flatMap(({ name, nickname, player }) => [name, nickname, player]);
  return place.refuse(
    isTwo
      ? `several players are called ${JSON.stringify(word)}: name the role or the address`
      : `no player of this session is called ${JSON.stringify(word.slice(0, 60))}${suggestion(word, [...names, RELAY_END.role])}; it has ${castText(cast)}`,
  );
}

function compilePlayer(word: string, cast: Cast): ((end: End) => boolean) | null {
  const role = cast.find(word)?.name ?? (word === RELAY_END.role ? word : null);
  return role === null ? null : (end) => end.role === role;
}

/** More are not named. */
const NAMED_MAX = 8;

function castText({ roles }: Cast): string {
  if (roles.length === 0) return 'no players';
  const names = roles.map(({ name, nickname }) => (nickname === '' ? name : `${name} (${nickname})`));
  return names.length > NAMED_MAX ? `P1 to P${names.length}` : names.join(', ');
}
