/** Whatever was recorded at our own relay is the same there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { littlePlays, playLittle } from '../../kit/little-plays.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { recorded, startRelay } from '../../kit/recorded-relay.ts';
import { replayFile } from '../../kit/replaying.ts';

test.each(['causal', 'max'] as const)(
  'any little play is the same once more, at %s',
  async (pace) => {
    await fc.assert(
      fc.asyncProperty(littlePlays, async (moves) => {
        const file = await recorded(({ port }) => playLittle(port, moves));
        const relay = await startRelay();
        const verdict = await replayFile(file, relay, { pace, settleMs: 20 });
        await relay.stop();
        expect(verdict.differences.filter(({ fails }) => fails).map(({ text }) => text)).toEqual([]);
        expect(verdict.outcome).toBe('same');
      }),
      { ...runs(15), endOnFailure: true },
    );
  },
  2 * PROPERTY_TIMEOUT_MS,
);
