/** What is still to come in one conversation, and when nobody waits for it any more. */
import { describe, expect, test } from 'vitest';
import { Waiting } from '../../../replay/engine/waiting.ts';
import type { Lane } from '../../../replay/compare/comparison.ts';
import { OpenStep, ReceiveStep, type ScriptedClient } from '../../../replay/script/steps.ts';
import type { Conversation, Unit } from '../../../replay/types.ts';

const KIND = 7;
const client = { conn: 1 } as ScriptedClient;
const conversation = {} as Conversation;

class Table {
  readonly settled: ReceiveStep[] = [];
  readonly told: string[] = [];
  readonly waiting: Waiting;
  #sequence = 0;

  constructor(isStream = false) {
    const lane: Lane = {
      conversation,
      expect: ({ bytes }) => this.told.push(`expects ${text(bytes)}`),
      came: ({ bytes }) => this.told.push(`got ${text(bytes)}`),
    };
    const size = isStream ? ({ bytes }: Unit) => bytes.length : null;
    this.waiting = new Waiting(size, lane, (step) => this.settled.push(step));
  }

  /** Of what has been done, unless told otherwise. */
  expects(word: string, isDue = true): ReceiveStep {
    const cause = new OpenStep(client, 0, 0);
    cause.isDone = isDue;
    const unit = {
      kind: KIND,
      bytes: Buffer.from(word),
      sequence: ++this.#sequence,
      at: 0,
      givenUp: false,
      isOptional: false,
    };
    const step = new ReceiveStep(client, unit.sequence, 0, conversation, unit, cause);
    this.waiting.expect(step);
    return step;
  }

  gets(word: string): void {
    this.waiting.came(KIND, Buffer.from(word), 0);
  }

  get settledWords(): readonly string[] {
    return this.settled.map(({ unit }) => text(unit.bytes));
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

describe('of frames', () => {
  test('each settles what it is', () => {
    const table = new Table();
    table.expects('a');
    table.expects('b');
    table.gets('a');
    expect(table.settledWords).toEqual(['a']);
    table.gets('b');
    expect(table.settled.every(({ isDone, unit }) => isDone && !unit.givenUp)).toBe(true);
    expect(table.waiting.size).toBe(0);
  });

  test('one that overtakes others settles them as well', () => {
    const table = new Table();
    for (const word of ['a', 'b', 'c', 'd']) table.expects(word);
    table.gets('c');
    expect(table.settledWords).toEqual(['a', 'b', 'c']);
  });

  test('one that nobody expected stands for the next; the one before once more stands for nothing', () => {
    const table = new Table();
    for (const word of ['a', 'b', 'c']) table.expects(word);
    table.gets('a');
    table.gets('a');
    expect(table.settledWords).toEqual(['a']);
    table.gets('x');
    expect(table.settledWords).toEqual(['a', 'b']);
  });

  test('nothing stands for what cannot have come yet', () => {
    const table = new Table();
    table.expects('a');
    const later = table.expects('b', false);
    table.gets('a');
    table.gets('b');
    expect(table.settledWords).toEqual(['a']);
    expect(table.told).toEqual(['expects a', 'got a', 'got b']);
    later.cause!.isDone = true;
    table.waiting.release();
    expect(table.told.at(-1)).toBe('expects b');
  });
});

describe('of a stream', () => {
  test('blocks settle what they make whole, wherever they are cut', () => {
    const table = new Table(true);
    for (const word of ['abc', 'de', 'fgh']) table.expects(word);
    table.gets('ab');
    expect(table.settledWords).toEqual([]);
    table.gets('cde');
    expect(table.settledWords).toEqual(['abc', 'de']);
    table.gets('fghi');
    expect(table.settledWords).toEqual(['abc', 'de', 'fgh']);
  });
});

describe('what is given up', () => {
  test('is marked, with all before it, and counted until something comes', () => {
    const table = new Table();
    table.expects('a');
    const second = table.expects('b');
    table.expects('c');
    table.waiting.giveUp(second);
    expect(table.settled.map(({ unit }) => unit.givenUp)).toEqual([true, true]);
    expect(table.waiting.silences).toBe(1);
    table.waiting.giveUp(second);
    expect(table.settled.length).toBe(2);
    table.gets('c');
    expect(table.waiting.silences).toBe(0);
    expect(table.settled.at(-1)!.unit.givenUp).toBe(false);
  });

  test('is all that can have come, and nothing else', () => {
    const table = new Table();
    table.expects('a');
    table.expects('b', false);
    table.waiting.giveUpAll();
    expect(table.settledWords).toEqual(['a']);
    expect(table.told).toEqual(['expects a']);
  });

  test('is expected all the same, though nothing had caused it', () => {
    const table = new Table();
    table.waiting.giveUp(table.expects('a', false));
    expect(table.told).toEqual(['expects a']);
    expect(table.settledWords).toEqual(['a']);
  });
});

test('where a connection is closed, nobody waits for what can have come, and nobody is blamed', () => {
  const table = new Table();
  table.expects('a');
  table.expects('b', false);
  table.waiting.close();
  expect(table.settled.map(({ unit }) => unit.givenUp)).toEqual([false]);
  expect(table.waiting.size).toBe(1);
});
