import { describe, expect, it } from 'vitest';
import { Guesses } from '../../../dashboard/server/guesses.ts';
import { CLIENTS_KEPT_MAX, GUESSES_MAX, GUESSES_MS } from '../../../dashboard/server/limits.ts';

const ANN = '192.0.2.1';

function guessing() {
  const clock = { now: 0 };
  const guesses = new Guesses(() => clock.now);
  const wrong = (address: string, times = 1) => {
    for (let i = 0; i < times; i++) guesses.heard(address, false);
  };
  return { clock, guesses, wrong };
}

describe('wrong tokens', () => {
  it('are heard so many times, and then not even the right one is', () => {
    const { guesses, wrong } = guessing();
    wrong(ANN, GUESSES_MAX - 1);
    expect(guesses.heard(ANN, true)).toBeNull();
    expect(guesses.heard(ANN, false)).toBeNull();
    expect(guesses.heard(ANN, true)).toMatchObject({ status: 429 });
    expect(guesses.heard('192.0.2.2', true)).toBeNull();
  });

  it('are forgotten after a while, which trying on does not make longer', () => {
    const { clock, guesses, wrong } = guessing();
    wrong(ANN, GUESSES_MAX);
    clock.now = GUESSES_MS - 1;
    expect(guesses.heard(ANN, false)).not.toBeNull();
    clock.now = GUESSES_MS;
    expect(guesses.heard(ANN, true)).toBeNull();
  });

  it('of one IPv6 network are of one client', () => {
    const { guesses, wrong } = guessing();
    for (let i = 0; i < GUESSES_MAX; i++) wrong(`2001:db8:0:1::${i}`);
    expect(guesses.heard('2001:db8:0:1:ffff::9', true)).not.toBeNull();
    expect(guesses.heard('2001:db8:0:2::1', true)).toBeNull();
  });

  it('are remembered of the latest clients alone', () => {
    const { guesses, wrong } = guessing();
    wrong(ANN, GUESSES_MAX);
    for (let i = 0; i < CLIENTS_KEPT_MAX - 1; i++) wrong(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    expect(guesses.heard(ANN, true)).not.toBeNull();
    wrong('192.0.2.77');
    expect(guesses.heard(ANN, true)).toBeNull();
  });
});
