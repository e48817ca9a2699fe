/**
 * What the recording lacks, and what the relay dropped or could not deliver.
 *
 * The rule: a loss of the recorder is no loss of the players, and is never told as one.
 */
import { Outcome } from '../../protocol/outcome.ts';
import type { Observer, SessionView } from '../observe.ts';
import { Bounded } from './bounded.ts';
import { castOf, faultOf } from './cast.ts';
import { GapWatch, Trails } from './evidence.ts';
import { evidence, EVIDENCE_MAX, type FindingSpec, type Found } from './finding.ts';
import { type Tally, tally } from './tally.ts';
import { bytesText, countText, listText, momentText, plural, spanText } from './words.ts';

function lackingFrames(view: SessionView): Observer<readonly Found[]> {
  const { gaps } = view;
  const watch = new GapWatch(view);
  const around: number[] = [];
  let last = 0;
  let lastAt = view.session.started;
  let at = lastAt;
  return {
    frame({ frame }) {
      if (watch.passed(frame.sequence) && around.length < EVIDENCE_MAX) {
        if (around.length === 0) at = lastAt;
        around.push(last, frame.sequence);
      }
      last = frame.sequence;
      lastAt = frame.arrived;
    },
    end() {
      if (gaps.length === 0) return [];
      const frames = gaps.reduce((sum, gap) => sum + gap.frames, 0);
      const events = gaps.reduce((sum, gap) => sum + gap.events, 0);
      const where = gaps.length === 1 ? 'in one place' : `in ${countText(gaps.length)} places`;
      const lacks = [
        ...(frames === 0 ? [] : [plural(frames, 'frame')]),
        ...(events === 0 ? [] : [plural(events, 'coming or going', 'comings and goings')]),
      ];
      const text = `The recording lacks ${listText(lacks)} ${where}, the first after ${momentText(view, at)}: ${gaps[0]!.reason}`;
      return [{ text, frames: evidence(...around), at }];
    },
  };
}

function brokenOff(view: SessionView): Observer<readonly Found[]> {
  const { ended, lastSeen, lastSequence } = view.session;
  let last = 0;
  return {
    frame({ frame }) {
      last = frame.sequence;
    },
    end: () =>
      ended === 'unclean'
        ? [
            {
              text: `The recording breaks off at ${momentText(view, lastSeen)}, while the session went on`,
              frames: evidence(last === 0 ? lastSequence : last),
              at: lastSeen,
            },
          ]
        : [],
  };
}

function tooLarge(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const tallies = new Bounded<string, Tally>();
  return {
    frame(seen) {
      if (seen.frame.outcome === Outcome.tooLarge) tally(tallies, cast, seen);
    },
    end: () =>
      [...tallies.values()].map(({ sender, target, frames, bytesMax, first, firstAt, last, lastAt }) => ({
        text: `${cast.nameOfConnection(sender)} sent ${plural(frames, 'datagram')} of up to ${bytesText(bytesMax)} to ${cast.placeOf(target)} ${spanText(view, firstAt, lastAt)}, more than a client survives: the relay dropped ${frames === 1 ? 'it' : 'them'}`,
        frames: evidence(first, last),
        at: firstAt,
      })),
  };
}

/** A client that ends a stream itself wants no more of it, and a slow reader is told of elsewhere. */
const expected: ReadonlySet<string> = new Set(['ended', 'too-slow', 'shutdown', 'replaced']);

interface Rest {
  frames: number;
  bytes: number;
  readonly first: number;
  last: number;
}

function cutStreams(view: SessionView): Observer<readonly Found[]> {
  const cast = castOf(view);
  const trails = new Trails();
  const rests = new Bounded<number, Rest>();
  return {
    frame(seen) {
      trails.note(seen);
      const { frame, to, spec } = seen;
      if (frame.outcome !== Outcome.undelivered || to === null || spec?.lossless !== true) return;
      if (cast.endOf(to) === null || expected.has(faultOf(to))) return;
      const rest = rests.take(to.conn, () => ({ frames: 0, bytes: 0, first: frame.sequence, last: 0 }));
      if (rest === null) return;
      rest.frames += 1;
      rest.bytes += frame.bytes.length;
      rest.last = frame.sequence;
    },
    end: () =>
      [...rests.entries()].flatMap(([conn, { frames, bytes, first, last }]) => {
        const to = view.connections.get(conn);
        if (to === undefined) return [];
        const from = to.toward === null || to.toward === '' ? '' : ` from ${cast.placeOf(to.toward)}`;
        return [
          {
            text: `${plural(frames, 'block')} (${bytesText(bytes)}) of the stream${from} never reached ${cast.nameOfConnection(to)}, whose connection ended at ${momentText(view, to.closed!)}`,
            frames: evidence(first, last),
            at: to.closed!,
          },
        ];
      }),
  };
}

export const lossFindings: readonly FindingSpec[] = [
  {
    id: 'recording-lacks-frames',
    severity: 'warning',
    title: 'The recording lacks frames',
    explanation:
      'The recorder could not keep everything, though the relay forwarded it: other findings about these moments may be missing, and counts are too low.',
    example:
      'The recording lacks 25 frames in one place, the first after 5.0 s: the writer could not keep up',
    watch: lackingFrames,
  },
  {
    id: 'recording-broke-off',
    severity: 'note',
    title: 'The recording breaks off',
    explanation: 'The relay or its machine stopped without a word, so how the session went on is not known.',
    example: 'The recording breaks off at 6.0 s, while the session went on',
    watch: brokenOff,
  },
  {
    id: 'datagram-too-large',
    severity: 'warning',
    title: 'Datagrams over the limit',
    explanation:
      'A player sent datagrams larger than any client survives, so the relay dropped them: what the game wanted to say did not arrive.',
    example:
      'Alice (02:00:00:00:00:01) sent 3 datagrams of up to 12 kB to port 1 of Bob (02:00:00:00:00:02) from 2.0 s to 3.0 s, more than a client survives: the relay dropped them',
    watch: tooLarge,
  },
  {
    id: 'stream-cut-short',
    severity: 'warning',
    title: 'A stream ended with data on the way',
    explanation:
      'Data of a stream was still waiting for a player whose connection ended without its doing: its game lacks that part.',
    example:
      '4 blocks (4 096 bytes) of the stream from port 20 of Bob (02:00:00:00:00:02) never reached Alice (02:00:00:00:00:01), whose connection ended at 6.0 s',
    watch: cutStreams,
  },
];
