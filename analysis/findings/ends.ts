/**
 * Who stopped sending before an end.
 *
 * The rule: a silence counts against the player's own rhythm, and only while somebody was there to talk
 * to. All that matters of a player is when it last sent something, so that is all that is kept.
 */
import type { Observer, SeenFrame, SessionView } from '../observe.ts';
import { castOf, type Cast, faultOf, isDelivered, isForData, isTalk } from './cast.ts';
import { isWhole } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { lengthText, listText, momentText, SECOND } from './words.ts';

/** Fewer frames show no rhythm. */
const FRAMES_MIN = 10;
/** So many times its usual interval is a silence. */
const INTERVALS_MIN = 10;
const BREAK_SILENCE_NS = SECOND;
/** Who leaves in good order may have looked at a menu before. */
const LEAVE_SILENCE_NS = 5 * SECOND;
/** The connections of one player break one after another: they are one end. */
const ONE_END_NS = 5 * SECOND;
/** Who is to be missed must be talked to. */
const MISSED_FRAMES_MIN = 10;

interface Voice {
  frames: number;
  firstAt: number;
  lastAt: number;
  lastSequence: number;
  /** Delivered to it since it last sent something itself. */
  heardSince: number;
}

interface End {
  readonly player: number;
  readonly at: number;
  readonly how: string;
  readonly breaks: boolean;
}

/** Ends that are nobody's wish, and how to tell of them. */
const breaks: Readonly<Record<string, string>> = {
  lost: 'its connection broke',
  'too-slow': 'the relay closed its connection, which read nothing any more',
};
const leaves: ReadonlySet<string> = new Set(['ended', 'partner-gone', 'logged-out']);

/** The ends of all players, one for each time that a player broke off or left, in order. */
function endsOf(cast: Cast): End[] {
  const ends: End[] = [];
  for (let player = 0; player < cast.size; player += 1) {
    const connections = cast.connectionsOf(cast.player(player)).filter(isForData);
    const closed = connections
      .flatMap((connection) => {
        const at = cast.endOf(connection);
        return at === null ? [] : [{ at, fault: faultOf(connection) }];
      })
      .sort((a, b) => a.at - b.at);
    let brokeAt = -Infinity;
    for (const { at, fault } of closed) {
      const how = breaks[fault];
      if (how === undefined) continue;
      if (at - brokeAt > ONE_END_NS) ends.push({ player, at, how, breaks: true });
      brokeAt = at;
    }
    const last = closed.at(-1);
    const isGone = last !== undefined && connections.every((each) => each.closed !== null);
    if (isGone && leaves.has(last.fault) && last.at - brokeAt > ONE_END_NS)
      ends.push({ player, at: last.at, how: 'it left', breaks: false });
  }
  return ends.sort((a, b) => a.at - b.at);
}

class Silences implements Observer<readonly Found[]> {
  readonly #view: SessionView;
  readonly #cast: Cast;
  readonly #ends: readonly End[];
  readonly #voices: Voice[];
  readonly #found: Found[] = [];
  #next = 0;
  #sequence = 0;

  constructor(view: SessionView, breaks: boolean) {
    this.#view = view;
    this.#cast = castOf(view);
    this.#ends = endsOf(this.#cast).filter((end) => end.breaks === breaks);
    this.#voices = Array.from({ length: this.#cast.size }, () => ({
      frames: 0,
      firstAt: 0,
      lastAt: -Infinity,
      lastSequence: 0,
      heardSince: 0,
    }));
  }

  frame(seen: SeenFrame): void {
    const { sequence, arrived, from, to } = seen.frame;
    this.#judgeUntil(arrived);
    this.#sequence = sequence;
    if (!isTalk(seen)) return;
    const speaker = this.#voices[this.#cast.numberOf(from)];
    if (speaker === undefined) return;
    if (speaker.frames === 0) speaker.firstAt = arrived;
    speaker.frames += 1;
    speaker.lastAt = arrived;
    speaker.lastSequence = sequence;
    speaker.heardSince = 0;
    const hearer = isDelivered(seen) ? this.#voices[this.#cast.numberOf(to)] : undefined;
    if (hearer !== undefined) hearer.heardSince += 1;
  }

  end(): readonly Found[] {
    this.#judgeUntil(Infinity);
    return this.#found;
  }

  #judgeUntil(now: number): void {
    for (let end = this.#ends[this.#next]; end !== undefined && end.at < now; end = this.#ends[this.#next]) {
      this.#next += 1;
      const found = this.#judge(end);
      if (found !== null) this.#found.push(found);
    }
  }

  #judge(end: End): Found | null {
    const voice = this.#voices[end.player]!;
    const silence = end.at - voice.lastAt;
    const interval = (voice.lastAt - voice.firstAt) / (voice.frames - 1);
    const least = end.breaks ? BREAK_SILENCE_NS : LEAVE_SILENCE_NS;
    if (voice.frames < FRAMES_MIN || silence < Math.max(least, INTERVALS_MIN * interval)) return null;
    if (!isWhole(this.#view, voice.lastSequence, this.#sequence)) return null;

    const others = this.#others(end, voice.lastAt);
    const goers = others.filter(({ lastAt }) => lastAt > voice.lastAt + silence / 2);
    if (!end.breaks && (goers.length === 0 || voice.heardSince < MISSED_FRAMES_MIN)) return null;
    const after = others.filter(({ lastAt }) => lastAt > voice.lastAt);
    if (after.length === 0 || (goers.length === 0 && after.length < others.length)) return null;

    const next = after.reduce((least, other) => (other.lastAt < least.lastAt ? other : least));
    const went =
      goers.length > 0
        ? `${listText(goers.map(({ name }) => name))} went on`
        : `it was the first to stop, ${lengthText(next.lastAt - voice.lastAt)} before ${next.name}`;
    const name = this.#cast.nameOfNumber(end.player);
    const when = momentText(this.#view, voice.lastAt);
    return {
      text: `${name} sent its last frame at ${when}, ${lengthText(silence)} before ${end.how}; ${went}`,
      frames: evidence(voice.lastSequence, (goers[0] ?? next).lastSequence),
      at: voice.lastAt,
    };
  }

  /** Those who talk, and were still there when this one fell silent. */
  #others({ player }: End, since: number): (Voice & { name: string })[] {
    return this.#voices.flatMap((voice, number) => {
      const isThere = this.#cast
        .connectionsOf(this.#cast.player(number))
        .some((each) => isForData(each) && (each.closed ?? Infinity) > since + BREAK_SILENCE_NS);
      const talks = number !== player && voice.frames > 0 && isThere;
      return talks ? [{ ...voice, name: this.#cast.nameOfNumber(number) }] : [];
    });
  }
}

export const endFindings: readonly FindingSpec[] = [
  {
    id: 'silent-before-break',
    severity: 'problem',
    title: 'Stopped sending before its connection broke',
    explanation:
      'A player fell silent some time before its connection broke while others had more to say, so look for the cause at this player: its network, its console, or a game that hung.',
    example:
      'Bob (02:00:00:00:00:02) sent its last frame at 8.0 s, 4.2 s before its connection broke; Alice (02:00:00:00:00:01) went on',
    watch: (view) => new Silences(view, true),
  },
  {
    id: 'silent-before-leaving',
    severity: 'note',
    title: 'Stopped sending long before it left',
    explanation:
      'A player left in good order, but had said nothing for a while although the others still talked to it: its game had probably given up before.',
    example:
      'Bob (02:00:00:00:00:02) sent its last frame at 8.0 s, 7.0 s before it left; Alice (02:00:00:00:00:01) went on',
    watch: (view) => new Silences(view, false),
  },
];
