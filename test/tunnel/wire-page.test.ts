/** The page of the tunnel is written by hand: what it says must be what the code does. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packageRoot } from '../../cli/version.ts';
import { FrameType, HEAD_BYTES, MAGIC, refusals, writeHead, writeHello } from '../../tunnel/frames.ts';
import { DATA_BYTES_MAX, muxLimits } from '../../tunnel/limits.ts';
import { violations } from '../../tunnel/violations.ts';
import { countText } from '../../cli/format.ts';

const page = readFileSync(`${packageRoot()}docs/protocols/tunnel.md`, 'utf8').replaceAll(/ +/g, ' ');

it('names every type, with its number', () => {
  for (const [name, type] of Object.entries(FrameType)) expect(page).toContain(`| ${type} | \`${name}\` |`);
});

it('names every violation and every reason of a refusal', () => {
  for (const [name, text] of Object.entries(violations)) expect(page).toContain(`| \`${name}\` | ${text} |`);
  const [, reasons = ''] = /1 byte, why not: (.*?) \|/.exec(page) ?? [];
  expect(reasons.match(/\d (?=[a-z])/g)).toEqual(refusals.map((_, i) => `${i} `));
});

it('names the limits that both ends should know', () => {
  expect(page).toContain(`1 to ${countText(DATA_BYTES_MAX)} bytes`);
  expect(page).toContain(`At most ${countText(muxLimits.streamsMax)} streams at a time`);
  expect(page).toContain('from 32 KiB up to 1 MiB, as long as all windows together stay below 96 MiB');
  expect(muxLimits).toMatchObject({
    ...{ windowBytesMin: 32 << 10, windowBytesMax: 1 << 20, windowsBytesMax: 96 << 20 },
  });
});

it('tells each byte of a head where it is', () => {
  expect(MAGIC).toBe(0x50525401);
  const head = {
    type: FrameType.credit,
    length: 4,
    stream: 0x01020304,
    sequence: 0x05060708,
    number: 0x1112131415161718n,
  };
  expect(Buffer.from(writeHead(head)).toString('hex')).toBe(
    ['505254', '01', '05', '00', '0004', '01020304', '05060708', '1112131415161718', '00000000'].join(''),
  );
  const hello = Buffer.from(writeHello({ number: 7n, windowBytes: 32_768 }, 9n));
  expect(hello.subarray(4, HEAD_BYTES).toString('hex')).toBe('0000000c00000000000000000000000000000009');
  expect(hello.subarray(HEAD_BYTES).toString('hex')).toBe('000000000000000700008000');
});
