/** What the dashboard is told of the relay: what the relay counts, and nothing that changes it. */
import { expect, it } from 'vitest';
import { figuresOf } from '../../cli/figures.ts';
import { Outcome } from '../../protocol/outcome.ts';
import { RelayMetrics } from '../../relay/metrics.ts';

it('a relay’s figures are its counts since the start', () => {
  const metrics = new RelayMetrics();
  Object.assign(metrics, { connections: 4, framesOut: 1000, bytesOut: 5000, connectionsRefused: 2 });
  metrics.countPlayers = () => 3;
  metrics.outcomes[Outcome.noTarget] = 7;
  metrics.countFault('lost');
  metrics.delay.add(2);
  const figures = figuresOf(metrics, null);
  expect(figures).toMatchObject({
    players: 3,
    connections: 4,
    connectionsRefused: 2,
    frames: 1000,
    bytes: 5000,
    recorder: null,
  });
  expect(figures.outcomes[Outcome.noTarget]).toBe(7);
  expect([...figures.faults]).toEqual([['lost', 1]]);
  expect(figures.delays.reduce((sum, count) => sum + count)).toBe(1);
  expect(metrics.delay.count).toBe(1);
});

it('with a recorder they say into which capture, and how it keeps up', () => {
  const status = {
    framesRecorded: 100,
    framesLost: 1,
    lagMs: 12,
    bytesWaiting: 5,
    trouble: 'the disk is full',
    blocked: true,
  };
  const { recorder } = figuresOf(new RelayMetrics(), { captureId: 9, status: () => status });
  expect(recorder).toEqual({ capture: 9, ...status });
});
