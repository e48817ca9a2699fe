/**
 * A session for people: what went wrong first, since that is why they look; then who played, who talked to
 * whom, and how it went. Every line may hold what players chose, so all of it is made printable.
 */
import type { Conversation, Silence, Sizes, Way } from '../analysis/conversations.ts';
import type { Step } from '../analysis/folding.ts';
import type { SessionView } from '../analysis/observe.ts';
import type { SessionReport } from '../analysis/session-report.ts';
import { playerOf, type SessionEnd, type SessionPlayer } from '../recorder/sessions/session.ts';
import { printable } from '../common/printable.ts';
import {
  bytesText,
  columns,
  countText,
  cut,
  displayWidth,
  durationText,
  millisText,
  momentText,
  pad,
  plural,
  type Align,
} from './format.ts';
import { startedAt, turnedAway } from './session-json.ts';
import type { Paint, Tint } from './style.ts';

/** The busiest are shown; JSON has all. */
export const CONVERSATIONS_SHOWN_MAX = 30;
/** The longest of each way. */
const SILENCES_SHOWN_MAX = 3;
const NAME_COLUMNS_MAX = 20;
const TARGETS_SHOWN_MAX = 3;

const NANOS_PER_SECOND = 1e9;
const NANOS_PER_MILLI = 1e6;

const endTexts: Readonly<Record<SessionEnd, string>> = {
  left: 'everybody left',
  lost: 'ended as the last connection was lost',
  stopped: 'ended as the relay was stopped',
  unclean: 'ended as the recording broke off',
};

const tints: Readonly<Record<string, Tint>> = { problem: 'red', warning: 'yellow', note: 'cyan' };

/** `width` is how many columns a line may have. */
export function showText(report: SessionReport, paint: Paint, width: number): string[] {
  const names = new Names(report.view);
  const chapters = [
    header(report.view, paint),
    chapter('Findings', findingLines(report, paint, width), paint),
    chapter('Players', playerLines(report.view, paint), paint),
    chapter('Conversations', conversationLines(report, names, paint, width), paint),
    chapter('How it went', stepLines(report, names, paint, width), paint),
  ];
  return chapters.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function chapter(title: string, lines: readonly string[], paint: Paint): string[] {
  return [paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

// Header ------------------------------------------------------------------------------------------

function header(view: SessionView, paint: Paint): string[] {
  const { session, gaps } = view;
  const game = session.gameName === '' ? session.game : `${session.gameName} (${session.game})`;
  const group =
    session.group === null ? 'found by who talked to whom' : `group ${JSON.stringify(session.group)}`;
  const what = [game || 'unknown game', group].join(', ');
  const lasted = durationText((session.lastSeen - session.started) / NANOS_PER_MILLI);
  const ended = session.ended === null ? 'still going on' : endTexts[session.ended];
  const lost = gaps.reduce((sum, { frames }) => sum + frames, 0);
  return [
    paint('bold', printable(`Session ${session.id}: ${what}`)),
    `${momentText(startedAt(view))}, ${lasted}, ${ended}`,
    `capture ${session.captureId}, frames ${countText(session.firstSequence)} to ${countText(session.lastSequence)}: ` +
      `${plural(session.frames, 'frame')}, ${bytesText(session.bytes)}`,
    ...delayLines(view),
    ...(gaps.length === 0
      ? []
      : [paint('yellow', `the recording lacks ${plural(lost, 'frame')} of this time: ${reasons(gaps)}`)]),
  ];
}

function reasons(gaps: SessionView['gaps']): string {
  return printable([...new Set(gaps.map(({ reason }) => reason))].slice(0, 3).join('; '));
}

function delayLines({ session: { delayP50, delayP99, delayMax } }: SessionView): string[] {
  if (delayP50 === null || delayP99 === null || delayMax === null) return [];
  const [half, most, all] = [delayP50, delayP99, delayMax].map((ns) => millisText(ns / NANOS_PER_MILLI));
  return [`in the relay: half of all frames under ${half}, 99 % under ${most}, the slowest ${all}`];
}

// Findings ----------------------------------------------------------------------------------------

function findingLines({ findings, view }: SessionReport, paint: Paint, width: number): string[] {
  if (findings.length === 0) return [paint('green', 'nothing out of the ordinary')];
  const indent = 'problem  '.length;
  return findings.flatMap(({ severity, text, frames, at }) => {
    const evidence =
      frames.length === 0 ? '' : `; ${frames.length === 1 ? 'frame' : 'frames'} ${frames.join(', ')}`;
    const lines = [
      ...wrapped(printable(text), width - 2 - indent),
      ...wrapped(`at ${secondsText(view, at)} s${evidence}`, width - 2 - indent).map((line) =>
        paint('dim', line),
      ),
    ];
    const tint = tints[severity] ?? 'cyan';
    return lines.map(
      (line, i) => (i === 0 ? paint(tint, severity.padEnd(indent)) : ' '.repeat(indent)) + line,
    );
  });
}

/** Broken between words; a word that is longer than a line has one to itself. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

// Players -----------------------------------------------------------------------------------------

function playerLines(view: SessionView, paint: Paint): string[] {
  const { players } = view.session;
  const head = ['nickname', 'address', 'from', 'came', 'left', 'connections'];
  const rows = players.map((player) => playerRow(view, player));
  const aligns: Align[] = ['left', 'left', 'left', 'right', 'right', 'left'];
  const [heading = '', ...lines] = columns([head, ...rows], aligns);
  const away = turnedAway(view).length;
  return [
    paint('dim', heading),
    ...lines,
    ...(away === 0 ? [] : [paint('yellow', `${plural(away, 'connection')} of others turned away`)]),
  ];
}

function playerRow(view: SessionView, { player, nickname, connections }: SessionPlayer): string[] {
  const known = [...new Set(connections.map(({ conn }) => view.connections.get(conn)))].flatMap(
    (each) => each ?? [],
  );
  const addresses = [...new Set(known.map(({ remoteAddress }) => remoteAddress))];
  const closed = known.map((each) => each.closed);
  const isHere = closed.includes(null);
  const roles = new Map<string, number>();
  for (const { role } of known) roles.set(role ?? 'unknown', (roles.get(role ?? 'unknown') ?? 0) + 1);
  return [
    nickname === '' ? '-' : cut(printable(nickname), NAME_COLUMNS_MAX),
    player,
    addresses.length > 1 ? plural(addresses.length, 'address', 'addresses') : (addresses[0] ?? '-'),
    known.length === 0 ? '-' : secondsText(view, Math.min(...known.map(({ opened }) => opened))),
    known.length === 0 || isHere ? '-' : secondsText(view, Math.max(...closed.map((at) => at ?? 0))),
    connections.length === 0
      ? 'never connected'
      : [...roles].map(([role, count]) => (count === 1 ? role : `${count} ${role}`)).join(', '),
  ].map(printable);
}

// Conversations -----------------------------------------------------------------------------------

function conversationLines(report: SessionReport, names: Names, paint: Paint, width: number): string[] {
  const { list, beyond } = report.conversations;
  if (list.length === 0) return ['nobody sent anything to anybody'];
  const busiest = [...list]
    .sort((one, other) => framesOf(other) - framesOf(one))
    .slice(0, CONVERSATIONS_SHOWN_MAX);
  const head = ['from', 'to', 'frames', 'bytes', 'a second', 'sizes (most common)'];
  const rows = busiest.flatMap(({ ways }) => ways.map((way) => wayRow(way, names)));
  const [heading = '', ...ways] = columns(
    [head, ...rows],
    ['left', 'left', 'right', 'right', 'right', 'left'],
  );
  const lines = busiest.flatMap((conversation) => [
    ...ways.splice(0, conversation.ways.length),
    ...wrapped(aboutText(conversation), width - 4).map((line) => `  ${paint('dim', line)}`),
    ...conversation.ways.flatMap((way) => silenceLines(report.view, way, names, paint)),
  ]);
  return [
    paint('dim', heading),
    ...lines,
    ...(list.length > busiest.length
      ? [`and ${countText(list.length - busiest.length)} more, which --json shows`]
      : []),
    ...(beyond.frames > 0
      ? [`and ${plural(beyond.frames, 'frame')} of more conversations than can be told apart`]
      : []),
  ];
}

function framesOf({ ways }: Conversation): number {
  return ways.reduce((sum, { frames }) => sum + frames, 0);
}

function wayRow({ from, to, frames, bytes, perSecond, sizes }: Way, names: Names): string[] {
  const rate = perSecond === null ? '-' : perSecond.toFixed(1);
  return [
    names.endpoint(from),
    names.endpoint(to),
    countText(frames),
    bytesText(bytes),
    rate,
    sizesText(sizes),
  ];
}

function sizesText({ min, max, common, exact }: Sizes): string {
  return min === max ? String(min) : `${min}-${max} (${exact ? '' : '~'}${common})`;
}

function aboutText({ carries, inner, delayP50, delayP99, dropped }: Conversation): string {
  const parts: string[] = [carries];
  if (inner !== null) parts.push(`${countText(inner.frames)} of ${inner.protocol}`);
  if (delayP50 !== null && delayP99 !== null) {
    const [half, most] = [delayP50, delayP99].map((ns) => millisText(ns / NANOS_PER_MILLI));
    parts.push(`${half} in the relay, 99 % under ${most}`);
  }
  const lost = Object.entries(dropped).map(([outcome, frames]) => `${countText(frames)} ${outcome}`);
  if (lost.length > 0) parts.push(`lost: ${lost.join(', ')}`);
  return parts.join('; ');
}

function silenceLines(view: SessionView, { from, silences }: Way, names: Names, paint: Paint): string[] {
  const longest = [...silences].sort((one, other) => other.lasted - one.lasted).slice(0, SILENCES_SHOWN_MAX);
  const shown = silences.filter((silence) => longest.includes(silence));
  return shown.map((silence) => `  ${paint('yellow', silenceText(view, silence, names.endpoint(from)))}`);
}

function silenceText(view: SessionView, { after, until, at, lasted }: Silence, from: string): string {
  return `${from} was silent for ${lengthText(lasted)} at ${secondsText(view, at)} s, between frames ${after} and ${until}`;
}

// Steps -------------------------------------------------------------------------------------------

function stepLines({ view, joining }: SessionReport, names: Names, paint: Paint, width: number): string[] {
  const { steps, beyond } = joining;
  if (steps.length === 0) return ['nobody did anything'];
  const rows = steps.map((step) => [
    secondsText(view, step.at),
    step.sequence === null ? '-' : String(step.sequence),
    names.player(step.player),
  ]);
  const [heading = '', ...starts] = columns(
    [['seconds', 'frame', 'who', 'what'], ...rows],
    ['right', 'right', 'left', 'left'],
  );
  const indent = heading.length - 'what'.length;
  const lines = steps.flatMap((step, i) =>
    wrapped(stepText(step, names), width - 2 - indent).map((text, part) => {
      const line = pad(part === 0 ? (starts[i] ?? '') : '', indent, 'left') + text;
      return step.lost === null ? line : paint('yellow', line);
    }),
  );
  return [
    paint('dim', heading),
    ...lines,
    ...(beyond === 0 ? [] : [`and ${countText(beyond)} more that there is no room for`]),
  ];
}

function stepText({ what, to, count, every, lost }: Step, names: Names): string {
  const targets = to.slice(0, TARGETS_SHOWN_MAX).map((target) => names.endpoint(target));
  if (to.length > targets.length) targets.push(plural(to.length - targets.length, 'other'));
  const rhythm = every === null ? '' : `, every ${lengthText(every)}`;
  return [
    printable(what),
    targets.length === 0 ? '' : ` to ${targets.join(', ')}`,
    count === 1 ? '' : ` x ${countText(count)}${rhythm}`,
    lost === null ? '' : ` (${lost})`,
  ].join('');
}

// Names and times ---------------------------------------------------------------------------------

/** Nicknames where there are any; two players of one nickname keep their addresses. */
class Names {
  readonly #nicknames = new Map<string, string>();

  constructor({ session }: SessionView) {
    const taken = session.players.map(({ nickname }) => nickname);
    for (const { player, nickname } of session.players) {
      const isClear = nickname !== '' && taken.filter((other) => other === nickname).length === 1;
      if (isClear) this.#nicknames.set(player, cut(printable(nickname), NAME_COLUMNS_MAX));
    }
  }

  player(player: string): string {
    return this.#nicknames.get(player) ?? printable(player);
  }

  endpoint(endpoint: string): string {
    const player = playerOf(endpoint);
    return this.player(player) + printable(endpoint.slice(player.length));
  }
}

/** `412 ms`, `4.2 s`, `3 min 5 s`. */
function lengthText(ns: number): string {
  const ms = ns / NANOS_PER_MILLI;
  return ms < 1000 ? millisText(ms) : durationText(ms);
}

/** Since the session's start. */
function secondsText({ session }: SessionView, at: number): string {
  return ((at - session.started) / NANOS_PER_SECOND).toFixed(3);
}
