/**
 * The frame that is looked at: its bytes, what they mean, and who spoke before and after it.
 *
 * The rule: the frame before stays on screen until this one is there, so that going from one to the next does not flicker;
 * some that were looked at are kept.
 */
import type { FrameDetail, FrameRow } from '../../../../../api/frames.ts';
import { ApiError, call } from '../../../lib/api.ts';
import { bytesOfBase64 } from './hex.ts';
import { type FieldTree, fieldTree } from './fields.ts';

export const DETAILS_MAX = 24;
/** A reader who steps on within this time did not want the neighbours. */
export const NEIGHBOURS_AFTER_MS = 150;
/** Pages that are looked through for a neighbour: a filter may let nothing of one pass. */
export const NEIGHBOUR_PAGES_MAX = 40;

export interface Looked {
  readonly detail: FrameDetail;
  readonly bytes: Uint8Array;
  readonly tree: FieldTree;
}

export interface Neighbours {
  readonly before: FrameRow | null;
  readonly after: FrameRow | null;
}

export class Detail {
  readonly #session: number;
  readonly #kept = new Map<number, Looked>();
  #asking: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  looked = $state.raw<Looked | null>(null);
  neighbours = $state.raw<Neighbours | null>(null);
  error = $state<string | null>(null);

  constructor(session: number) {
    this.#session = session;
  }

  async show(sequence: number): Promise<void> {
    this.stop();
    const asking = new AbortController();
    this.#asking = asking;
    this.neighbours = null;
    try {
      const looked = this.#kept.get(sequence) ?? (await this.#load(sequence, asking.signal));
      this.#keep(looked);
      if (asking.signal.aborted) return;
      this.looked = looked;
      this.error = null;
      this.#timer = setTimeout(
        () => void this.#lookAround(looked.detail, asking.signal),
        NEIGHBOURS_AFTER_MS,
      );
    } catch (error) {
      if (asking.signal.aborted) return;
      this.looked = null;
      this.error = error instanceof ApiError ? error.message : 'this frame could not be read';
    }
  }

  stop(): void {
    this.#asking?.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Something was said about it. */
  async refresh(sequence: number): Promise<void> {
    this.#kept.delete(sequence);
    await this.show(sequence);
  }

  /** The next one of its conversation, or the one before; null where there is none. */
  async neighbour(detail: FrameDetail, step: 1 | -1, signal?: AbortSignal): Promise<FrameRow | null> {
    if (detail.conversation === '') return null;
    let from = detail.sequence;
    for (let page = 0; page < NEIGHBOUR_PAGES_MAX; page++) {
      const { rows, more, through } = await call('frames', {
        params: { id: this.#session },
        query: { ...(step > 0 ? { after: from } : { before: from }), limit: 1, filter: detail.conversation },
        ...(signal === undefined ? {} : { signal }),
      });
      if (rows[0] !== undefined) return rows[0];
      if (!more || through === from) return null;
      from = through;
    }
    return null;
  }

  async #load(sequence: number, signal: AbortSignal): Promise<Looked> {
    const detail = await call('frame', { params: { id: this.#session, sequence }, query: {}, signal });
    const bytes = bytesOfBase64(detail.bytes);
    return { detail, bytes, tree: fieldTree(detail, bytes) };
  }

  async #lookAround(detail: FrameDetail, signal: AbortSignal): Promise<void> {
    try {
      const [before, after] = await Promise.all([
        this.neighbour(detail, -1, signal),
        this.neighbour(detail, 1, signal),
      ]);
      if (!signal.aborted) this.neighbours = { before, after };
    } catch {
      // They are told nowhere else; the frame itself is there.
    }
  }

  #keep(looked: Looked): void {
    this.#kept.delete(looked.detail.sequence);
    this.#kept.set(looked.detail.sequence, looked);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= DETAILS_MAX) return;
      this.#kept.delete(oldest);
    }
  }
}
