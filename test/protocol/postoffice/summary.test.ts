import { expect, it } from 'vitest';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { Kind } from '../../../protocol/postoffice/layout.ts';
import { amidPoison, payload } from '../../kit/bytes.ts';
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
const ann = '02:aa:bb:cc:dd:01/12345';
const bob = '02:aa:bb:cc:dd:02/23456';

it.each<[string, number, Uint8Array]>([
  [`opens PDP ${ann}`, Kind.pdpOpen, pdpOpen(ANN, 0xee)],
  [`listens for PTP at ${ann}`, Kind.ptpListen, listen(ANN, 0xee)],
  [`asks for PTP ${ann} to ${bob}`, Kind.ptpConnect, connect(ANN, BOB, 0xee)],
  [`accepts PTP at ${ann} from ${bob}`, Kind.ptpAccept, accept(ANN, BOB, 0xee)],
  [`240 bytes to ${bob}`, Kind.pdp, datagram(BOB, payload(240), 0xee)],
  ['17066 bytes of the stream', Kind.ptp, block(payload(17_066))],
  ['3 bytes that nobody asked for', Kind.ignored, payload(3)],
  [`1 byte from ${ann}`, Kind.pdpDelivered, datagram(ANN, payload(1))],
  ['0 bytes of the stream', Kind.ptpDelivered, block(payload(0))],
  [`${bob} asks for a stream`, Kind.ptpRequest, endpoint(BOB)],
  [`the stream with ${bob} stands`, Kind.ptpReady, endpoint(BOB)],
])('%s', (summary, kind, bytes) => {
  expect(postoffice.summarize({ kind, ...amidPoison(bytes) })).toBe(summary);
});

it('a frame of a kind that this version does not know is at least counted', () => {
  expect(postoffice.summarize({ kind: 99, ...amidPoison(payload(7)) })).toBe('7 bytes');
});
