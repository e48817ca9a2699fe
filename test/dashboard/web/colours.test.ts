import { describe, expect, test } from 'vitest';
import { PLAYER_COLOURS, colourOf, playerColours } from '../../../dashboard/web/src/lib/colours.ts';

const macs = (count: number) =>
  Array.from({ length: count }, (_, i) => `02:00:00:00:${(i >> 8).toString(16)}:${(i & 255).toString(16)}`);

describe('the colours of players', () => {
  test('are all different as long as there are enough', () => {
    const colours = playerColours(macs(PLAYER_COLOURS));
    expect(new Set(colours.values()).size).toBe(PLAYER_COLOURS);
  });

  test('are the same in every session for whoever came first', () => {
    for (const player of macs(300)) {
      const alone = playerColours([player]).get(player);
      expect(playerColours([player, ...macs(5)]).get(player)).toBe(alone);
    }
  });

  test('begin anew where there are more players than colours', () => {
    const colours = playerColours(macs(25));
    for (const colour of colours.values()) expect(colour).toBeLessThan(PLAYER_COLOURS);
    expect(colours.size).toBe(25);
  });

  test('are grey for nobody', () => {
    expect(colourOf(new Map(), null)).toBe('var(--text-3)');
  });
});
