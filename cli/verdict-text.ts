/**
 * A verdict for people at a terminal: the verdict in a line, what was compared, and then the first difference, since
 * that is where to look; what follows from it, and all else, is folded into counts. Every line may hold what players
 * chose, so all of it is made printable.
 */
import { type ByteRow, type ByteView } from '../replay/reports/bytes.ts';
import { valuesText } from '../replay/reports/fields.ts';
import { bytesOfDifference } from '../replay/reports/sides.ts';
import {
  classCounts,
  conversationText,
  countByClass,
  frameText,
  groupsOf,
  headline,
  holdText,
  placeText,
  reasonText,
  sortedOut,
  subjectText,
  whenText,
} from '../replay/reports/words.ts';
import type { Difference, Verdict } from '../replay/types.ts';
import { printable } from '../common/printable.ts';
import { countText, displayWidth, durationText, momentText, plural } from './format.ts';
import { wrapped } from './show-text.ts';
import type { Paint, Tint } from './style.ts';

/** Groups of one kind that are told; the others are counted. */
export const GROUPS_SHOWN_MAX = 10;
const NOTES_SHOWN_MAX = 10;
const ROWS_SHOWN_MAX = 8;

/** What stands around the bytes of a row: an indent, where it is, and two blanks before the text. */
const ROW_FRAME = '    0000  '.length + '  '.length;
/** Two digits, a blank, and the character itself. */
const COLUMNS_PER_BYTE = 4;
const PER_ROW = [16, 8, 4] as const;

const tints: Readonly<Record<Verdict['outcome'], Tint>> = {
  same: 'green',
  differs: 'red',
  unanswered: 'yellow',
};

/** `width` is how many columns a line may have; Infinity where it may be of any length. */
export function verdictText(verdict: Verdict, paint: Paint, width: number): string[] {
  const sorted = sortedOut(verdict);
  return [
    ...headLines(verdict, paint, width),
    ...(sorted.first === null ? [] : ['', ...firstLines(sorted.first, verdict, paint, width)]),
    ...followingLines(sorted.fromFirst, paint, width),
    ...groupLines('Other failures', sorted.others, verdict, paint, width),
    ...restLines(verdict, paint, width),
  ];
}

/** Printable, and broken between words: or within one that is longer than a line, as names and files may be. */
function folded(text: string, width: number): string[] {
  return wrapped(printable(text), width).flatMap((line) => {
    const parts: string[] = [];
    let part = '';
    let columns = 0;
    for (const character of line) {
      columns += displayWidth(character);
      if (columns > width && part !== '') {
        parts.push(part);
        part = '';
        columns = displayWidth(character);
      }
      part += character;
    }
    return [...parts, part];
  });
}

function indented(text: string, width: number, indent = 2): string[] {
  return folded(text, width - indent).map((line) => ' '.repeat(indent) + line);
}

function headLines(verdict: Verdict, paint: Paint, width: number): string[] {
  const { outcome, partial, startedAt, lasted, counts } = verdict;
  const tint = outcome === 'same' && partial !== null ? 'yellow' : tints[outcome];
  const sent = counts.sent === 0 ? '' : `; ${plural(counts.sent, 'frame')} sent`;
  return [
    ...folded(`${headline(verdict)}: ${reasonText(verdict)}`, width).map((line) => paint(tint, line)),
    ...folded(subjectText(verdict), width),
    ...folded(`${momentText(startedAt)}, ${durationText(lasted)}${sent}`, width),
    ...(partial === null
      ? []
      : folded(`It did not come to its end: ${partial}`, width).map((line) => paint('yellow', line))),
  ];
}

// The first difference ----------------------------------------------------------------------------

function firstLines(first: Difference, verdict: Verdict, paint: Paint, width: number): string[] {
  const place = placeText(first);
  const values = valuesText(first);
  return [
    paint('bold', 'First difference'),
    ...indented(first.text, width).map((line) => paint('red', line)),
    ...indented(`${whenText(first)}; ${conversationText(first.conversation, verdict.roles)}`, width).map(
      (line) => paint('dim', line),
    ),
    ...byteLines(first, paint, width),
    ...(place === null
      ? []
      : indented(`first differs at ${place}${values === null ? '' : `: ${values}`}`, width)),
  ];
}

function byteLines(difference: Difference, paint: Paint, width: number): string[] {
  const room = width - ROW_FRAME;
  const perRow = PER_ROW.find((bytes) => bytes * COLUMNS_PER_BYTE <= room) ?? 4;
  const { expected, actual } = bytesOfDifference(difference, { perRow, rowsMax: ROWS_SHOWN_MAX });
  const { expectedKind, actualKind } = difference;
  return [
    ...(difference.expected === null
      ? []
      : viewLines(
          'expected',
          frameText(difference, expectedKind, difference.expected),
          expected,
          perRow,
          paint,
        )),
    ...(difference.actual === null
      ? []
      : viewLines('came', frameText(difference, actualKind, difference.actual), actual, perRow, paint)),
  ];
}

function viewLines(
  title: string,
  what: string,
  view: ByteView | null,
  perRow: number,
  paint: Paint,
): string[] {
  if (view === null) return [];
  const skipped = (bytes: number, where: string) =>
    bytes === 0 ? [] : [`    ${paint('dim', `${plural(bytes, 'byte')} ${where}`)}`];
  return [
    `  ${title}: ${what}`,
    ...skipped(view.before, 'before'),
    ...view.rows.flatMap((row) => rowLines(row, perRow, paint)),
    ...skipped(view.after, 'after'),
  ];
}

/** The bytes, and under them what marks those that differ, for whoever sees no colours. */
function rowLines({ at, cells }: ByteRow, perRow: number, paint: Paint): string[] {
  const start = `    ${at.toString(16).padStart(4, '0')}  `;
  const tint = (differs: boolean, text: string) => (differs ? paint('red', text) : text);
  const hex = cells.map(({ hex: digits, differs }) => tint(differs, digits)).join(' ');
  const text = cells.map((cell) => tint(cell.differs, cell.text)).join('');
  const blanks = ' '.repeat(3 * (perRow - cells.length) + 2);
  const line = start + hex + blanks + text;
  if (!cells.some(({ differs }) => differs)) return [line];
  const carets = cells.map(({ differs }) => (differs ? '^^' : '  ')).join(' ');
  return [line, ' '.repeat(start.length) + paint('red', carets.trimEnd())];
}

// All else ----------------------------------------------------------------------------------------

function followingLines(following: readonly Difference[], paint: Paint, width: number): string[] {
  if (following.length === 0) return [];
  const counts = classCounts(countByClass(following));
  return indented(
    `${plural(following.length, 'other seems', 'others seem')} to follow from it: ${counts}`,
    width,
  ).map((line) => paint('dim', line));
}

function groupLines(
  title: string,
  differences: readonly Difference[],
  verdict: Verdict,
  paint: Paint,
  width: number,
): string[] {
  if (differences.length === 0) return [];
  const groups = groupsOf(differences);
  const shown = groups.slice(0, GROUPS_SHOWN_MAX);
  return [
    '',
    paint('bold', title),
    ...shown.flatMap(({ class: name, conversation, differences: those }) => {
      const [first] = those;
      const where = conversationText(conversation, verdict.roles);
      const since = first === undefined || first.sequence === 0 ? '' : `, from frame ${first.sequence} on`;
      return [
        ...indented(`${countText(those.length)} ${name}: ${where}${since}`, width),
        ...(first === undefined ? [] : indented(first.text, width, 4).map((line) => paint('dim', line))),
      ];
    }),
    ...(groups.length === shown.length
      ? []
      : [`  and ${plural(groups.length - shown.length, 'group')} more, which --json shows`]),
  ];
}

function restLines(verdict: Verdict, paint: Paint, width: number): string[] {
  const { holds, notes } = verdict;
  const { allowedCounts, unkept } = sortedOut(verdict);
  const held = holds.filter(({ by }) => by !== 'nothing');
  const told = notes.slice(0, NOTES_SHOWN_MAX);
  const lines = [
    ...(classCounts(allowedCounts) === ''
      ? []
      : folded(`allowed by the policy: ${classCounts(allowedCounts)}`, width)),
    ...(unkept === 0
      ? []
      : folded(`and ${plural(unkept, 'difference')} more, which are only counted`, width)),
    ...(held.length === 0 ? [] : folded(`sends held: ${held.map(holdText).join(', ')}`, width)),
    ...told.flatMap((note) => {
      const [first = '', ...others] = folded(note, width - 6);
      return [`${paint('yellow', 'note')}  ${first}`, ...others.map((line) => `      ${line}`)];
    }),
    ...(notes.length === told.length ? [] : [`      and ${plural(notes.length - told.length, 'note')} more`]),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}
