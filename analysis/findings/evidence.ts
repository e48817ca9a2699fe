/** What the frames tell of each connection, and where frames are lacking. */
import { Outcome } from '../../protocol/outcome.ts';
import type { RecordedGap } from '../../recorder/captures.ts';
import type { SeenFrame, SessionView } from '../observe.ts';

/** Sequence numbers and times of one connection's frames; a sequence of 0 stands for none. */
export class Trail {
  firstSent = 0;
  firstSentAt = 0;
  lastSent = 0;
  lastGot = 0;
  /** When the last frame to it was handed to its socket. */
  lastDepartedAt = 0;
  /** From the relay itself. */
  firstTold = 0;
}

const nothing: Readonly<Trail> = new Trail();

/** Bounded by the connections of the session. */
export class Trails {
  readonly #trails = new Map<number, Trail>();

  note({ frame, from, to }: SeenFrame): void {
    const { sequence } = frame;
    if (from !== null) {
      const trail = this.#take(from.conn);
      if (trail.firstSent === 0) {
        trail.firstSent = sequence;
        trail.firstSentAt = frame.arrived;
      }
      trail.lastSent = sequence;
    }
    if (to !== null) {
      const trail = this.#take(to.conn);
      trail.lastGot = sequence;
      if (frame.departed !== null) trail.lastDepartedAt = Math.max(trail.lastDepartedAt, frame.departed);
      if (trail.firstTold === 0 && frame.outcome === Outcome.originated) trail.firstTold = sequence;
    }
  }

  of(conn: number): Readonly<Trail> {
    return this.#trails.get(conn) ?? nothing;
  }

  #take(conn: number): Trail {
    let trail = this.#trails.get(conn);
    if (trail === undefined) {
      trail = new Trail();
      this.#trails.set(conn, trail);
    }
    return trail;
  }
}

/** Walks along the gaps with the frames. */
export class GapWatch {
  readonly #gaps: readonly RecordedGap[];
  #next = 0;

  constructor({ gaps }: SessionView) {
    this.#gaps = gaps;
  }

  /** Told of each frame, in order: whether frames are lacking between the one before and this one. */
  passed(sequence: number): boolean {
    const before = this.#next;
    for (let gap = this.#gaps[this.#next]; gap !== undefined; gap = this.#gaps[this.#next]) {
      if (gap.firstSequence + gap.frames > sequence) break;
      this.#next += 1;
    }
    return this.#next !== before;
  }
}

/** Whether no frame is lacking between these two. */
export function isWhole({ gaps }: SessionView, first: number, last: number): boolean {
  return !gaps.some((gap) => gap.firstSequence <= last && gap.firstSequence + gap.frames > first);
}

/** Whether every opening and ending of a connection is known. */
export function knowsAllEnds({ gaps }: SessionView): boolean {
  return gaps.every(({ events }) => events === 0);
}
