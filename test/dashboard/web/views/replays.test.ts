import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Difference, ReplayRow, RunningReplay } from '../../../../dashboard/api/replays.ts';
import { masks } from '../../../../dashboard/web/src/lib/masks.svelte.ts';
import { visitor } from '../../../../dashboard/web/src/lib/visitor.svelte.ts';
import {
  Differences,
  PAGE_DIFFERENCES,
} from '../../../../dashboard/web/src/views/replays/differences.svelte.ts';
import { ReplayList } from '../../../../dashboard/web/src/views/replays/replay-list.svelte.ts';
import StartReplay from '../../../../dashboard/web/src/views/replays/StartReplay.svelte';
import {
  commandOf,
  remember,
  remembered,
  requestOf,
  type Form,
} from '../../../../dashboard/web/src/views/replays/start.ts';

const form: Form = {
  session: '3',
  against: '127.0.0.1:27313',
  control: '',
  pace: 'causal',
  speed: '',
  patience: '',
  masks: '',
};

interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly body: unknown;
}
let asked: Asked[];

/** Answers requests, and remembers them. */
function answering(answer: (asked: Asked) => unknown): void {
  vi.stubGlobal(
    'fetch',
    (address: string, { method = 'GET', body }: { method?: string; body?: string } = {}) => {
      const request = {
        url: new URL(address, location.href),
        method,
        body: body === undefined ? null : (JSON.parse(body) as unknown),
      };
      asked.push(request);
      return Promise.resolve(new Response(JSON.stringify(answer(request))));
    },
  );
}

beforeEach(() => {
  asked = [];
  localStorage.clear();
  masks.clear();
});
afterEach(() => vi.unstubAllGlobals());

describe('what is filled in', () => {
  test('becomes the request', () => {
    expect(requestOf(form)).toEqual({ request: { session: 3, against: '127.0.0.1:27313', pace: 'causal' } });
    expect(
      requestOf({
        ...form,
        control: ' relay.example:27312 ',
        pace: 'recorded',
        speed: '2',
        patience: '0.5',
        masks: '{"masks":[]}',
      }),
    ).toEqual({
      request: {
        session: 3,
        against: '127.0.0.1:27313',
        targets: { adhocctl: 'relay.example:27312' },
        pace: 'recorded',
        speed: 2,
        patience: 0.5,
        masks: { masks: [] },
      },
    });
  });

  test('is sent at no speed but with the recorded pace', () => {
    expect(requestOf({ ...form, speed: '2' })).toEqual(requestOf(form));
    expect(commandOf({ ...form, speed: '2' }, 'a.db')).not.toContain('--speed');
  });

  test.each<[keyof Form, string]>([
    ['session', ''],
    ['session', '0'],
    ['against', ''],
    ['against', '127.0.0.1'],
    ['against', 'http://a:1'],
    ['against', 'a:0'],
    ['against', 'a:65536'],
    ['control', 'nowhere'],
    ['speed', '0'],
    ['speed', 'fast'],
    ['patience', '0'],
    ['patience', '601'],
    ['masks', '{'],
  ])('is refused where %s is "%s"', (field, value) => {
    const answer = requestOf({ ...form, [field]: value });
    expect('errors' in answer && Object.keys(answer.errors)).toEqual([field]);
  });

  test('takes addresses of IPv6', () => {
    expect(requestOf({ ...form, against: '[::1]:27313' })).toMatchObject({
      request: { against: '[::1]:27313' },
    });
  });

  test('is the command that does the same', () => {
    expect(commandOf(form, 'evening.db')).toBe(
      'postreel replay evening.db --session 3 --against 127.0.0.1:27313',
    );
    expect(
      commandOf(
        { ...form, control: 'a:1', pace: 'recorded', speed: '2', patience: '5', masks: '{}' },
        "Hana's evening.db",
      ),
    ).toBe(
      "postreel replay 'Hana'\\''s evening.db' --session 3 --against 127.0.0.1:27313 --against-adhocctl a:1 --pace recorded --speed 2 --patience 5 --masks masks.json",
    );
  });

  test('is remembered, but for the session and the masks', () => {
    remember({ ...form, pace: 'max', patience: '9', masks: '{}' });
    expect(remembered()).toEqual({
      against: '127.0.0.1:27313',
      control: '',
      pace: 'max',
      speed: '',
      patience: '9',
    });
    localStorage.setItem('postreel.replay', '{"pace":"never","against":5}');
    expect(remembered()).toMatchObject({ pace: 'causal', against: '' });
    localStorage.setItem('postreel.replay', 'nonsense');
    expect(remembered().pace).toBe('causal');
  });
});

describe('the dialog', () => {
  const who = {
    version: '',
    needsToken: false,
    mayChange: true,
    why: null,
    file: 'evening.db',
    hasRelay: true,
  };
  beforeEach(() => {
    visitor.who = who;
    // jsdom has dialogs without these.
    HTMLDialogElement.prototype.showModal ??= function show(this: HTMLDialogElement) {
      this.open = true;
    };
  });
  const shown = () => {
    const props = { session: 3, onclose: vi.fn(), onstarted: vi.fn() };
    render(StartReplay, props);
    return props;
  };
  const startButton = () => screen.getByRole('button', { name: 'Start', hidden: true });

  test('says what is wrong, starts, and shows the command', async () => {
    answering(() => ({}));
    const { onclose, onstarted } = shown();
    await fireEvent.submit(startButton().closest('dialog')?.querySelector('form') as Element);
    expect(screen.getByText(/HOST:PORT, such as/)).toBeTruthy();
    expect(asked).toEqual([]);
    await fireEvent.input(screen.getByLabelText('Relay under test'), { target: { value: '127.0.0.1:9' } });
    expect(screen.getByText('postreel replay evening.db --session 3 --against 127.0.0.1:9')).toBeTruthy();
    await fireEvent.submit(startButton().closest('dialog')?.querySelector('form') as Element);
    await vi.waitFor(() => expect(onclose).toHaveBeenCalled());
    expect(onstarted).toHaveBeenCalledOnce();
    expect(asked[0]).toMatchObject({
      method: 'POST',
      body: { session: 3, against: '127.0.0.1:9', pace: 'causal' },
    });
    expect(remembered().against).toBe('127.0.0.1:9');
  });

  test('takes the masks that were gathered, and forgets one', async () => {
    masks.add({ kind: 'pdp', at: 4, bytes: 1 });
    masks.add({ field: 'size' });
    shown();
    const text = screen.getByLabelText<HTMLTextAreaElement>('Masks as JSON');
    expect(JSON.parse(text.value)).toEqual({ masks: [{ kind: 'pdp', at: 4, bytes: 1 }, { field: 'size' }] });
    const [first] = screen.getAllByRole('button', { name: 'Forget this mask', hidden: true });
    await fireEvent.click(first as Element);
    expect(JSON.parse(text.value)).toEqual({ masks: [{ field: 'size' }] });
  });

  test('says why nothing may be started', () => {
    visitor.who = { ...who, mayChange: false, why: 'name the token' };
    shown();
    expect(screen.getByText('name the token')).toBeTruthy();
    expect(startButton().hasAttribute('disabled')).toBe(true);
  });
});

describe('the list of replays', () => {
  const row = (id: number) => ({ id, outcome: 'same' }) as ReplayRow;
  const running = (run: number, more: Partial<RunningReplay> = {}) =>
    ({ run, session: 1, state: 'running', replay: null, ...more }) as RunningReplay;
  let all: ReplayRow[];
  beforeEach(() => {
    all = Array.from({ length: 120 }, (_, i) => row(120 - i));
    answering(({ url }) => {
      const before = Number(url.searchParams.get('before') ?? Infinity);
      const found = all.filter(({ id }) => id < before);
      return { replays: found.slice(0, 50), more: found.length > 50 };
    });
  });
  const ids = (list: ReplayList) => list.rows.map(({ id }) => id);

  test('grows by pages to its end', async () => {
    const list = new ReplayList(7);
    await list.first();
    await list.loadMore();
    await list.loadMore();
    await list.loadMore();
    expect(ids(list)).toEqual(all.map(({ id }) => id));
    expect(asked).toHaveLength(3);
    expect(asked.every(({ url }) => url.searchParams.get('session') === '7')).toBe(true);
  });

  test('is asked for anew when one has been stored, once, and keeps what was loaded', async () => {
    const list = new ReplayList(null);
    await list.first();
    await list.loadMore();
    all = [row(121), ...all];
    list.told([running(1)]);
    expect(asked).toHaveLength(2);
    list.told([running(1, { state: 'done', replay: 121 })]);
    list.told([running(1, { state: 'done', replay: 121 })]);
    await vi.waitFor(() => expect(ids(list)[0]).toBe(121));
    expect(asked).toHaveLength(3);
    expect(ids(list)).toEqual(all.slice(0, 101).map(({ id }) => id));
  });

  test('of a session has those that run for it alone', () => {
    const list = new ReplayList(1);
    list.told([running(1), running(2, { session: 2 })]);
    expect(list.running.map(({ run }) => run)).toEqual([1]);
  });
});

describe('differences', () => {
  beforeEach(() => {
    answering(({ url }) => {
      const after = Number(url.searchParams.get('after'));
      const limit = Number(url.searchParams.get('limit'));
      const places = Array.from({ length: 450 }, (_, place) => ({ place }) as Difference);
      return { differences: places.slice(after + 1, after + 1 + limit), more: after + 1 + limit < 450 };
    });
  });

  test('are loaded page by page, as far as is wanted', async () => {
    const differences = new Differences(1);
    await differences.load();
    expect(differences.list).toHaveLength(PAGE_DIFFERENCES);
    await differences.load(PAGE_DIFFERENCES * 2 + 1);
    expect(differences.list.map(({ place }) => place)).toEqual(Array.from({ length: 450 }, (_, i) => i));
    expect(differences.more).toBe(false);
    await differences.load(Infinity);
    expect(asked).toHaveLength(3);
  });

  test('are no longer asked for when nobody looks', async () => {
    const differences = new Differences(1);
    differences.close();
    await differences.load(Infinity);
    expect(asked).toEqual([]);
  });
});
