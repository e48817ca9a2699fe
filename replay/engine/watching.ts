/**
 * The player whom somebody else plays: what it does is watched, and others wait for it.
 *
 * The rule: it is waited for without end until it is there, and then with patience. What it may do is released as soon
 * as the others have done what came before; if it does that sooner, nobody minds. What it gets is not waited for,
 * since nobody here sees it.
 */
import type { Millis } from '../../protocol/types.ts';
import { type DeedStep, type EndedStep, isDeed, type ReceiveStep, type Step } from '../script/steps.ts';
import { type HoldReason, RELAY_END } from '../types.ts';
import type { Actor } from './actor.ts';
import type { External } from './options.ts';
import { type Stage, until } from './stage.ts';

export class Watching {
  readonly #stage: Stage;
  readonly #external: External;
  /** Since when it has been awaited to do this. */
  #awaited: DeedStep | null = null;
  #since: Millis = 0;
  /** Connections that it may end from now on, and has not: at most as many as were recorded. */
  readonly #ends = new Set<DeedStep>();

  constructor(stage: Stage, external: External) {
    this.#stage = stage;
    this.#external = external;
  }

  /** A step of its has been read. Nobody has to wait until it hears of what it comes of. */
  read(step: Step): void {
    if (isDeed(step)) {
      step.isFree = true;
      return;
    }
    if (step.cause === null) return;
    const isEcho = step.kind === 'ended' || (step.conversation.from === RELAY_END && !step.unit.isOptional);
    if (isEcho) this.#stage.unseen(step.cause);
  }

  /** By what the step is held; null where it is done, or may be. */
  watch(actor: Actor, step: Step): HoldReason | null {
    if (!isDeed(step)) return this.#gets(actor, step);
    if (!step.isSealed) return 'nothing';
    const held = this.#external.happened(step) ? null : this.#await(actor, step);
    if (held !== null) return held;
    this.#released(step);
    return null;
  }

  /** Ends are waited for only where others wait for them: a game may leave its sockets open when all is over. */
  lookAtEnds(): void {
    const stage = this.#stage;
    for (const end of this.#ends) {
      if (!this.#external.hasEnded(end)) {
        if (!stage.isAwaited(end)) continue;
        const deadline = end.doneAt + this.#external.patienceOf(stage.options.patienceMs);
        if (stage.now < deadline) {
          stage.wakeAt(deadline);
          continue;
        }
        this.#external.gaveUp(end);
      }
      this.#ends.delete(end);
      stage.takenEffect(end);
    }
  }

  #await(actor: Actor, step: DeedStep): HoldReason | null {
    const stage = this.#stage;
    for (const need of step.needs) {
      const held = need.isEffective ? null : stage.awaitNeed(need, actor);
      if (held !== null) return held;
    }
    this.#external.awaited();
    if (!this.#external.isThere) return 'answer';
    if (this.#awaited !== step) {
      this.#awaited = step;
      this.#since = stage.now;
    }
    const deadline = this.#since + this.#external.patienceOf(stage.options.patienceMs);
    if (stage.now < deadline) return until(actor, deadline, 'answer');
    this.#external.gaveUp(step);
    return null;
  }

  #released(step: DeedStep): void {
    const stage = this.#stage;
    step.isDone = true;
    step.doneAt = stage.now;
    step.needs = [];
    this.#external.released(step);
    if (step.kind === 'send') {
      const { delivery } = step;
      step.delivery = null;
      if (delivery !== null) stage.seat(delivery.client).talk(delivery.conversation).waiting.release();
      if (step.changes) stage.fallBehind(step.at);
    }
    if (step.kind === 'end') this.#ends.add(step);
    else stage.takenEffect(step);
    stage.done(step);
  }

  #gets(actor: Actor, step: ReceiveStep | EndedStep): HoldReason | null {
    const { cause } = step;
    if (cause !== null && !cause.isDone) return this.#stage.awaitCause(cause, actor);
    step.isDone = true;
    this.#stage.takenEffect(step);
    return null;
  }
}
