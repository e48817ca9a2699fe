/**
 * Plays a script: each player does its next step as soon as everything it has to wait for has come about.
 *
 * The rule: nothing is waited for without end. What a client waits for may be given up, and every other wait is for a
 * step that comes earlier in the capture, so that the earliest step that is not done can always go on.
 */
import { setImmediate as turn } from 'node:timers/promises';
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
import {
  type Hold,
  type HoldReason,
  holdReasons,
  type Pace,
  RELAY_END,
  type Sending,
  type Unit,
} from '../types.ts';
import { Actor } from './actor.ts';
import { type Address, type ClientOwner, VirtualClient } from './client.ts';
import { Queue } from './queue.ts';
import { Seat } from './seat.ts';

/** Steps that are read ahead of the play. */
export const STEPS_AHEAD = 20_000;
const STEPS_PER_READ = 2_000;

const SETTLE_TICKS = 5;

/** Stragglers that nobody expects are waited for so long at the end. */
export const LAST_WORDS_MS: Millis = 150;

/** A target that has said nothing in so many times the patience will not say anything. */
const SILENCE_TIMES = 3;

/** Sockets that are opened at a time and have not connected yet. */
const CONNECTING_MAX = 128;

/** Releases steps one by one. */
export interface Hand {
  /** The step that is next; called again whenever that is another. */
  offer(step: DeedStep): void;
  /** Whether it may go. Asked after `offer`; using it up. */
  takes(step: DeedStep): boolean;
}

/** What stands between the recording's addresses and those of the play. */
export interface Rewriting {
  outgoing(protocol: Protocol, step: SendStep): Uint8Array;
  incoming(protocol: Protocol, kind: number, bytes: Uint8Array): Uint8Array;
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
  /** A player that somebody else plays, and what of it has happened. */
  readonly external: { readonly player: ScriptedPlayer; happened(step: DeedStep): boolean } | null;
  readonly rewriting: Rewriting | null;
  readonly onSent: (sending: Sending) => void;
  readonly onProgress: (frames: number) => void;
}

export interface Played {
  readonly sent: number;
  readonly holds: readonly Hold[];
  /** It came to its end. */
  readonly isWhole: boolean;
  /** Why the target cannot be talked to at all; null where it can. */
  readonly unanswered: string | null;
  readonly notes: readonly string[];
  readonly lasted: Millis;
}

interface Settling {
  readonly tick: number;
  readonly step: Step;
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
  readonly #waiters = new Map<Step, Actor[]>();
  readonly #doneWaiters = new Map<Step, Actor[]>();
  readonly #settling = new Queue<Settling>();
  #ticks = 0;
  #ticker: NodeJS.Timeout | undefined;
  readonly #toFlush = new Set<VirtualClient>();
  #start: Millis = 0;
  #now: Millis = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;
  #wake: (() => void) | null = null;
  #sent = 0;
  #came = 0;
  #connecting = 0;
  #connected = 0;
  #refused: string | null = null;
  #lastAt: Millis = 0;
  readonly #holds = new Map<HoldReason, { sends: number; total: Millis; longest: Millis }>();
  /** Steps that only the hand holds back. */
  #offered: DeedStep | null = null;
  #firstAt: Millis | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#steps = options.script.steps()[Symbol.iterator]();
  }

  /** Since the start. For whoever is told of frames by somebody else. */
  get now(): Millis {
    return monotonic() - this.#start;
  }

  /** Something that the external player may have waited for has happened. */
  poke(): void {
    for (const actor of this.#actors.values()) if (actor.isExternal) this.#mark(actor);
    this.#wakeUp();
  }

  /** Something happened by another way: look at everybody. For the hand. */
  pokeAll(): void {
    for (const actor of this.#actors.values()) this.#mark(actor);
    this.#wakeUp();
  }

  async play(): Promise<Played> {
    const { signal } = this.#options;
    this.#start = monotonic();
    const stop = () => this.#wakeUp();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted && this.#refused === null) {
        this.#now = this.now;
        this.#read();
        const didSomething = this.#advanceAll();
        this.#flush();
        if (this.#isRead && this.#ahead === 0 && this.#pending() === 0) break;
        this.#options.onProgress(this.#sent);
        if (didSomething || this.#dirty.length > 0) await turn();
        else await this.#sleep();
      }
      const isWhole = !signal.aborted && this.#refused === null;
      if (isWhole) await this.#lastWords();
      return {
        sent: this.#sent,
        holds: this.#told(),
        isWhole,
        unanswered: this.#refused,
        notes: this.#options.script.notes,
        lasted: this.now,
      };
    } finally {
      signal.removeEventListener('abort', stop);
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#stopTicking();
      for (const { client } of this.#seats.values()) client?.destroy();
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

  // Doing --------------------------------------------------------------------------------------------------

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
      const held = actor.isExternal ? this.#watch(step) : this.#try(actor, step);
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
    if (actor.wakeAt < Infinity) this.#alarm(actor.wakeAt);
    return did;
  }

  /** By what the step is held; null where it is done. */
  #try(actor: Actor, step: Step): HoldReason | null {
    if (step.kind === 'receive') return this.#receive(actor, step);
    if (step.kind === 'ended') return this.#ended(actor, step);
    return this.#deed(actor, step);
  }

  #receive(actor: Actor, step: ReceiveStep): HoldReason | null {
    const seat = this.#seat(step.client);
    const { waiting } = seat.talk(step.conversation);
    if (step.isDone || step.unit.isOptional) return null;
    if (seat.isGone || seat.client === null) {
      if (hasHappened(step)) waiting.giveUp(step);
      else return this.#later(step.cause, actor);
      return null;
    }
    if (!this.#waitsForFrames && step.conversation.kind !== null) {
      actor.unsettled++;
      step.isCounted = true;
      return null;
    }
    if (!hasHappened(step)) return this.#later(step.cause, actor);
    const deadline = this.#deadline(actor, step);
    if (this.#now < deadline) return this.#until(actor, deadline, 'answer');
    waiting.giveUp(step);
    this.#gaveUp();
    return null;
  }

  #ended(actor: Actor, step: EndedStep): HoldReason | null {
    const seat = this.#seat(step.client);
    if (step.isDone) return null;
    if (seat.client === null || seat.isGone) {
      this.#endedNow(seat, step);
      return null;
    }
    if (!hasHappened(step)) return this.#later(step.cause, actor);
    const deadline = this.#deadline(actor, step);
    if (this.#now < deadline) return this.#until(actor, deadline, 'answer');
    this.#tellEnd(
      seat,
      'closed-late',
      step.sequence,
      'the target did not close this connection, as the recorded relay did',
    );
    this.#endedNow(seat, step);
    seat.client.destroy();
    seat.close();
    return null;
  }

  #endedNow(seat: Seat, step: EndedStep): void {
    step.isDone = true;
    step.doneAt = this.#now;
    this.#effective(step);
    this.#echoed(step.cause);
    this.#mark(seat.actor);
  }

  /** By when something must have come. What the relay's clock brings comes as long after the last step as it did then. */
  #deadline(actor: Actor, step: ReceiveStep | EndedStep): Millis {
    const { patienceMs } = this.#options;
    const since = Math.max(actor.headSince, step.cause?.doneAt ?? 0);
    if (step.cause !== null) return since + patienceMs;
    const seat = this.#seat(step.client);
    return Math.max(since, seat.lastDid.now + (step.at - seat.lastDid.at)) + patienceMs;
  }

  #deed(actor: Actor, step: DeedStep): HoldReason | null {
    if (!step.isSealed) return 'nothing';
    for (const need of step.needs) {
      if (need.isEffective) continue;
      wait(this.#waiters, need, actor);
      return need.kind === 'open' ? 'opening' : need.isDone ? 'settling' : 'order';
    }
    const held = this.#heldBack(actor, step);
    if (held !== null) return held;
    step.needs = [];
    this.#do(this.#seat(step.client), step);
    return null;
  }

  #heldBack(actor: Actor, step: DeedStep): HoldReason | null {
    const { pace, speed, hand, patienceMs } = this.#options;
    const seat = this.#seat(step.client);
    const isPlain = step.kind === 'send' && !step.isRequest;
    if (!isPlain && actor.unsettled > 0) {
      const deadline = actor.headSince + patienceMs;
      if (this.#now < deadline) return this.#until(actor, deadline, 'answer');
      for (const each of actor.seats) each.giveUp();
    }
    if (step.kind === 'send' && step.delivery !== null) {
      const receiver = this.#seat(step.delivery.client);
      if (receiver.isFull && !receiver.actor.isExternal && !receiver.isGone) {
        const deadline = actor.headSince + patienceMs;
        receiver.wanted.add(actor);
        if (this.#now < deadline) return this.#until(actor, deadline, 'window');
        receiver.giveUp();
      }
    }
    if (seat.client?.isFull === true) return this.#until(actor, this.#now + 1, 'window');
    if (step.kind === 'open' && this.#connecting >= CONNECTING_MAX)
      return this.#until(actor, this.#now + 1, 'opening');
    if (step.kind === 'send' && step.isRequest) {
      const due = seat.budget.due(this.#now);
      if (due > this.#now) return this.#until(actor, due, 'rate');
    }
    if (pace === 'recorded') {
      const due = (step.at - (this.#firstAt ?? 0)) / speed;
      if (due > this.#now) return this.#until(actor, due, 'time');
    }
    if (hand !== null && step.kind === 'send') {
      if (this.#offered === null || this.#offered.isDone || this.#offered.sequence > step.sequence) {
        this.#offered = step;
        hand.offer(step);
      }
      if (this.#offered !== step || !hand.takes(step)) return 'hand';
    }
    return null;
  }

  #do(seat: Seat, step: DeedStep): void {
    step.isDone = true;
    step.doneAt = this.#now;
    seat.lastDid = { now: this.#now, at: step.at };
    if (step.kind === 'open') this.#open(seat, step);
    else if (step.kind === 'send') this.#send(seat, step);
    else this.#end(seat, step);
    this.#notify(this.#doneWaiters, step);
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
    const { client } = seat;
    const { delivery, frameKind } = step;
    if (client !== null && !client.isOver && !client.hasEnded) {
      const bytes = this.#options.rewriting?.outgoing(seat.protocol, step) ?? step.bytes;
      client.send(frameKind, bytes);
      this.#toFlush.add(client);
      if (step.isRequest) seat.budget.spend(this.#now);
      this.#sent++;
      this.#count(seat.actor, step);
    }
    if (delivery !== null) {
      const receiver = this.#seat(delivery.client);
      if (!delivery.unit.isOptional && !receiver.actor.isExternal) {
        receiver.pendingFrames++;
        receiver.pendingBytes += delivery.unit.bytes.length;
        delivery.isPending = true;
        receiver.talk(delivery.conversation).waiting.release();
        if (receiver.isGone) receiver.talk(delivery.conversation).waiting.giveUp(delivery);
      }
      this.#mark(receiver.actor);
      step.delivery = null;
      this.#effective(step);
      return;
    }
    this.#takesEffect(step, !step.isRequest || step.changes);
  }

  #end(seat: Seat, step: EndStep): void {
    const { client } = seat;
    if (client !== null && !client.isOver) {
      this.#toFlush.delete(client);
      if (step.isReset) client.reset();
      else client.end();
    }
    this.#takesEffect(step, true);
  }

  /** It is seen by its consequences; or else it is given time, if it needs any. */
  #takesEffect(step: DeedStep, needsTime: boolean): void {
    if (step.hadEchoes) {
      if (step.echoes <= 0) this.#effective(step);
    } else if (needsTime) {
      this.#settling.push({ tick: this.#ticks + SETTLE_TICKS, step });
      this.#ticker ??= setInterval(() => this.#tick(), this.#options.settleMs / SETTLE_TICKS);
    } else this.#effective(step);
  }

  #effective(step: Step): void {
    if (step.isEffective) return;
    step.isEffective = true;
    this.#notify(this.#waiters, step);
  }

  /**
   * Time in which this program stood still is time in which the target may have stood still as well. So a step is
   * given some ticks of a clock that misses those it was too late for.
   */
  #tick(): void {
    this.#ticks++;
    for (let next = this.#settling.head; next !== undefined; next = this.#settling.head) {
      if (next.tick > this.#ticks) break;
      this.#settling.shift();
      this.#effective(next.step);
    }
    if (this.#settling.size === 0) this.#stopTicking();
    this.#wakeUp();
  }

  #stopTicking(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  // What somebody else plays ----------------------------------------------------------------------------------

  #watch(step: Step): HoldReason | null {
    const { external, patienceMs } = this.#options;
    if (external === null || !isDeed(step)) {
      step.isDone = true;
      this.#effective(step);
      return null;
    }
    const isPlain = step.kind === 'send' && !step.isRequest;
    const actor = this.#actor(step.client.player);
    if (!isPlain && !external.happened(step)) {
      const deadline = actor.headSince + patienceMs;
      if (this.#now < deadline) return this.#until(actor, deadline, 'answer');
    }
    step.isDone = true;
    step.doneAt = this.#now;
    step.needs = [];
    this.#effective(step);
    this.#notify(this.#doneWaiters, step);
    return null;
  }

  // What the sockets tell -----------------------------------------------------------------------------------------

  connected(client: VirtualClient): void {
    const seat = this.#byClient.get(client) as Seat;
    this.#connecting--;
    this.#connected++;
    if (seat.opening !== null) this.#effective(seat.opening);
    this.#mark(seat.actor);
    this.#wakeUp();
  }

  frame(client: VirtualClient, { kind, bytes, at, end }: FrameView): void {
    this.#arrive(this.#byClient.get(client) as Seat, kind, Buffer.from(bytes.subarray(at, end)));
  }

  unframed(client: VirtualClient, bytes: Uint8Array): void {
    this.#arrive(this.#byClient.get(client) as Seat, UNFRAMED, bytes.slice());
  }

  ended(client: VirtualClient, error: NodeJS.ErrnoException | null): void {
    const seat = this.#byClient.get(client) as Seat;
    const step = seat.ended;
    if (!client.isConnected) {
      this.#connecting--;
      if (seat.opening !== null) this.#effective(seat.opening);
      if (this.#connected === 0) this.#refused = error?.message ?? 'it closed the connection at once';
    }
    this.#now = this.now;
    seat.close();
    if (step !== null && !step.isDone && hasHappened(step) && !client.hasEnded) {
      if (step.cause === null && this.#now < this.#timeOf(seat, step) - this.#options.patienceMs)
        this.#tellEnd(
          seat,
          'closed-early',
          step.sequence,
          'the target closed this connection sooner than the recorded relay',
        );
      this.#endedNow(seat, step);
    } else if (!client.hasEnded && !this.#options.signal.aborted) {
      const how = client.isConnected
        ? 'the target closed this connection, which was open in the recording'
        : `the target did not take this connection: ${error?.message ?? 'it closed it at once'}`;
      this.#tellEnd(seat, 'closed-early', this.#nextOf(seat), how);
    }
    this.#mark(seat.actor);
    for (const actor of seat.wanted) this.#mark(actor);
    this.#wakeUp();
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
      seat.pendingFrames--;
      seat.pendingBytes -= step.unit.bytes.length;
      step.isPending = false;
      if (!seat.isFull && seat.wanted.size > 0) {
        for (const actor of seat.wanted) this.#mark(actor);
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

  #echoed(cause: ReceiveStep['cause']): void {
    if (cause === null) return;
    cause.echoes--;
    if (cause.echoes <= 0 && cause.isDone) this.#effective(cause);
  }

  #tellEnd(seat: Seat, what: 'closed-early' | 'closed-late', sequence: number, how: string): void {
    const { comparison, script } = this.#options;
    if (comparison === null) return;
    const { protocol, party } = seat.scripted;
    const conversation = script.cast.delivered(protocol, null, party, 0);
    comparison.ended({ class: what, conversation, sequence, at: this.#now, how });
  }

  /** The capture's frame that this connection was about to send or get. */
  #nextOf(seat: Seat): number {
    return seat.actor.steps.head?.sequence ?? this.#options.script.capture.lastSequence;
  }

  #timeOf(seat: Seat, step: EndedStep): Millis {
    return seat.lastDid.now + (step.at - seat.lastDid.at);
  }

  // Waiting ------------------------------------------------------------------------------------------------------

  /** Until what causes it is done. */
  #later(cause: DeedStep | null, actor: Actor): HoldReason {
    if (cause !== null) wait(this.#doneWaiters, cause, actor);
    return 'order';
  }

  #notify(waiting: Map<Step, Actor[]>, step: Step): void {
    const actors = waiting.get(step);
    if (actors === undefined) return;
    waiting.delete(step);
    for (const actor of actors) this.#mark(actor);
  }

  #until(actor: Actor, at: Millis, reason: HoldReason): HoldReason {
    actor.wakeAt = Math.min(actor.wakeAt, at);
    return reason;
  }

  #mark(actor: Actor): void {
    if (actor.isDirty) return;
    actor.isDirty = true;
    this.#dirty.push(actor);
  }

  #alarm(at: Millis): void {
    if (at >= this.#timerAt) return;
    this.#timerAt = at;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ring(), Math.max(Math.ceil(at - this.now), 0));
  }

  #ring(): void {
    this.#timer = null;
    this.#timerAt = Infinity;
    this.#now = this.now;
    let next = Infinity;
    for (const actor of this.#actors.values()) {
      if (actor.wakeAt <= this.#now) this.#mark(actor);
      else next = Math.min(next, actor.wakeAt);
    }
    if (next < Infinity) this.#alarm(next);
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

  /** Frames that are on their way. */
  #pending(): number {
    let pending = 0;
    for (const { actor } of this.#seats.values()) pending += actor.unsettled;
    if (pending > 0) {
      const deadline = this.#lastAt === 0 ? this.#now + this.#options.patienceMs : this.#lastAt;
      this.#lastAt = deadline;
      this.#alarm(deadline);
      if (this.#now >= deadline) {
        for (const seat of this.#seats.values()) seat.giveUp();
        return 0;
      }
    }
    return pending;
  }

  async #lastWords(): Promise<void> {
    const until = this.now + LAST_WORDS_MS;
    while (this.now < until && !this.#options.signal.aborted)
      await new Promise((resolve) => setTimeout(resolve, Math.max(until - this.now, 1)));
  }

  /** Of somebody who says nothing at all, not every frame is waited for. */
  #gaveUp(): void {
    const { patienceMs, external } = this.#options;
    if (this.#came > 0 || external !== null || this.#now < SILENCE_TIMES * patienceMs) return;
    this.#refused = `it took ${this.#connected} connections, and said nothing`;
  }

  #count(actor: Actor, step: SendStep): void {
    const { headSince, heldBy } = actor;
    const held = this.#holds.get(heldBy) ?? { sends: 0, total: 0, longest: 0 };
    const lasted = this.#now - headSince;
    held.sends++;
    held.total += lasted;
    held.longest = Math.max(held.longest, lasted);
    this.#holds.set(heldBy, held);
    this.#options.onSent({ sequence: step.sequence, scheduled: headSince, sent: this.#now, by: heldBy });
  }

  #told(): Hold[] {
    return holdReasons.flatMap((by) => {
      const held = this.#holds.get(by);
      return held === undefined ? [] : [{ by, ...held }];
    });
  }
}

function hasHappened({ cause }: ReceiveStep | EndedStep): boolean {
  return cause === null || cause.isDone;
}

function wait(waiting: Map<Step, Actor[]>, step: Step, actor: Actor): void {
  const actors = waiting.get(step);
  if (actors === undefined) waiting.set(step, [actor]);
  else if (!actors.includes(actor)) actors.push(actor);
}
