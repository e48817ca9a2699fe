/** What the dashboard is told of the relay once a second: numbers, copied as they are. */
import type { Figures } from '../dashboard/server/backend.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { RelayMetrics } from '../relay/metrics.ts';

export function figuresOf(
  metrics: RelayMetrics,
  recorder: Pick<Recorder, 'captureId' | 'status'> | null,
): Figures {
  const { players, connections, connectionsRefused, framesOut, bytesOut, outcomes, faults, delay } = metrics;
  return {
    players,
    connections,
    connectionsRefused,
    frames: framesOut,
    bytes: bytesOut,
    outcomes,
    faults,
    delays: delay.counts(),
    recorder: recorder === null ? null : { capture: recorder.captureId, ...recorder.status() },
  };
}
