/** The keys of the frame list, as a table: what `?` shows is what works. */
import type { KeyBinding } from '../../../lib/keys.svelte.ts';

export interface FrameDoes {
  readonly by: (rows: number) => void;
  readonly page: () => number;
  readonly first: () => void;
  readonly last: () => void;
  readonly enter: () => void;
  readonly escape: () => void;
  readonly fold: () => void;
  readonly filter: () => void;
  readonly step: (by: 1 | -1) => void;
  readonly comment: () => void;
  readonly conversation: () => void;
  readonly menu: () => void;
  readonly goTo: (begun: string) => void;
  readonly follow: () => void;
}

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

export function frameKeys(does: FrameDoes): readonly KeyBinding[] {
  const table: readonly (readonly [readonly string[], string, () => void])[] = [
    [['j', 'ArrowDown'], 'Next frame', () => does.by(1)],
    [['k', 'ArrowUp'], 'Frame before', () => does.by(-1)],
    [['PageDown'], 'A page down', () => does.by(does.page())],
    [['PageUp'], 'A page up', () => does.by(-does.page())],
    [['Home'], 'First frame', does.first],
    [['End'], 'Last frame', does.last],
    [['Enter'], 'Open the frame, or what is folded', does.enter],
    [['Escape'], 'Close the pane', does.escape],
    [['/'], 'Filter', does.filter],
    [['f'], 'Fold repeats', does.fold],
    [['['], 'Frame before in the conversation', () => does.step(-1)],
    [[']'], 'Next frame in the conversation', () => does.step(1)],
    [['c'], 'Follow the conversation', does.conversation],
    [['m'], 'Comment or mark', does.comment],
    [['.', 'ContextMenu'], 'What can be done with it', does.menu],
    [['t'], 'Follow the end', does.follow],
    [['g g'], 'Go to a frame by its number', () => does.goTo('')],
  ];
  const digits = DIGITS.map((digit) => ({
    key: `g ${digit}`,
    does: 'Go to the frame of this number',
    where: 'Frames',
    isUntold: true,
    run: () => does.goTo(digit),
  }));
  const told = table.flatMap(([bound, words, run]) =>
    bound.map((key) => ({ key, does: words, where: 'Frames', run })),
  );
  return [...told, ...digits];
}
