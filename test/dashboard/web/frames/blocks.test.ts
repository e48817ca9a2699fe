import { describe, expect, test } from 'vitest';
import {
  ASKED_MAX,
  BLOCKS_MAX,
  type Begun,
  Blocks,
  type Page,
} from '../../../../dashboard/web/src/views/session/frames/blocks.ts';

interface Asked {
  readonly block: number;
  readonly begun: Begun<string>;
  readonly signal: AbortSignal;
  readonly answer: (page: Page<string>) => void;
  readonly fail: (error: Error) => void;
}

/** A server that answers when it is told to. */
function server(expected: number | null = 2) {
  const asked: Asked[] = [];
  const state = { expected, changes: 0, errors: [] as unknown[], isOpen: true };
  const blocks = new Blocks<string>({
    load: (block, begun, signal) =>
      state.isOpen ? new Promise((answer, fail) => asked.push({ block, begun, signal, answer, fail })) : null,
    expected: () => state.expected,
    changed: () => state.changes++,
    failed: (error) => state.errors.push(error),
  });
  const turn = () => new Promise((done) => setTimeout(done));
  return {
    blocks,
    state,
    asked,
    turn,
    open: () => asked.filter(({ signal }) => !signal.aborted).map(({ block }) => block),
    async answer(block: number, rows: readonly string[], more = false, through = 9) {
      asked.findLast((each) => each.block === block)?.answer({ rows, through, more });
      await turn();
    },
  };
}

describe('blocks of rows', () => {
  test('are asked for once, the most important first, and a few at a time', async () => {
    const { blocks, asked, answer } = server();
    blocks.want([5, 6, 4, 7, 8]);
    expect(asked.map(({ block }) => block)).toEqual([5, 6, 4].slice(0, ASKED_MAX));
    blocks.want([5, 6, 4, 7, 8]);
    expect(asked).toHaveLength(ASKED_MAX);
    await answer(5, ['a', 'b']);
    expect(asked.map(({ block }) => block)).toEqual([5, 6, 4, 7]);
    expect(blocks.rowsOf(5)).toEqual(['a', 'b']);
  });

  test('that were passed by are not waited for', async () => {
    const { blocks, asked, open, answer } = server();
    blocks.want([1, 2, 3]);
    blocks.want([9]);
    expect(open()).toEqual([9]);
    await answer(1, ['late', 'later']);
    expect(blocks.rowsOf(1)).toBeNull();
    expect(asked).toHaveLength(4);
  });

  test('are completed by the next page, from where the last one ended', async () => {
    const { blocks, asked, answer } = server();
    blocks.want([0]);
    await answer(0, ['a'], true, 41);
    expect(blocks.rowsOf(0)).toEqual(['a']);
    expect(asked[1]?.begun).toMatchObject({ rows: ['a'], through: 41 });
    await answer(0, ['b'], true, 60);
    expect(blocks.rowsOf(0)).toEqual(['a', 'b']);
    expect(asked).toHaveLength(2);
  });

  test('are asked for again when they are known to have grown, and not before', async () => {
    const { blocks, asked, answer, state } = server(2);
    blocks.want([0]);
    await answer(0, ['a'], false);
    blocks.want([0]);
    expect(asked).toHaveLength(1);
    state.expected = 3;
    blocks.want([0]);
    expect(asked).toHaveLength(2);
  });

  test('are one page where nobody knows how many rows there are', async () => {
    const { blocks, asked, answer } = server(null);
    blocks.want([0]);
    await answer(0, ['a'], true);
    expect(asked).toHaveLength(1);
  });

  test('stay on screen while they are asked for anew', async () => {
    const { blocks, asked, answer } = server(1);
    blocks.want([3]);
    await answer(3, ['old']);
    blocks.refresh();
    expect(blocks.rowsOf(3)).toEqual(['old']);
    expect(asked[1]?.begun).toMatchObject({ rows: [], through: null });
    await answer(3, ['new']);
    expect(blocks.rowsOf(3)).toEqual(['new']);
  });

  test('are never those that were asked for before a refresh', async () => {
    const { blocks, asked, turn } = server(1);
    blocks.want([3]);
    blocks.refresh();
    asked[0]?.answer({ rows: ['old'], through: 1, more: false });
    await turn();
    expect(blocks.rowsOf(3)).toBeNull();
    expect(asked).toHaveLength(2);
  });

  test('wait until they can be entered', () => {
    const { blocks, asked, state } = server();
    state.isOpen = false;
    blocks.want([7]);
    expect(asked).toHaveLength(0);
    state.isOpen = true;
    blocks.want([7]);
    expect(asked).toHaveLength(1);
  });

  test('are kept while there is room, and what was not looked at for longest goes first', async () => {
    const { blocks, answer } = server(1);
    for (let block = 0; block < BLOCKS_MAX; block++) {
      blocks.want([block]);
      await answer(block, ['row']);
    }
    blocks.want([0]);
    blocks.want([BLOCKS_MAX]);
    await answer(BLOCKS_MAX, ['row']);
    expect(blocks.size).toBe(BLOCKS_MAX);
    expect(blocks.rowsOf(0)).not.toBeNull();
    expect(blocks.rowsOf(1)).toBeNull();
  });

  test('that failed are told of, and can be wanted again', async () => {
    const { blocks, asked, state, turn } = server();
    blocks.want([0]);
    asked[0]?.fail(new Error('gone'));
    await turn();
    expect(state.errors).toHaveLength(1);
    expect(asked).toHaveLength(1);
    blocks.want([0]);
    expect(asked).toHaveLength(2);
  });

  test('are not waited for when the list is closed', () => {
    const { blocks, open } = server();
    blocks.want([0, 1]);
    blocks.close();
    expect(open()).toEqual([]);
  });
});
