/**
 * Every relay of the table that breaks one thing is told from the good one, by its first difference; and no relay
 * that is only odd is blamed. One evening of four players is recorded, and replayed against each of them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaptureFile } from '../../recorder/captures.ts';
import { placesOf } from '../kit/damages.ts';
import { mutants, startMutant } from '../kit/mutants.ts';
import { meshPlay, type Recording, recordPlay } from '../kit/plays.ts';
import { replayFile } from '../kit/replaying.ts';

let evening: Recording;
let reader: CaptureFile;
beforeAll(async () => {
  evening = await recordPlay(meshPlay);
  reader = CaptureFile.open(evening.file);
}, 60_000);
afterAll(() => reader.close());

const broken = mutants.filter(({ expects }) => expects.length > 0);
const odd = mutants.filter(({ expects }) => expects.length === 0);

test('the table has relays of both sorts, and of both protocols', () => {
  expect(broken.length).toBeGreaterThan(30);
  expect(odd.length).toBeGreaterThan(5);
  expect(new Set(broken.map(({ protocol }) => protocol.name))).toEqual(new Set(['postoffice', 'adhocctl']));
});

describe.each(['causal', 'max'] as const)('at %s', (pace) => {
  describe('a relay is found out that', () => {
    test.for(broken)('$what', { timeout: 90_000 }, async (mutant) => {
      const running = await startMutant(mutant);
      try {
        const verdict = await replayFile(evening.file, running, { pace, patienceMs: 1_000 });
        if (running.damages.length === 0 && pace === 'max' && mutant.isTimed === true) {
          expect(verdict.outcome).toBe('same');
          return;
        }
        expect(running.damages.length, 'it had no opportunity').toBeGreaterThan(0);
        const first =
          verdict.differences[verdict.first ?? verdict.differences.findIndex(isOf(mutant.expects))];
        expect(first, JSON.stringify(verdict.counts)).toBeDefined();
        expect(mutant.expects, first!.text).toContain(first!.class);
        const places = running.damages
          .filter((damage) => mutant.expects.includes(damage.class))
          .flatMap((damage) => placesOf(damage, reader, evening.sessions[0]!));
        const { sequence, text } = first!;
        // What both ends of a stream said is on its way at full speed: an early end may take away any of it.
        if (pace === 'max' && running.damages.some(({ end }) => end !== null)) return;
        expect(
          places.some((place) => place.first <= sequence && sequence <= place.last),
          `${text} (${first!.class}, ${sequence}); ${JSON.stringify(places)}`,
        ).toBe(true);
      } finally {
        await running.stop();
      }
    });
  });

  describe('a relay is left alone that', () => {
    test.for(odd)('$what', { timeout: 60_000 }, async (mutant) => {
      const running = await startMutant(mutant);
      try {
        const verdict = await replayFile(evening.file, running, { pace });
        expect(verdict.outcome, verdict.differences[verdict.first ?? 0]?.text).toBe('same');
      } finally {
        await running.stop();
      }
    });
  });
});

function isOf(classes: readonly string[]): (difference: { readonly class: string }) => boolean {
  return (difference) => classes.includes(difference.class);
}
