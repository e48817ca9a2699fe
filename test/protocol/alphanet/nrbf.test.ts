/** The binary format of .NET objects: what real clients write is read, and written the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { objectBytes, type ObjectName, objectRows } from '../../../protocol/alphanet/objects.ts';

const file = new URL('../../fixtures/alphanet/objects.json', import.meta.url);
const written = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;

const known: Readonly<Record<string, readonly [ObjectName, Readonly<Record<string, string | number>>]>> = {
  'VirtualIP 12.34.56.78': ['virtualIp', { ip: '12.34.56.78' }],
  'SocketStatus open=true listening=false': ['socketStatus', { open: 1, listening: 0 }],
  'SocketStatusRequest 1.2.3.4:24 -> 5.6.7.8:80': [
    'socketStatusRequest',
    { source: '1.2.3.4', source_port: 24, destination: '5.6.7.8', destination_port: 80 },
  ],
  'SocketStatusResponse (true, true) for 5.6.7.8:80': [
    'socketStatusResponse',
    { open: 1, listening: 1, destination: '5.6.7.8', destination_port: 80 },
  ],
  'SocketStatusResponse (false, false) with a null address': [
    'socketStatusResponse',
    { open: 0, listening: 0, destination: '', destination_port: 0 },
  ],
  'SocketConnectionRequest 1.2.3.4:24 -> 5.6.7.8:80': [
    'socketConnectionRequest',
    { source: '1.2.3.4', source_port: 24, destination: '5.6.7.8', destination_port: 80 },
  ],
  'SocketConnectionStatus connected=true': ['socketConnectionStatus', { connected: 1 }],
};

describe('the bytes of real clients', () => {
  it('are those of all packets that are objects', () => {
    expect(Object.keys(written).sort()).toEqual(Object.keys(known).sort());
  });

  it.each(Object.entries(known))('%s is written the same', (title, [name, values]) => {
    const bytes = Buffer.from(written[title]!, 'hex').subarray(1);
    expect(Buffer.from(objectBytes(name, values)).toString('hex')).toBe(bytes.toString('hex'));
  });

  it.each(Object.entries(known))('%s is read', (title, [name, values]) => {
    const bytes = Buffer.from(written[title]!, 'hex');
    const rows = objectRows(name, bytes, 1, bytes.length);
    if (typeof rows === 'string') throw new Error(rows);
    expect(Object.fromEntries(rows.map((row) => [row.name, row.value]))).toEqual(values);
  });
});
