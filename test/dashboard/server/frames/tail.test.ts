import { beforeEach, describe, expect, it } from 'vitest';
import { openStore, temporaryFile, transaction } from '../../../kit/capture-file.ts';
import type { CaptureStore } from '../../../../recorder/store.ts';
import { meet, numbers, talk } from '../../../kit/two-talks.ts';
import { tailNews, TestDesk, type TailNews } from './desk-kit.ts';

let file: string;
let store: CaptureStore;
beforeEach(() => {
  file = temporaryFile();
  store = openStore(file);
  transaction(store, (it) => {
    meet(it);
    talk(it, 1, 20);
  });
});

const goOn = (first: number, last: number) => transaction(store, (it) => talk(it, first, last));

function told(news: TailNews | null) {
  if (news === null) return null;
  const { rows, count, skipped, dropped } = news;
  return { rows: rows.map(({ sequence }) => sequence), count, skipped, dropped };
}

describe('a tail', () => {
  it('begins with the newest rows, and then has those that come, once', () => {
    const tail = TestDesk.open(file).tail(1);
    expect(told(tailNews(tail))).toEqual({ rows: numbers(1, 19), count: 10, skipped: 0, dropped: 0 });
    expect(tailNews(tail)).toBeNull();
    goOn(21, 26);
    expect(told(tailNews(tail))).toEqual({ rows: [21, 23, 25], count: 13, skipped: 0, dropped: 0 });
    goOn(27, 28);
    expect(told(tailNews(tail))).toEqual({ rows: [27], count: 14, skipped: 0, dropped: 0 });
    expect(tailNews(tail)).toBeNull();
  });

  it('shows what fits on a screen, and counts what it passed over', () => {
    goOn(21, 400);
    const tail = TestDesk.open(file).tail(1);
    expect(told(tailNews(tail))).toEqual({ rows: numbers(281, 399), count: 200, skipped: 0, dropped: 0 });
    goOn(401, 800);
    expect(told(tailNews(tail))).toEqual({ rows: numbers(681, 799), count: 400, skipped: 140, dropped: 0 });
  });

  it('says how many of those were passed over because its viewer did not keep up', () => {
    const tail = TestDesk.open(file).tail(1);
    tailNews(tail);
    goOn(21, 420);
    expect(told(tailNews(tail, 1))).toMatchObject({ skipped: 140, dropped: 60 });
    goOn(421, 820);
    expect(told(tailNews(tail, 5))).toMatchObject({ skipped: 140, dropped: 140 });
    goOn(821, 840);
    expect(told(tailNews(tail, 5))).toMatchObject({ skipped: 0, dropped: 0 });
  });

  it('of a filter has what passes it, with the columns that were asked for', () => {
    const tail = TestDesk.open(file).tail(1, 'payload contains "!"', 'from.conn,size');
    expect(told(tailNews(tail))).toMatchObject({ rows: [5, 15], count: 2 });
    goOn(21, 24);
    expect(tailNews(tail)).toBeNull();
    goOn(25, 36);
    const news = tailNews(tail);
    expect(told(news)).toMatchObject({ rows: [25, 35], count: 4 });
    expect(news?.rows[0]?.columns).toEqual(['1', '28']);
  });

  it('begins empty where nothing has come so far', () => {
    const tail = TestDesk.open(file).tail(1, 'sequence > 20');
    expect(told(tailNews(tail))).toEqual({ rows: [], count: 0, skipped: 0, dropped: 0 });
    expect(tailNews(tail)).toBeNull();
    goOn(21, 22);
    expect(told(tailNews(tail))).toMatchObject({ rows: [21], count: 1 });
  });

  it('refuses what is asked wrongly', () => {
    const desk = TestDesk.open(file);
    expect(() => desk.tail(1, 'x')).toThrow(/there is no field x/);
    expect(() => desk.tail(1, '', 'nothing')).toThrow(/there is no field "nothing"/);
    expect(() => desk.tail(7)).toThrow(/has no session 7/);
  });

  it('does nothing any more once it is closed', () => {
    const desk = TestDesk.open(file);
    const tail = desk.tail(1);
    tail.close();
    expect(desk.desk.searches.isIdle).toBe(true);
  });
});
