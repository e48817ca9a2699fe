/** The results as people read them: a line for each figure, a column for each subject. */
import { bytesText, columns, countText } from '../cli/format.ts';
import type { Case, FigureSpec, Unit } from './cases.ts';
import type { CaseResult, FigureResult, Machine } from './results.ts';
import { subjects } from './subjects.ts';

const UNKNOWN = 'n/a';
const NOT_MEASURED = '-';

/** Each but the baseline is followed by its ratio to the baseline. */
const HEAD = ['', ...subjects.flatMap((name) => (name === 'baseline' ? [name] : [name, 'ratio'])), 'spread'];
const ALIGNS = HEAD.map((_, column) => (column === 0 ? 'left' : 'right'));

/** Above that, the load's process and not the relay may be what limits. */
const LOAD_BUSY_MAX = 0.9;
/** A send later than that found its core taken; a delay measured then says as much about the machine. */
const LAG_MS_MAX = 2;

export function figureText(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return `${value < 10 ? value.toPrecision(3) : countText(value)} ms`;
    case 'us':
      return `${value < 100 ? value.toPrecision(3) : countText(value)} µs`;
    case 'perSecond':
      return `${countText(value)}/s`;
    case 'bytes':
      return bytesText(value);
    case 'share':
      return `${(100 * value).toFixed(2)} %`;
    case 'count':
      return countText(value);
  }
}

export function table(specs: readonly Case[], results: readonly CaseResult[]): string[] {
  const shown = specs.flatMap((spec) => {
    const result = results.find(({ name }) => name === spec.name);
    return result === undefined ? [] : [{ spec, result }];
  });
  const rows = shown.flatMap(({ spec, result }) => spec.figures.map((figure) => row(figure, result)));
  const [head = '', ...lines] = columns([HEAD, ...rows], ALIGNS);
  let next = 0;
  return [
    head,
    ...shown.flatMap(({ spec, result }) => [
      '',
      spec.title,
      ...spec.figures.map(() => lines[next++] as string),
      ...notes(result).map((note) => `  ! ${note}`),
    ]),
    ...(rows.some((cells) => cells.includes(UNKNOWN))
      ? [
          '',
          `${UNKNOWN}: this system does not tell (CPU time and memory of a process come from Linux's /proc)`,
        ]
      : []),
  ];
}

export function machineText({ cpu, cores, memoryBytes, node, kernel }: Machine): string {
  return `${cpu}, ${cores} cores, ${bytesText(memoryBytes)}, ${kernel}, Node ${node}`;
}

function row(spec: FigureSpec, { subjects: found }: CaseResult): string[] {
  const results = subjects.map((subject) => {
    const figures = found[subject];
    // Undefined for a subject that was not measured, or never well; null for a figure that cannot be had.
    return figures?.[spec.key];
  });
  const spread = Math.max(0, ...results.map((result) => result?.spread ?? 0));
  const cells = results.flatMap((result, i) =>
    subjects[i] === 'baseline' ? [cell(result, spec.unit)] : [cell(result, spec.unit), ratioText(result)],
  );
  return [`  ${spec.label}`, ...cells, `${Math.round(100 * spread)} %`];
}

function cell(result: FigureResult | null | undefined, unit: Unit): string {
  if (result === undefined) return NOT_MEASURED;
  return result === null ? UNKNOWN : figureText(result.median, unit);
}

function ratioText(result: FigureResult | null | undefined): string {
  const ratio = result?.ratio ?? null;
  if (ratio === null) return '';
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1);
}

function notes({ subjects: found, failures }: CaseResult): string[] {
  const busy = subjects.filter((subject) => (found[subject]?.['loadBusy']?.median ?? 0) > LOAD_BUSY_MAX);
  const lag = Math.max(0, ...subjects.map((subject) => found[subject]?.['sendLagP99Ms']?.median ?? 0));
  const gaps = found.recording?.['framesNotRecorded']?.median ?? 0;
  return [
    ...failures,
    ...(gaps > 0
      ? [`recording: ${countText(gaps)} frames were not recorded, and the recording says so`]
      : []),
    ...(busy.length > 0 ? [`${busy.join(', ')}: the load had no time left, so this may be its limit`] : []),
    ...(lag > LAG_MS_MAX
      ? [`the load sent 1 % more than ${figureText(lag, 'ms')} late: the machine had no core to spare for it`]
      : []),
  ];
}
