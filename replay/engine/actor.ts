/** One player of the play: all that its connections have to do and to wait for, in the order of the capture. */
import type { Millis } from '../../protocol/types.ts';
import type { ScriptedPlayer, Step } from '../script/steps.ts';
import { Ring } from '../ring.ts';
import type { HoldReason } from '../types.ts';
import type { Seat } from './seat.ts';

export class Actor {
  readonly player: ScriptedPlayer;
  readonly seats: Seat[] = [];
  readonly steps = new Ring<Step>();
  /** It is not ours: what it does is only watched. */
  readonly isExternal: boolean;
  /** It is to be looked at. */
  isDirty = false;
  /** Since when the first step has been first. */
  headSince: Millis = 0;
  /** Since when the next thing that it does has been next, whatever it has to get before. */
  lineSince: Millis = 0;
  /** By what that was held last, as of the last look. */
  heldBy: HoldReason = 'nothing';
  /** When to look again, if nothing happens before. */
  wakeAt: Millis = Infinity;
  /** Sent to it, not waited for yet, and not there. */
  unsettled = 0;

  constructor(player: ScriptedPlayer, isExternal: boolean) {
    this.player = player;
    this.isExternal = isExternal;
  }

  /** What it was about to do is done. */
  nextInLine(now: Millis): void {
    this.lineSince = now;
    this.heldBy = 'nothing';
  }
}
