/**
 * What all parts of a play share: who is in it, who waits for what, who is to be looked at next, and the time.
 *
 * The rule: whoever may be able to go on is marked, and is looked at in the next turn; where nobody is, the play
 * sleeps until a socket, a timer or somebody outside tells it something.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { monotonic } from '../../common/clock.ts';
import type { Millis } from '../../protocol/types.ts';
import type {
  DeedStep,
  OpenStep,
  ReceiveStep,
  ScriptedClient,
  ScriptedPlayer,
  Step,
} from '../script/steps.ts';
import type { HoldReason } from '../types.ts';
import { Actor } from './actor.ts';
import { Alarm } from './alarm.ts';
import type { EngineOptions } from './options.ts';
import { Seat } from './seat.ts';
import { SettlingSteps } from './settling.ts';
import { Waiters } from './waiters.ts';
import { openingLimits, playLimits, Window } from './window.ts';

/** A target that has said nothing in so many times the patience will not say anything. */
const SILENCE_TIMES = 3;

/** Of the patience, for those to whom something was given up and nothing has come since; and so on each time. */
const SILENT_SHARE = 0.1;

export class Stage {
  readonly options: EngineOptions;
  readonly seats = new Map<number, Seat>();
  readonly actors = new Map<ScriptedPlayer, Actor>();
  /** What is on its way to all of them. */
  readonly window = new Window(playLimits);
  /** Of this turn, since the start. */
  now: Millis = 0;
  /** The target has said anything at all, or ended a connection. */
  hasAnswered = false;
  /** Something was given up. */
  isInVain = false;
  /** Connections that are being opened, and how many have been. */
  readonly openings = new Window(openingLimits);
  connected = 0;
  /** Why the target cannot be talked to; null as long as it can. */
  unanswered: string | null = null;
  readonly #settled: (step: ReceiveStep) => void;
  /** Who waits until a step has taken effect, and who until it is done. */
  readonly #effects = new Waiters();
  readonly #causes = new Waiters();
  readonly #settling: SettlingSteps;
  readonly #alarm: Alarm;
  /** When the recording's clock began, and by how much the play has fallen behind it. */
  #firstAt: Millis | null = null;
  #lateBy: Millis = 0;
  #dirty: Actor[] = [];
  readonly #start: Millis = monotonic();
  #wake: (() => void) | null = null;

  constructor(options: EngineOptions, settled: (step: ReceiveStep) => void) {
    this.options = options;
    this.#settled = settled;
    this.#settling = new SettlingSteps(options.settleMs, (step) => {
      if (step.kind === 'open') this.opened();
      else this.takenEffect(step);
      this.wakeUp();
    });
    this.#alarm = new Alarm(
      () => this.elapsed,
      () => this.#ring(),
    );
  }

  /** Since the start. */
  get elapsed(): Millis {
    return monotonic() - this.#start;
  }

  /** The recording's clock begins with its first step. */
  startAt(at: Millis): void {
    this.#firstAt ??= at;
  }

  /** When it is to be done in the recorded pace. */
  dueAt(at: Millis): Millis {
    return (at - (this.#firstAt ?? 0)) / this.options.speed + this.#lateBy;
  }

  /** Somebody who keeps no recorded time has done only now what was done then: all that follows keeps its distance. */
  fallBehind(at: Millis): void {
    this.#lateBy += Math.max(0, this.now - this.dueAt(at));
  }

  /** Whatever has been waited for has its time. */
  close(): void {
    this.#alarm.stop();
    this.#settling.stop();
    for (const { client } of this.seats.values()) client?.destroy();
  }

  // Who is in it -------------------------------------------------------------------------------------------

  seat(scripted: ScriptedClient): Seat {
    let seat = this.seats.get(scripted.conn);
    if (seat === undefined) {
      const actor = this.#actor(scripted.player);
      const { comparison } = this.options;
      seat = new Seat(
        scripted,
        actor,
        (conversation) => comparison?.lane(conversation) ?? null,
        this.#settled,
      );
      actor.seats.push(seat);
      this.seats.set(scripted.conn, seat);
    }
    return seat;
  }

  #actor(player: ScriptedPlayer): Actor {
    let actor = this.actors.get(player);
    if (actor === undefined) {
      actor = new Actor(player, player === this.options.external?.player);
      this.actors.set(player, actor);
    }
    return actor;
  }

  // What is on its way ------------------------------------------------------------------------------------

  sentOff(step: ReceiveStep, receiver: Seat): void {
    const { length } = step.unit.bytes;
    step.isPending = true;
    receiver.window.add(length);
    this.window.add(length);
  }

  /** It has come, or is not waited for any more. */
  arrived(step: ReceiveStep, receiver: Seat): void {
    const { length } = step.unit.bytes;
    step.isPending = false;
    receiver.window.remove(length, step.unit.givenUp);
    this.window.remove(length, step.unit.givenUp);
    this.markAll(receiver.window.admitted());
    this.markAll(this.window.admitted());
  }

  patience(silences: number): Millis {
    return this.options.patienceMs * SILENT_SHARE ** silences;
  }

  /** Of somebody who says nothing at all, not every frame is waited for. */
  gaveUp(): void {
    if (this.now >= SILENCE_TIMES * this.options.patienceMs) this.tellSilence();
  }

  /** Where something was waited for in vain, and nothing else came either. */
  tellSilence(): void {
    if (!this.isInVain || this.hasAnswered || this.options.external !== null) return;
    this.unanswered ??= `it took ${this.connected} connections, and said nothing`;
  }

  /** What is on its way has had its time. */
  giveUp(): void {
    for (const seat of this.seats.values()) seat.giveUp();
  }

  /** It is connected; a target may take its time until it takes it. */
  connects(opening: OpenStep): void {
    this.connected++;
    this.takenEffect(opening);
    this.#settling.add(opening);
  }

  /** There is room for another one. */
  opened(): void {
    this.openings.remove(0, false);
    this.markAll(this.openings.admitted());
  }

  // What is waited for -------------------------------------------------------------------------------------

  awaitCause(cause: DeedStep | null, actor: Actor): HoldReason {
    if (cause !== null) this.#causes.add(cause, actor);
    return 'order';
  }

  /** Null where it has been waited for long enough: a target need not do what another did because of it. */
  awaitNeed(need: Step, actor: Actor): HoldReason | null {
    if (need.kind === 'receive') return this.#awaitArrival(need, actor);
    const { patienceMs, settleMs, external } = this.options;
    const deadline = need.doneAt + patienceMs + settleMs;
    // Whoever watches a player decides how long it has for what it does.
    const isOurs = need.client.player !== external?.player;
    if (need.isDone && isOurs && this.now >= deadline) {
      this.takenEffect(need);
      return null;
    }
    this.#effects.add(need, actor);
    if (!need.isDone) return 'order';
    return until(actor, isOurs ? deadline : Infinity, need.kind === 'open' ? 'opening' : 'settling');
  }

  /** What somebody was told: null where it is not waited for any more. */
  #awaitArrival(need: ReceiveStep, actor: Actor): HoldReason | null {
    const { cause, conversation, client } = need;
    this.#effects.add(need, actor);
    if (cause !== null && !cause.isDone) return this.awaitCause(cause, actor);
    const { external, patienceMs } = this.options;
    const { waiting } = this.seat(client).talk(conversation);
    const isOurs = cause?.client.player !== external?.player;
    const ownPatience = this.patience(waiting.silences);
    const patience = isOurs || external === null ? ownPatience : external.patienceOf(patienceMs);
    const deadline = Math.max(cause?.doneAt ?? 0, actor.headSince) + patience;
    if (this.now < deadline) return until(actor, deadline, 'answer');
    waiting.giveUp(need);
    this.takenEffect(need);
    return null;
  }

  /** What comes of it may come now. */
  done(step: DeedStep): void {
    this.markAll(this.#causes.take(step));
  }

  /** It is seen by its consequences; or else it is given time, if it needs any. */
  awaitEffect(step: DeedStep, needsTime: boolean): void {
    if (step.hadEchoes ? step.echoes <= 0 : !needsTime) this.takenEffect(step);
    else if (!step.hadEchoes) this.#settling.add(step);
  }

  takenEffect(step: Step): void {
    if (step.isEffective) return;
    step.isEffective = true;
    this.markAll(this.#effects.take(step));
  }

  echoed(cause: DeedStep | null): void {
    if (cause === null) return;
    cause.echoes--;
    if (cause.echoes <= 0 && cause.isDone) this.takenEffect(cause);
  }

  /** One of its consequences is seen by nobody here. Where that was the last, it is given time instead. */
  unseen(cause: DeedStep): void {
    cause.echoes--;
    if (cause.echoes > 0 || cause.isEffective) return;
    if (cause.isDone) this.#settling.add(cause);
    else cause.hadEchoes = false;
  }

  /** Somebody waits until it has taken effect. */
  isAwaited(step: Step): boolean {
    return this.#effects.has(step);
  }

  // Who is looked at next ----------------------------------------------------------------------------------

  get hasDirty(): boolean {
    return this.#dirty.length > 0;
  }

  mark(actor: Actor): void {
    if (actor.isDirty) return;
    actor.isDirty = true;
    this.#dirty.push(actor);
  }

  markAll(actors: Iterable<Actor>): void {
    for (const actor of actors) this.mark(actor);
  }

  /** All who are marked, each of whom may be marked again once it is its turn. */
  *takeDirty(): IterableIterator<Actor> {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const actor of dirty) {
      actor.isDirty = false;
      yield actor;
    }
  }

  /** Everybody is looked at again, by then at the latest. */
  wakeAt(at: Millis): void {
    this.#alarm.set(at);
  }

  wakeUp(): void {
    this.#wake?.();
  }

  async sleep(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    // All that has arrived by now belongs to one turn.
    await turn();
  }

  #ring(): void {
    const now = this.elapsed;
    let next = Infinity;
    for (const actor of this.actors.values()) {
      if (actor.wakeAt <= now) this.mark(actor);
      else next = Math.min(next, actor.wakeAt);
    }
    if (next < Infinity) this.#alarm.set(next);
    this.wakeUp();
  }
}

/** The actor is looked at again by then; meanwhile it is held by this. */
export function until(actor: Actor, at: Millis, reason: HoldReason): HoldReason {
  actor.wakeAt = Math.min(actor.wakeAt, at);
  return reason;
}
