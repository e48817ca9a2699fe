/** From the relay's tap through shared memory to the file, on one thread so that every step is ours to order. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommonFault } from '../../protocol/fault.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { protocols } from '../../protocol/registry.ts';
import { type Protocol, RELAY } from '../../protocol/types.ts';
import { CaptureFile, type RecordedFrame } from '../../recorder/captures.ts';
import { SlabRing, Stat } from '../../recorder/ring.ts';
import { FRAME_BYTES_MAX, SlabMemory } from '../../recorder/slab.ts';
import { CaptureStore } from '../../recorder/store.ts';
import { type Policy, RecordingTap } from '../../recorder/tap.ts';
import { verifyCapture } from '../../recorder/verify.ts';
import { Writer } from '../../recorder/writer.ts';
import { temporaryFolder } from '../kit/program.ts';

const protocol = protocols[0] as Protocol;
const peer = { address: '192.0.2.7', port: 40_000 };

/** The whole recorder, with its two threads taking turns when told to. */
class Bench {
  readonly file = join(temporaryFolder(), 'bench.db');
  readonly ring = new SlabRing();
  readonly holds: boolean[] = [];
  readonly news: string[] = [];
  readonly tap: RecordingTap;
  readonly store: CaptureStore;
  writer: Writer;
  readonly #memory = new SlabMemory();
  /** The writer's clock. */
  now = 0;

  constructor(policy: Policy = 'gap', flushMs = 1e9) {
    this.tap = new RecordingTap(this.#memory, this.ring, 0, policy, flushMs);
    this.tap.attach((on) => this.holds.push(on));
    this.store = CaptureStore.open(this.file, { startedAtMicros: 0, pid: 1, version: 'test' }, protocols);
    this.writer = this.#newWriter();
    // Every frame here goes from the first connection to the second.
    for (const conn of [1, 2]) this.tap.opened(conn, protocol, peer, 0.5);
  }

  /** The writer's thread died, and another goes on. */
  restartWriter(): void {
    this.writer = this.#newWriter();
  }

  #newWriter(): Writer {
    const news = {
      trouble: (text: string) => this.news.push(`trouble: ${text}`),
      recovered: () => this.news.push('recovered'),
      relieved: () => this.tap.relieved(),
    };
    return new Writer(this.#memory, this.ring, this.store, news, () => this.now);
  }

  hop(bytes: Uint8Array, to = 2, at = 0, end = bytes.length): number {
    return this.tap.hop(1, to, 4, to === RELAY ? Outcome.noTarget : Outcome.forwarded, bytes, at, end, 1);
  }

  /** The writer stores all that is queued. */
  drain(): void {
    while (this.ring.waiting > 0) this.writer.step(0);
  }

  finish(): { frames: RecordedFrame[]; capture: CaptureFile } {
    this.tap.turned();
    while (!this.tap.close()) this.drain();
    this.drain();
    this.writer.finish(1e9, this.tap.sequence);
    const report = verifyCapture(this.file);
    expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    const capture = CaptureFile.open(this.file);
    return { frames: [...capture.frames(1)], capture };
  }
}

describe('the tap and the writer', () => {
  test('store each hop once, in order, with both times and exactly its bytes', () => {
    const bench = new Bench();
    bench.tap.identified(
      1,
      { role: 'pdp', endpoint: '02:00:00:00:00:01/1', toward: '', nickname: 'Ann', game: '', gameName: '' },
      Uint8Array.of(9, 8),
    );
    const bytes = Uint8Array.from({ length: 50 }, (_, i) => i);
    const hop = bench.tap.hop(1, 2, 4, Outcome.forwarded, bytes, 10, 30, 2);
    bench.tap.departed(hop, 2.25);
    bench.tap.closed(1, CommonFault.lost, 3);
    const { frames, capture } = bench.finish();
    expect(frames).toMatchObject([
      { sequence: 1, arrived: 2e6, departed: 2.25e6, from: 1, to: 2, kind: 4, outcome: Outcome.forwarded },
    ]);
    expect([...(frames[0] as RecordedFrame).bytes]).toEqual([...bytes.slice(10, 30)]);
    expect(capture.connection(1, 1)).toMatchObject({
      remoteAddress: peer.address,
      opened: 0.5e6,
      closed: 3e6,
      fault: CommonFault.lost,
      endpoint: '02:00:00:00:00:01/1',
    });
  });

  test('say by what transport a connection came', () => {
    const bench = new Bench();
    bench.tap.opened(3, protocol, { ...peer, transport: 'udp' }, 1);
    const { capture } = bench.finish();
    const all = [...capture.connections(1).values()];
    expect(
      all.map(({ remoteAddress, remotePort, transport }) => [remoteAddress, remotePort, transport]),
    ).toEqual([
      ['192.0.2.7', 40_000, null],
      ['192.0.2.7', 40_000, null],
      ['192.0.2.7', 40_000, 'udp'],
    ]);
    capture.close();
  });

  test('bytes are copied at once: what happens to them later does not show', () => {
    const bench = new Bench();
    const bytes = Uint8Array.of(1, 2, 3);
    bench.hop(bytes);
    bytes.fill(0xee);
    expect([...(bench.finish().frames[0] as RecordedFrame).bytes]).toEqual([1, 2, 3]);
  });

  test('a hop that leaves long after it was handed over still gets its time', () => {
    const bench = new Bench();
    const early = bench.hop(Uint8Array.of(1));
    const never = bench.hop(Uint8Array.of(2));
    bench.tap.handOver();
    bench.drain();
    bench.tap.departed(early, 70_000);
    bench.tap.undelivered(never);
    const { frames } = bench.finish();
    expect(frames).toMatchObject([
      { departed: 70_000e6, outcome: Outcome.forwarded },
      { departed: null, outcome: Outcome.undelivered },
    ]);
  });

  test('an outcome that turns out otherwise is amended', () => {
    const bench = new Bench();
    const hop = bench.tap.hop(1, RELAY, 0, Outcome.consumed, Uint8Array.of(1), 0, 1, 1);
    bench.tap.amend(hop, Outcome.refused);
    expect(bench.finish().frames).toMatchObject([{ outcome: Outcome.refused }]);
  });

  test('a frame that no slab can take is declared, and its neighbours are kept', () => {
    const bench = new Bench();
    bench.hop(Uint8Array.of(1));
    expect(bench.hop(new Uint8Array(FRAME_BYTES_MAX + 1))).toBe(-1);
    bench.hop(Uint8Array.of(3));
    bench.hop(new Uint8Array(FRAME_BYTES_MAX));
    expect(bench.hop(new Uint8Array(FRAME_BYTES_MAX + 1))).toBe(-1);
    bench.hop(Uint8Array.of(6));
    const { frames, capture } = bench.finish();
    expect(frames.map(({ sequence }) => sequence)).toEqual([1, 3, 4, 6]);
    expect(capture.gaps(1)).toMatchObject([
      { firstSequence: 2, frames: 1, reason: 'a frame was larger than the recorder takes' },
      { firstSequence: 5, frames: 1 },
    ]);
  });

  test('when the writer is behind, what does not fit is one gap, and events are not lost', () => {
    const bench = new Bench();
    const large = new Uint8Array(1_000_000);
    let kept = 0;
    for (let i = 0; i < 60; i++) if (bench.hop(large) >= 0) kept++;
    for (let conn = 3; conn <= 50; conn++) bench.tap.opened(conn, protocol, peer, 5);
    bench.tap.turned();
    expect(kept).toBeLessThan(60);
    expect(bench.tap.framesLost).toBe(60 - kept);
    bench.drain();
    bench.hop(Uint8Array.of(1));
    const { frames, capture } = bench.finish();
    expect(frames.map(({ sequence }) => sequence)).toEqual([
      ...Array.from({ length: kept }, (_, i) => i + 1),
      61,
    ]);
    expect(capture.gaps(1)).toMatchObject([{ firstSequence: kept + 1, frames: 60 - kept, events: 0 }]);
    expect(capture.connections(1).size).toBe(50);
  });

  test('a disk that stands still costs nothing while there is memory left, however long it takes', async () => {
    const bench = new Bench('gap', 2);
    for (let i = 0; i < 60; i++) {
      bench.hop(new Uint8Array(100));
      // The tap hands over every millisecond, if it is let.
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    expect(bench.tap.framesLost).toBe(0);
    expect(bench.ring.waiting).toBeLessThan(4);
    expect(bench.finish().frames).toHaveLength(60);
  });

  test('with policy block, readers are stopped while there is still room for what is in hand', () => {
    const bench = new Bench('block');
    const large = new Uint8Array(1_000_000);
    let sent = 0;
    while (bench.holds.length === 0) {
      expect(bench.hop(large)).toBeGreaterThan(0);
      bench.tap.turned();
      sent++;
    }
    expect(bench.holds).toEqual([true]);
    // A whole read buffer of the smallest frames may still be under way.
    for (let i = 0; i < 256 * 64; i++) expect(bench.hop(new Uint8Array(14))).toBeGreaterThan(0);
    bench.tap.turned();
    bench.drain();
    expect(bench.holds).toEqual([true, false]);
    expect(bench.finish().frames).toHaveLength(sent + 256 * 64);
    expect(bench.tap.framesLost).toBe(0);
  });

  test('a file that cannot be written to is told once; what it lacks is declared when it can', () => {
    const bench = new Bench();
    bench.hop(new Uint8Array(1000));
    bench.tap.handOver();
    bench.drain();
    const pages = bench.store.db.pragma('page_count', { simple: true }) as number;
    bench.store.db.pragma(`max_page_count = ${pages + 2}`);
    for (let i = 0; i < 5; i++) {
      bench.hop(new Uint8Array(500_000));
      if (i === 1) bench.tap.opened(3, protocol, peer, 1);
      bench.tap.handOver();
      bench.drain();
      bench.now += 400;
    }
    expect(bench.news).toEqual([expect.stringMatching(/^trouble: the disk is full/)]);
    bench.store.db.pragma('max_page_count = 1000000');
    bench.now += 2000;
    bench.hop(new Uint8Array(2000));
    bench.tap.handOver();
    bench.drain();
    expect(bench.news.at(-1)).toBe('recovered');
    expect(bench.ring.stats[Stat.framesLost]).toBe(5);
    const { frames, capture } = bench.finish();
    expect(frames.map(({ sequence }) => sequence)).toEqual([1, 7]);
    expect(capture.gaps(1).reduce((sum, gap) => sum + gap.frames, 0)).toBe(5);
    expect(capture.connections(1).size).toBe(3);
    expect(capture.capture(1).trouble).toMatch(/disk is full/);
  });

  test('a disk that stays full to the end: what is missing is declared, or the capture is not clean', () => {
    const bench = new Bench();
    bench.hop(new Uint8Array(1000));
    bench.tap.handOver();
    bench.drain();
    const pages = bench.store.db.pragma('page_count', { simple: true }) as number;
    bench.store.db.pragma(`max_page_count = ${pages}`);
    for (let i = 0; i < 6; i++) {
      bench.hop(new Uint8Array(500_000));
      bench.tap.handOver();
      bench.drain();
    }
    const { frames, capture } = bench.finish();
    expect(frames).toHaveLength(1);
    expect(capture.capture(1)).toMatchObject({ ended: 'clean', gaps: 6, lastSequence: 7 });
  });

  test('a writer that dies while it owes leaves a declared gap, not a hole', () => {
    const bench = new Bench();
    bench.hop(new Uint8Array(1000));
    bench.tap.handOver();
    bench.drain();
    const pages = bench.store.db.pragma('page_count', { simple: true }) as number;
    bench.store.db.pragma(`max_page_count = ${pages - 1}`);
    for (let i = 0; i < 3; i++) {
      bench.tap.opened(3 + i, protocol, peer, 1);
      bench.hop(new Uint8Array(500_000));
      bench.tap.handOver();
      bench.drain();
    }
    bench.store.db.pragma('max_page_count = 1000000');
    bench.restartWriter();
    bench.hop(Uint8Array.of(1));
    const { capture } = bench.finish();
    expect(capture.capture(1)).toMatchObject({ ended: 'clean', gaps: 3, lastSequence: 5 });
    // Of the openings too: each is stored, or was lost with the writer's memory and is declared.
    const eventsLost = capture.gaps(1).reduce((sum, gap) => sum + gap.events, 0);
    expect(eventsLost).toBeGreaterThan(0);
    expect(capture.connections(1).size + eventsLost).toBe(5);
  });

  test('hops that were given but never came are declared at the end', () => {
    const bench = new Bench();
    bench.hop(Uint8Array.of(1));
    bench.tap.handOver();
    bench.drain();
    bench.writer.finish(1e9, 4);
    const capture = CaptureFile.open(bench.file);
    expect(capture.gaps(1)).toMatchObject([
      { firstSequence: 2, frames: 3, reason: 'the recorder had stopped working' },
    ]);
    expect(verifyCapture(bench.file).ok).toBe(true);
  });

  test('a file that another program keeps locked is waited for: nothing is lost while there is memory', () => {
    const bench = new Bench();
    bench.store.db.pragma('busy_timeout = 1');
    const other = new Database(bench.file);
    other.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < 5; i++) {
      bench.hop(Uint8Array.of(i));
      bench.tap.handOver();
      expect(bench.writer.step(0)).toBe(true);
    }
    expect(bench.news).toEqual([expect.stringMatching(/another program/)]);
    other.exec('ROLLBACK');
    other.close();
    bench.drain();
    expect(bench.news.at(-1)).toBe('recovered');
    const { frames, capture } = bench.finish();
    expect(frames).toHaveLength(5);
    expect(capture.capture(1).gaps).toBe(0);
  });

  test('late departures survive a slab that could not be stored', () => {
    const bench = new Bench();
    const hop = bench.hop(new Uint8Array(1000));
    bench.tap.handOver();
    bench.drain();
    const pages = bench.store.db.pragma('page_count', { simple: true }) as number;
    bench.store.db.pragma(`max_page_count = ${pages}`);
    bench.tap.departed(hop, 77);
    bench.hop(new Uint8Array(900_000));
    bench.tap.handOver();
    bench.drain();
    bench.store.db.pragma('max_page_count = 1000000');
    expect(bench.finish().frames).toMatchObject([{ sequence: 1, departed: 77e6 }]);
  });

  test('a writer that is gone for good holds nobody, whatever the policy', () => {
    const bench = new Bench('block', 1);
    bench.hop(Uint8Array.of(1));
    bench.tap.abandon();
    for (let i = 0; i < 200; i++) {
      expect(bench.hop(Uint8Array.of(1))).toBe(-1);
      bench.tap.turned();
      bench.tap.handOver();
    }
    expect(bench.holds).toEqual([]);
    expect(bench.tap.framesLost).toBe(200);
  });

  test('a gap never spans a frame that was kept', () => {
    const bench = new Bench();
    while (bench.hop(new Uint8Array(1_500_000)) >= 0);
    bench.tap.turned();
    // Events that leave little of the next slab: room for a small frame, and for no large one.
    const events = 37_400;
    for (let conn = 3; conn < 3 + events; conn++) bench.tap.opened(conn, protocol, peer, 1);
    bench.writer.step(0);
    expect(bench.hop(new Uint8Array(1_500_000))).toBe(-1);
    const kept = bench.hop(Uint8Array.of(1));
    expect(kept).toBeGreaterThan(0);
    expect(bench.hop(new Uint8Array(1_500_000))).toBe(-1);
    const { frames, capture } = bench.finish();
    expect(frames.map(({ sequence }) => sequence)).toContain(kept);
    expect(capture.connections(1).size).toBe(2 + events);
  });

  test('a file that is removed meanwhile is missed', () => {
    const bench = new Bench();
    bench.hop(Uint8Array.of(1));
    bench.tap.handOver();
    bench.drain();
    expect(bench.news).toEqual([]);
    rmSync(bench.file);
    bench.now += 5000;
    bench.hop(Uint8Array.of(2));
    bench.tap.handOver();
    bench.drain();
    expect(bench.news).toEqual([expect.stringMatching(/removed or replaced/)]);
  });

  test('any play, with a writer that keeps up or does not: each sequence is stored or declared, never both', () => {
    const step = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.record({ do: fc.constant('hop' as const), size: fc.integer({ min: 0, max: 3000 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('hop' as const),
          size: fc.integer({ min: 1_500_000, max: 2_200_000 }),
        }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constantFrom('depart', 'fail', 'turn', 'open', 'hand over', 'store one', 'store all'),
          size: fc.nat(9),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const bench = new Bench();
        const expected = new Map<number, { size: number; departed: number | null; outcome: number }>();
        const waiting: number[] = [];
        let sequence = 0;
        let opened = 2;
        for (const { do: what, size } of steps) {
          if (what === 'hop') {
            const hop = bench.hop(new Uint8Array(size).fill(++sequence));
            if (hop < 0) continue;
            expect(hop).toBe(sequence);
            expected.set(hop, { size, departed: null, outcome: Outcome.forwarded });
            waiting.push(hop);
          } else if (what === 'depart' || what === 'fail') {
            const [hop] = waiting.splice(size % Math.max(waiting.length, 1), 1);
            if (hop === undefined) continue;
            const frame = expected.get(hop) as { departed: number | null; outcome: number };
            if (what === 'depart') {
              bench.tap.departed(hop, 5 + size);
              frame.departed = (5 + size) * 1e6;
            } else {
              bench.tap.undelivered(hop);
              frame.outcome = Outcome.undelivered;
            }
          } else if (what === 'turn') bench.tap.turned();
          else if (what === 'open') bench.tap.opened(++opened, protocol, peer, 1);
          else if (what === 'hand over') {
            bench.tap.turned();
            bench.tap.handOver();
          } else if (what === 'store one') bench.writer.step(0);
          else bench.drain();
        }
        const lost = bench.tap.framesLost;
        const { frames, capture } = bench.finish();
        expect(
          frames.map((frame) => [frame.sequence, frame.bytes.length, frame.departed, frame.outcome]),
        ).toEqual([...expected].map(([hop, frame]) => [hop, frame.size, frame.departed, frame.outcome]));
        for (const { bytes, sequence: n } of frames)
          expect(bytes.every((byte) => byte === (n & 255))).toBe(true);
        expect(capture.gaps(1).reduce((sum, gap) => sum + gap.frames, 0)).toBe(lost);
        expect(lost).toBe(sequence - expected.size);
        expect(capture.connections(1).size).toBe(opened);
        capture.close();
      }),
      { numRuns: 40 },
    );
  });
});
