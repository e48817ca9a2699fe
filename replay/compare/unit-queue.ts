/** Units that wait, and how many bytes they have. The rule: it says when it is over its limits, and leaves to its owner what then. */
import { Ring } from '../ring.ts';
import type { Unit } from '../types.ts';
import type { Budget } from './budget.ts';

export class UnitQueue {
  readonly #units = new Ring<Unit>();
  readonly #unitsMax: number;
  readonly #bytesMax: number;
  /** Of all queues together. */
  readonly #budget: Budget;
  #bytes = 0;

  constructor(unitsMax: number, bytesMax: number, budget: Budget) {
    this.#unitsMax = unitsMax;
    this.#bytesMax = bytesMax;
    this.#budget = budget;
  }

  get length(): number {
    return this.#units.length;
  }

  get isOver(): boolean {
    const { length } = this.#units;
    if (length > this.#unitsMax || this.#bytes > this.#bytesMax) return true;
    return this.#budget.isOverFor(length, this.#bytes);
  }

  push(unit: Unit): void {
    this.#units.push(unit);
    this.#bytes += unit.bytes.length;
    this.#budget.take(unit);
  }

  at(index: number): Unit {
    return this.#units.at(index);
  }

  shift(): Unit {
    return this.remove(0);
  }

  remove(index: number): Unit {
    const unit = this.#units.remove(index);
    this.#bytes -= unit.bytes.length;
    this.#budget.giveBack(unit);
    return unit;
  }

  /** The one at `from` takes the place of the one at `to`, further back, which leaves. */
  replace(to: number, from: number): Unit {
    const replaced = this.#units.at(to);
    this.#units.set(to, this.#units.at(from));
    this.#units.remove(from);
    this.#bytes -= replaced.bytes.length;
    this.#budget.giveBack(replaced);
    return replaced;
  }
}
