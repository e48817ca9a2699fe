/**
 * What the clients hear: which of it is waited for, and for how long.
 *
 * The rule: nothing can come before what it comes of has been done, and nothing is waited for longer than the
 * patience. Whatever comes is handed to the comparison; that it has come lets its player go on.
 */
import { UNFRAMED } from '../../protocol/kind.ts';
import type { FrameView, Millis } from '../../protocol/types.ts';
import { isRelaysOwn } from '../cast.ts';
import type { EndedStep, ReceiveStep } from '../script/steps.ts';
import { type Conversation, type HoldReason, RELAY_END, type Unit } from '../types.ts';
import type { Actor } from './actor.ts';
import type { ClientOwner, VirtualClient } from './client.ts';
import type { Seat } from './seat.ts';
import type { External } from './options.ts';
import { type Stage, until } from './stage.ts';

export class Hearing implements ClientOwner {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  // Steps --------------------------------------------------------------------------------------------------

  /** By what it is held that the player goes on; null where it has come, or is not waited for. */
  receive(actor: Actor, step: ReceiveStep): HoldReason | null {
    if (step.isDone || step.unit.isOptional) return null;
    const stage = this.#stage;
    if (!hasHappened(step)) return stage.awaitCause(step.cause, actor);
    const seat = stage.seat(step.client);
    const { waiting } = seat.talk(step.conversation);
    const isOfGame = step.conversation.from !== RELAY_END && this.#externalOf(step) === null;
    if (seat.isGone) {
      waiting.giveUp(step);
    } else if (isOfGame && !this.#waitsForFrames) {
      actor.unsettled++;
      step.isCounted = true;
    } else {
      const deadline = this.#deadline(actor, step, waiting.silences);
      if (stage.now < deadline) return until(actor, deadline, 'answer');
      waiting.giveUp(step);
      if (step.cause !== null) this.#externalOf(step)?.gaveUp(step.cause);
      stage.gaveUp();
    }
    return null;
  }

  /** The relay ends a connection. */
  end(actor: Actor, step: EndedStep): HoldReason | null {
    if (step.isDone) return null;
    const stage = this.#stage;
    const seat = stage.seat(step.client);
    if (!seat.isGone) {
      if (!hasHappened(step)) return stage.awaitCause(step.cause, actor);
      const deadline = this.#deadline(actor, step);
      if (stage.now < deadline) return until(actor, deadline, 'answer');
      if (step.cause !== null) this.#externalOf(step)?.gaveUp(step.cause);
      this.#tellEnd(seat, 'closed-late', step.sequence, 'the target left this connection open');
      if (seat.client?.isConnected === false) stage.opened();
      seat.client?.destroy();
      seat.close();
    }
    this.#hasEnded(seat, step);
    return null;
  }

  /** Connections of clients that have said their last word, as they did in the recording, and of which the target has not. */
  get leftOpen(): readonly Seat[] {
    const seats = [...this.#stage.seats.values()];
    return seats.filter(
      ({ left, client }) => left !== null && client?.isConnected === true && !client.isOver,
    );
  }

  /** They have had their time. */
  blameLeftOpen(): void {
    for (const seat of this.leftOpen) {
      const how = 'the target left this connection open after its client had ended it';
      this.#tellEnd(seat, 'closed-late', seat.left?.sequence ?? 0, how);
    }
  }

  /** Else only what the relay itself says is waited for on the spot. */
  get #waitsForFrames(): boolean {
    const { pace } = this.#stage.options;
    return pace === 'causal' || pace === 'step';
  }

  #hasEnded(seat: Seat, step: EndedStep): void {
    const stage = this.#stage;
    step.isDone = true;
    step.doneAt = stage.now;
    stage.takenEffect(step);
    stage.echoed(step.cause);
    stage.mark(seat.actor);
  }

  /** By when something must have come. What the relay's clock brings comes as long after the last step as it did then. */
  #deadline(actor: Actor, step: ReceiveStep | EndedStep, silences = 0): Millis {
    const stage = this.#stage;
    const patienceMs =
      this.#externalOf(step)?.patienceOf(stage.options.patienceMs) ?? stage.patience(silences);
    const since = Math.max(actor.headSince, step.cause?.doneAt ?? 0);
    const due = step.cause === null ? this.#stage.seat(step.client).dueAt(step.at) : since;
    return Math.max(since, due) + patienceMs;
  }

  /** Who is to bring it, if that is none of ours. */
  #externalOf({ cause }: ReceiveStep | EndedStep): External | null {
    const { external } = this.#stage.options;
    return external !== null && cause?.client.player === external.player ? external : null;
  }

  // Sockets ------------------------------------------------------------------------------------------------

  connected({ scripted, origin }: VirtualClient): void {
    const stage = this.#stage;
    stage.options.external?.metOther(origin);
    const { opening, actor } = stage.seat(scripted);
    if (opening !== null) stage.connects(opening);
    stage.mark(actor);
    stage.wakeUp();
  }

  frame({ scripted }: VirtualClient, { kind, bytes, at, end }: FrameView): void {
    this.#arrive(this.#stage.seat(scripted), kind, bytes.subarray(at, end));
  }

  unframed({ scripted }: VirtualClient, bytes: Uint8Array): void {
    this.#arrive(this.#stage.seat(scripted), UNFRAMED, bytes);
  }

  ended(client: VirtualClient, error: NodeJS.ErrnoException | null): void {
    const stage = this.#stage;
    const seat = stage.seat(client.scripted);
    stage.now = stage.elapsed;
    if (!client.isConnected) {
      stage.opened();
      if (seat.opening !== null) stage.takenEffect(seat.opening);
      if (stage.connected === 0) stage.unanswered = error?.message ?? 'it closed the connection at once';
    }
    seat.close();
    if (!client.hasEnded && !stage.options.signal.aborted) this.#endedByTarget(seat, error);
    stage.mark(seat.actor);
    stage.markAll(seat.window.everybody());
    stage.wakeUp();
  }

  unread(client: VirtualClient): void {
    const seat = this.#stage.seat(client.scripted);
    this.#tellEnd(seat, 'closed-early', this.#nextOf(seat), 'the target did not read what this client sent');
    client.destroy();
    seat.close();
    this.#stage.isInVain = true;
    this.#stage.gaveUp();
  }

  #endedByTarget(seat: Seat, error: NodeJS.ErrnoException | null): void {
    const stage = this.#stage;
    const { ended: step, client } = seat;
    if (client?.isConnected === true) stage.hasAnswered = true;
    if (step !== null && !step.isDone && hasHappened(step)) {
      const isEarly = step.cause === null && stage.now < seat.dueAt(step.at) - stage.options.patienceMs;
      if (isEarly)
        this.#tellEnd(seat, 'closed-early', step.sequence, 'the target closed this connection sooner');
      this.#hasEnded(seat, step);
      return;
    }
    const how =
      client?.isConnected === true
        ? 'the target closed this connection, which was still open in the recording'
        : `the target did not take this connection (${error?.message ?? 'it closed it at once'})`;
    this.#tellEnd(seat, 'closed-early', this.#nextOf(seat), how);
  }

  /** The frame that its player was about to send, or to get. */
  #nextOf({ actor }: Seat): number {
    return actor.steps.head?.sequence ?? this.#stage.options.script.capture.lastSequence;
  }

  #arrive(seat: Seat, kind: number, borrowed: Uint8Array): void {
    const stage = this.#stage;
    const { protocol, party } = seat.scripted;
    const { rewriting, script } = stage.options;
    stage.now = stage.elapsed;
    stage.hasAnswered = true;
    const expected = () => seat.talk(script.cast.delivered(protocol, null, party, kind)).waiting.next;
    const bytes = rewriting?.incoming(protocol, kind, borrowed, expected) ?? borrowed;
    const named = script.cast.arriving(protocol, party, kind, bytes);
    const isUnsigned = named.from === RELAY_END && !isRelaysOwn(protocol, kind);
    const conversation = (isUnsigned ? seat.speaking : null) ?? named;
    seat.talk(conversation).waiting.came(kind, bytes, stage.now);
  }

  /** It was sent and came to nobody: whoever waits for it at this address goes on as if it had come. */
  missed(conversation: Conversation, unit: Unit): void {
    const stage = this.#stage;
    stage.now = stage.elapsed;
    for (const seat of stage.seats.values()) {
      if (seat.scripted.party.endpoint !== conversation.to.endpoint || seat.actor.isExternal) continue;
      if (seat.protocol !== conversation.protocol) continue;
      const { waiting } = seat.talk(conversation);
      if (waiting.size === 0) continue;
      waiting.came(unit.kind, unit.bytes, stage.now);
      return;
    }
  }

  /** Something that was waited for has come, or is not waited for any more. */
  settled(step: ReceiveStep): void {
    const stage = this.#stage;
    const seat = stage.seat(step.client);
    step.doneAt = stage.now;
    if (this.#externalOf(step) !== null) stage.fallBehind(step.at);
    if (step.unit.givenUp) stage.isInVain = true;
    if (step.isPending) stage.arrived(step, seat);
    if (step.isUnsigned || step.isGiving) stage.takenEffect(step);
    if (step.isCounted) {
      step.isCounted = false;
      seat.actor.unsettled--;
    }
    if (step.sequence < seat.lastCame) {
      const { lane } = seat.talk(step.conversation);
      if (lane !== null && !step.unit.givenUp) stage.options.comparison?.overtook(lane, step.unit);
    } else seat.lastCame = step.sequence;
    if (step.conversation.from === RELAY_END && !step.unit.isOptional) stage.echoed(step.cause);
    stage.mark(seat.actor);
    stage.wakeUp();
  }

  #tellEnd(seat: Seat, what: 'closed-early' | 'closed-late', sequence: number, how: string): void {
    const { now, options } = this.#stage;
    const { protocol, party } = seat.scripted;
    const conversation = options.script.cast.delivered(protocol, null, party, 0);
    options.comparison?.ended({ class: what, conversation, sequence, at: now, how });
  }
}

function hasHappened({ cause }: ReceiveStep | EndedStep): boolean {
  return cause === null || cause.isDone;
}
