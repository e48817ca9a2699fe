import { describe, expect, it } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import { Kind } from '../../../protocol/adhocctl/layout.ts';
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
import { amidPoison, payload } from '../../kit/bytes.ts';

const ANN = person('02aabbccdd01', 'Änn "the first"', 'ULUS10511');
const mac = '02:aa:bb:cc:dd:01';
const all: readonly (readonly [kind: number, bytes: Uint8Array, summary: string])[] = [
  [Kind.ping, ping, 'is still there'],
  [Kind.login, login(ANN), `logs in as "Änn \\"the first\\"", ${mac}, playing "ULUS10511"`],
  [Kind.connect, connect('ABCDEFGH'), 'asks for group "ABCDEFGH"'],
  [Kind.connect, connect(''), 'asks for group ""'],
  [Kind.disconnect, disconnect, 'leaves its group'],
  [Kind.scan, scan, 'asks which groups there are'],
  [Kind.chat, chat('two\nlines'), 'says "two\\nlines"'],
  [Kind.chat, chat('two\u2028lines\u2029'), 'says "two\\u2028lines\\u2029"'],
  [Kind.peerConnected, connected(ANN, 258), `"Änn \\"the first\\"", ${mac}, is in the group as number 258`],
  [Kind.peerDisconnected, disconnected(3), 'number 3 has left the group'],
  [Kind.scanResult, scanned('G', ANN), `there is group "G", led by ${mac}`],
  [Kind.scanComplete, scanComplete, 'there are no more groups'],
  [Kind.connectBssid, bssid(ANN), `joined the group, led by ${mac}`],
  [Kind.chatDelivered, said('hi', ANN), '"Änn \\"the first\\"" says "hi"'],
];

it.each(all)('a frame of kind %i in one line', (kind, bytes, summary) => {
  expect(adhocctl.summarize({ kind, ...amidPoison(bytes) })).toBe(summary);
});

it('a frame of a kind that this version does not know is at least counted', () => {
  expect(adhocctl.summarize({ kind: 99, ...amidPoison(payload(7)) })).toBe('7 bytes');
});

describe('who plays with whom', () => {
  const notice = (kind: number, bytes: Uint8Array) => adhocctl.groupNotice?.({ kind, ...amidPoison(bytes) });

  it('is said by those who ask for a group and those who leave it, and by whoever lets them in', () => {
    expect(notice(Kind.connect, connect('ABCDEFGH'))).toEqual({ does: 'asks', group: 'ABCDEFGH' });
    expect(notice(Kind.connect, Uint8Array.of(2, 0x41, 0, 0x42, 0, 0, 0, 0, 0))).toEqual({
      does: 'asks',
      group: 'A',
    });
    expect(notice(Kind.connectBssid, bssid(ANN))).toEqual({ does: 'joins', leader: mac });
    expect(notice(Kind.disconnect, disconnect)).toEqual({ does: 'leaves' });
  });

  it('is said by no other frame', () => {
    const speak: readonly number[] = [Kind.connect, Kind.connectBssid, Kind.disconnect];
    for (const [kind, bytes] of all) if (!speak.includes(kind)) expect(notice(kind, bytes)).toBeNull();
    expect(notice(99, payload(7))).toBeNull();
  });
});
