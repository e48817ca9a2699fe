/** Valid payloads of protocols inside payloads, drawn from their tables. */
import type { Arbitrary } from 'fast-check';
import { encode } from '../../protocol/layout.ts';
import type { PayloadSpec } from '../../protocol/payload.ts';
import { Direction } from '../../protocol/types.ts';
import { values, type Values } from './generate.ts';

/** As long as a datagram may be, so that long bodies come up too. */
const PAYLOAD_BYTES_MAX = 10_240;

/** Values for all fields that `encode` must be given. */
export function payloadValues(spec: PayloadSpec): Arbitrary<Values> {
  return values({ ...spec, direction: Direction.toRelay, bytesMin: 0, bytesMax: PAYLOAD_BYTES_MAX });
}

export function payloads(spec: PayloadSpec): Arbitrary<Uint8Array> {
  return payloadValues(spec).map((written) => encode(spec, written));
}
