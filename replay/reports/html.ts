/**
 * A verdict as one page of HTML that needs nothing else: to be opened from a mail, a CI job or a disk.
 *
 * The rule: it has no script, loads nothing, and says so to the browser in a policy that would stop both. All
 * that players chose goes through `markup`.
 */
import { createHash } from 'node:crypto';
import { countText, plural } from '../../analysis/findings/words.ts';
import { differenceClasses, type Difference, type DifferenceClass, type Verdict } from '../types.ts';
import type { ByteRow, ByteView } from './bytes.ts';
import { fieldPairs, fieldSides, valuesText } from './fields.ts';
import { style } from './html-style.ts';
import { markup, Markup, NOTHING } from './markup.ts';
import { bytesOfDifference } from './sides.ts';
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
  secondsText,
  sortedOut,
  subjectText,
  whenText,
} from './words.ts';

/** With their bytes; of the others only the sentences are there. */
export const DIFFERENCES_DETAILED_MAX = 100;
/** With their sentences; the others are counted. */
export const DIFFERENCES_LISTED_MAX = 1_000;

const FIRST_LAYOUT = { perRow: 16, rowsMax: 32 } as const;
const OTHER_LAYOUT = { perRow: 16, rowsMax: 8 } as const;

export function verdictHtml(verdict: Verdict): string {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const title = `${headline(verdict)}: ${subjectText(verdict)}`;
  const room = new Room();
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${Markup.trusted(style)}</style>
</head>
<body>
${header(verdict)}
<main>
${firstChapter(verdict)}
${others(verdict, room)}
${countsTable(verdict)}
${holds(verdict)}
${roles(verdict)}
</main>
<footer>Postreel, replay of ${verdict.startedAt}. Bytes are in the addresses of the recording.</footer>
</body>
</html>
`.text;
}

/** What is left of what one page may hold. */
class Room {
  detailed = DIFFERENCES_DETAILED_MAX;
  listed = DIFFERENCES_LISTED_MAX;
}

function header(verdict: Verdict): Markup {
  const { outcome, partial, lasted, counts, notes } = verdict;
  const tone = outcome === 'same' && partial !== null ? 'partial' : outcome;
  return markup`<header class="verdict ${tone}">
<h1>${headline(verdict)}: ${reasonText(verdict)}</h1>
<p>${subjectText(verdict)}</p>
<p class="dim">${verdict.startedAt}, ${secondsText(lasted)}; ${plural(counts.sent, 'frame')} sent, ${countText(counts.expected)} expected, ${countText(counts.came)} came</p>
${partial === null ? NOTHING : markup`<p><strong>It did not come to its end:</strong> ${partial}</p>`}
${list(notes)}
</header>`;
}

function list(lines: readonly string[]): Markup {
  if (lines.length === 0) return NOTHING;
  return markup`<ul class="list">${lines.map((line) => markup`<li>${line}</li>`)}</ul>`;
}

// Differences -------------------------------------------------------------------------------------

function firstChapter(verdict: Verdict): Markup {
  const { first, fromFirst } = sortedOut(verdict);
  if (first === null) return NOTHING;
  const followed =
    fromFirst.length === 0
      ? NOTHING
      : markup`<details><summary>${plural(fromFirst.length, 'other difference seems', 'other differences seem')} to follow from it: ${classCounts(countByClass(fromFirst))}</summary>
${entries(fromFirst, verdict, new Room())}
</details>`;
  return markup`<section>
<h2>The first difference</h2>
<div class="card first">
<p class="sentence">${first.text}</p>
${aboutDifference(first, verdict)}
${sides(first, FIRST_LAYOUT)}
${fields(first)}
</div>
${followed}
</section>`;
}

function aboutDifference(difference: Difference, { roles }: Verdict): Markup {
  const place = placeText(difference);
  const values = valuesText(difference);
  return markup`<p class="dim">${whenText(difference)}; ${conversationText(difference.conversation, roles)}</p>
${place === null ? NOTHING : markup`<p class="place">First differs: ${place}${values === null ? '' : `: ${values}`}</p>`}`;
}

function others(verdict: Verdict, room: Room): Markup {
  const sorted = sortedOut(verdict);
  const unkept =
    sorted.unkept === 0
      ? NOTHING
      : markup`<p class="dim">There were ${countText(sorted.unkept)} differences more than are kept one by one.</p>`;
  return markup`${grouped('Other failures', sorted.others, verdict, room)}
${grouped('What the policy allows', sorted.allowed, verdict, room)}
${unkept}`;
}

function grouped(title: string, differences: readonly Difference[], verdict: Verdict, room: Room): Markup {
  if (differences.length === 0) return NOTHING;
  const groups = groupsOf(differences).map(
    (
      group,
    ) => markup`<details class="card"><summary>${tag(group.class, group.differences)}${countText(group.differences.length)} in ${conversationText(group.conversation, verdict.roles)}</summary>
${entries(group.differences, verdict, room)}
</details>
`,
  );
  return markup`<section>
<h2>${title}</h2>
${groups}</section>`;
}

function tag(name: DifferenceClass, differences: readonly Difference[]): Markup {
  const fails = differences.some((each) => each.fails) ? ' fails' : '';
  return markup`<span class="tag${fails}">${name}</span>`;
}

/** As many as there is room for, and how many there are besides. */
function entries(differences: readonly Difference[], verdict: Verdict, room: Room): Markup {
  const told = differences.slice(0, room.listed);
  room.listed -= told.length;
  const left = differences.length - told.length;
  const more = left === 0 ? NOTHING : markup`<p class="dim">and ${countText(left)} more, which JSON has</p>`;
  return markup`${told.map((each) => entry(each, verdict, room))}${more}`;
}

function entry(difference: Difference, verdict: Verdict, room: Room): Markup {
  const title = markup`${tag(difference.class, [difference])}${difference.text}`;
  if (room.detailed === 0)
    return markup`<p>${title}</p>
`;
  room.detailed -= 1;
  return markup`<details><summary>${title}</summary>
${aboutDifference(difference, verdict)}
${sides(difference, OTHER_LAYOUT)}
</details>
`;
}

// Bytes -------------------------------------------------------------------------------------------

function sides(difference: Difference, layout: typeof FIRST_LAYOUT | typeof OTHER_LAYOUT): Markup {
  const { expected, actual } = bytesOfDifference(difference, layout);
  if (expected === null && actual === null) return NOTHING;
  return markup`<div class="sides">
${side('Expected', expected, difference.expected && frameText(difference, difference.expectedKind, difference.expected))}
${side('Came', actual, difference.actual && frameText(difference, difference.actualKind, difference.actual))}
</div>`;
}

function side(title: string, view: ByteView | null, what: string | null): Markup {
  if (view === null) return markup`<div class="side"><h3>${title}</h3><p class="dim">nothing</p></div>`;
  const skipped = (bytes: number, where: string) =>
    bytes === 0
      ? NOTHING
      : markup`<i>      ${plural(bytes, 'byte')} ${where}</i>
`;
  return markup`<div class="side"><h3>${title} <span class="dim">${what ?? ''}</span></h3>
<pre>${skipped(view.before, 'before')}${view.rows.map(rowMarkup)}${skipped(view.after, 'after')}</pre></div>`;
}

function rowMarkup({ at, cells }: ByteRow): Markup {
  const shown = (which: 'hex' | 'text') => (cell: (typeof cells)[number]) => {
    const text = cell[which];
    if (cell.differs) return markup`<mark>${text}</mark>`;
    return cell.inField ? markup`<b>${text}</b>` : markup`${text}`;
  };
  const hexes = cells.map((cell, i) => markup`${i === 0 ? '' : ' '}${shown('hex')(cell)}`);
  const blanks = ' '.repeat(3 * (16 - cells.length));
  return markup`<i>${at.toString(16).padStart(4, '0')}</i>  ${hexes}${blanks}  ${cells.map(shown('text'))}
`;
}

function fields(difference: Difference): Markup {
  const pairs = fieldPairs(fieldSides(difference), difference);
  if (pairs.length === 0) return NOTHING;
  const rows = pairs.map(({ name, expected, actual, differs, isNamed }) => {
    const looks = [differs ? 'differs' : '', isNamed ? 'named' : ''].filter((each) => each !== '').join(' ');
    const cells = [expected, actual].map((text) => markup`<td><code>${text ?? '-'}</code></td>`);
    return markup`<tr class="${looks}"><td><code>${name}</code></td>${cells}</tr>
`;
  });
  return markup`<div class="scroll"><table><thead><tr><th>field</th><th>expected</th><th>came</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

// Tables ------------------------------------------------------------------------------------------

function countsTable({ counts }: Verdict): Markup {
  const rows = (Object.entries(differenceClasses) as [DifferenceClass, string][])
    .filter(([name]) => counts.differences[name] > 0)
    .map(
      ([
        name,
        text,
      ]) => markup`<tr><td>${name}</td><td class="number">${countText(counts.differences[name])}</td><td>${text}</td></tr>
`,
    );
  return markup`<section>
<h2>In numbers</h2>
<div class="scroll"><table class="narrow"><tbody>
<tr><td>equal</td><td class="number">${countText(counts.equal)}</td><td>came as recorded</td></tr>
${rows}</tbody></table></div>
</section>`;
}

function holds(verdict: Verdict): Markup {
  if (verdict.holds.length === 0) return NOTHING;
  return markup`<section>
<h2>How long sends were held</h2>
${list(verdict.holds.map(holdText))}
</section>`;
}

function roles(verdict: Verdict): Markup {
  if (verdict.roles.length === 0) return NOTHING;
  const rows = verdict.roles.map(
    ({
      name,
      nickname,
      player,
    }) => markup`<tr><td>${name}</td><td>${nickname || '-'}</td><td><code>${player}</code></td></tr>
`,
  );
  return markup`<section>
<h2>Who is who</h2>
<div class="scroll"><table class="narrow"><thead><tr><th>role</th><th>nickname</th><th>in the recording</th></tr></thead><tbody>
${rows}</tbody></table></div>
</section>`;
}
