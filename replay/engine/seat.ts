/** One connection of the play: the recorded one, the live one, and what is still to come to it. */
import type { Millis, Protocol } from '../../protocol/types.ts';
import { payloadOf } from '../../analysis/observe.ts';
import { hasPayload } from '../../analysis/payloads.ts';
import type { Lane } from '../compare/comparison.ts';
import type { DeedStep, EndedStep, EndStep, OpenStep, ReceiveStep, ScriptedClient } from '../script/steps.ts';
import type { Conversation, Unit } from '../types.ts';
import { Ring } from '../ring.ts';
import type { Actor } from './actor.ts';
import type { VirtualClient } from './client.ts';
import { RequestBudget } from './budget.ts';
import { mayHaveCome, Waiting } from './waiting.ts';
import { receiverLimits, Window } from './window.ts';

/** A conversation at this connection. */
export interface Talk {
  /** Null where the conversation is not judged. */
  readonly lane: Lane | null;
  readonly waiting: Waiting;
}

export class Seat {
  readonly scripted: ScriptedClient;
  readonly actor: Actor;
  readonly budget = new RequestBudget();
  client: VirtualClient | null = null;
  /** Its end by the relay, as soon as it has been read. */
  ended: EndedStep | null = null;
  /** What is on its way to it, and the senders that wait until it has got some of that. */
  readonly window = new Window(receiverLimits);
  opening: OpenStep | null = null;
  /** When its client last did something: in the replay, and in the recording. */
  #didNow: Millis = 0;
  #didAt: Millis = 0;
  /** Its client has said its last word, of which the relay knew in the recording. */
  left: EndStep | null = null;
  /** The highest frame of the capture that came to it. */
  lastCame = 0;
  readonly #talks = new Map<Conversation, Talk>();
  /** What is to come to it that does not say from whom it is, in the order in which it is to come. */
  readonly #unsigned = new Ring<ReceiveStep>();
  /** Whose the last of that was. */
  #speaking: Conversation | null = null;
  readonly #lane: (conversation: Conversation) => Lane | null;
  readonly #settled: (step: ReceiveStep) => void;

  constructor(
    scripted: ScriptedClient,
    actor: Actor,
    lane: (conversation: Conversation) => Lane | null,
    settled: (step: ReceiveStep) => void,
  ) {
    this.scripted = scripted;
    this.actor = actor;
    this.#lane = lane;
    this.#settled = settled;
  }

  get protocol(): Protocol {
    return this.scripted.protocol;
  }

  /** Nothing more can be said to or heard from it. */
  get isGone(): boolean {
    return this.client?.isOver !== false;
  }

  /** When the target's clock brings something that came at this time of the recording. */
  dueAt(at: Millis): Millis {
    return this.#didNow + (at - this.#didAt);
  }

  did(step: DeedStep, now: Millis): void {
    this.#didNow = now;
    this.#didAt = step.at;
  }

  talk(conversation: Conversation): Talk {
    let talk = this.#talks.get(conversation);
    if (talk === undefined) {
      const lane = this.#lane(conversation);
      const size = conversation.isStream ? (unit: Unit) => payloadBytes(this.protocol, unit) : null;
      talk = { lane, waiting: new Waiting(size, lane, this.#settled) };
      this.#talks.set(conversation, talk);
    }
    return talk;
  }

  /** It waits for this. */
  expect(step: ReceiveStep): void {
    this.talk(step.conversation).waiting.expect(step);
    if (step.isUnsigned) this.#unsigned.push(step);
  }

  /** Of which conversation something is that does not say from whom it is; null where nobody has said anything yet. */
  get speaking(): Conversation | null {
    while (this.#unsigned.head?.isDone === true) this.#unsigned.shift();
    const next = this.#unsigned.head;
    if (next !== undefined && mayHaveCome(next)) this.#speaking = next.conversation;
    return this.#speaking;
  }

  /** It will get nothing more: nobody has to wait for that. */
  close(): void {
    for (const { waiting } of this.#talks.values()) waiting.close();
  }

  /** The play is broken off. */
  excuse(): void {
    for (const { waiting } of this.#talks.values()) waiting.excuse();
  }

  /** What was sent to it has had its time. */
  giveUp(): void {
    for (const { waiting } of this.#talks.values()) waiting.giveUpAll();
  }
}

function payloadBytes(protocol: Protocol, { kind, bytes }: Unit): number {
  const spec = protocol.frames[kind];
  const isPayload = spec !== undefined && hasPayload(spec);
  return isPayload ? (payloadOf(spec, bytes)?.length ?? 0) : bytes.length;
}
