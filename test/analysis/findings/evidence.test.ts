/** Frames by which a reader can see for himself. */
import { expect, test } from 'vitest';
import { Outcome } from '../../../protocol/outcome.ts';
import { EVIDENCE_MAX, evidence } from '../../../analysis/findings/finding.ts';
import { GapWatch, isWhole } from '../../../analysis/findings/evidence.ts';
import type { RecordedFrame } from '../../../recorder/captures.ts';
import { pair } from './story.ts';
import { Stage } from './stage.ts';

function framesOf(stage: Stage, id: string): readonly RecordedFrame[] {
  const { frames } = stage.play();
  const [finding] = stage.findings().filter((each) => each.id === id);
  return finding!.frames.map((sequence) => frames.find((frame) => frame.sequence === sequence)!);
}

/** Seconds since the session's start. */
function moments(frames: readonly RecordedFrame[]): readonly number[] {
  return frames
    .map(({ arrived }) => Math.round(arrived / 1e6) / 1000 - 100)
    .map((at) => Number(at.toFixed(3)));
}

test('a silence is shown by the last frame before it, and the last of who went on', () => {
  const stage = new Stage();
  const { a, b } = pair(stage);
  a.sends(b, { from: 0.05, to: 12.05 });
  b.sends(a, { from: 0, to: 8 }).ends(12.2, 'lost');
  expect(moments(framesOf(stage, 'silent-before-break'))).toEqual([8, 12.05]);
});

test('a connect without a listener is shown by both openings', () => {
  const stage = new Stage();
  const [alice, bob] = stage.players('Alice', 'Bob');
  alice.connects(1025, bob, 20, 1).ends(6, 'no-listener');
  bob.listens(20, 6.4);
  expect(moments(framesOf(stage, 'no-listener'))).toEqual([1, 6.4]);
});

test('a connect that is not accepted is shown by its opening and by what told the listener', () => {
  const stage = new Stage();
  const [alice, bob] = stage.players('Alice', 'Bob');
  const listener = bob.listens(20, 0);
  const connect = alice.connects(1025, bob, 20, 1).ends(21, 'not-accepted');
  listener.isTold(1.5, 'ptp-request', connect);
  expect(moments(framesOf(stage, 'not-accepted'))).toEqual([1, 1.5]);
});

test('datagrams to nobody are shown by the first and the last', () => {
  const stage = new Stage();
  const { a, bob } = pair(stage);
  a.sends(bob.unopened(9), { from: 2, to: 7, outcome: Outcome.noTarget });
  expect(moments(framesOf(stage, 'nobody-there'))).toEqual([2, 7]);
});

test('a refused join is shown by the JOIN and the CANCEL', () => {
  const stage = new Stage();
  const { a, b } = pair(stage);
  b.matches(a, 2, 'JOIN').matches(a, 2.25, 'JOIN');
  a.matches(b, 2.5, 'CANCEL');
  expect(moments(framesOf(stage, 'join-refused'))).toEqual([2, 2.5]);
});

test('what the recording lacks is shown by the frames around it', () => {
  const stage = new Stage();
  const { a, b } = pair(stage);
  a.sends(b, { from: 0, to: 9, rate: 1 });
  stage.lacks(3.5, 5.5);
  expect(moments(framesOf(stage, 'recording-lacks-frames'))).toEqual([3, 6]);
});

test('a delay is shown by the first that waited and the one that waited longest', () => {
  const stage = new Stage();
  const { a, b } = pair(stage);
  a.sends(b, { from: 0, to: 9, rate: 1 });
  for (const [at, delayMs] of [
    [4.1, 40],
    [4.2, 90],
    [4.3, 50],
  ] as const)
    a.says(b, at, { delayMs });
  expect(moments(framesOf(stage, 'relay-held-frames'))).toEqual([4.1, 4.2]);
});

test('evidence is in order, each frame once, without those that were not seen, and not too much', () => {
  expect(evidence(7, 3, 0, 7)).toEqual([3, 7]);
  expect(evidence(...Array.from({ length: 100 }, (_, i) => 100 - i))).toHaveLength(EVIDENCE_MAX);
});

test('a gap is passed once, by the first frame after it, and stands between those around it', () => {
  const stage = new Stage();
  const { a, b } = pair(stage);
  a.sends(b, { from: 0, to: 9, rate: 1 });
  stage.lacks(3, 4);
  stage.lacks(5, 5);
  const { view, frames } = stage.play();
  const watch = new GapWatch(view);
  const passed = frames.filter(({ sequence }) => watch.passed(sequence));
  expect(moments(passed)).toEqual([6]);
  const at = (seconds: number) => frames.find(({ arrived }) => arrived / 1e9 - 100 === seconds)!.sequence;
  expect(isWhole(view, at(2), at(6))).toBe(false);
  expect(isWhole(view, at(1), at(2))).toBe(true);
  expect(isWhole(view, at(6), at(9))).toBe(true);
});
