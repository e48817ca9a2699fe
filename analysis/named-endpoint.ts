/** The endpoint that a frame names in its fields, by what its layout says of them: an address, and the port that belongs to it. */
import { endpointText } from '../protocol/address.ts';
import { dissect, flat, flatSpecs } from '../protocol/layout.ts';
import type { FieldSpec, FrameSpec } from '../protocol/types.ts';

export interface NamedEndpoint {
  /** Names of fields. */
  readonly addressField: string;
  readonly portField: string;
  readonly address: string;
  readonly port: number;
  readonly endpoint: string;
}

/** The last one, where there are more; null where there is none. */
export function namedEndpoint(spec: FrameSpec, bytes: Uint8Array): NamedEndpoint | null {
  const place = placeOf(spec);
  if (place === null) return null;
  const fields = flat(dissect(spec, bytes));
  const valueOf = (name: string) =>
    fields.find((field) => field.name === name && field.fault === null)?.value;
  const [address, port] = [valueOf(place.portOf), valueOf(place.name)];
  if (typeof address !== 'string' || typeof port !== 'number') return null;
  return {
    addressField: place.portOf,
    portField: place.name,
    address,
    port,
    endpoint: endpointText(address, port),
  };
}

type PortField = FieldSpec & { readonly portOf: string };

const places = new WeakMap<FrameSpec, PortField | null>();

function placeOf(spec: FrameSpec): PortField | null {
  let place = places.get(spec);
  if (place === undefined) {
    place =
      flatSpecs(spec.fields).findLast((field): field is PortField => field.portOf !== undefined) ?? null;
    places.set(spec, place);
  }
  return place;
}
