import { closeSync, openSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Background } from '../../cli/background.ts';
import { temporaryFile } from '../kit/capture-file.ts';

it('writes all that it is given, in order', async () => {
  const file = temporaryFile();
  const fd = openSync(file, 'w');
  const background = new Background(fd);
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) background.write(line);
  expect(await background.settle(5000)).toBe(true);
  closeSync(fd);
  expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  expect(background.takeDropped()).toBe(0);
});

it('counts what does not fit into its queue, once', async () => {
  const fd = openSync('/dev/null', 'w');
  const background = new Background(fd);
  for (let i = 0; i < 5; i++) background.write('x'.repeat(400_000));
  expect(background.takeDropped()).toBe(3);
  expect(background.takeDropped()).toBe(0);
  expect(await background.settle(5000)).toBe(true);
  closeSync(fd);
});

it('gives up, quietly and for good, where nobody reads any more', async () => {
  const file = temporaryFile();
  closeSync(openSync(file, 'w'));
  const fd = openSync(file, 'r');
  const background = new Background(fd);
  background.write('x');
  expect(await background.settle(5000)).toBe(true);
  background.write('x');
  expect(await background.settle(0)).toBe(true);
});
