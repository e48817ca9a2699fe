/** By what sends were held, and for how long. */
import type { Millis } from '../../protocol/types.ts';
import { type Hold, type HoldReason, holdReasons } from '../types.ts';

export class HoldTally {
  readonly #holds = new Map<HoldReason, { sends: number; total: Millis; longest: Millis }>();

  count(by: HoldReason, lasted: Millis): void {
    const held = this.#holds.get(by) ?? { sends: 0, total: 0, longest: 0 };
    held.sends++;
    held.total += lasted;
    held.longest = Math.max(held.longest, lasted);
    this.#holds.set(by, held);
  }

  told(): Hold[] {
    return holdReasons.flatMap((by) => {
      const held = this.#holds.get(by);
      return held === undefined ? [] : [{ by, ...held }];
    });
  }
}
