/**
 * What all parts of the API have in common.
 *
 * The rule: times within a capture are nanoseconds since its start, as in the file; moments are ISO 8601;
 * what is not known is null, never left out. Bytes are base64.
 */
import { Type, type Static, type TSchema } from 'typebox';

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** An object that has these fields and no others. */
export const Shape = <T extends Record<string, TSchema>>(properties: T, description?: string) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });

export function Words<T extends string>(words: readonly T[]) {
  return Type.Enum([...words]);
}

/** Nanoseconds since the capture's start. */
export const Nanos = Type.Number({ description: 'nanoseconds since the start of the capture' });
export const Count = Type.Integer({ minimum: 0 });
export const Sequence = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'sequence number of a frame',
});
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const Moment = Type.String({ description: 'ISO 8601' });
export const Base64 = Type.String({ description: 'bytes, as base64' });

/** How many there are: perhaps not all counted yet. */
export const Total = Shape({ count: Count, exact: Type.Boolean() });

export const ErrorAnswer = Shape({
  error: Type.String({ description: 'one line: what is wrong, and with what' }),
});

/** Someone who plays. */
export const Player = Shape({
  player: Type.String({ description: 'what its endpoints have before the port: a MAC address, a name' }),
  nickname: Type.String({ description: 'empty where it is not known' }),
});

export const severities = ['problem', 'warning', 'note'] as const;
export const Severity = Words(severities);

export type Player = Static<typeof Player>;
export type Total = Static<typeof Total>;
export type Severity = Static<typeof Severity>;
