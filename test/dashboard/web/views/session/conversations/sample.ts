/** Small conversations for tests of what is shown of them. */
import type { Conversation, Way } from '../../../../../../dashboard/api/sessions.ts';

export function way(given: Partial<Way>): Way {
  return {
    from: 'ann/50',
    to: 'bob/50',
    frames: 10,
    bytes: 480,
    first: 0,
    last: 9e9,
    firstSequence: 1,
    lastSequence: 20,
    interval: 33.3e6,
    perSecond: 30,
    sizes: { min: 48, median: 48, max: 48, common: 48, commonFrames: 10, exact: true },
    silences: [],
    ...given,
  };
}

export function conversation(ways: readonly Way[], given: Partial<Conversation> = {}): Conversation {
  return {
    protocol: 'postoffice',
    carries: 'datagrams',
    ways: [...ways],
    dropped: {},
    delayP50: 70_000,
    delayP99: 900_000,
    inner: null,
    filter: ways.map(({ from, to }) => `(from == ${from} && to == ${to})`).join(' || '),
    ...given,
  };
}
