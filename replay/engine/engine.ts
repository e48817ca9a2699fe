/**
 * Plays a script: each player does its next step as soon as everything it has to wait for has come about.
 *
 * The rule: nothing is waited for without end. What a client waits for may be given up, and every other wait is for a
 * step that comes earlier in the capture, so that the earliest step that is not done can always go on.
 */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { monotonic } from '../../common/clock.ts';
import { UNFRAMED } from '../../protocol/kind.ts';
import type { FrameView, Millis, Protocol } from '../../protocol/types.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { Script } from '../script/script.ts';
import {
  type DeedStep,
  type EndedStep,
  type EndStep,
  isDeed,
  type OpenStep,
  type ReceiveStep,
  type ScriptedClient,
  type ScriptedPlayer,
  type SendStep,
  type Step,
} from '../script/steps.ts';
import { type Hold, type HoldReason, type Pace, RELAY_END, type Sending, type Unit } from '../types.ts';
import { Actor } from './actor.ts';
import { Alarm } from './alarm.ts';
import { type Address, type ClientOwner, VirtualClient } from './client.ts';
import { HoldTally } from './holds.ts';
import { Seat } from './seat.ts';
import { SettlingSteps } from './settling.ts';
import { Waiters } from './waiters.ts';

/** Steps that are read ahead of the play. */
export const STEPS_AHEAD = 20_000;
const STEPS_PER_READ = 2_000;

/** A target that has said nothing in so many times the patience will not say anything. */
const SILENCE_TIMES = 3;

/** Of the patience, for a conversation in which something was given up and nothing has come since. */
const SILENT_SHARE = 0.1;

/** Sockets that are being opened at a time. */
const CONNECTING_MAX = 128;

/** Releases frames one by one. */
export interface Hand {
  /** The frame that is next; called again whenever that is another. */
  offer(step: SendStep): void;
  /** Whether it may go: then it does. */
  takes(step: SendStep): boolean;
  /** To be told whenever it takes more than it did. */
  onLetGo: () => void;
}

/** What stands between the recording's addresses and those of the play. */
export interface Rewriting {
  outgoing(step: SendStep): Uint8Array;
  incoming(protocol: Protocol, kind: number, bytes: Uint8Array): Uint8Array;
}

/** A player that somebody else plays. */
export interface External {
  readonly player: ScriptedPlayer;
  /** Until it is, it is waited for without end. */
  readonly isThere: boolean;
  /** Whether it has done what this step changes. */
  happened(step: DeedStep): boolean;
  /** It may do this from now on. */
  released(step: SendStep): void;
}

export interface EngineOptions {
  readonly script: Script;
  /** What arrives at the clients is compared here; null where something else is. */
  readonly comparison: Comparison | null;
  readonly target: (protocol: Protocol) => Address;
  readonly pace: Pace;
  /** For the recorded pace: twice as fast is 2. */
  readonly speed: number;
  readonly patienceMs: Millis;
  readonly settleMs: Millis;
  readonly signal: AbortSignal;
  readonly hand: Hand | null;
  readonly external: External | null;
  readonly rewriting: Rewriting | null;
  readonly onSent: (sending: Sending) => void;
  /** Told once a turn. */
  readonly onProgress: (framesSent: number) => void;
  /** After the last step, before the clients leave. */
  readonly beforeLeaving: () => Promise<void>;
}

export interface Played {
  readonly sent: number;
  readonly holds: readonly Hold[];
  /** It came to its end. */
  readonly isWhole: boolean;
  /** Why the target cannot be talked to at all; null where it can. */
  readonly unanswered: string | null;
  readonly lasted: Millis;
}

export class Engine implements ClientOwner {
  readonly #options: EngineOptions;
  readonly #steps: Iterator<Step, void>;
  #isRead = false;
  /** Read, and not done. */
  #ahead = 0;
  readonly #seats = new Map<number, Seat>();
  readonly #byClient = new Map<VirtualClient, Seat>();
  readonly #actors = new Map<ScriptedPlayer, Actor>();
  #dirty: Actor[] = [];
  /** Who waits until a step has taken effect, and who until it is done. */
  readonly #effects = new Waiters();
  readonly #causes = new Waiters();
  readonly #settling: SettlingSteps;
  readonly #alarm: Alarm;
  readonly #holds = new HoldTally();
  readonly #toFlush = new Set<VirtualClient>();
  #start: Millis = 0;
  #now: Millis = 0;
  #wake: (() => void) | null = null;
  #firstAt: Millis | null = null;
  #sent = 0;
  #came = 0;
  #connecting = 0;
  #connected = 0;
  #unanswered: string | null = null;
  /** The frame that only the hand holds back. */
  #offered: SendStep | null = null;
  /** By when all that is on its way must have come, once there is nothing else to do. */
  #lastCall: Millis | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#steps = options.script.steps()[Symbol.iterator]();
    this.#settling = new SettlingSteps(options.settleMs, (step) => {
      this.#takenEffect(step);
      this.#wakeUp();
    });
    if (options.hand !== null) options.hand.onLetGo = () => this.poke();
    this.#alarm = new Alarm(
      () => this.now,
      () => this.#ring(),
    );
  }

  /** Since the start. */
  get now(): Millis {
    return monotonic() - this.#start;
  }

  /** Something has happened that the engine does not see itself: everybody is looked at again. */
  poke(): void {
    for (const actor of this.#actors.values()) this.#mark(actor);
    this.#wakeUp();
  }

  async play(): Promise<Played> {
    const { signal } = this.#options;
    this.#start = monotonic();
    const stop = () => this.#wakeUp();
    signal.addEventListener('abort', stop);
    try {
      const isWhole = await this.#playAll();
      if (isWhole) await this.#options.beforeLeaving();
      else for (const seat of this.#seats.values()) seat.excuse();
      return {
        sent: this.#sent,
        holds: this.#holds.told(),
        isWhole,
        unanswered: this.#unanswered,
        lasted: this.now,
      };
    } finally {
      signal.removeEventListener('abort', stop);
      this.#alarm.stop();
      this.#settling.stop();
      for (const { client } of this.#seats.values()) client?.destroy();
    }
  }

  /** Answers whether it came to the end. */
  async #playAll(): Promise<boolean> {
    const { signal, onProgress } = this.#options;
    for (;;) {
      if (signal.aborted || this.#unanswered !== null) return false;
      this.#now = this.now;
      this.#read();
      const did = this.#advanceAll();
      this.#flush();
      if (this.#isRead && this.#ahead === 0 && this.#hasAllCome()) return true;
      onProgress(this.#sent);
      if (did || this.#dirty.length > 0) await turn();
      else await this.#sleep();
    }
  }

  /** Else only what the relay itself says is waited for on the spot. */
  get #waitsForFrames(): boolean {
    return this.#options.pace === 'causal' || this.#options.pace === 'step';
  }

  // Reading ------------------------------------------------------------------------------------------------

  #read(): void {
    let left = STEPS_PER_READ;
    while (!this.#isRead && this.#ahead < STEPS_AHEAD && left-- > 0) {
      const next = this.#steps.next();
      if (next.done === true) {
        this.#isRead = true;
        for (const actor of this.#actors.values()) this.#mark(actor);
        return;
      }
      this.#take(next.value);
    }
  }

  #take(step: Step): void {
    const seat = this.#seat(step.client);
    const { actor } = seat;
    this.#firstAt ??= step.at;
    if (step.kind === 'receive' && !actor.isExternal) seat.talk(step.conversation).waiting.expect(step);
    if (step.kind === 'ended') seat.ended = step;
    if (actor.steps.size === 0) actor.headSince = this.#now;
    actor.steps.push(step);
    this.#ahead++;
    this.#mark(actor);
  }

  #seat(scripted: ScriptedClient): Seat {
    let seat = this.#seats.get(scripted.conn);
    if (seat === undefined) {
      const actor = this.#actor(scripted.player);
      const { comparison } = this.#options;
      seat = new Seat(
        scripted,
        actor,
        (conversation) => comparison?.lane(conversation) ?? null,
        (step) => this.#settled(step),
      );
      actor.seats.push(seat);
      this.#seats.set(scripted.conn, seat);
    }
    return seat;
  }

  #actor(player: ScriptedPlayer): Actor {
    let actor = this.#actors.get(player);
    if (actor === undefined) {
      actor = new Actor(player, player === this.#options.external?.player);
      this.#actors.set(player, actor);
    }
    return actor;
  }

  // Going on -----------------------------------------------------------------------------------------------

  #advanceAll(): boolean {
    let did = false;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const actor of dirty) {
      actor.isDirty = false;
      did = this.#advance(actor) || did;
    }
    return did;
  }

  /** Does what the player can do now; answers whether that was anything. */
  #advance(actor: Actor): boolean {
    let did = false;
    actor.wakeAt = Infinity;
    for (let step = actor.steps.head; step !== undefined; step = actor.steps.head) {
      const held = actor.isExternal ? this.#watch(actor, step) : this.#try(actor, step);
      if (held !== null) {
        actor.heldBy = held;
        break;
      }
      actor.steps.shift();
      this.#ahead--;
      actor.headSince = this.#now;
      actor.heldBy = 'nothing';
      did = true;
    }
    if (actor.wakeAt < Infinity) this.#alarm.set(actor.wakeAt);
    return did;
  }

  /** By what the step is held; null where it is done. */
  #try(actor: Actor, step: Step): HoldReason | null {
    if (step.kind === 'receive') return this.#receive(actor, step);
    if (step.kind === 'ended') return this.#end(actor, step);
    return this.#deed(actor, step);
  }

  #receive(actor: Actor, step: ReceiveStep): HoldReason | null {
    if (step.isDone || step.unit.isOptional) return null;
    if (!hasHappened(step)) return this.#wait(this.#causes, step.cause, actor, 'order');
    const seat = this.#seat(step.client);
    const { waiting } = seat.talk(step.conversation);
    const isOfGame =
      step.conversation.from !== RELAY_END && step.cause?.client.player !== this.#options.external?.player;
    if (seat.isGone) {
      waiting.giveUp(step);
    } else if (isOfGame && !this.#waitsForFrames) {
      actor.unsettled++;
      step.isCounted = true;
    } else {
      const deadline = this.#deadline(actor, step, waiting.isSilent);
      if (this.#now < deadline) return until(actor, deadline, 'answer');
      waiting.giveUp(step);
      this.#gaveUp();
    }
    return null;
  }

  /** The relay ends a connection. */
  #end(actor: Actor, step: EndedStep): HoldReason | null {
    if (step.isDone) return null;
    const seat = this.#seat(step.client);
    if (!seat.isGone) {
      if (!hasHappened(step)) return this.#wait(this.#causes, step.cause, actor, 'order');
      const deadline = this.#deadline(actor, step);
      if (this.#now < deadline) return until(actor, deadline, 'answer');
      this.#tellEnd(seat, 'closed-late', step.sequence, 'the target left this connection open');
      seat.client?.destroy();
      seat.close();
    }
    this.#hasEnded(seat, step);
    return null;
  }

  #hasEnded(seat: Seat, step: EndedStep): void {
    step.isDone = true;
    step.doneAt = this.#now;
    this.#takenEffect(step);
    this.#echoed(step.cause);
    this.#mark(seat.actor);
  }

  /** By when something must have come. What the relay's clock brings comes as long after the last step as it did then. */
  #deadline(actor: Actor, step: ReceiveStep | EndedStep, isSilent = false): Millis {
    const patienceMs = this.#options.patienceMs * (isSilent ? SILENT_SHARE : 1);
    const since = Math.max(actor.headSince, step.cause?.doneAt ?? 0);
    const due = step.cause === null ? this.#seat(step.client).dueAt(step.at) : since;
    return Math.max(since, due) + patienceMs;
  }

  // Doing --------------------------------------------------------------------------------------------------

  #deed(actor: Actor, step: DeedStep): HoldReason | null {
    if (!step.isSealed) return 'nothing';
    for (const need of step.needs)
      if (!need.isEffective) {
        const reason = need.isDone ? (need.kind === 'open' ? 'opening' : 'settling') : 'order';
        return this.#wait(this.#effects, need, actor, reason);
      }
    const seat = this.#seat(step.client);
    const held = this.#heldBack(actor, seat, step);
    if (held !== null) return held;
    step.needs = [];
    step.isDone = true;
    step.doneAt = this.#now;
    seat.lastDid = { now: this.#now, at: step.at };
    if (step.kind === 'open') this.#open(seat, step);
    else if (step.kind === 'send') this.#send(seat, step);
    else this.#leave(seat, step);
    this.#markAll(this.#causes.take(step));
    return null;
  }

  /** By what something is held that all it needs has come about for. */
  #heldBack(actor: Actor, seat: Seat, step: DeedStep): HoldReason | null {
    const { pace, speed, patienceMs } = this.#options;
    const deadline = actor.headSince + patienceMs;
    const isPlain = step.kind === 'send' && !step.isRequest;
    // Whoever changes anything has to have caught up.
    if (!isPlain && actor.unsettled > 0) {
      if (this.#now < deadline) return until(actor, deadline, 'answer');
      for (const each of actor.seats) each.giveUp();
    }
    const receiver = step.kind === 'send' && step.delivery !== null ? this.#seat(step.delivery.client) : null;
    if (receiver?.isFull === true && !receiver.isGone && !receiver.actor.isExternal) {
      receiver.wanted.add(actor);
      if (this.#now < deadline) return until(actor, deadline, 'window');
      receiver.giveUp();
    }
    if (seat.client?.isFull === true) return until(actor, this.#now + 1, 'window');
    if (step.kind === 'open' && this.#connecting >= CONNECTING_MAX)
      return until(actor, this.#now + 1, 'opening');
    if (!isPlain && step.kind === 'send') {
      const due = seat.budget.due(this.#now);
      if (due > this.#now) return until(actor, due, 'rate');
    }
    if (pace === 'recorded') {
      const due = (step.at - (this.#firstAt ?? 0)) / speed;
      if (due > this.#now) return until(actor, due, 'time');
    }
    return step.kind === 'send' && !this.#isLetGo(step) ? 'hand' : null;
  }

  /** Of all that could go, the earliest is offered. */
  #isLetGo(step: SendStep): boolean {
    const { hand } = this.#options;
    if (hand === null) return true;
    if (this.#offered === null || this.#offered.isDone || this.#offered.sequence > step.sequence) {
      this.#offered = step;
      hand.offer(step);
    }
    return this.#offered === step && hand.takes(step);
  }

  #open(seat: Seat, step: OpenStep): void {
    const client = new VirtualClient(seat.scripted, this);
    seat.client = client;
    seat.opening = step;
    this.#byClient.set(client, seat);
    this.#connecting++;
    client.open(this.#options.target(seat.protocol));
  }

  #send(seat: Seat, step: SendStep): void {
    const { client, actor } = seat;
    const { delivery, frameKind, isRequest } = step;
    if (client !== null && !client.isOver && !client.hasEnded) {
      client.send(frameKind, this.#options.rewriting?.outgoing(step) ?? step.bytes);
      this.#toFlush.add(client);
      if (isRequest) seat.budget.spend(this.#now);
      this.#sent++;
      const { headSince: scheduled, heldBy: by } = actor;
      this.#holds.count(by, this.#now - scheduled);
      this.#options.onSent({ sequence: step.sequence, scheduled, sent: this.#now, by });
    }
    if (delivery === null) {
      this.#awaitEffect(step, !isRequest || step.changes);
      return;
    }
    step.delivery = null;
    this.#takenEffect(step);
    const receiver = this.#seat(delivery.client);
    if (receiver.actor.isExternal) return;
    if (!delivery.unit.isOptional) receiver.expects(delivery);
    const { waiting } = receiver.talk(delivery.conversation);
    waiting.release();
    if (receiver.isGone) waiting.giveUp(delivery);
    this.#mark(receiver.actor);
  }

  #leave({ client }: Seat, step: EndStep): void {
    if (client !== null && !client.isOver) {
      this.#toFlush.delete(client);
      if (step.isReset) client.reset();
      else client.end();
    }
    this.#awaitEffect(step, true);
  }

  /** It is seen by its consequences; or else it is given time, if it needs any. */
  #awaitEffect(step: DeedStep, needsTime: boolean): void {
    if (step.hadEchoes ? step.echoes <= 0 : !needsTime) this.#takenEffect(step);
    else if (!step.hadEchoes) this.#settling.add(step);
  }

  #takenEffect(step: Step): void {
    if (step.isEffective) return;
    step.isEffective = true;
    this.#markAll(this.#effects.take(step));
  }

  // What somebody else plays -------------------------------------------------------------------------------

  #watch(actor: Actor, step: Step): HoldReason | null {
    const { external, patienceMs } = this.#options;
    if (external === null || !isDeed(step)) {
      this.#takenEffect(step);
      return null;
    }
    if (!step.isSealed) return 'nothing';
    if (!external.happened(step)) {
      if (!external.isThere) return 'answer';
      const deadline = actor.headSince + patienceMs;
      if (this.#now < deadline) return until(actor, deadline, 'answer');
    }
    step.isDone = true;
    step.doneAt = this.#now;
    step.needs = [];
    if (step.kind === 'send') {
      external.released(step);
      if (step.delivery !== null)
        this.#seat(step.delivery.client).talk(step.delivery.conversation).waiting.release();
    }
    this.#takenEffect(step);
    this.#markAll(this.#causes.take(step));
    return null;
  }

  // What the sockets tell ----------------------------------------------------------------------------------

  connected(client: VirtualClient): void {
    const seat = this.#seatOf(client);
    this.#connecting--;
    this.#connected++;
    if (seat.opening !== null) this.#takenEffect(seat.opening);
    this.#wakeUp();
  }

  frame(client: VirtualClient, { kind, bytes, at, end }: FrameView): void {
    this.#arrive(this.#seatOf(client), kind, Buffer.from(bytes.subarray(at, end)));
  }

  unframed(client: VirtualClient, bytes: Uint8Array): void {
    this.#arrive(this.#seatOf(client), UNFRAMED, Buffer.from(bytes));
  }

  ended(client: VirtualClient, error: NodeJS.ErrnoException | null): void {
    const seat = this.#seatOf(client);
    this.#now = this.now;
    if (!client.isConnected) {
      this.#connecting--;
      if (seat.opening !== null) this.#takenEffect(seat.opening);
      if (this.#connected === 0) this.#unanswered = error?.message ?? 'it closed the connection at once';
    }
    seat.close();
    if (!client.hasEnded && !this.#options.signal.aborted) this.#endedByTarget(seat, error);
    this.#mark(seat.actor);
    this.#markAll(seat.wanted);
    this.#wakeUp();
  }

  #endedByTarget(seat: Seat, error: NodeJS.ErrnoException | null): void {
    const { ended: step, client } = seat;
    if (step !== null && !step.isDone && hasHappened(step)) {
      const isEarly = step.cause === null && this.#now < seat.dueAt(step.at) - this.#options.patienceMs;
      if (isEarly)
        this.#tellEnd(seat, 'closed-early', step.sequence, 'the target closed this connection sooner');
      this.#hasEnded(seat, step);
      return;
    }
    const how =
      client?.isConnected === true
        ? 'the target closed this connection, which was still open in the recording'
        : `the target did not take this connection (${error?.message ?? 'it closed it at once'})`;
    const next = seat.actor.steps.head?.sequence ?? this.#options.script.capture.lastSequence;
    this.#tellEnd(seat, 'closed-early', next, how);
  }

  #arrive(seat: Seat, kind: number, raw: Uint8Array): void {
    const { protocol, party } = seat.scripted;
    this.#now = this.now;
    this.#came++;
    const bytes = this.#options.rewriting?.incoming(protocol, kind, raw) ?? raw;
    const conversation = this.#options.script.cast.arriving(protocol, party, kind, bytes);
    const unit: Unit = { kind, bytes, sequence: 0, at: this.#now, givenUp: false, isOptional: false };
    seat.talk(conversation).waiting.came(unit);
  }

  /** Something that was waited for has come, or is not waited for any more. */
  #settled(step: ReceiveStep): void {
    const seat = this.#seat(step.client);
    step.doneAt = this.#now;
    if (step.isPending) {
      seat.got(step);
      if (!seat.isFull && seat.wanted.size > 0) {
        this.#markAll(seat.wanted);
        seat.wanted.clear();
      }
    }
    if (step.isCounted) {
      step.isCounted = false;
      seat.actor.unsettled--;
    }
    if (step.sequence < seat.lastCame) {
      const { lane } = seat.talk(step.conversation);
      if (lane !== null && !step.unit.givenUp) this.#options.comparison?.overtook(lane, step.unit);
    } else seat.lastCame = step.sequence;
    if (step.conversation.from === RELAY_END && !step.unit.isOptional) this.#echoed(step.cause);
    this.#mark(seat.actor);
    this.#wakeUp();
  }

  #echoed(cause: DeedStep | null): void {
    if (cause === null) return;
    cause.echoes--;
    if (cause.echoes <= 0 && cause.isDone) this.#takenEffect(cause);
  }

  #tellEnd(seat: Seat, what: 'closed-early' | 'closed-late', sequence: number, how: string): void {
    const { comparison, script } = this.#options;
    const { protocol, party } = seat.scripted;
    const conversation = script.cast.delivered(protocol, null, party, 0);
    comparison?.ended({ class: what, conversation, sequence, at: this.#now, how });
  }

  #seatOf(client: VirtualClient): Seat {
    return this.#byClient.get(client) as Seat;
  }

  // Waiting ------------------------------------------------------------------------------------------------

  #wait(waiters: Waiters, step: Step | null, actor: Actor, reason: HoldReason): HoldReason {
    if (step !== null) waiters.add(step, actor);
    return reason;
  }

  #mark(actor: Actor): void {
    if (actor.isDirty) return;
    actor.isDirty = true;
    this.#dirty.push(actor);
  }

  #markAll(actors: Iterable<Actor>): void {
    for (const actor of actors) this.#mark(actor);
  }

  #ring(): void {
    const now = this.now;
    let next = Infinity;
    for (const actor of this.#actors.values()) {
      if (actor.wakeAt <= now) this.#mark(actor);
      else next = Math.min(next, actor.wakeAt);
    }
    if (next < Infinity) this.#alarm.set(next);
    this.#wakeUp();
  }

  async #sleep(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = null;
    // All that has arrived by now belongs to one turn.
    await turn();
  }

  #wakeUp(): void {
    this.#wake?.();
  }

  #flush(): void {
    for (const client of this.#toFlush) client.flush();
    this.#toFlush.clear();
  }

  /** Of somebody who says nothing at all, not every frame is waited for. */
  #gaveUp(): void {
    const { patienceMs, external } = this.#options;
    if (this.#came > 0 || external !== null || this.#now < SILENCE_TIMES * patienceMs) return;
    this.#unanswered = `it took ${this.#connected} connections, and said nothing`;
  }

  /** Nothing that went out is still to come. */
  #hasAllCome(): boolean {
    let unsettled = 0;
    for (const actor of this.#actors.values()) unsettled += actor.unsettled;
    if (unsettled === 0) return true;
    this.#lastCall ??= this.#now + this.#options.patienceMs;
    if (this.#now < this.#lastCall) {
      this.#alarm.set(this.#lastCall);
      return false;
    }
    for (const seat of this.#seats.values()) seat.giveUp();
    this.#gaveUp();
    return true;
  }
}

/** Waits for what nobody expects any more. */
export async function lastWords(ms: Millis, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function hasHappened({ cause }: ReceiveStep | EndedStep): boolean {
  return cause === null || cause.isDone;
}

function until(actor: Actor, at: Millis, reason: HoldReason): HoldReason {
  actor.wakeAt = Math.min(actor.wakeAt, at);
  return reason;
}
