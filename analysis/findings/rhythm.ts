/**
 * A conversation that changes its rate or its sizes, and stays changed.
 *
 * The rule: seconds are compared, not frames. Five even seconds, one in which it changes, and five even
 * seconds at another level are a change; anything uneven, a burst, a pause or a start, is not.
 */
import type { Observer, SeenFrame, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { castOf, isDelivered } from './cast.ts';
import { GapWatch } from './evidence.ts';
import { evidence, type FindingSpec, type Found } from './finding.ts';
import { listText, momentText, roughText, SECOND } from './words.ts';

const BUCKET_NS = SECOND;
const EVEN_BUCKETS = 5;
const RING_BUCKETS = 2 * EVEN_BUCKETS + 1;
/** Fewer frames in a second are no rhythm. */
const BUCKET_FRAMES_MIN = 4;
/** Between the highest and the lowest of even seconds. */
const EVEN_RATIO_MAX = 1.5;
/** Between the levels before and after. */
const CHANGE_RATIO_MIN = 1.7;
/** What one player changes, it changes towards all others at about the same time. */
const ONE_CHANGE_NS = 2 * SECOND;
/** Of a capture, so that two of their numbers make one. */
const CONNECTIONS_MAX = 2 ** 26;
/** Of one conversation; a game that changes all the time has no level. */
const CHANGES_MAX = 4;

interface Bucket {
  readonly index: number;
  frames: number;
  bytes: number;
  readonly first: number;
}

type Metric = (bucket: Bucket) => number;

interface Change {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly before: number;
  readonly after: number;
  readonly frames: readonly number[];
}

interface Conversation {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  /** Seconds without a hole, the newest last; the newest is not over yet. */
  buckets: Bucket[];
  changes: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isEven(values: readonly number[]): boolean {
  return Math.max(...values) <= EVEN_RATIO_MAX * Math.min(...values);
}

function isChange(before: number, after: number): boolean {
  return Math.max(before, after) >= CHANGE_RATIO_MIN * Math.min(before, after);
}

class Rhythms implements Observer<readonly Found[]> {
  readonly #view: SessionView;
  readonly #metric: Metric;
  readonly #tell: (before: string, after: string) => string;
  readonly #gaps: GapWatch;
  readonly #conversations = new Bounded<number, Conversation>();
  readonly #changes: Change[] = [];

  constructor(view: SessionView, metric: Metric, tell: (before: string, after: string) => string) {
    this.#view = view;
    this.#metric = metric;
    this.#tell = tell;
    this.#gaps = new GapWatch(view);
  }

  frame(seen: SeenFrame): void {
    const { frame, spec, payload, inner } = seen;
    // What is lacking would look like a lower rate.
    if (this.#gaps.passed(frame.sequence)) for (const each of this.#conversations.values()) each.buckets = [];
    // Where a stream is cut into blocks means nothing, and a lobby is no game.
    if (!isDelivered(seen) || payload === null || spec?.lossless === true || inner !== null) return;
    const conversation = this.#conversations.take(frame.from * CONNECTIONS_MAX + frame.to, () => ({
      from: frame.from,
      to: frame.to,
      start: frame.arrived,
      buckets: [],
      changes: 0,
    }));
    if (conversation !== null) this.#count(conversation, seen, payload.length);
  }

  #count(conversation: Conversation, { frame }: SeenFrame, bytes: number): void {
    const index = Math.floor((frame.arrived - conversation.start) / BUCKET_NS);
    const last = conversation.buckets.at(-1);
    if (last?.index === index) {
      last.frames += 1;
      last.bytes += bytes;
      return;
    }
    if (last?.index === index - 1) this.#compare(conversation);
    else conversation.buckets = [];
    conversation.buckets.push({ index, frames: 1, bytes, first: frame.sequence });
    if (conversation.buckets.length > RING_BUCKETS) conversation.buckets.shift();
  }

  /** The newest second is over. */
  #compare(conversation: Conversation): void {
    const { buckets, start, from, to } = conversation;
    if (buckets.length < RING_BUCKETS || conversation.changes >= CHANGES_MAX) return;
    if (buckets.some(({ frames }) => frames < BUCKET_FRAMES_MIN)) return;
    const values = buckets.map(this.#metric);
    const [old, young] = [values.slice(0, EVEN_BUCKETS), values.slice(EVEN_BUCKETS + 1)];
    const [before, after] = [mean(old), mean(young)];
    if (!isEven(old) || !isEven(young) || !isChange(before, after)) return;
    // The second between belongs to the level that it is nearer to.
    const between = values[EVEN_BUCKETS]!;
    const isNew = Math.abs(between - after) < Math.abs(between - before);
    const turn = buckets[isNew ? EVEN_BUCKETS : EVEN_BUCKETS + 1]!;
    const at = start + turn.index * BUCKET_NS;
    conversation.changes += 1;
    conversation.buckets = buckets.slice(EVEN_BUCKETS + 1);
    this.#changes.push({ from, to, at, before, after, frames: [buckets[0]!.first, turn.first] });
  }

  end(): readonly Found[] {
    const cast = castOf(this.#view);
    const together: Change[][] = [];
    const newest = new Map<string, Change[]>();
    for (const change of this.#changes.sort((a, b) => a.at - b.at)) {
      const key = `${cast.numberOf(change.from)} ${change.before < change.after}`;
      const known = newest.get(key);
      if (known !== undefined && change.at - known[0]!.at <= ONE_CHANGE_NS) {
        known.push(change);
      } else {
        const made = [change];
        newest.set(key, made);
        together.push(made);
      }
    }
    return together.map((changes) => {
      const first = changes[0]!;
      const receivers = new Set(changes.map(({ to }) => cast.nameOfNumber(cast.numberOf(to))));
      const sender = cast.nameOfNumber(cast.numberOf(first.from));
      const levels = this.#tell(
        roughText(mean(changes.map(({ before }) => before))),
        roughText(mean(changes.map(({ after }) => after))),
      );
      return {
        text: `What ${sender} sends to ${listText([...receivers])} went from ${levels} around ${momentText(this.#view, first.at)} and stayed there`,
        frames: evidence(...changes.flatMap(({ frames }) => frames)),
        at: first.at,
      };
    });
  }
}

export const rhythmFindings: readonly FindingSpec[] = [
  {
    id: 'rate-change',
    severity: 'note',
    title: 'The rate of a conversation changed',
    explanation:
      'A player sends far more or far fewer datagrams a second than before, evenly: a game that goes on to its next part, or a console that became slow.',
    example:
      'What Bob (02:00:00:00:00:02) sends to Alice (02:00:00:00:00:01) went from about 30 to about 15 datagrams a second around 10.0 s and stayed there',
    watch: (view) =>
      new Rhythms(
        view,
        ({ frames }) => frames,
        (before, after) => `about ${before} to about ${after} datagrams a second`,
      ),
  },
  {
    id: 'size-change',
    severity: 'note',
    title: 'The sizes of a conversation changed',
    explanation:
      'A player’s datagrams are far longer or shorter than before, evenly: a game that goes on to its next part, or that has more or fewer players to tell of.',
    example:
      'What Bob (02:00:00:00:00:02) sends to Alice (02:00:00:00:00:01) went from about 60 to about 180 bytes a datagram around 10.0 s and stayed there',
    watch: (view) =>
      new Rhythms(
        view,
        ({ frames, bytes }) => bytes / frames,
        (before, after) => `about ${before} to about ${after} bytes a datagram`,
      ),
  },
];
