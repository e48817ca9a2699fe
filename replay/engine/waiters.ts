/** Players who wait for a step of somebody else's. */
import type { Step } from '../script/steps.ts';
import type { Actor } from './actor.ts';

export class Waiters {
  readonly #actors = new Map<Step, Actor[]>();

  add(step: Step, actor: Actor): void {
    const actors = this.#actors.get(step);
    if (actors === undefined) this.#actors.set(step, [actor]);
    else if (!actors.includes(actor)) actors.push(actor);
  }

  has(step: Step): boolean {
    return this.#actors.has(step);
  }

  /** Those who waited for it, who do so no longer. */
  take(step: Step): readonly Actor[] {
    const actors = this.#actors.get(step) ?? NOBODY;
    if (actors.length > 0) this.#actors.delete(step);
    return actors;
  }
}

const NOBODY: readonly Actor[] = [];
