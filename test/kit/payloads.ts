/** Valid payloads of protocols inside payloads, drawn from their tables. */
import fc, { type Arbitrary } from 'fast-check';
import { macText } from '../../protocol/address.ts';
import { encode } from '../../protocol/layout.ts';
import type { PayloadSpec } from '../../protocol/payload.ts';
import { Direction, type FrameSpec } from '../../protocol/types.ts';
import { values, type Values } from './generate.ts';

/** As long as a datagram may be, so that long bodies come up too. */
const PAYLOAD_BYTES_MAX = 10_240;

const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => macText(bytes, 0));
const macs = fc.array(mac, { maxLength: 15 }).map((some) => some.join(' '));

/** Values for all fields that `encode` must be given. */
export function payloadValues(spec: PayloadSpec): Arbitrary<Values> {
  const asFrame: FrameSpec = {
    ...spec,
    direction: Direction.toRelay,
    bytesMin: 0,
    bytesMax: PAYLOAD_BYTES_MAX,
  };
  const lists = spec.fields.filter(({ type }) => type === 'macs').map(({ name }) => name);
  const drawn = fc.record(Object.fromEntries(lists.map((name) => [name, macs])));
  return fc.tuple(values(asFrame), drawn).map(([most, rest]) => ({ ...most, ...rest }));
}

export function payloads(spec: PayloadSpec): Arbitrary<Uint8Array> {
  return payloadValues(spec).map((written) => encode(spec, written));
}
