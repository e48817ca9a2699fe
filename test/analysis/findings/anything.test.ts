/** Whatever a capture holds, findings are made of it, and name only what it holds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVIDENCE_MAX } from '../../../analysis/findings/finding.ts';
import { findingObservers } from '../../../analysis/findings/table.ts';
import type { SessionView } from '../../../analysis/observe.ts';
import type { RecordedConnection, RecordedFrame } from '../../../recorder/captures.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { Stage } from './stage.ts';
import { observe } from './walk.ts';

const time = fc.integer({ min: 0, max: 90e9 });
const mac = fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03');
const endpoint = fc.oneof(
  fc.tuple(mac, fc.integer({ min: 1, max: 3 })).map(([player, port]) => `${player}/${port}`),
  mac,
  fc.constant('10.0.0.1'),
);

const connection: fc.Arbitrary<Omit<RecordedConnection, 'conn'>> = fc.record({
  protocol: fc.constantFrom(postoffice, null),
  protocolId: fc.constant(1),
  revision: fc.constant(1),
  remoteAddress: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  remotePort: fc.constant(4000),
  transport: fc.constant(null),
  opened: time,
  closed: fc.option(time),
  fault: fc.option(fc.integer({ min: 0, max: 25 })),
  role: fc.option(fc.constantFrom('pdp', 'ptp-listen', 'ptp-connect', 'ptp-accept', 'player', 'other')),
  endpoint: fc.option(endpoint),
  toward: fc.option(fc.oneof(endpoint, fc.constant(''))),
  nickname: fc.constant(null),
  game: fc.constant(null),
  gameName: fc.constant(null),
  stamp: fc.constant(null),
});

/** How many a gap swallows before it, now and then. */
const hop = fc.record({
  skips: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
  pause: fc.oneof(fc.integer({ min: 0, max: 3e8 }), fc.integer({ min: 0, max: 5e9 })),
  delay: fc.option(fc.oneof(fc.constant(2e5), fc.integer({ min: 0, max: 3e8 }))),
  from: fc.integer({ min: 0, max: 7 }),
  to: fc.integer({ min: 0, max: 7 }),
  kind: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(255)),
  outcome: fc.integer({ min: 0, max: 9 }),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom('HELLO', 'JOIN', 'ACCEPT', 'CANCEL', 'BYE')
      .map((name) =>
        Buffer.concat([
          Buffer.alloc(10),
          Buffer.of(name.length + 9, 0, 0, 0),
          Buffer.from(`matching ${name}`),
        ]),
      ),
  ),
});

test(
  'no frames and no connections make it fail, and evidence is of this session',
  () => {
    const rows = fc.array(connection, { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.array(hop, { maxLength: 120 }), (connections, hops) => {
        const { view: empty } = new Stage().play();
        const gaps: SessionView['gaps'][number][] = [];
        let sequence = 0;
        let now = 1e9;
        const frames = hops.map(({ skips, pause, delay, bytes, ...rest }): RecordedFrame => {
          const gap = {
            firstSequence: sequence + 1,
            frames: skips,
            events: skips % 2,
            noticed: now,
            reason: '',
          };
          if (skips > 0) gaps.push(gap);
          sequence += skips + 1;
          now += pause;
          const departed = delay === null ? null : now + delay;
          return { sequence, arrived: now, departed, bytes: Buffer.from(bytes), ...rest };
        });
        const view: SessionView = {
          ...empty,
          session: { ...empty.session, started: 1e9, lastSeen: now },
          connections: new Map(connections.map((row, i) => [i + 1, { ...row, conn: i + 1 }])),
          gaps,
        };
        const observer = findingObservers(view);
        observe(view, frames, observer);
        const kept = new Set(frames.map((frame) => frame.sequence));
        for (const { text, frames: shown, at } of observer.end()) {
          expect(text).not.toMatch(/undefined|null|NaN|Infinity|\{/);
          expect(shown.filter((each) => !kept.has(each))).toEqual([]);
          expect(shown.length).toBeLessThanOrEqual(EVIDENCE_MAX);
          expect(at).toBeGreaterThanOrEqual(0);
        }
      }),
      runs(400),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
