/** What holds for the steps of any recording, however odd. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Failure } from '../../../common/failure.ts';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { CaptureFile } from '../../../recorder/captures.ts';
import { CaptureStore } from '../../../recorder/store.ts';
import { Script } from '../../../replay/script/script.ts';
import { isDeed, type Step } from '../../../replay/script/steps.ts';
import { meta, temporaryFile } from '../../kit/capture-file.ts';
import { happenings, tell } from '../../kit/happenings.ts';
import { field, lobby } from '../../kit/lobby.ts';
import { littlePlays, playLittle } from '../../kit/little-plays.ts';
import { PROPERTY_TIMEOUT_MS, runs } from '../../kit/property.ts';
import { recorded } from '../../kit/recorded-relay.ts';

vi.mock(import('../../../protocol/registry.ts'), async (original) => {
  const registry = await original();
  const { field, lobby } = await import('../../kit/lobby.ts');
  const protocols = [...registry.protocols, field, lobby];
  return {
    protocols,
    protocolById: (id) => protocols.find((each) => each.id === id) ?? null,
    protocolByName: (name) => protocols.find((each) => each.name === name) ?? null,
  };
});

/** Whole captures and sessions. Of some, nothing can be replayed. */
function* scripts(reader: CaptureFile): IterableIterator<Script> {
  for (const session of [null, ...reader.sessions()]) {
    try {
      yield new Script(reader, reader.capture(), { session, whyNot: () => null });
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'nothing-to-replay') throw error;
    }
  }
}

function check(script: Script): void {
  const places = new Map<Step, number>();
  const steps: Step[] = [];
  const opened = new Set<number>();
  const ended = new Set<number>();
  let before: Step | null = null;
  for (const step of script.steps()) {
    const place = steps.push(step) - 1;
    places.set(step, place);
    const earlier = isDeed(step) ? step.needs : step.cause === null ? [] : [step.cause];
    for (const each of earlier) expect(places.get(each)).toBeLessThan(place);
    expect(new Set(earlier).size).toBe(earlier.length);
    // What comes of a deed is read before it is sealed, but for what comes after something else was done.
    if (before !== null && isDeed(before) && isDeed(step)) expect(before.isSealed).toBe(true);
    if (step.kind === 'open') opened.add(step.client.conn);
    if (step.kind === 'end' || step.kind === 'ended') {
      expect(ended.has(step.client.conn)).toBe(false);
      ended.add(step.client.conn);
    }
    if (step.kind === 'send') expect(step.delivery === null || step.delivery.cause === step).toBe(true);
    before = step;
  }
  for (const step of steps) {
    if (!isDeed(step)) continue;
    expect(step.isSealed).toBe(true);
    const echoes = steps.filter((each) => !isDeed(each) && each.cause === step && each.client !== undefined);
    expect(step.echoes).toBeLessThanOrEqual(echoes.length);
    expect(step.hadEchoes).toBe(step.echoes > 0);
  }
  for (const conn of ended) if (opened.has(conn)) expect(script.clients.has(conn)).toBe(true);
}

test(
  'whatever happens: all that is waited for comes earlier, and all that is done is sealed',
  () => {
    fc.assert(
      fc.property(happenings, (all) => {
        const file = temporaryFile();
        const store = CaptureStore.open(file, meta, [lobby, field]);
        store.begin();
        for (const happening of all) tell(store, happening);
        store.commit();
        store.finish(1e15);
        const reader = CaptureFile.open(file);
        for (const script of scripts(reader)) check(script);
        reader.close();
      }),
      runs(120),
    );
  },
  PROPERTY_TIMEOUT_MS,
);

test(
  'and so it is with whatever happens at a relay',
  async () => {
    await fc.assert(
      fc.asyncProperty(littlePlays, async (moves) => {
        const reader = CaptureFile.open(await recorded(({ port }) => playLittle(port, moves), [postoffice]));
        for (const script of scripts(reader)) check(script);
        reader.close();
      }),
      runs(10),
    );
  },
  PROPERTY_TIMEOUT_MS,
);
