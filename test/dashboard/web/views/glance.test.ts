import { describe, expect, test } from 'vitest';
import type { Now, RecorderNow, RelayNow, Samples } from '../../../../dashboard/api/now.ts';
import {
  BEHIND_MS,
  DROPPED_PERCENT,
  glance,
  recordingText,
  SLOW_MS,
  SLOW_SECONDS,
} from '../../../../dashboard/web/src/views/now/glance.ts';
import { hasHole, HOLE_MS, joined, latest, recent } from '../../../../dashboard/web/src/views/now/samples.ts';

function samples(
  seconds: number,
  values: Partial<Record<keyof Samples, number | null>> = {},
  from = 0,
): Samples {
  const column = (name: keyof Samples) => Array.from({ length: seconds }, () => values[name] ?? null);
  return {
    at: Array.from({ length: seconds }, (_, i) => from + i * 1_000),
    players: column('players'),
    framesPerSecond: column('framesPerSecond'),
    bytesPerSecond: column('bytesPerSecond'),
    delayP50Ms: column('delayP50Ms'),
    delayP99Ms: column('delayP99Ms'),
    dropsPerSecond: column('dropsPerSecond'),
    lagMs: column('lagMs'),
  };
}

const relay: RelayNow = {
  players: 4,
  connections: 12,
  framesTotal: 1_000,
  bytesTotal: 50_000,
  connectionsRefused: 0,
  drops: [],
  faults: [],
  groups: [],
};
const recorder: RecorderNow = {
  capture: 1,
  framesRecorded: 1_000,
  framesLost: 0,
  lagMs: 29,
  bytesWaiting: 0,
  blocked: false,
  trouble: null,
};
const well: Now = {
  version: '0.1.0',
  file: 'postreel.db',
  relay,
  recorder,
  samples: samples(60, { delayP50Ms: 0.07, delayP99Ms: 0.4, framesPerSecond: 100, dropsPerSecond: 0 }),
};

describe('the glance', () => {
  test('says that all is well, how many play, and how fast the relay is', () => {
    expect(glance(well)).toEqual({ tone: 'good', title: 'All is well: 4 players, delay 0.07 ms', text: '' });
  });

  test('leaves out what was not measured, and counts one as one', () => {
    const now = { ...well, relay: { ...relay, players: 1 }, samples: samples(0) };
    expect(glance(now).title).toBe('All is well: 1 player');
  });

  test('says that nobody plays', () => {
    expect(glance({ ...well, relay: { ...relay, players: 0 } }).title).toBe('All is well: nobody plays yet');
  });

  test('says that a file is a file', () => {
    expect(glance({ ...well, relay: null })).toMatchObject({ tone: 'plain', title: 'This is postreel.db' });
  });

  test('names trouble of the recorder, and what is lost by it', () => {
    const troubled = { ...recorder, trouble: 'disk full' };
    expect(glance({ ...well, recorder: troubled })).toMatchObject({
      tone: 'bad',
      title: 'Recording is in trouble: disk full',
      text: expect.stringContaining('Nothing is lost so far') as string,
    });
    expect(glance({ ...well, recorder: { ...troubled, framesLost: 120 } }).text).toContain(
      '120 frames are lost',
    );
  });

  test.each<[string, Now, string]>([
    [
      'a relay that was slow in the last minute',
      { ...well, samples: samples(60, { delayP99Ms: SLOW_MS }) },
      'The relay is slow: frames stay in it for up to 20.0 ms',
    ],
    [
      'a recorder that slows players',
      { ...well, recorder: { ...recorder, blocked: true } },
      'Players are slowed, so that nothing is lost from the recording',
    ],
    [
      'a recording that is behind',
      { ...well, recorder: { ...recorder, lagMs: BEHIND_MS } },
      'The recording is 2.0 s behind',
    ],
    [
      'frames that do not arrive',
      { ...well, samples: samples(60, { framesPerSecond: 100, dropsPerSecond: DROPPED_PERCENT }) },
      '5 of 100 frames do not arrive',
    ],
    [
      'frames that the recording lacks',
      { ...well, recorder: { ...recorder, framesLost: 1 } },
      'The recording lacks 1 frame',
    ],
  ])('tells of %s', (_, now, title) => {
    expect(glance(now).title).toBe(title);
    expect(['warn', 'bad']).toContain(glance(now).tone);
  });

  test('tells nothing of what is just below that', () => {
    const now: Now = {
      ...well,
      recorder: { ...recorder, lagMs: BEHIND_MS - 1 },
      samples: samples(60, {
        delayP99Ms: SLOW_MS - 0.1,
        framesPerSecond: 100,
        dropsPerSecond: DROPPED_PERCENT - 0.1,
      }),
    };
    expect(glance(now).tone).toBe('good');
  });

  test('tells the gravest, where there is more than one', () => {
    const slow = samples(60, { delayP99Ms: SLOW_MS });
    const now = { ...well, samples: slow, recorder: { ...recorder, framesLost: 3, blocked: true } };
    expect(glance(now).tone).toBe('bad');
    expect(glance({ ...now, recorder: { ...recorder, trouble: 'disk full' } }).title).toContain('disk full');
  });

  test('does not call a relay slow that was so for a moment', () => {
    const since = samples(10, { delayP99Ms: 0.4 }, SLOW_SECONDS * 1_000);
    const after = (seconds: number) => joined(samples(seconds, { delayP99Ms: 500 }), since);
    expect(glance({ ...well, samples: after(SLOW_SECONDS - 1) }).tone).toBe('good');
    expect(glance({ ...well, samples: after(SLOW_SECONDS) }).tone).toBe('bad');
  });

  test('forgets what was more than a minute ago', () => {
    const slow = samples(SLOW_SECONDS, { delayP99Ms: 500 });
    const since = samples(60, { delayP99Ms: 0.4 }, SLOW_SECONDS * 1_000);
    expect(glance({ ...well, samples: joined(slow, since) }).tone).toBe('good');
  });
});

describe('what is said of the recording', () => {
  test('is where it goes, how far behind it is, and what is lost', () => {
    expect(recordingText(well)).toBe('Recording into postreel.db, 29.0 ms behind, nothing lost');
    expect(recordingText({ ...well, recorder: { ...recorder, lagMs: 0, framesLost: 3 } })).toBe(
      'Recording into postreel.db, up to date, 3 lost',
    );
    expect(recordingText({ ...well, recorder: null })).toBe('Nothing is recorded');
  });
});

describe('samples', () => {
  test('are joined without doubles, in all columns', () => {
    const both = joined(samples(3, { players: 1 }), samples(3, { players: 2 }, 1_000));
    expect(both.at).toEqual([0, 1_000, 2_000, 3_000]);
    expect(both.players).toEqual([1, 1, 1, 2]);
    expect(both.lagMs).toHaveLength(4);
  });

  test('that are known already change nothing', () => {
    const old = samples(3);
    expect(joined(old, samples(2))).toBe(old);
    expect(joined(old, samples(0))).toBe(old);
  });

  test('are no more than fit', () => {
    const both = joined(samples(5), samples(2, {}, 5_000), 4);
    expect(both.at).toEqual([3_000, 4_000, 5_000, 6_000]);
    expect(both.players).toHaveLength(4);
  });

  test('have a hole where some are missing', () => {
    expect(hasHole(samples(1), samples(1, {}, HOLE_MS))).toBe(false);
    expect(hasHole(samples(1), samples(1, {}, HOLE_MS + 1))).toBe(true);
    expect(hasHole(samples(0), samples(1, {}, 99_999))).toBe(false);
  });

  test('know the last value, and the last ones, that were measured', () => {
    const some = joined(samples(2, { players: 3 }), samples(3, {}, 2_000));
    expect(latest(some, 'players')).toBe(3);
    expect(latest(some, 'players', 3)).toBeNull();
    expect(recent(some, 'players')).toEqual([3, 3]);
    expect(recent(some, 'players', 3_000)).toEqual([]);
  });
});
