/**
 * What the clients do: opens, sends and ends, each as soon as all that it needs has taken effect.
 *
 * The rule: whatever holds a deed back has an end of its own, and is told, so that people see what a play waited for.
 */
import { CommonFault } from '../../protocol/fault.ts';
import {
  type DeedStep,
  type EndStep,
  NOTHING,
  type OpenStep,
  type ReceiveStep,
  type SendStep,
} from '../script/steps.ts';
import type { Hold, HoldReason } from '../types.ts';
import type { Actor } from './actor.ts';
import { type ClientOwner, VirtualClient } from './client.ts';
import { HoldTally } from './holds.ts';
import type { Seat } from './seat.ts';
import { type Stage, until } from './stage.ts';

export class Doing {
  readonly #stage: Stage;
  /** Who hears what the clients are told. */
  readonly #owner: ClientOwner;
  readonly #holds = new HoldTally();
  readonly #toFlush = new Set<VirtualClient>();
  #sent = 0;
  /** The frame that only the hand holds back. */
  #offered: SendStep | null = null;

  constructor(stage: Stage, owner: ClientOwner) {
    this.#stage = stage;
    this.#owner = owner;
  }

  get sent(): number {
    return this.#sent;
  }

  holds(): readonly Hold[] {
    return this.#holds.told();
  }

  /** By what it is held; null where it is done. */
  do(actor: Actor, step: DeedStep): HoldReason | null {
    if (!step.isSealed) return 'nothing';
    const stage = this.#stage;
    for (const need of step.needs) {
      const held = need.isEffective ? null : stage.awaitNeed(need, actor);
      if (held !== null) return held;
    }
    const seat = stage.seat(step.client);
    const held = unopened(seat) ?? this.#heldBack(actor, seat, step);
    if (held !== null) return held;
    step.needs = NOTHING;
    step.isDone = true;
    step.doneAt = stage.now;
    seat.did(step, stage.now);
    if (step.kind === 'open') this.#open(seat, step);
    else if (step.kind === 'send') this.#send(seat, step);
    else this.#leave(seat, step);
    stage.done(step);
    if (step === this.#offered) this.#offerNext();
    return null;
  }

  /** Writes what has been sent in this turn. */
  flush(): void {
    for (const client of this.#toFlush) client.flush();
    this.#toFlush.clear();
  }

  /** By what something is held that all it needs has come about for. */
  #heldBack(actor: Actor, seat: Seat, step: DeedStep): HoldReason | null {
    const { now, openings, options } = this.#stage;
    const { pace, patienceMs } = options;
    const deadline = actor.headSince + patienceMs;
    const isPlain = step.kind === 'send' && !step.isRequest;
    // Whoever changes anything has to have caught up.
    if (!isPlain && actor.unsettled > 0) {
      if (now < deadline) return until(actor, deadline, 'answer');
      for (const each of actor.seats) each.giveUp();
    }
    if (step.kind === 'send' && step.delivery !== null && !this.#hasRoom(actor, step.delivery))
      return 'window';
    if (seat.client?.isFull === true) {
      if (now < deadline) return until(actor, now + 1, 'window');
      this.#owner.unread(seat.client);
    }
    if (step.kind === 'open' && openings.isFull) {
      openings.await(actor);
      return 'opening';
    }
    if (!isPlain && step.kind === 'send') {
      const due = seat.budget.due(now);
      if (due > now) return until(actor, due, 'rate');
    }
    if (pace === 'recorded') {
      const due = this.#stage.dueAt(step.at);
      if (due > now) return until(actor, due, 'time');
    }
    return step.kind === 'send' && !this.#isLetGo(step) ? 'hand' : null;
  }

  /** Whether it may be on its way besides all that is; else the actor waits until there is room. */
  #hasRoom(actor: Actor, { client }: ReceiveStep): boolean {
    const stage = this.#stage;
    const receiver = stage.seat(client);
    if (receiver.isGone || receiver.actor.isExternal) return true;
    const full = receiver.window.isFull ? receiver : stage.window.isFull ? stage : null;
    if (full === null) return true;
    const deadline = actor.headSince + stage.patience(Number(full.window.isSilent));
    if (stage.now < deadline) {
      full.window.await(actor);
      until(actor, deadline, 'window');
      return false;
    }
    full.giveUp();
    stage.gaveUp();
    return true;
  }

  /** Of all that could go, the earliest is offered. */
  #isLetGo(step: SendStep): boolean {
    const { hand } = this.#stage.options;
    if (hand === null) return true;
    if (this.#offered === null || this.#offered.sequence > step.sequence) {
      this.#offered = step;
      hand.offer(step);
    }
    return this.#offered === step && hand.takes(step);
  }

  #offerNext(): void {
    this.#offered = null;
    for (const actor of this.#stage.actors.values()) if (actor.heldBy === 'hand') this.#stage.mark(actor);
  }

  #open(seat: Seat, step: OpenStep): void {
    const client = new VirtualClient(seat.scripted, this.#owner);
    seat.client = client;
    seat.opening = step;
    this.#stage.openings.add(0);
    const { target, patienceMs } = this.#stage.options;
    client.open(target(seat.protocol), patienceMs);
  }

  #send(seat: Seat, step: SendStep): void {
    const stage = this.#stage;
    const { now, options } = stage;
    const { client, actor } = seat;
    const { delivery, frameKind, isRequest } = step;
    if (client !== null && !client.isOver && !client.hasEnded) {
      client.send(frameKind, options.rewriting?.outgoing(step) ?? step.bytes);
      this.#toFlush.add(client);
      if (isRequest) seat.budget.spend(now);
      this.#sent++;
      const { lineSince: scheduled, heldBy: by } = actor;
      this.#holds.count(by, now - scheduled);
      options.onSent({ sequence: step.sequence, scheduled, sent: now, by });
    }
    if (delivery === null) {
      stage.awaitEffect(step, !isRequest || step.changes);
      return;
    }
    step.delivery = null;
    stage.takenEffect(step);
    const receiver = stage.seat(delivery.client);
    if (receiver.actor.isExternal) return;
    if (!delivery.unit.isOptional) stage.sentOff(delivery, receiver);
    const { waiting } = receiver.talk(delivery.conversation);
    waiting.release();
    if (receiver.isGone) waiting.giveUp(delivery);
    stage.mark(receiver.actor);
  }

  #leave(seat: Seat, step: EndStep): void {
    const { client } = seat;
    // A relay that was stopped, or went before its client, may not have heard of it by then.
    if (step.client.party.fault === CommonFault.none) seat.left = step;
    if (client !== null && !client.isOver) {
      this.#toFlush.delete(client);
      if (step.isReset) client.reset();
      else client.end();
    }
    this.#stage.awaitEffect(step, true);
  }
}

/**
 * What a client says before its connection stands is not on its way: it would be given its time too early. For how long the
 * target may take the connection is for the client to say, which then tells that it stands, or is over.
 */
function unopened({ client }: Seat): HoldReason | null {
  return client === null || client.isConnected || client.isOver ? null : 'opening';
}
