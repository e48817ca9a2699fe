import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, test, vi } from 'vitest';
import Menu from '../../../../dashboard/web/src/ui/Menu.svelte';
import { itemBeginning, nextItem, placed } from '../../../../dashboard/web/src/ui/menu.ts';

const items = () => [
  { text: 'Copy', run: vi.fn() },
  { text: 'Comment', isDisabled: true, run: vi.fn() },
  { text: 'Filter', run: vi.fn() },
  { text: 'Column', run: vi.fn() },
];

describe('in a menu', () => {
  test('arrows go round, past what cannot be chosen', () => {
    const all = items();
    expect(nextItem(all, -1, 1)).toBe(0);
    expect(nextItem(all, 0, 1)).toBe(2);
    expect(nextItem(all, 2, -1)).toBe(0);
    expect(nextItem(all, 3, 1)).toBe(0);
    expect(nextItem(all, 0, -1)).toBe(3);
    expect(nextItem(all, all.length, -1)).toBe(3);
    expect(nextItem([{ text: 'a', isDisabled: true, run: vi.fn() }], 0, 1)).toBe(0);
  });

  test('letters go to the next that begins with them', () => {
    const all = items();
    expect(itemBeginning(all, 0, 'c')).toBe(3);
    expect(itemBeginning(all, 3, 'C')).toBe(0);
    expect(itemBeginning(all, 0, 'x')).toBe(0);
  });

  test('all is seen, wherever it is opened', () => {
    expect(placed(10, 100, 800)).toBe(10);
    expect(placed(760, 100, 800)).toBe(660);
    expect(placed(50, 100, 120)).toBe(4);
    expect(placed(-5, 100, 800)).toBe(4);
  });

  test('keys move, choose and close', async () => {
    const all = items();
    const onclose = vi.fn();
    render(Menu, { label: 'Frame', items: all, at: { x: 0, y: 0 }, onclose });
    const menu = screen.getByRole('menu', { name: 'Frame' });
    await vi.waitFor(() => expect(document.activeElement?.textContent.trim()).toBe('Copy'));
    await fireEvent.keyDown(menu, { key: 'ArrowDown' });
    expect(document.activeElement?.textContent.trim()).toBe('Filter');
    await fireEvent.click(document.activeElement as Element);
    expect(all[2]?.run).toHaveBeenCalledOnce();
    expect(onclose).toHaveBeenCalledOnce();
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Comment' }));
    expect(all[1]?.run).not.toHaveBeenCalled();
    await fireEvent.keyDown(menu, { key: 'Escape' });
    expect(onclose).toHaveBeenCalledTimes(2);
  });
});
