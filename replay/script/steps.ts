/**
 * What happened in a recording, step by step: what each client did, and what it got.
 *
 * The rule: a step knows what it has to wait for, and never how it is played. Whoever plays it sets `isDone` and
 * `isEffective`, and lets go of what it no longer needs, so that a long recording is never held as a whole.
 */
import type { FrameKind, Millis, Protocol } from '../../protocol/types.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import type { Conversation, Unit } from '../types.ts';

/** The connections of one player; of a connection that never said whose it is, that connection alone. */
export interface ScriptedPlayer {
  readonly name: string;
}

/** One recorded connection. */
export interface ScriptedClient {
  readonly conn: number;
  readonly protocol: Protocol;
  readonly party: RecordedConnection;
  readonly player: ScriptedPlayer;
}

export const NOTHING: readonly Step[] = [];

abstract class BaseStep {
  readonly client: ScriptedClient;
  /** The capture's frame; of a beginning or an end, the last before it. */
  readonly sequence: number;
  /** Since the capture's start. */
  readonly at: Millis;
  /** What must have taken effect at the target before this is done. Emptied when it is done. */
  needs: readonly Step[] = NOTHING;
  isDone = false;
  /** The target has acted upon it, as far as can be told. */
  isEffective = false;
  /** When it was done, since the replay's start. */
  doneAt: Millis = 0;

  constructor(client: ScriptedClient, sequence: number, at: Millis) {
    this.client = client;
    this.sequence = sequence;
    this.at = at;
  }
}

/** Something that a client does, and that others may be consequences of. */
abstract class Deed extends BaseStep {
  /** How many consequences are still to come by which one sees that it took effect. */
  echoes = 0;
  hadEchoes = false;
  /** All of its consequences have been read. */
  isSealed = false;
  /** Done by somebody whom nobody holds back: what comes of it may come before it is due. */
  isFree = false;
}

export class OpenStep extends Deed {
  readonly kind = 'open';
}

export class SendStep extends Deed {
  readonly kind = 'send';
  readonly frameKind: FrameKind;
  readonly bytes: Uint8Array;
  /** What became of it then. */
  readonly outcome: number;
  /** Meant for the relay itself, or no frame at all: it may change what the relay makes of others. */
  readonly isRequest: boolean;
  /** It changes who is where, so that others have to wait for it. */
  readonly changes: boolean;
  /** What its receiver gets; null where it went to nobody. */
  delivery: ReceiveStep | null = null;

  constructor(
    client: ScriptedClient,
    sequence: number,
    at: Millis,
    frameKind: FrameKind,
    bytes: Uint8Array,
    outcome: number,
    isRequest: boolean,
    changes: boolean,
  ) {
    super(client, sequence, at);
    this.frameKind = frameKind;
    this.bytes = bytes;
    this.outcome = outcome;
    this.isRequest = isRequest;
    this.changes = changes;
  }
}

/** A client ends its connection. */
export class EndStep extends Deed {
  readonly kind = 'end';
  /** Broken off, with no goodbye. */
  readonly isReset: boolean;

  constructor(client: ScriptedClient, sequence: number, at: Millis, isReset: boolean) {
    super(client, sequence, at);
    this.isReset = isReset;
  }
}

/** A client gets a frame. */
export class ReceiveStep extends BaseStep {
  readonly kind = 'receive';
  readonly conversation: Conversation;
  readonly unit: Unit;
  /** What it comes of: it cannot come before. Null where the relay's clock brings it. */
  readonly cause: DeedStep | null;
  /** On its way, and counted as such. */
  isPending = false;
  /** Its player went on without it, and has to catch up later. */
  isCounted = false;
  /** Part of what several say to one who cannot tell them apart: they say it one after the other. */
  isUnsigned = false;
  /** By this the relay gives its client the name by which others reach it. */
  isGiving = false;

  constructor(
    client: ScriptedClient,
    sequence: number,
    at: Millis,
    conversation: Conversation,
    unit: Unit,
    cause: DeedStep | null,
  ) {
    super(client, sequence, at);
    this.conversation = conversation;
    this.unit = unit;
    this.cause = cause;
  }
}

/** The relay ends a client's connection. */
export class EndedStep extends BaseStep {
  readonly kind = 'ended';
  readonly fault: number;
  readonly cause: DeedStep | null;

  constructor(client: ScriptedClient, sequence: number, at: Millis, fault: number, cause: DeedStep | null) {
    super(client, sequence, at);
    this.fault = fault;
    this.cause = cause;
  }
}

export type DeedStep = OpenStep | SendStep | EndStep;
export type Step = DeedStep | ReceiveStep | EndedStep;

export function isDeed(step: Step): step is DeedStep {
  return step instanceof Deed;
}
