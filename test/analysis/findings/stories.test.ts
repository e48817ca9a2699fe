/** Every finding, made to happen and kept silent: one story each. */
import { describe, expect, it, test } from 'vitest';
import { EVIDENCE_MAX } from '../../../analysis/findings/finding.ts';
import { findingSpecs } from '../../../analysis/findings/table.ts';
import { Stage } from './stage.ts';
import { closeStories } from './stories/closes.ts';
import { datagramStories } from './stories/datagrams.ts';
import { delayStories } from './stories/delay.ts';
import { endStories } from './stories/ends.ts';
import { guardStories } from './stories/guard.ts';
import { identityStories } from './stories/identity.ts';
import { lossStories } from './stories/losses.ts';
import { matchingStories } from './stories/matching.ts';
import { rhythmStories } from './stories/rhythm.ts';
import { streamStories } from './stories/streams.ts';

const stories = [
  ...endStories,
  ...closeStories,
  ...streamStories,
  ...datagramStories,
  ...matchingStories,
  ...identityStories,
  ...guardStories,
  ...delayStories,
  ...rhythmStories,
  ...lossStories,
];

describe.each(findingSpecs)('$id', ({ id, severity, example }) => {
  const own = stories.filter(({ finding }) => finding === id);

  it.each(own.filter(({ says }) => says.length > 0))('is said: $title', ({ play, says }) => {
    const stage = new Stage();
    play(stage);
    const found = stage.findings().filter((finding) => finding.id === id);
    expect(found.map(({ text }) => text)).toEqual(says);
    const { view, frames } = stage.play();
    const kept = new Set(frames.map(({ sequence }) => sequence));
    for (const finding of found) {
      expect(finding.severity).toBe(severity);
      expect(finding.at).toBeGreaterThanOrEqual(view.session.started);
      expect(finding.frames.length).toBeLessThanOrEqual(EVIDENCE_MAX);
      expect(finding.frames.filter((sequence) => !kept.has(sequence))).toEqual([]);
      expect(finding.frames).toEqual([...finding.frames].sort((x, y) => x - y));
    }
  });

  it.each(own.filter(({ says }) => says.length === 0))('is not said: $title', ({ play }) => {
    const stage = new Stage();
    play(stage);
    expect(stage.findings().filter((finding) => finding.id === id)).toEqual([]);
  });

  test('has an example that happens, and a story in which it is silent', () => {
    expect(own.flatMap(({ says }) => says)).toContain(example);
    expect(own.filter(({ says }) => says.length === 0)).not.toEqual([]);
  });
});

test('every story is about a finding that there is', () => {
  const ids = new Set(findingSpecs.map(({ id }) => id));
  expect(stories.filter(({ finding }) => !ids.has(finding))).toEqual([]);
});
