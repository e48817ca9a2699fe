import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../../../../../dashboard/api/sessions.ts';
import Findings from '../../../../../../dashboard/web/src/views/session/overview/Findings.svelte';
import { Names } from '../../../../../../dashboard/web/src/views/session/names.ts';

const names = new Names([{ player: '02:00:00:00:00:01', nickname: 'Ann' }]);

function finding(id: string, more: Partial<Finding> = {}): Finding {
  return {
    id,
    severity: 'warning',
    title: `Title ${id}`,
    text: 'Ann (02:00:00:00:00:01) did it',
    explanation: `What ${id} means`,
    at: 3e9,
    frames: [1234],
    ...more,
  };
}

function show(...findings: readonly Finding[]): void {
  render(Findings, { session: 7, findings, origin: 1e9, names });
}

const kinds = () => [...document.querySelectorAll('.groups > li')];

afterEach(cleanup);

describe('findings', () => {
  test('are a line for each kind, which opens to all that was found and what it means', () => {
    show(finding('a'), finding('a', { at: 4e9 }), finding('b'));
    expect(kinds()).toHaveLength(2);
    const details = kinds()[0]?.querySelector('details');
    expect(details?.open).toBe(false);
    expect(details?.querySelector('summary')?.textContent).toMatch(/warning:\s*Title a\s*×2\s*Ann did it/);
    expect(details?.textContent).toContain('Ann (02:00:00:00:00:01) did it');
    expect(details?.textContent).toMatch(/at 2\.000 s[^]*at 3\.000 s[^]*What a means/);
  });

  test('lead to the first frame that shows them without being opened', () => {
    show(finding('a'), finding('b', { frames: [] }));
    const links = kinds().map((kind) => kind.querySelector(':scope > a')?.getAttribute('href'));
    expect(links).toEqual(['/sessions/7/frames?frame=1234', undefined]);
  });

  test('of many kinds are the worst ones, and the others for whoever asks', async () => {
    show(...Array.from('abcdefgh', (id) => finding(id)));
    expect(kinds()).toHaveLength(6);
    await fireEvent.click(screen.getByRole('button', { name: /2 more kinds/ }));
    expect(kinds()).toHaveLength(8);
    expect(screen.queryByRole('button')).toBeNull();
  });

  test('that there are none of is said', () => {
    show();
    expect(document.body.textContent).toContain('Nothing out of the ordinary');
  });
});
