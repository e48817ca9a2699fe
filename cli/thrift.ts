/**
 * For commands that read long captures: their heap stays near to what is in use.
 *
 * Left alone, V8 lets a heap grow to three times that before it clears it. Whoever replays an evening on the machine that
 * also runs the target, or in a small CI container, would rather pay for it with a little time.
 */
import { setFlagsFromString } from 'node:v8';

/** How much of the heap may be garbage, as a share of what is in use. */
const GARBAGE_PERCENT = 60;

export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
}
