/** What the HTTP thread asks of the relay's: seldom, and not for ever. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AskingBackend } from '../../../dashboard/server/asking.ts';
import { Unanswered, type Census } from '../../../dashboard/server/backend.ts';
import { ANSWER_MS, CENSUS_MS, QUESTIONS_MAX } from '../../../dashboard/server/limits.ts';
import type { Question } from '../../../dashboard/server/messages.ts';
import { figures } from '../../kit/figures.ts';

let asked: Question[];
let now: number;
let backend: AskingBackend;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  now = 0;
  backend = new AskingBackend(
    (question) => asked.push(question),
    () => now,
  );
});
afterEach(() => vi.useRealTimers());

const census = (name: string): Census => ({ games: [{ codes: [], name, players: [] }], sockets: '' });
const answer = (index: number, told: Census | null) =>
  backend.answer({ id: asked[index]?.id ?? 0, census: told, figures: null });

describe('a census', () => {
  it('is one for all who ask within a second, before and after its answer has come', async () => {
    const first = backend.census();
    const second = backend.census();
    answer(0, census('now'));
    now = CENSUS_MS - 1;
    expect(new Set([await first, await second, await backend.census()]).size).toBe(1);
    expect(asked).toEqual([{ id: 1, asks: 'census' }]);
  });

  it('is asked for again after that', async () => {
    const first = backend.census();
    answer(0, census('then'));
    await first;
    now = CENSUS_MS;
    const second = backend.census();
    expect(asked).toHaveLength(2);
    answer(1, census('now'));
    expect((await second).games[0]?.name).toBe('now');
  });

  it('that does not come is not waited for, and asked for again', async () => {
    const unanswered = expect(backend.census()).rejects.toThrow(Unanswered);
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    await unanswered;
    now = ANSWER_MS;
    const again = backend.census();
    answer(0, census('too late'));
    answer(1, census('in time'));
    expect((await again).games[0]?.name).toBe('in time');
  });
});

it('the relay’s figures are asked for each time', async () => {
  const first = backend.figures();
  const second = backend.figures();
  expect(asked).toEqual([
    { id: 1, asks: 'figures' },
    { id: 2, asks: 'figures' },
  ]);
  for (const [i, players] of [3, 4].entries())
    backend.answer({ id: i + 1, census: null, figures: figures({ players }) });
  expect([(await first).players, (await second).players]).toEqual([3, 4]);
});

describe('a list', () => {
  it('is passed on whole, and is done when the relay says so', async () => {
    const players = [{ mac: 1, address: '192.0.2.1', group: 'a' }];
    const done = vi.fn();
    const listed = backend.listPlayers(players).then(done);
    expect(asked).toEqual([{ id: 1, asks: 'list-players', players }]);
    await vi.advanceTimersByTimeAsync(ANSWER_MS - 1);
    expect(done).not.toHaveBeenCalled();
    answer(0, null);
    await listed;
    expect(done).toHaveBeenCalled();
  });

  it('is no question too many', async () => {
    const all = Array.from({ length: QUESTIONS_MAX }, () => backend.listPlayers([]));
    await expect(backend.listPlayers([])).rejects.toThrow(Unanswered);
    expect(asked).toHaveLength(QUESTIONS_MAX);
    for (const index of asked.keys()) answer(index, null);
    await Promise.all(all);
    const next = backend.listPlayers([]);
    answer(QUESTIONS_MAX, null);
    await next;
  });
});

it('questions that nobody answered make room for others', async () => {
  const all = Array.from({ length: QUESTIONS_MAX }, () =>
    backend.listPlayers([]).catch((error: unknown) => error),
  );
  await vi.advanceTimersByTimeAsync(ANSWER_MS);
  for (const error of await Promise.all(all)) expect(error).toBeInstanceOf(Unanswered);
  const next = backend.listPlayers([]);
  answer(QUESTIONS_MAX, null);
  await next;
});

it('an answer leaves no timer behind', async () => {
  const told = backend.census();
  answer(0, census('now'));
  await told;
  expect(vi.getTimerCount()).toBe(0);
});
