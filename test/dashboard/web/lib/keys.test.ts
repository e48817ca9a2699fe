import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  groupedKeys,
  keys,
  keySigns,
  nameOf,
  SECOND_KEY_MS,
  type KeyBinding,
} from '../../../../dashboard/web/src/lib/keys.svelte.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
  document.body.replaceChildren();
  vi.useRealTimers();
});

/** Binds them, and answers what has been pressed. */
function bound(...names: (string | Partial<KeyBinding>)[]): string[] {
  const pressed: string[] = [];
  ends.push(
    keys.bind(
      names.map((name) => {
        const { key = '', ...more } = typeof name === 'string' ? { key: name } : name;
        return { key, does: key, where: 'Test', run: () => pressed.push(key), ...more };
      }),
    ),
  );
  return pressed;
}

function press(
  key: string,
  more: KeyboardEventInit = {},
  target: EventTarget = document.body,
): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function element(html: string): HTMLElement {
  document.body.innerHTML = html;
  return document.body.firstElementChild as HTMLElement;
}

describe('keys', () => {
  test('are heard until they are no longer bound', () => {
    const pressed = bound('j');
    expect(press('j').defaultPrevented).toBe(true);
    ends.pop()?.();
    expect(press('j').defaultPrevented).toBe(false);
    expect(pressed).toEqual(['j']);
  });

  test('belong to whoever bound them last', () => {
    const below = bound('j', 'k');
    const above = bound('j');
    press('j');
    press('k');
    expect([below, above]).toEqual([['k'], ['j']]);
  });

  test('are letters where somebody types, but for those that always work', () => {
    const pressed = bound('j', { key: 'Escape', always: true });
    const input = element('<input />');
    press('j', {}, input);
    press('Escape', {}, input);
    expect(pressed).toEqual(['Escape']);
  });

  test('press the button that they are on', () => {
    const pressed = bound('Enter', ' ');
    expect(press('Enter', {}, element('<button>Go</button>')).defaultPrevented).toBe(false);
    press(' ', {}, element('<button>Go</button>'));
    press('Enter', {}, element('<a href="/">Go</a>'));
    expect(pressed).toEqual([]);
    press('Enter', {}, element('<div></div>'));
    expect(pressed).toEqual(['Enter']);
  });

  test('do nothing behind a dialog', () => {
    const pressed = bound('j');
    element('<dialog open></dialog>');
    press('j');
    expect(pressed).toEqual([]);
  });

  test('may be two, one after the other', () => {
    const pressed = bound('g n', 'g s', 'n');
    press('g');
    press('n');
    press('n');
    press('g');
    press('Shift');
    press('s');
    expect(pressed).toEqual(['g n', 'n', 'g s']);
  });

  test('are forgotten where the second does not come in time, or is another', () => {
    vi.useFakeTimers();
    const pressed = bound('g n', 'n', 'x');
    press('g');
    vi.advanceTimersByTime(SECOND_KEY_MS);
    press('n');
    press('g');
    press('x');
    press('n');
    expect(pressed).toEqual(['n', 'x', 'n']);
  });

  test('have names that say what is held with them', () => {
    const name = (key: string, more: KeyboardEventInit = {}) =>
      nameOf(new KeyboardEvent('keydown', { key, ...more }));
    expect(name('J', { shiftKey: true })).toBe('shift+j');
    expect(name('?', { shiftKey: true })).toBe('?');
    expect(name('k', { metaKey: true })).toBe('mod+k');
    expect(name('ArrowDown', { shiftKey: true, altKey: true })).toBe('alt+shift+ArrowDown');
  });
});

describe('the help for keys', () => {
  const binding = (key: string, does: string, where: string): KeyBinding => ({
    key,
    does,
    where,
    run: vi.fn(),
  });

  test('has a line for each thing that is done, under its heading', () => {
    const groups = groupedKeys([
      binding('j', 'Next', 'List'),
      binding('?', 'Keys', 'Everywhere'),
      binding('ArrowDown', 'Next', 'List'),
    ]);
    expect(groups).toEqual([
      { where: 'List', lines: [{ does: 'Next', names: ['j', 'ArrowDown'] }] },
      { where: 'Everywhere', lines: [{ does: 'Keys', names: ['?'] }] },
    ]);
  });

  test('tells what a key does now, and not what it did before', () => {
    const groups = groupedKeys([
      binding('n', 'Next frame', 'List'),
      binding('n', 'Next difference', 'Verdict'),
    ]);
    expect(groups.map(({ where }) => where)).toEqual(['Verdict']);
  });

  test('leaves out what is one of many alike', () => {
    const groups = groupedKeys([
      binding('g g', 'Go to a frame', 'List'),
      { ...binding('g 1', 'Go to it', 'List'), isUntold: true },
    ]);
    expect(groups.flatMap(({ lines }) => lines.flatMap(({ names }) => names))).toEqual(['g g']);
  });

  test('writes keys as they are on keyboards', () => {
    expect(keySigns('g n')).toEqual(['G', 'N']);
    expect(keySigns('shift+ArrowDown')).toEqual(['Shift', '↓']);
    expect(keySigns(' ')).toEqual(['Space']);
    expect(keySigns('+')).toEqual(['+']);
  });
});
