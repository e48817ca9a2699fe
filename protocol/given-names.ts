/**
 * Names that people give to the values of a field which only they can name: a protocol whose numbers mean what some
 * program of theirs says.
 *
 * The rule: a protocol with names is as the one without in all that it reads and does. It says more, and nothing else.
 */
import type { FieldSpec, GivenNames, Protocol } from './types.ts';

/** The field whose values people may name, whichever frames it is in; null where there is none. A protocol has one at most. */
export function namedField({ frames }: Pick<Protocol, 'frames'>): string | null {
  const specs = frames.flatMap(({ fields }) => fields);
  return specs.find(({ isNamed }) => isNamed === true)?.name ?? null;
}

/** The same protocol, which calls the values of its fields by these names. Itself where there are none. */
export function withNames(protocol: Protocol, names: GivenNames): Protocol {
  if (names.size === 0) return protocol;
  const named = (field: FieldSpec): FieldSpec => {
    const own = field.isNamed === true ? names.get(field.name) : undefined;
    return own === undefined ? field : { ...field, names: { ...field.names, ...own } };
  };
  return {
    ...protocol,
    frames: protocol.frames.map((spec) => ({ ...spec, fields: spec.fields.map(named) })),
    summarize: (frame) => protocol.summarize(frame, names),
  };
}

/** A name that somebody gave to a value of a field. */
export interface GivenName {
  readonly protocolId: number;
  readonly field: string;
  readonly value: number;
  readonly name: string;
}

/** These protocols, with their names where they were given any. */
export function protocolsWith(
  given: readonly GivenName[],
  protocols: readonly Protocol[],
): readonly Protocol[] {
  return protocols.map((protocol) => {
    const names = new Map<string, Record<number, string>>();
    for (const { protocolId, field, value, name } of given)
      if (protocolId === protocol.id) names.set(field, { ...names.get(field), [value]: name });
    return withNames(protocol, names);
  });
}

/** A number as people read it, with its name where it has one. */
export function numberText(value: number, name: string | undefined): string {
  return name === undefined ? String(value) : `${name} (${value})`;
}
