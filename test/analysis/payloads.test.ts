/** As what the frames of each protocol carry their payloads. */
import { expect, test } from 'vitest';
import { carriageOf } from '../../analysis/payloads.ts';
import { protocolByName } from '../../protocol/registry.ts';

test.each([
  ['postoffice', 'pdp', 'datagrams'],
  ['postoffice', 'ptp', 'stream'],
  ['tcp-relay', 'body', 'stream'],
  ['alphanet', 'data', 'packets'],
  ['dpea', 'packet', 'packets'],
] as const)('%s %s: %s', (name, kind, carriage) => {
  const spec = protocolByName(name)?.frames.find((each) => each.name === kind);
  expect(spec).toBeDefined();
  expect(carriageOf(spec!)).toBe(carriage);
});
