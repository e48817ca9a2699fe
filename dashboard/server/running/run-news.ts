/** What a replay in a process of its own tells whoever started it, over the channel between the two. */
import type { RunningReplay } from '../../api/replays.ts';

export type RunNews =
  /** It has read all that it was told to: files that were made for it may go. */
  | { readonly news: 'begun' }
  /** Frames sent, and that there are. */
  | { readonly news: 'progress'; readonly sent: number; readonly of: number }
  | {
      readonly news: 'ended';
      /** Its number in the file; null where it could not be stored. */
      readonly replay: number | null;
      readonly outcome: NonNullable<RunningReplay['outcome']>;
      /** Why it did not come to its end. */
      readonly partial: string | null;
    };

/** Shortest time between two that tell of progress. */
export const PROGRESS_MS = 100;
/** How long a replay whose starter is gone may take to stop in good order. */
export const ORPHAN_MS = 3_000;
