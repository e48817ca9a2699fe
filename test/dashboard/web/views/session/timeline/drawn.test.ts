import { describe, expect, test } from 'vitest';
import { drawingOf } from '../../../../../../dashboard/web/src/views/session/timeline/drawn.ts';
import { rowsOf } from '../../../../../../dashboard/web/src/views/session/timeline/rows.ts';
import { arrowAt, tipAt } from '../../../../../../dashboard/web/src/views/session/timeline/tips.ts';
import { Names } from '../../../../../../dashboard/web/src/views/session/names.ts';
import { SECOND, session, timeline } from './sample.ts';

const rows = rowsOf(['ann', 'bob'], session.lanes, new Set(), { player: 40, endpoint: 20 });
const shown = { from: 10 * SECOND, to: 20 * SECOND };
const drawing = drawingOf(session, rows, timeline, shown, 100);
const names = new Names(session.players);
const tip = (x: number, y: number) => tipAt({ x, y }, drawing, timeline, shown, 100, session, names, 0);

describe('a drawing', () => {
  test('has bars by the cube root of the rate, against the highest of all players', () => {
    const [ann, bob] = drawing.rows;
    expect(drawing.rateMax).toEqual({ player: 400, endpoint: 0 });
    expect(ann!.bars.map(({ x }) => x)).toEqual([0, 2, 4, 6, 8, 90, 92, 94, 96, 98]);
    expect(ann!.bars[0]).toEqual({ x: 0, up: 9, down: 0 });
    expect(ann!.bars.at(-1)).toEqual({ x: 98, up: 18, down: 0 });
    expect(bob!.bars).toEqual([]);
  });

  test('has losses where they happened', () => expect(drawing.rows[0]!.drops).toEqual([24]));

  test('has the lives of connections, and whether their end is out of the ordinary', () => {
    const lives = drawing.rows.map((row) =>
      row.lives.map(({ from, to, begins, ends, isBad }) => [from, to, begins, ends, isBad]),
    );
    expect(lives).toEqual([[[0, 100, true, true, false]], [[10, 50, true, true, true]]]);
  });

  test('says of a life that goes on beyond what is shown that it neither begins nor ends', () => {
    const part = drawingOf(session, rows, timeline, { from: 12 * SECOND, to: 14 * SECOND }, 100);
    expect(part.rows[1]!.lives.map(({ from, to, begins, ends }) => [from, to, begins, ends])).toEqual([
      [0, 100, false, false],
    ]);
    const after = drawingOf(session, rows, timeline, { from: 16 * SECOND, to: 18 * SECOND }, 100);
    expect(after.rows[1]!.lives).toEqual([]);
  });

  test('leads an arrow from row to row, or nowhere', () => {
    expect(drawing.arrows.map(({ x, fromY, toY, isGood }) => [x, fromY, toY, isGood])).toEqual([
      [20, 20, 60, true],
      [30, 20, null, false],
    ]);
  });

  test('makes one of arrows that cannot be told apart', () => {
    const [first] = timeline.arrows;
    const arrows = [first!, { ...first!, at: first!.at + 1000, sequence: 99 }];
    const { arrows: drawn } = drawingOf(session, rows, { ...timeline, arrows }, shown, 100);
    expect(drawn.map((each) => each.arrows.map(({ sequence }) => sequence))).toEqual([[30, 99]]);
  });

  test('has silences in the row of whoever was silent', () => {
    expect(drawing.silences.map(({ x, width, row }) => [x, width, row.player])).toEqual([[60, 20, 'bob']]);
  });

  test('is empty where there is no room, and has lives alone before anything is known', () => {
    expect(drawingOf(session, rows, timeline, shown, 0).rows).toEqual([]);
    const early = drawingOf(session, rows, null, shown, 100);
    expect(early.rows.map(({ bars, lives }) => [bars.length, lives.length])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

describe('what is pointed at', () => {
  test('is told with its moment and its row', () => {
    expect(tip(5, 10)).toEqual({
      at: '10.5 s',
      title: 'Ann',
      lines: ['1 frame in 1.0 s: 50 B from it, 0 B to it', 'pdp from 192.0.2.1 opens'],
    });
  });

  test('is a loss', () => expect(tip(25, 10)?.lines).toContain('2 frames did not arrive'));

  test('is an arrow, between its ends', () => {
    expect(tip(22, 40)?.lines).toContain('Ann asks Bob for a stream (frame 30)');
    expect(arrowAt({ x: 22, y: 40 }, drawing)?.arrows[0]?.sequence).toBe(30);
    expect(arrowAt({ x: 22, y: 78 }, drawing)).toBeNull();
    expect(arrowAt({ x: 40, y: 40 }, drawing)).toBeNull();
  });

  test('is a silence', () => expect(tip(70, 60)?.lines).toContain('Bob/50 said nothing to Ann/50 for 2.0 s'));

  test('is why a connection ended', () =>
    expect(tip(51, 60)?.lines).toContain('pdp from 192.0.2.1 ends: the network broke it'));

  test('is what the recording lacks, in whatever row', () => {
    const text = '12 frames missing at 14.0 s: the recorder could not keep up';
    expect(tip(41, 10)?.lines).toContain(text);
    expect(tip(41, 60)?.lines).toContain(text);
    expect(tip(70, 10)?.lines).not.toContain(text);
  });

  test('is nothing outside', () => expect(tip(70, 200)).toBeNull());
});
