/** The layout of each frame, against bytes that were put together by hand. */
import { expect, it } from 'vitest';
import { dissect, encode } from '../../../protocol/layout.ts';
import { frames, Kind } from '../../../protocol/postoffice/layout.ts';
import { payload } from '../../kit/bytes.ts';
import {
  accept,
  address,
  block,
  connect,
  datagram,
  endpoint,
  listen,
  pdpOpen,
} from '../../kit/postoffice-wire.ts';

const ANN = address('02aabbccdd01', 12345);
const BOB = address('02aabbccdd02', 23456);
const src = { src_addr: '02:aa:bb:cc:dd:01', sport: 12345 };
const dst = { dst_addr: '02:aa:bb:cc:dd:02', dport: 23456 };
const nobody = { dst_addr: '00:00:00:00:00:00', dport: 0 };
const addr = { addr: '02:aa:bb:cc:dd:02', port: 23456 };
const size = { size: 5, payload: payload(5) };

it.each([
  ['pdp-open', Kind.pdpOpen, pdpOpen(ANN), { init_type: 0, ...src, ...nobody }],
  ['ptp-listen', Kind.ptpListen, listen(ANN), { init_type: 1, ...src, ...nobody }],
  ['ptp-connect', Kind.ptpConnect, connect(ANN, BOB), { init_type: 2, ...src, ...dst }],
  ['ptp-accept', Kind.ptpAccept, accept(ANN, BOB), { init_type: 3, ...src, ...dst }],
  ['pdp', Kind.pdp, datagram(BOB, payload(5)), { ...addr, ...size }],
  ['ptp', Kind.ptp, block(payload(5)), size],
  ['ignored', Kind.ignored, payload(5), { data: payload(5) }],
  ['pdp-delivered', Kind.pdpDelivered, datagram(BOB, payload(5)), { ...addr, ...size }],
  ['ptp-delivered', Kind.ptpDelivered, block(payload(5)), size],
  ['ptp-request', Kind.ptpRequest, endpoint(BOB), addr],
  ['ptp-ready', Kind.ptpReady, endpoint(BOB), addr],
] as const)('%s', (name, kind, bytes, values) => {
  const spec = frames[kind]!;
  expect(spec.name).toBe(name);
  expect(Object.fromEntries(dissect(spec, bytes).map((row) => [row.name, row.value]))).toMatchObject(values);
  expect(encode(spec, values)).toEqual(bytes);
});
