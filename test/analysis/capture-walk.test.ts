import { describe, expect, it } from 'vitest';
import { walkCapture, type CaptureReader, type Step } from '../../analysis/capture-walk.ts';
import type { CaptureSummary, RecordedFrame, RecordedGap } from '../../recorder/captures.ts';

/** A capture in memory, which a test lets grow. */
class Growing {
  readonly frames: RecordedFrame[] = [];
  readonly gaps: RecordedGap[] = [];
  ended: CaptureSummary['ended'] = 'recording';
  /** Called before each look at the frames. */
  onLook: () => void = () => undefined;

  add(first: number, last: number): void {
    for (let sequence = first; sequence <= last; sequence++) {
      const bytes = Buffer.alloc(0);
      this.frames.push({ sequence, arrived: 0, departed: null, from: 1, to: 2, kind: 0, outcome: 0, bytes });
    }
  }

  lose(firstSequence: number, frames: number, events = 0): void {
    this.gaps.push({ firstSequence, frames, events, noticed: 0, reason: 'it was full' });
  }

  reader(): CaptureReader {
    return {
      capture: () => ({ ended: this.ended }) as CaptureSummary,
      connection: () => null,
      frames: (_, range) => {
        this.onLook();
        const { after = 0, limit = Infinity } = range ?? {};
        return this.frames
          .filter(({ sequence }) => sequence > after)
          .slice(0, limit)
          .values();
      },
      gaps: () => [...this.gaps],
    };
  }
}

function described(step: Step): number | string {
  return step.kind === 'frame'
    ? step.frame.sequence
    : `${step.gap.frames} lost from ${step.gap.firstSequence}`;
}

async function walk(
  capture: Growing,
  follow = false,
  limit = Infinity,
  signal = new AbortController().signal,
) {
  const seen: (number | string)[] = [];
  for await (const page of walkCapture(capture.reader(), 1, { follow, limit, signal })) {
    seen.push(...page.map(described));
  }
  return seen;
}

const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('a walk', () => {
  it('goes through all frames once and in order, however many pages that takes', async () => {
    const capture = new Growing();
    capture.add(1, 1234);
    expect(await walk(capture)).toEqual(numbers(1, 1234));
  });

  it('ends with its limit, also where that is the end of a page', async () => {
    const capture = new Growing();
    capture.add(1, 1234);
    for (const limit of [1, 499, 500, 501, 1234, 9999]) {
      expect(await walk(capture, false, limit)).toEqual(numbers(1, Math.min(limit, 1234)));
    }
  });

  it('shows gaps in their places: first, between, across a page, last', async () => {
    const capture = new Growing();
    capture.ended = 'clean';
    capture.lose(1, 2);
    capture.add(3, 500);
    capture.lose(501, 99);
    capture.add(600, 1200);
    capture.lose(1201, 1);
    expect(await walk(capture)).toEqual([
      '2 lost from 1',
      ...numbers(3, 500),
      '99 lost from 501',
      ...numbers(600, 1200),
      '1 lost from 1201',
    ]);
  });

  it('shows a capture in which all is lost', async () => {
    const capture = new Growing();
    capture.lose(1, 10);
    expect(await walk(capture)).toEqual(['10 lost from 1']);
  });

  it('does not wait for a recording unless it is to follow it', async () => {
    const capture = new Growing();
    capture.add(1, 3);
    expect(await walk(capture)).toEqual([1, 2, 3]);
  });
});

describe('a walk through some of the frames', () => {
  it('goes on while there may be more, however little is found, and can be stopped', async () => {
    const capture = new Growing();
    capture.lose(2, 1);
    capture.add(3, 9);
    const stop = new AbortController();
    const walk = async (
      looks: readonly (readonly [found: readonly number[], more: boolean])[],
      limit = Infinity,
    ) => {
      const left = [...looks];
      const seen: (number | string)[] = [];
      const look = () => {
        const [found, more] = left.shift()!;
        if (found.includes(9)) stop.abort();
        return { frames: capture.frames.filter(({ sequence }) => found.includes(sequence)), more };
      };
      const options = { follow: false, limit, signal: stop.signal, look };
      for await (const page of walkCapture(capture.reader(), 1, options)) seen.push(...page.map(described));
      return seen;
    };
    const none = [[], true] as const;
    expect(await walk([none, [[4], true], none, [[6, 7], false]])).toEqual(['1 lost from 2', 4, 6, 7]);
    expect(await walk([none, [[4], true], none], 1)).toEqual(['1 lost from 2', 4]);
    expect(await walk([none, [[9], true], none])).toEqual(['1 lost from 2', 9]);
  });
});

describe('a walk that follows', () => {
  it('goes on as the capture grows, and ends with it, without losing its last frames', async () => {
    const capture = new Growing();
    capture.add(1, 2);
    const growth = [
      () => undefined,
      () => capture.add(3, 4),
      () => capture.lose(5, 5),
      () => capture.add(10, 11),
      () => {
        capture.ended = 'clean';
      },
      () => capture.add(12, 12),
    ];
    capture.onLook = () => growth.shift()?.();
    expect(await walk(capture, true)).toEqual([1, 2, 3, 4, '5 lost from 5', 10, 11, 12]);
    expect(growth).toEqual([]);
  });

  it('of a capture that has ended is a plain walk', async () => {
    const capture = new Growing();
    capture.ended = 'unclean';
    capture.add(1, 3);
    expect(await walk(capture, true)).toEqual([1, 2, 3]);
  });

  it('ends at once when it is told to', async () => {
    const capture = new Growing();
    capture.add(1, 1);
    const stop = new AbortController();
    let looks = 0;
    capture.onLook = () => {
      if (++looks === 2) stop.abort();
    };
    expect(await walk(capture, true, Infinity, stop.signal)).toEqual([1]);
  });

  it('ends with its limit', async () => {
    const capture = new Growing();
    capture.add(1, 3);
    expect(await walk(capture, true, 2)).toEqual([1, 2]);
  });
});
