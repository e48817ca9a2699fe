/** When a frame is sent: as soon as its client has got what it had got, when it was sent then, or when somebody lets it go. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adhocctl } from '../../../protocol/adhocctl/index.ts';
import type { Hand } from '../../../replay/engine/options.ts';
import type { SendStep } from '../../../replay/script/steps.ts';
import type { Sending } from '../../../replay/types.ts';
import { login, person, scan } from '../../kit/adhocctl-wire.ts';
import { type Handled, slowRelay } from '../../kit/odd-targets.ts';
import { startRelay } from '../../kit/recorded-relay.ts';
import { replayFile } from '../../kit/replaying.ts';
import { Tape } from '../../kit/taped.ts';
import { playEvening } from '../../kit/taped-plays.ts';
import { pingPong } from '../../kit/taped-talk.ts';

const quick = { settleMs: 20 } as const;
const DELAY_MS = 30;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

/** Datagrams that came to the relay before those that had been heard then had left it. */
function tooEarly(all: readonly Handled[]): number {
  let left = 0;
  let came = 0;
  let early = 0;
  for (const { what } of all) {
    if (what === 'left') left++;
    else if (left < came++) early++;
  }
  return early;
}

describe('causal', () => {
  test('nobody sends before having got what was got before', async () => {
    const handled: Handled[] = [];
    const relay = await slowRelay(DELAY_MS, (each) => handled.push(each));
    const verdict = await replayFile(pingPong(20), relay, quick);
    expect(verdict).toMatchObject({ outcome: 'same', counts: { equal: 20 } });
    expect(tooEarly(handled)).toBe(0);
  });

  test('whoever waited for something is said to have been held by it, from when it was next', async () => {
    const sendings: Sending[] = [];
    const { holds } = await replayFile(pingPong(20), await slowRelay(DELAY_MS), {
      ...quick,
      onSent: (sending) => sendings.push(sending),
    });
    const held = sendings.filter(({ by }) => by === 'answer');
    expect(held.length).toBeGreaterThanOrEqual(18);
    expect(median(held.map(({ sent, scheduled }) => sent - scheduled))).toBeGreaterThan(1.5 * DELAY_MS);
    const tally = holds.find(({ by }) => by === 'answer')!;
    expect(tally).toMatchObject({ sends: held.length });
    expect(tally.longest).toBe(Math.max(...held.map(({ sent, scheduled }) => sent - scheduled)));
  });
});

describe('max', () => {
  test('nobody waits for what players say', async () => {
    const handled: Handled[] = [];
    const relay = await slowRelay(DELAY_MS, (each) => handled.push(each));
    const verdict = await replayFile(pingPong(20), relay, { ...quick, pace: 'max' });
    expect(verdict).toMatchObject({ outcome: 'same', counts: { equal: 20 } });
    expect(tooEarly(handled)).toBeGreaterThan(15);
  });
});

describe('recorded', () => {
  test.each([1, 2])('times are kept, at %i times the speed', async (speed) => {
    const sendings: Sending[] = [];
    const waitMs = 40;
    const verdict = await replayFile(pingPong(20, { waitMs }), await startRelay(), {
      ...quick,
      pace: 'recorded',
      speed,
      onSent: (sending) => sendings.push(sending),
    });
    expect(verdict).toMatchObject({ outcome: 'same', counts: { sent: 22, equal: 20 } });
    // Of the tape: two openings of two milliseconds, and then a turn of `waitMs` and one more.
    const due = (sequence: number) => (4 - 1 + (sequence - 2) * (waitMs + 1)) / speed;
    const late = sendings.slice(2).map(({ sequence, sent }) => sent - due(sequence));
    expect(Math.min(...late)).toBeGreaterThanOrEqual(-0.01);
    expect(median(late)).toBeLessThan(waitMs / 2);
    expect(verdict.holds.find(({ by }) => by === 'time')?.sends).toBeGreaterThan(0);
  });
});

describe('step', () => {
  class ScriptedHand implements Hand {
    readonly offered: number[] = [];
    onLetGo: () => void = () => undefined;
    left = 0;

    offer(step: SendStep): void {
      this.offered.push(step.sequence);
    }

    takes(): boolean {
      if (this.left === 0) return false;
      this.left--;
      return true;
    }

    letGo(count: number): void {
      this.left = count;
      this.onLetGo();
    }
  }

  function patientReplay(file: string, port: number, hand: Hand) {
    const sent: number[] = [];
    const ports = { port, adhocctlPort: port };
    const onSent = ({ sequence }: Sending) => sent.push(sequence);
    return { sent, verdict: replayFile(file, ports, { ...quick, pace: 'step', hand, onSent }) };
  }

  /** Until something is offered that has not been. */
  async function nextOffer({ offered }: ScriptedHand, before: number): Promise<void> {
    while (offered.length === before) await turn();
  }

  test('frames go one by one, in the order of the capture', async () => {
    const hand = new ScriptedHand();
    const { sent, verdict } = patientReplay(pingPong(6), (await startRelay()).port, hand);
    for (let i = 0; i < 8; i++) {
      await nextOffer(hand, i);
      expect(sent.length).toBe(i);
      hand.letGo(1);
    }
    expect(await verdict).toMatchObject({ outcome: 'same', counts: { sent: 8 } });
    expect(hand.offered).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(sent).toEqual(hand.offered);
  });

  test('all go at once, whoever is next', async () => {
    const hand = new ScriptedHand();
    const relay = await startRelay();
    const file = playEvening();
    const ports = { port: relay.port, adhocctlPort: relay.port };
    const verdict = replayFile(file, ports, { ...quick, pace: 'step', hand });
    await nextOffer(hand, 0);
    hand.letGo(Infinity);
    expect(await verdict).toMatchObject({ outcome: 'same', partial: null });
  });

  test('a replay that waits for a hand can be broken off', async () => {
    const hand = new ScriptedHand();
    const abort = new AbortController();
    const verdict = replayFile(pingPong(6), await startRelay(), {
      ...quick,
      pace: 'step',
      hand,
      signal: abort.signal,
    });
    await nextOffer(hand, 0);
    abort.abort(new Error('somebody quit'));
    expect(await verdict).toMatchObject({ outcome: 'same', partial: 'somebody quit', counts: { sent: 0 } });
  });
});

test('a client asks no more of the target in a while than targets allow', async () => {
  const tape = new Tape();
  const asks = tape.connect(adhocctl).sends(login(person('02aabbccdd01', 'Ann')));
  for (let i = 0; i < 130; i++) asks.sends(scan);
  asks.ends();
  const { outcome, holds, lasted } = await replayFile(tape.end(), await startRelay(), {
    ...quick,
    pace: 'max',
  });
  expect(outcome).toBe('same');
  expect(holds.find(({ by }) => by === 'rate')?.sends).toBeGreaterThan(20);
  expect(lasted).toBeGreaterThan(500);
});

test.each([0, 1, 3, 10, 30, 80, 150])('broken off after %i ms, nothing of it is left behind', async (ms) => {
  const relay = await startRelay();
  const before = resources();
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const timer = setTimeout(() => abort.abort(new Error('enough')), ms);
  const { signal } = abort;
  const verdict = await replayFile(pingPong(4_000), relay, { ...quick, signal });
  clearTimeout(timer);
  expect(verdict.partial).toBe('enough');
  expect(verdict.outcome).toBe('same');
  for (const { connections } of relay.relay.listeners) while (connections.size > 0) await turn();
  await sleep(10);
  expect(resources()).toEqual(before);
  await relay.stop();
});

/** What keeps a program alive; of timers, the test's runner has one now and then. */
function resources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((each) => /^(TCP|Connect)/.test(each))
    .sort();
}
