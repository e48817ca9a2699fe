import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { playerColours } from '../../../../../../dashboard/web/src/lib/colours.ts';
import { route } from '../../../../../../dashboard/web/src/lib/route.svelte.ts';
import Timeline from '../../../../../../dashboard/web/src/views/session/timeline/Timeline.svelte';
import { lane, SECOND, session, timeline } from './sample.ts';

const colours = playerColours(['ann', 'bob']);
const finding = {
  id: 'lost',
  severity: 'problem' as const,
  title: 'A connection broke',
  text: 'Bob lost a connection',
  explanation: 'The network did it.',
  at: 15 * SECOND,
  frames: [640],
};

/** As wide as on a screen. */
class Observer {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
}

// The theme asks for it as soon as it is loaded.
vi.hoisted(() => {
  globalThis.matchMedia = () =>
    ({ matches: false, addEventListener: () => undefined }) as unknown as MediaQueryList;
});

function show(query = '', props: object = {}) {
  route.go(`/sessions/7${query}`);
  render(Timeline, { session, colours, findings: [finding], ...props });
}

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', Observer);
  vi.stubGlobal('scrollTo', () => undefined);
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(timeline))));
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(800);
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const search = () => new URLSearchParams(location.search);

describe('the timeline', () => {
  test('tells all that it draws in a table, in seconds of the session', async () => {
    show();
    const table = screen.getByRole('table', { hidden: true });
    await vi.waitFor(() => expect(within(table).getByText('450 B')).toBeTruthy());
    const [, ann, bob] = within(table).getAllByRole('row', { hidden: true });
    expect(ann?.textContent).toContain('the client ended it');
    expect(bob?.textContent).toContain('1.0005.000');
    expect(bob?.textContent).toContain('the network broke it');
  });

  test('leads from a finding to its frame', () => {
    show();
    const flag = screen.getByRole('link', { name: 'problem: Bob lost a connection' });
    expect(flag.getAttribute('href')).toBe('/sessions/7/frames?frame=640');
  });

  test('takes a time in figures, since the start of the session, and makes it a part of the filter', async () => {
    show('?filter=size+%3E+3');
    const from = screen.getByLabelText<HTMLInputElement>('From, in seconds');
    const to = screen.getByLabelText<HTMLInputElement>('To, in seconds');
    from.value = '2';
    to.value = '4.5';
    await fireEvent.change(to);
    expect(search().get('filter')).toBe('size > 3 && time >= 12 && time < 14.5');
    expect(screen.getByText('2.5 s chosen')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Choose all times' }));
    expect(search().get('filter')).toBe('size > 3');
  });

  test('zooms by keys and buttons, and has in the address what it shows', async () => {
    show();
    await fireEvent.keyDown(document.body, { key: '+' });
    await vi.waitFor(() => expect(search().get('from')).not.toBeNull());
    const [from, to] = [Number(search().get('from')), Number(search().get('to'))];
    expect(to - from).toBeCloseTo(10.2 * 0.6, 1);
    expect((from + to) / 2).toBeCloseTo(15, 1);
    await fireEvent.keyDown(document.body, { key: 'ArrowRight' });
    await vi.waitFor(() => expect(Number(search().get('from'))).toBeGreaterThan(from));
    await fireEvent.keyDown(document.body, { key: '0' });
    expect(location.search).toBe('');
  });

  test('shows the chosen time alone', async () => {
    show('?filter=time+%3E%3D+12+%26%26+time+%3C+14');
    await fireEvent.keyDown(document.body, { key: 'z' });
    await vi.waitFor(() => expect([search().get('from'), search().get('to')]).toEqual(['12', '14']));
  });

  test('opens and closes the endpoints of a player, in the address as well', async () => {
    const lanes = [...session.lanes, lane({ conn: 3, endpoint: 'ann/51' })];
    show('', { session: { ...session, lanes } });
    const ann = screen.getByRole('button', { name: /Ann/ });
    expect(ann.getAttribute('aria-expanded')).toBe('true');
    await fireEvent.click(ann);
    expect(ann.getAttribute('aria-expanded')).toBe('false');
    expect(search().get('lanes')).toBe('none');
  });

  test('leaves keys alone above something else, until it has the focus', async () => {
    show('', { isStrip: true });
    await fireEvent.keyDown(document.body, { key: '+' });
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(search().get('from')).toBeNull();
    await fireEvent.focus(screen.getByRole('application'));
    await fireEvent.keyDown(document.body, { key: '+' });
    await vi.waitFor(() => expect(search().get('from')).not.toBeNull());
  });
});
