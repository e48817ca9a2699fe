/** What can be done with a field of a frame, or with a cell of the list: as a menu. */
import type { FrameDetail, FrameRow } from '../../../../../api/frames.ts';
import { copied } from '../../../lib/copy.ts';
import type { Mask } from '../../../lib/masks.svelte.ts';
import type { MenuItem } from '../../../ui/menu.ts';
import { cellFilter, fieldFilter, type Sign } from './field-filter.ts';
import { type FieldRow, type FieldTree } from './fields.ts';
import { hexText } from './hex.ts';

/** What the view does with what is chosen. */
export interface MenuDoes {
  readonly filter: (addition: string) => void;
  readonly addColumn: (name: string) => void;
  /** Whether it is kept. */
  readonly mask: (mask: Mask) => void;
  readonly hasMask: (mask: Mask) => boolean;
  readonly columns: readonly string[];
}

const signs: readonly Sign[] = ['==', '!='];

export function fieldMenu(
  row: FieldRow,
  tree: FieldTree,
  detail: FrameDetail,
  bytes: Uint8Array,
  does: MenuDoes,
): readonly MenuItem[] {
  const filters = signs.flatMap((sign) => {
    const filter = fieldFilter(row, sign, bytes);
    return filter === null ? [] : [filterItem(filter, does)];
  });
  const mask = maskOf(row, tree, detail);
  const name = row.filterName;
  return [
    ...filters,
    ...(name === null
      ? []
      : [
          {
            text: `Show ${name} as a column`,
            icon: 'plus',
            isDisabled: does.columns.includes(name),
            isApart: true,
            run: () => does.addColumn(name),
          } as const,
        ]),
    ...(mask === null
      ? []
      : [
          {
            text: 'Mask in replays',
            icon: 'mask',
            isDisabled: does.hasMask(mask),
            run: () => does.mask(mask),
          } as const,
        ]),
    { text: 'Copy its text', icon: 'copy', isApart: true, run: () => void copied(row.text) },
    {
      text: 'Copy its bytes',
      icon: 'copy',
      run: () => void copied(hexText(bytes.subarray(row.at, row.at + row.size))),
    },
  ];
}

export function cellMenu(row: FrameRow, column: string, does: MenuDoes): readonly MenuItem[] {
  const seen = column === 'summary' || column === 'sequence' ? ['kind', 'from', 'to'] : [column];
  const filters = seen.flatMap((each) =>
    signs.flatMap((sign) => {
      const filter = cellFilter(row, each, sign);
      return filter === null ? [] : [filterItem(filter, does)];
    }),
  );
  return [
    ...filters,
    { text: 'Copy the summary', icon: 'copy', isApart: true, run: () => void copied(row.summary) },
    {
      text: 'Copy a filter for it',
      icon: 'copy',
      run: () => void copied(`sequence == ${row.sequence}`),
    },
  ];
}

/** A mask for these bytes in all frames like this one; null where none can name them. */
export function maskOf({ mask }: FieldRow, tree: FieldTree, detail: FrameRow): Mask | null {
  if (mask === null || tree.protocol === null || tree.maskKind === null) return null;
  const whose = { protocol: tree.protocol, kind: tree.maskKind };
  if ('field' in mask) return { ...whose, field: mask.field };
  if (mask.bytes === 'all')
    return { ...whose, bytes: 'all', why: `chosen at frame ${detail.sequence}: all that the game says` };
  return { ...whose, size: mask.size, at: mask.at, bytes: mask.bytes };
}

const FILTER_SHOWN_MAX = 48;

function filterItem(filter: string, does: MenuDoes): MenuItem {
  const shown = filter.length > FILTER_SHOWN_MAX ? `${filter.slice(0, FILTER_SHOWN_MAX)}\u2026` : filter;
  return { text: shown, icon: 'filter', run: () => does.filter(filter) };
}
