import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { writeArray } from '../../cli/json-array.ts';
import { Output } from '../../cli/output.ts';

async function written(items: Iterable<object>): Promise<string> {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const output = new Output(() => stream);
  await writeArray(output, items);
  await output.flush();
  return text;
}

it.each([
  ['nothing', []],
  ['one', [{ a: 1 }]],
  ['many', [{ a: 'x\n\u2028y', b: [{ c: null }] }, {}, [], [1, 2]]],
])('an array of %s is laid out as people read it', async (_, items) => {
  expect(await written(items)).toBe(`${JSON.stringify(items, null, 2)}\n`);
});

it('takes its items one after the other, as they are written', async () => {
  let given = 0;
  const atWrites: number[] = [];
  function* items() {
    for (; given < 5000; given++) yield { text: 'x'.repeat(100) };
  }
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      atWrites.push(given);
      done();
    },
  });
  await writeArray(new Output(() => stream), items());
  expect(atWrites.length).toBeGreaterThan(5);
  expect(atWrites[0]).toBeLessThan(1000);
});
