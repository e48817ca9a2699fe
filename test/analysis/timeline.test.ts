import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BINS_MAX,
  exactCounts,
  LANES_MAX,
  NARROWEST_NS,
  type Stretch,
  type TimelineCounts,
  TimelineTally,
} from '../../analysis/timeline.ts';
import { Outcome } from '../../protocol/outcome.ts';
import type { RecordedFrame } from '../../recorder/captures.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../kit/property.ts';

const START = 5e9;

function frame(sequence: number, arrived: number, changes: Partial<RecordedFrame> = {}): RecordedFrame {
  const bytes = changes.bytes ?? Buffer.alloc(10);
  return { sequence, arrived, departed: null, from: 1, to: 2, kind: 4, outcome: 0, ...changes, bytes };
}

function tallied(frames: readonly RecordedFrame[]): TimelineTally {
  const tally = new TimelineTally(START);
  for (const each of frames) tally.add({ frame: each });
  return tally;
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

/** What is left of a timeline when time is left out. */
function totals({ lanes, dropped }: TimelineCounts) {
  const byConn = lanes.map(({ conn, bytesIn, bytesOut, frames, drops }) => [
    conn,
    [bytesIn, bytesOut, frames, drops].map(sum),
  ]);
  const byOutcome = [...dropped].map(([outcome, counts]) => [String(outcome), sum(counts)]);
  return {
    lanes: Object.fromEntries(byConn) as Record<string, number[]>,
    dropped: Object.fromEntries(byOutcome) as Record<string, number>,
  };
}

function added(one: ReturnType<typeof totals>, other: ReturnType<typeof totals>): ReturnType<typeof totals> {
  const lanes = { ...one.lanes };
  for (const [conn, counts] of Object.entries(other.lanes))
    lanes[conn] = counts.map((count, i) => count + (lanes[conn]?.[i] ?? 0));
  const dropped = { ...one.dropped };
  for (const [outcome, count] of Object.entries(other.dropped))
    dropped[outcome] = count + (dropped[outcome] ?? 0);
  return { lanes, dropped };
}

/** From the frames alone, in the most obvious way. */
function totalsOf(frames: readonly RecordedFrame[]): ReturnType<typeof totals> {
  const lanes: Record<string, number[]> = {};
  const dropped: Record<string, number> = {};
  const count = (conn: number, ...by: number[]) => {
    if (conn !== 0) lanes[conn] = by.map((each, i) => each + (lanes[conn]?.[i] ?? 0));
  };
  for (const { from, to, outcome, bytes } of frames) {
    const isLost = outcome > Outcome.originated;
    count(from, bytes.length, 0, 1, isLost ? 1 : 0);
    if (isLost) dropped[outcome] = (dropped[outcome] ?? 0) + 1;
    else count(to, 0, bytes.length, from === to ? 0 : 1, 0);
  }
  return { lanes, dropped };
}

/** Some frames in order of time, close together or hours apart. */
const talks = fc
  .array(
    fc.record({
      pause: fc.oneof(fc.nat(3e6), fc.nat(5e9), fc.constant(4_000e9)),
      from: fc.nat(6),
      to: fc.nat(6),
      outcome: fc.constantFrom(0, 0, 0, 1, 2, 3, 6, 8),
      size: fc.nat(40),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((said) => {
    let at = START;
    return said.map(({ pause, size, ...each }, i) =>
      frame(i + 1, (at += pause), { ...each, bytes: Buffer.alloc(size) }),
    );
  });

const whole = (frames: readonly RecordedFrame[], buckets: number): Stretch => ({
  from: START,
  to: frames.at(-1)!.arrived + 1,
  buckets,
});

const counted = (frames: readonly RecordedFrame[]) =>
  frames.map(({ bytes, ...each }) => ({ ...each, size: bytes.length }));

describe('the timeline of a session', { timeout: PROPERTY_TIMEOUT_MS }, () => {
  it('has all that there was, in however many buckets', () => {
    fc.assert(
      fc.property(talks, fc.integer({ min: 1, max: 700 }), (frames, buckets) => {
        const stretch = whole(frames, buckets);
        expect(totals(tallied(frames).told(stretch))).toEqual(totalsOf(frames));
        expect(totals(exactCounts(stretch, counted(frames)))).toEqual(totalsOf(frames));
      }),
      runs(30),
    );
  });

  it('has in two stretches that meet what it has in both as one', () => {
    fc.assert(
      fc.property(talks, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(50), (frames, share, more) => {
        const { from, to } = whole(frames, 1);
        const cut = from + Math.floor((to - from) * share);
        const tally = tallied(frames);
        const told = (ends: Pick<Stretch, 'from' | 'to'>) =>
          totals(tally.told({ ...ends, buckets: more + 1 }));
        expect(added(told({ from, to: cut }), told({ from: cut, to }))).toEqual(totalsOf(frames));
        const exact = (ends: Pick<Stretch, 'from' | 'to'>) =>
          totals(exactCounts({ ...ends, buckets: more + 1 }, counted(frames)));
        expect(added(exact({ from, to: cut }), exact({ from: cut, to }))).toEqual(totalsOf(frames));
      }),
      runs(30),
    );
  });

  it('puts each frame no further from its time than a bin is wide', () => {
    fc.assert(
      fc.property(talks, (frames) => {
        const tally = tallied(frames);
        const stretch = whole(frames, 500);
        const step = (stretch.to - stretch.from) / stretch.buckets;
        for (const { conn, frames: counts } of tally.told(stretch).lanes) {
          const times = frames
            .filter(
              ({ from, to, outcome }) => from === conn || (to === conn && outcome <= Outcome.originated),
            )
            .map(({ arrived }) => arrived);
          for (const [i, count] of counts.entries()) {
            if (count === 0) continue;
            const [begin, end] = [stretch.from + i * step, stretch.from + (i + 1) * step];
            const near = times.some((at) => at >= begin - tally.width && at <= end + tally.width);
            expect(near).toBe(true);
          }
        }
      }),
      runs(20),
    );
  });

  it('knows how many frames a stretch has at most, and the first of them', () => {
    fc.assert(
      fc.property(talks, fc.nat(59), fc.nat(59), (frames, a, b) => {
        const [one, other] = [frames[a % frames.length]!, frames[b % frames.length]!];
        const from = Math.min(one.arrived, other.arrived);
        const to = Math.max(one.arrived, other.arrived) + 1;
        const within = frames.filter(({ arrived }) => arrived >= from && arrived < to);
        const extent = tallied(frames).extent({ from, to });
        expect(extent.frames).toBeGreaterThanOrEqual(within.length);
        expect(extent.first).toBeLessThanOrEqual(within[0]!.sequence);
        expect(extent.first).toBeGreaterThan(0);
      }),
      runs(30),
    );
  });

  it('is as fine as a millisecond while it is short, and takes no more memory when it is long', () => {
    const short = tallied([frame(1, START), frame(2, START + 2e9)]);
    expect(short.width).toBe(NARROWEST_NS);
    const long = tallied([frame(1, START), frame(2, START + 3600e9)]);
    expect(long.width).toBeGreaterThan(3600e9 / BINS_MAX / 2);
    expect(long.width).toBeLessThan((3600e9 / BINS_MAX) * 2 + 1);
  });

  it('is coarser where there are many connections, of which it counts so many', () => {
    const frames = Array.from({ length: LANES_MAX + 10 }, (_, i) =>
      frame(i + 1, START + i * 100e6, { from: i + 1, to: 0, outcome: Outcome.noTarget }),
    );
    const tally = tallied(frames);
    const told = tally.told(whole(frames, 10));
    expect(tally.lanes).toBe(LANES_MAX);
    expect(told.lanes.every(({ frames: counts }) => sum(counts) === 1)).toBe(true);
    // The others are lost to their lanes alone.
    expect(sum(told.dropped.get(Outcome.noTarget)!)).toBe(LANES_MAX + 10);
    expect(tally.width).toBeGreaterThan(NARROWEST_NS);
  });

  it('counts what somebody sends to itself once as a frame, and its bytes both ways', () => {
    const frames = [frame(1, START, { from: 3, to: 3 })];
    expect(totals(tallied(frames).told(whole(frames, 1))).lanes).toEqual({ 3: [10, 10, 1, 0] });
  });
});
