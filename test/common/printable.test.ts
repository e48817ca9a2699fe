import { expect, it } from 'vitest';
import { printable } from '../../common/printable.ts';

it('nothing that a peer sent can move the cursor', () => {
  expect(printable('a\x1b[2Jb\r\n\x9bc')).toBe('a\ufffd[2Jb\ufffd\ufffd\ufffdc');
});
