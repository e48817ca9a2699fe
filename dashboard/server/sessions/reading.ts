/**
 * All that one walk through a session's frames gathers: its report, and beside it what can go on when more frames come.
 *
 * The rule: findings and steps are told as the command `show` tells them, by the session as it was when the walk began: they need to know
 * how things ended. What is counted in bins of time and size, and what payloads are, needs only the next frame.
 */
import { ArrowTally } from '../../../analysis/arrows.ts';
import { Connections } from '../../../analysis/connections.ts';
import { findingObservers } from '../../../analysis/findings/table.ts';
import { LogHistogram } from '../../../analysis/log-histogram.ts';
import { see, type SeenFrame, type SessionView } from '../../../analysis/observe.ts';
import { ReportObserver, type SessionReport } from '../../../analysis/session-report.ts';
import { TimelineTally } from '../../../analysis/timeline.ts';
import { type PayloadProtocol, PayloadReader } from '../../../protocol/payload.ts';
import {
  type CaptureFile,
  FIRST_PAGE_FRAMES,
  nextPageSize,
  sessionRange,
} from '../../../recorder/captures.ts';
import type { RecordedSession } from '../../../recorder/sessions/session.ts';

export type ReadingSource = Pick<CaptureFile, 'look' | 'connection'>;

/** A microsecond, and a hundred seconds. */
const DELAYS_NS = [1e3, 1e11] as const;
/** No frame is larger than a few hundred thousand bytes. */
const SIZES = [1, 1e6] as const;

export class Reading {
  readonly view: SessionView;
  readonly timeline: TimelineTally;
  readonly arrows = new ArrowTally();
  readonly delays = new LogHistogram(...DELAYS_NS);
  readonly sizes = new LogHistogram(...SIZES);
  readonly #source: ReadingSource;
  readonly #connections: Connections;
  readonly #payloads = new PayloadReader();
  #observer: ReportObserver | null;
  #report: SessionReport | null = null;
  #through: number;
  #frames = 0;
  #pageFrames = FIRST_PAGE_FRAMES;
  /** When the latest frame came. */
  #until: number;

  constructor(source: ReadingSource, view: SessionView) {
    this.#source = source;
    this.view = view;
    this.#connections = new Connections(source, view.capture.id);
    this.#observer = new ReportObserver(view, findingObservers(view));
    this.timeline = new TimelineTally(view.session.started);
    this.#through = view.session.firstSequence - 1;
    this.#until = view.session.started;
  }

  /** All frames of the session up to this sequence number have been read. */
  get through(): number {
    return this.#through;
  }

  get frames(): number {
    return this.#frames;
  }

  get until(): number {
    return this.#until;
  }

  /** Null until all has been read that there was when it began. */
  get report(): SessionReport | null {
    return this.#report;
  }

  /** By `conversationOf`. */
  protocolOf(conversation: string): PayloadProtocol | null | undefined {
    return this.#payloads.knownOf(conversation);
  }

  /** Reads some more frames: of those that were there when it began, or, when these are read, of `now`. False where there are no more. */
  look(now: RecordedSession): boolean {
    const session = this.#report === null ? this.view.session : now;
    const range = sessionRange(session, { after: this.#through, limit: this.#pageFrames });
    const last = this.#report === null ? session.lastSequence : (range.last ?? Infinity);
    this.#connections.forgetUnfinished();
    const { frames, more } = this.#source.look(session.captureId, { ...range, last });
    this.#pageFrames = nextPageSize(frames, this.#pageFrames);
    for (const frame of frames) {
      const seen = see(
        this.#report === null ? this.view.connections : this.#connections,
        frame,
        this.#payloads,
      );
      this.#observer?.frame(seen);
      this.#count(seen);
      if (this.#report === null && lacksAnEnd(seen)) see(this.#connections, frame, this.#payloads);
    }
    this.#frames += frames.length;
    this.#through = frames.at(-1)?.sequence ?? this.#through;
    this.#until = frames.at(-1)?.arrived ?? this.#until;
    if (!more) this.#finish();
    return more;
  }

  #count(seen: SeenFrame): void {
    const { frame } = seen;
    this.timeline.add(seen);
    this.arrows.add(seen);
    this.sizes.add(frame.bytes.length);
    if (frame.departed !== null) this.delays.add(frame.departed - frame.arrived);
  }

  #finish(): void {
    if (this.#observer === null) return;
    this.#report = this.#observer.end();
    this.#observer = null;
  }
}

/** Others name conversations by all that the file knows: so must what is kept for them. */
function lacksAnEnd({ frame, from, to }: SeenFrame): boolean {
  return (from === null && frame.from !== 0) || (to === null && frame.to !== 0);
}
