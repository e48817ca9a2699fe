/**
 * Tells a difference in one sentence: who, what, and what was expected.
 *
 * The rule: players are called by nickname and role, and frames by the names of their protocol's table. A stream
 * is told in bytes, since its blocks mean nothing.
 */
import { kindName, UNFRAMED } from '../../protocol/kind.ts';
import type { FrameKind } from '../../protocol/types.ts';
import { type Conversation, type DifferenceClass, type End, RELAY_END, type Role } from '../types.ts';
import { byteText } from './field.ts';
import { clientEnd } from './folding.ts';
import type { Found } from './ledger.ts';

export class Names {
  readonly #nicknames: ReadonlyMap<string, string>;

  constructor(roles: readonly Role[]) {
    this.#nicknames = new Map(roles.map(({ name, nickname }) => [name, nickname]));
  }

  /** `Ann (P1)`, `P2`, `the relay`; somebody who is no player is called by the endpoint. */
  of({ role, endpoint }: End): string {
    if (role === RELAY_END.role) return 'the relay';
    if (role === '?') return endpoint;
    const nickname = this.#nicknames.get(role) ?? '';
    return nickname === '' ? role : `${nickname} (${role})`;
  }

  /** As others see it: `Ann (P1) at 02:aa:bb:cc:dd:01/5`. */
  at(end: End): string {
    return end.role === '?' || end.role === RELAY_END.role
      ? this.of(end)
      : `${this.of(end)} at ${end.endpoint}`;
  }
}

type Telling = (found: Found, names: Names) => string;

const ofFrames: Readonly<Record<DifferenceClass, Telling>> = {
  masked: (found, names) => `${frameOf(found, names)} differs only where a mask hides it${because(found)}`,
  changed: (found, names) => `${changeOf(found, names)}${because(found)}`,
  missing: (found, names) => `${frameOf(found, names)} did not come${whereElse(found, names)}`,
  extra: (found, names) => extraOf(found, names),
  reordered: (found, names) => `${frameOf(found, names)} came in another place of its conversation`,
  'reordered-across': (found, names) => `${frameOf(found, names)} overtook a frame of another conversation`,
  late: (found, names) => `${frameOf(found, names)} came after it was given up`,
  'closed-early': (found, names) => `${connectionOf(found, names)} was closed early${because(found)}`,
  'closed-late': (found, names) => `${connectionOf(found, names)} was not closed in time${because(found)}`,
};

const ofStreams: Readonly<Partial<Record<DifferenceClass, Telling>>> = {
  masked: (found, names) => `${streamOf(found, names)} differs only where a mask hides it${place(found)}`,
  changed: (found, names) => streamChange(found, names),
  missing: (found, names) => `${streamOf(found, names)} lacks ${differing(found)}${place(found)}`,
  extra: (found, names) => `${streamOf(found, names)} has ${differing(found)} too many${place(found)}`,
  reordered: (found, names) => `${streamOf(found, names)} has bytes in another order${place(found)}`,
};

/** Without a full stop. */
export function sentence(found: Found, names: Names): string {
  const telling = found.streamOffset === null ? undefined : ofStreams[found.class];
  return (telling ?? ofFrames[found.class])(found, names);
}

function because({ detail }: Found): string {
  return detail === null ? '' : `: ${detail}`;
}

function frameOf(found: Found, names: Names): string {
  const { conversation, sequence, expectedKind, actualKind } = found;
  const { from, to } = conversation;
  const frame = sequence === 0 ? named(conversation, expectedKind ?? actualKind) : `frame ${sequence}`;
  return `${frame} from ${names.of(from)} to ${names.of(to)}`;
}

/** `a frame (pdp-delivered)`. */
function named({ protocol }: Conversation, kind: FrameKind | null): string {
  return kind === null ? 'a frame' : `a frame (${kindName(protocol, kind)})`;
}

function changeOf(found: Found, names: Names): string {
  const { conversation, expectedKind, actualKind, expectedBytes, actualBytes } = found;
  const { protocol, from, to } = conversation;
  const got = (what: string) => `${names.of(to)} got ${what} from ${names.of(from)} where`;
  if (expectedKind !== actualKind && expectedKind !== null && actualKind !== null)
    return `${got(kindName(protocol, actualKind))} ${kindName(protocol, expectedKind)} was recorded`;
  if (expectedBytes === actualBytes) return `${frameOf(found, names)} has other bytes`;
  return `${got(countOf(actualBytes))} ${expectedBytes} ${expectedBytes === 1 ? 'was' : 'were'} recorded`;
}

function whereElse({ instead }: Found, names: Names): string {
  return instead === null ? '' : `: it came to ${names.of(instead.to)} instead`;
}

function extraOf({ conversation, actualKind, actualBytes, twin, instead }: Found, names: Names): string {
  const { protocol, from, to } = conversation;
  if (actualKind === UNFRAMED)
    return `${names.of(to)} got ${countOf(actualBytes)} from ${names.of(from)} that can be no frame`;
  const kind = actualKind === null ? '' : ` (${kindName(protocol, actualKind)})`;
  const got = `${names.of(to)} got a frame of ${countOf(actualBytes)}${kind} from ${names.of(from)}`;
  if (instead !== null) return `${got} that was for ${names.of(instead.to)}`;
  if (twin === conversation) return `${got} that had come already: the same frame again`;
  if (twin !== null) return `${got} that was never sent there: it was sent to ${names.of(twin.to)}`;
  return `${got} that was never sent there`;
}

function connectionOf({ conversation }: Found, names: Names): string {
  return `the connection of ${names.at(clientEnd(conversation))}`;
}

function streamOf({ conversation: { from, to } }: Found, names: Names): string {
  return `the stream from ${names.of(from)} to ${names.of(to)}`;
}

function place({ streamOffset }: Found): string {
  return streamOffset === null ? '' : ` at byte ${streamOffset}`;
}

/** The byte itself, where both streams go on. */
function streamChange(found: Found, names: Names): string {
  const { expected, actual, offset, streamOffset } = found;
  const at = offset ?? 0;
  if (expected === null || actual === null || at >= expected.length || at >= actual.length)
    return `${streamOf(found, names)} has other bytes${place(found)}`;
  const values = `${byteText(actual, at)} instead of ${byteText(expected, at)}`;
  return `byte ${streamOffset ?? 0} of ${streamOf(found, names)} is ${values}`;
}

/** How many more bytes one side has than the other. */
function differing({ expectedBytes, actualBytes }: Found): string {
  return countOf(Math.abs(expectedBytes - actualBytes));
}

function countOf(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`;
}
