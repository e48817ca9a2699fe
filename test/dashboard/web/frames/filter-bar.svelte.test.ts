import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import FilterBar from '../../../../dashboard/web/src/views/session/frames/FilterBar.svelte';

function bar(filter = '', refused: string | null = null, origin = 0) {
  const [onapply, onleave] = [vi.fn(), vi.fn()];
  const { rerender } = render(FilterBar, { filter, origin, refused, onapply, onleave });
  const input = screen.getByRole<HTMLInputElement>('combobox', { name: 'Filter' });
  return {
    onapply,
    onleave,
    rerender,
    input,
    async type(text: string) {
      input.value = text;
      input.setSelectionRange(text.length, text.length);
      await fireEvent.input(input);
    },
    async press(...keys: string[]) {
      for (const key of keys) await fireEvent.keyDown(input, { key });
      await tick();
    },
    options: () =>
      screen.queryAllByRole('option').map((option) => option.querySelector('.mono')?.textContent),
  };
}

beforeEach(() => localStorage.clear());

describe('the filter bar', () => {
  test('applies what is written with Enter, and not before', async () => {
    const { type, press, onapply } = bar();
    await type(' size > 3 ');
    expect(onapply).not.toHaveBeenCalled();
    await press('Enter');
    expect(onapply).toHaveBeenCalledExactlyOnceWith('size > 3');
  });

  test('tells a time as the list counts it, and takes it away alone', async () => {
    const { onapply } = bar('size > 3 && time >= 101.5 && time < 103', null, 100e9);
    expect(screen.getByText('1.50 s to 3.00 s').title).toContain('since the start of the capture');
    await fireEvent.click(screen.getByRole('button', { name: 'All of the time' }));
    expect(onapply).toHaveBeenCalledExactlyOnceWith('size > 3');
  });

  test('tells ends of the time that are open', () => {
    bar('time >= 101.5', null, 100e9);
    expect(screen.getByText('1.50 s to end')).toBeTruthy();
  });

  test('takes the filter away when it is empty', async () => {
    const { type, press, onapply } = bar('size > 3');
    await type('');
    await press('Enter');
    expect(onapply).toHaveBeenCalledExactlyOnceWith('');
  });

  test('offers what may come, and takes what is chosen', async () => {
    const { type, press, options, input, onapply } = bar();
    await type('out');
    expect(options()).toEqual(['outcome']);
    await press('Tab');
    expect(input.value).toBe('outcome ');
    expect(options()).toContain('==');
    await type('outcome == no');
    await press('ArrowDown', 'Enter');
    expect(input.value).toBe('outcome == no-target ');
    expect(onapply).not.toHaveBeenCalled();
    await press('Enter');
    expect(onapply).toHaveBeenCalledExactlyOnceWith('outcome == no-target');
  });

  test('completes the word at the cursor, and leaves what comes after it', async () => {
    const { type, press, input } = bar();
    await type('siz && kind == pdp');
    input.setSelectionRange(3, 3);
    await fireEvent.input(input);
    await press('Tab');
    expect(input.value).toBe('size && kind == pdp');
  });

  test('does not apply what cannot be read, and says where and why', async () => {
    const { type, press, onapply } = bar();
    await type('kind == pdp && sise > 3');
    await press('Enter');
    expect(onapply).not.toHaveBeenCalled();
    const told = document.querySelector('.wrong');
    expect(told?.textContent).toContain('there is no field sise; expected size');
    expect(told?.querySelector('.caret')?.textContent).toBe(`${' '.repeat(15)}^^^^`);
    expect(document.querySelector('.isWrong')).not.toBeNull();
  });

  test('is not strict with what is not finished', async () => {
    const { type, press } = bar();
    await type('size >');
    await press('Escape');
    expect(document.querySelector('.isWrong')).toBeNull();
    expect(document.querySelector('.wrong')?.textContent).toContain('ends here too early');
  });

  test('has the filters from before above it', async () => {
    const { type, press, options, input } = bar();
    for (const filter of ['size > 1', 'size > 2']) {
      await type(filter);
      await press('Enter');
    }
    await type('');
    await press('ArrowUp');
    expect(options()).toEqual(['size > 2', 'size > 1']);
    await press('ArrowDown', 'Enter');
    expect(input.value).toBe('size > 1');
  });

  test('is left with Escape, and then says what is in force', async () => {
    const { type, press, onleave, input } = bar('size > 3');
    await type('size > 4');
    await press('Escape', 'Escape');
    expect(onleave).toHaveBeenCalledOnce();
    expect(input.value).toBe('size > 3');
  });

  test('follows a filter that comes from elsewhere', async () => {
    const { rerender, input } = bar('size > 3');
    await rerender({ filter: 'size > 9' });
    expect(input.value).toBe('size > 9');
  });

  test('tells what the server has against it, as long as that is what is written', async () => {
    const { type } = bar('size > 3', 'too many searches');
    expect(document.querySelector('.wrong')?.textContent).toContain('too many searches');
    await type('size > 30');
    expect(document.querySelector('.wrong')?.textContent).not.toContain('too many searches');
  });

  test('shows its stretch of time apart, and takes it away', async () => {
    const { onapply } = bar('kind == pdp && time >= 1.5 && time < 2');
    await fireEvent.click(screen.getByRole('button', { name: 'All of the time' }));
    expect(onapply).toHaveBeenCalledExactlyOnceWith('kind == pdp');
  });
});
