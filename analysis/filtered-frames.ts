/**
 * The frames of a capture that pass a filter, in order: SQL leaves out what it can, and the rest is tested here.
 *
 * It goes forward in looks that are bounded in memory and time, so that whoever searches a large capture can tell how
 * far it is, be stopped between two, and go on later when the capture has grown.
 */
import type { PayloadReader } from '../protocol/payload.ts';
import {
  sessionRange,
  type CaptureFile,
  type FrameLook,
  type FrameRange,
  type RecordedFrame,
} from '../recorder/captures.ts';
import type { RecordedSession } from '../recorder/sessions/session.ts';
import { Connections } from './connections.ts';
import type { Decoder } from './filter/decode.ts';
import type { Filter } from './filter/compile.ts';

export type FilteredReader = Pick<CaptureFile, 'look' | 'connection'>;

export interface FilteredLook {
  readonly frames: readonly RecordedFrame[];
  /** There may be more in what is recorded so far. */
  readonly more: boolean;
}

export interface SearchOptions {
  /** Only its frames; what began before it is not looked at. All of the capture, if null. */
  readonly session?: RecordedSession | null;
  /** Frames after this sequence number. */
  readonly after?: number;
  /** Whose knowledge of connections is shared. */
  readonly connections?: Connections;
}

export class FilteredFrames {
  readonly #reader: FilteredReader;
  readonly #captureId: number;
  readonly #filter: Filter;
  readonly #range: FrameRange;
  readonly #connections: Connections;
  readonly #decoder: Decoder;
  /** Frames up to here are not asked for, though they may have to be looked at. */
  readonly #after: number;
  #through: number;

  constructor(
    reader: FilteredReader,
    captureId: number,
    filter: Filter,
    { session = null, after = 0, connections = new Connections(reader, captureId) }: SearchOptions = {},
  ) {
    this.#reader = reader;
    this.#captureId = captureId;
    this.#filter = filter;
    this.#connections = connections;
    this.#decoder = filter.decoder();
    this.#range = session === null ? {} : sessionRange(session);
    const begin = this.#range.after ?? 0;
    this.#after = Math.max(begin, after);
    this.#through = filter.follows ? begin : this.#after;
  }

  /** Knows what the payloads of the frames found so far are; null where that was not asked. */
  get payloads(): PayloadReader | null {
    return this.#decoder.reader;
  }

  /** All frames up to this sequence number have been looked at. */
  get through(): number {
    return this.#through;
  }

  /**
   * The next frames, at most `limit` of them, and perhaps none where the filter lets few pass; `rows` are as many as it may
   * go through for them.
   */
  look(limit: number, rows?: number): FilteredLook {
    const { sql, exact } = this.#filter;
    this.#connections.forgetUnfinished();
    const bounds = { ...(exact ? { limit } : {}), ...(rows === undefined ? {} : { rows }) };
    const range = { ...this.#range, after: this.#through, where: sql, ...bounds };
    const { frames, through, more } = this.#reader.look(this.#captureId, range);
    this.#through = through;
    if (exact) return { frames, more };
    const passed: RecordedFrame[] = [];
    for (const frame of frames) {
      const [source, target] = [this.#connections.get(frame.from), this.#connections.get(frame.to)];
      if (!this.#filter.test(this.#decoder.decode(frame, source, target))) continue;
      if (frame.sequence <= this.#after || passed.push(frame) < limit) continue;
      // The decoder has seen nothing after this frame, so that the next look goes on behind it.
      this.#through = frame.sequence;
      return { frames: passed, more: true };
    }
    return { frames: passed, more };
  }
}

export interface BackOptions {
  /** Only its frames. */
  readonly session: RecordedSession;
  readonly before: number;
  readonly limit: number;
  readonly rows?: number;
  readonly connections: Connections;
}

/**
 * The last frames before one, in ascending order, as far as one look goes. Null for a filter that follows conversations,
 * which can only be read from their beginning.
 */
export function filteredBack(
  reader: Pick<CaptureFile, 'lookBack'>,
  filter: Filter,
  { session, before, limit, rows, connections }: BackOptions,
): FrameLook | null {
  if (filter.follows) return null;
  const { sql, exact } = filter;
  const { after = 0, last = Infinity } = sessionRange(session);
  const look = reader.lookBack(session.captureId, {
    session: session.id,
    first: after + 1,
    before: Math.min(before, last + 1),
    where: sql,
    ...(exact ? { limit } : {}),
    ...(rows === undefined ? {} : { rows }),
  });
  if (exact) return look;
  const decoder = filter.decoder();
  const passes = (frame: RecordedFrame) =>
    filter.test(decoder.decode(frame, connections.get(frame.from), connections.get(frame.to)));
  const passed = look.frames.filter(passes);
  if (passed.length < limit) return { ...look, frames: passed };
  const frames = passed.slice(-limit);
  return { frames, through: (frames[0] as RecordedFrame).sequence, more: true };
}

/** `onProgress` is told after each look up to which sequence number all has been looked at. */
export function* filteredFrames(
  reader: FilteredReader,
  captureId: number,
  filter: Filter,
  { limit = Infinity, ...options }: SearchOptions & { readonly limit?: number } = {},
  onProgress: (through: number) => void = () => undefined,
): IterableIterator<RecordedFrame> {
  const search = new FilteredFrames(reader, captureId, filter, options);
  let left = limit;
  for (let more = true; more && left > 0;) {
    const look = search.look(left);
    onProgress(search.through);
    yield* look.frames;
    left -= look.frames.length;
    more = look.more;
  }
}
