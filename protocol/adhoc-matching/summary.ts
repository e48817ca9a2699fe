/** What a message says, in words. */
import { dissect, type FieldValue } from '../layout.ts';
import type { FrameKind } from '../types.ts';
import { frames } from './layout.ts';

/** What is worth telling of a field; by name, so that a message needs no words of its own. */
const tellings: Readonly<Record<string, (value: FieldValue) => string>> = {
  opt: (value) => `with ${bytesText(value)}`,
  data: (value) => `with ${bytesText(value)}`,
  macs: (value) => ((value as string) === '' ? 'and no siblings' : `and ${value as string}`),
  mac: (value) => `of ${value as string}`,
};

/** `JOIN with 12 bytes`; the payload is a whole message of this kind. */
export function summarize(kind: FrameKind, payload: Uint8Array): string {
  const spec = frames[kind];
  if (spec === undefined) return '';
  const told = dissect(spec, payload).flatMap(({ name, value }) => tellings[name]?.(value) ?? []);
  return [spec.name, ...told].join(' ');
}

function bytesText(value: FieldValue): string {
  const { length } = value as Uint8Array;
  return length === 1 ? '1 byte' : `${length} bytes`;
}
