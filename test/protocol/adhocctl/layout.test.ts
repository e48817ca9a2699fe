/** The layout of each frame, against bytes that were put together by hand. */
import { expect, it } from 'vitest';
import { frames, Kind } from '../../../protocol/adhocctl/layout.ts';
import { dissect, encode } from '../../../protocol/layout.ts';
import {
  bssid,
  chat,
  connect,
  connected,
  disconnect,
  disconnected,
  login,
  person,
  ping,
  said,
  scan,
  scanComplete,
  scanned,
} from '../../kit/adhocctl-wire.ts';

const ANN = person('02aabbccdd01', 'Änn', 'ULUS10511');
const mac = '02:aa:bb:cc:dd:01';

it.each([
  ['ping', Kind.ping, 1, ping, { opcode: 0 }],
  ['login', Kind.login, 144, login(ANN), { opcode: 1, mac, nickname: 'Änn', product: 'ULUS10511' }],
  ['connect', Kind.connect, 9, connect('GROUP'), { opcode: 2, group: 'GROUP' }],
  ['disconnect', Kind.disconnect, 1, disconnect, { opcode: 3 }],
  ['scan', Kind.scan, 1, scan, { opcode: 4 }],
  ['chat', Kind.chat, 65, chat('höre'), { opcode: 7, message: 'höre' }],
  [
    'peer-connected',
    Kind.peerConnected,
    139,
    connected(ANN, 0x01020304),
    { opcode: 2, nickname: 'Änn', mac, ip: 0x01020304 },
  ],
  ['peer-disconnected', Kind.peerDisconnected, 5, disconnected(7), { opcode: 3, ip: 7 }],
  ['scan-result', Kind.scanResult, 15, scanned('GROUP', ANN), { opcode: 4, group: 'GROUP', mac }],
  ['scan-complete', Kind.scanComplete, 1, scanComplete, { opcode: 5 }],
  ['connect-bssid', Kind.connectBssid, 7, bssid(ANN), { opcode: 6, mac }],
  ['chat-delivered', Kind.chatDelivered, 193, said('ha', ANN), { opcode: 7, message: 'ha', nickname: 'Änn' }],
] as const)('%s', (name, kind, size, bytes, values) => {
  const spec = frames[kind]!;
  expect(spec.name).toBe(name);
  expect(bytes).toHaveLength(size);
  expect(Object.fromEntries(dissect(spec, bytes).map((row) => [row.name, row.value]))).toEqual(values);
  expect(encode(spec, values)).toEqual(bytes);
});

it('whatever a client says is meant for the relay, and may move its deadline', () => {
  for (const { direction, forRelay } of frames) expect(forRelay === true).toBe(direction === 0);
});
