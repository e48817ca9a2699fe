/**
 * Plays a script: each player does its next step as soon as everything it has to wait for has come about.
 *
 * The rule: nothing is waited for without end. What a client waits for may be given up, and every other wait is for a
 * step that comes earlier in the capture, so that the earliest step that is not done can always go on.
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../protocol/types.ts';
import { isDeed, type Step } from '../script/steps.ts';
import type { Conversation, HoldReason, Unit } from '../types.ts';
import type { Actor } from './actor.ts';
import { Doing } from './doing.ts';
import { Hearing } from './hearing.ts';
import type { EngineOptions, Played } from './options.ts';
import { Stage } from './stage.ts';
import { Watching } from './watching.ts';

/** Steps that are read ahead of the play, and their bytes. */
export const STEPS_AHEAD = 20_000;
export const BYTES_AHEAD = 8 * 1024 * 1024;
const STEPS_PER_READ = 2_000;
/**
 * After so many steps all are looked at once more in each turn. So the frames of a long play leave many at a time, which
 * is what makes it quick, and those of a short one as close to how they left in the recording as the pace allows.
 */
const STEPS_PER_LOOK = 2_000;

export class Engine {
  readonly #options: EngineOptions;
  readonly #stage: Stage;
  readonly #hearing: Hearing;
  readonly #doing: Doing;
  /** Null where all are ours. */
  readonly #watching: Watching | null;
  readonly #steps: Iterator<Step, void>;
  #isRead = false;
  #stepsRead = 0;
  /** Read, and not done. */
  #ahead = 0;
  #bytesAhead = 0;
  /** By when all that is on its way must have come, once there is nothing else to do. */
  #lastCall: Millis | null = null;
  /** Who did what was read last, which is held until it is known what came of it. */
  #unsealed: Actor | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#steps = options.script.steps()[Symbol.iterator]();
    if (options.hand !== null) options.hand.onLetGo = () => this.poke();
    this.#stage = new Stage(options, (step) => this.#hearing.settled(step));
    this.#hearing = new Hearing(this.#stage);
    this.#doing = new Doing(this.#stage, this.#hearing);
    const { external } = options;
    this.#watching = external === null ? null : new Watching(this.#stage, external);
  }

  /** Since the start. */
  get now(): Millis {
    return this.#stage.elapsed;
  }

  /** Something has happened that the engine does not see itself: everybody is looked at again. */
  poke(): void {
    this.#stage.markAll(this.#stage.actors.values());
    this.#stage.wakeUp();
  }

  /** What somebody else sent came to nobody: who was to get it goes on as if it had come. */
  missed(conversation: Conversation, unit: Unit): void {
    this.#hearing.missed(conversation, unit);
  }

  async play(): Promise<Played> {
    const { signal } = this.#options;
    const stop = () => this.#stage.wakeUp();
    signal.addEventListener('abort', stop);
    try {
      const isWhole = await this.#playAll();
      if (isWhole) {
        await this.#options.beforeLeaving();
        this.#stage.tellSilence();
      } else for (const seat of this.#stage.seats.values()) seat.excuse();
      return {
        sent: this.#doing.sent,
        holds: this.#doing.holds(),
        isWhole,
        unanswered: this.#stage.unanswered,
        lasted: this.now,
      };
    } finally {
      signal.removeEventListener('abort', stop);
      this.#stage.close();
    }
  }

  /** Answers whether it came to the end. */
  async #playAll(): Promise<boolean> {
    const { signal, onProgress } = this.#options;
    const stage = this.#stage;
    for (;;) {
      if (signal.aborted || stage.unanswered !== null) return false;
      stage.now = stage.elapsed;
      this.#read();
      this.#watching?.lookAtEnds();
      const did = this.#advanceAll();
      this.#doing.flush();
      if (this.#isRead && this.#ahead === 0 && this.#hasAllCome()) return true;
      onProgress(this.#doing.sent);
      if (did || stage.hasDirty || this.#mayRead) await turn();
      else await stage.sleep();
    }
  }

  // Reading ------------------------------------------------------------------------------------------------

  /** Not while as much is on its way as may be: what is read then would only have to wait. */
  get #mayRead(): boolean {
    const hasRoom = this.#ahead < STEPS_AHEAD && this.#bytesAhead < BYTES_AHEAD;
    return hasRoom && !this.#isRead && !this.#stage.window.isFull;
  }

  #read(): void {
    let left = STEPS_PER_READ;
    while (this.#mayRead && left-- > 0) {
      const next = this.#steps.next();
      if (next.done === true) {
        this.#isRead = true;
        this.#stage.markAll(this.#stage.actors.values());
        return;
      }
      this.#stepsRead++;
      this.#take(next.value);
    }
  }

  #take(step: Step): void {
    const stage = this.#stage;
    const seat = stage.seat(step.client);
    const { actor } = seat;
    stage.startAt(step.at);
    if (actor.isExternal) this.#watching?.read(step);
    else if (step.kind === 'receive') seat.expect(step);
    if (step.kind === 'ended') seat.ended = step;
    if (actor.steps.length === 0) actor.headSince = stage.now;
    if (actor.steps.length === 0 && actor.heldBy === 'nothing') actor.lineSince = stage.now;
    actor.steps.push(step);
    this.#ahead++;
    this.#bytesAhead += bytesOf(step);
    stage.mark(actor);
    if (!isDeed(step)) return;
    if (this.#unsealed !== null) stage.mark(this.#unsealed);
    this.#unsealed = actor;
  }

  // Going on -----------------------------------------------------------------------------------------------

  /** Answers whether anybody did anything. Who can go on because of what others did is looked at again, as often as may be. */
  #advanceAll(): boolean {
    const stage = this.#stage;
    let did = false;
    for (let looks = 1 + this.#stepsRead / STEPS_PER_LOOK; looks >= 1 && stage.hasDirty; looks--) {
      let goesOn = false;
      for (const actor of stage.takeDirty()) goesOn = this.#advance(actor) || goesOn;
      did ||= goesOn;
      if (!goesOn) break;
    }
    return did;
  }

  /** Does what the player can do now; answers whether that was anything. */
  #advance(actor: Actor): boolean {
    let did = false;
    actor.wakeAt = Infinity;
    for (let step = actor.steps.head; step !== undefined; step = actor.steps.head) {
      const held = this.#try(actor, step);
      if (held !== null) {
        actor.heldBy = held;
        break;
      }
      actor.steps.shift();
      this.#ahead--;
      this.#bytesAhead -= bytesOf(step);
      actor.headSince = this.#stage.now;
      if (isDeed(step)) actor.nextInLine(this.#stage.now);
      did = true;
    }
    if (actor.wakeAt < Infinity) this.#stage.wakeAt(actor.wakeAt);
    return did;
  }

  /** By what the step is held; null where it is done. */
  #try(actor: Actor, step: Step): HoldReason | null {
    if (actor.isExternal) return this.#watching?.watch(actor, step) ?? null;
    if (step.kind === 'receive') return this.#hearing.receive(actor, step);
    if (step.kind === 'ended') return this.#hearing.end(actor, step);
    return this.#doing.do(actor, step);
  }

  /** Nothing that went out is still to come, and the target has closed what its clients have. */
  #hasAllCome(): boolean {
    const stage = this.#stage;
    let unsettled = 0;
    for (const actor of stage.actors.values()) unsettled += actor.unsettled;
    if (unsettled === 0 && this.#hearing.leftOpen.length === 0) return true;
    this.#lastCall ??= stage.now + this.#options.patienceMs;
    if (stage.now < this.#lastCall) {
      stage.wakeAt(this.#lastCall);
      return false;
    }
    stage.giveUp();
    stage.gaveUp();
    this.#hearing.blameLeftOpen();
    return true;
  }
}

function bytesOf(step: Step): number {
  if (step.kind === 'send') return step.bytes.length;
  return step.kind === 'receive' ? step.unit.bytes.length : 0;
}

/** Waits for what nobody expects any more. */
export async function lastWords(ms: Millis, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
