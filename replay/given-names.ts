/**
 * The names that a target gives our clients, beside those that the recorded ones were given.
 *
 * The rule: what comes is read under the recorded names, and what goes is said under those that were given now. A name is
 * whoever had it last, in both plays.
 */
import type { FrameKind, Protocol } from '../protocol/types.ts';
import type { Rewriting } from './engine/options.ts';
import type { SendStep } from './script/steps.ts';
import { givenName, rename } from './text-handles.ts';
import type { Unit } from './types.ts';

/** Names that are remembered; with more of them, those are forgotten that were given first. */
export const NAMES_MAX = 65_536;

export class GivenNames implements Rewriting {
  readonly #recorded = new Map<string, string>();
  readonly #given = new Map<string, string>();
  readonly #max: number;

  constructor(max = NAMES_MAX) {
    this.#max = max;
  }

  outgoing({ client, frameKind, bytes }: SendStep): Uint8Array {
    const spec = client.protocol.frames[frameKind];
    return spec === undefined ? bytes : rename(spec, bytes, (name) => this.#given.get(name) ?? name);
  }

  incoming(
    protocol: Protocol,
    kind: FrameKind,
    bytes: Uint8Array,
    expected: () => Pick<Unit, 'kind' | 'bytes'> | null,
  ): Uint8Array {
    const spec = protocol.frames[kind];
    if (spec === undefined) return bytes;
    const given = givenName(spec, bytes);
    const due = given === null ? null : expected();
    const recorded = due?.kind === kind ? givenName(spec, due.bytes) : null;
    if (given !== null && recorded !== null) {
      remember(this.#recorded, given, recorded, this.#max);
      remember(this.#given, recorded, given, this.#max);
    }
    return rename(spec, bytes, (name) => this.#recorded.get(name) ?? name);
  }
}

function remember(names: Map<string, string>, from: string, to: string, max: number): void {
  names.delete(from);
  if (names.size >= max)
    for (const oldest of names.keys()) {
      names.delete(oldest);
      break;
    }
  names.set(from, to);
}
