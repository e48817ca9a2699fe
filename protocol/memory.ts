/** Where readers and outboxes take their buffers from, so that an idle connection owns none. */
import type { Span } from './types.ts';

export interface Memory {
  /** At least `bytesMin` bytes, with anything in them. */
  take(bytesMin: number): Span;
  /** Gives a span back; its former holder must not touch it again. */
  give(span: Span): void;
}

/**
 * Both views of the memory of `bytes`. Plain ones: Node's Buffer is a Uint8Array whose `slice` lends
 * where every other one's copies, and protocols must not have to know which they were given.
 */
export function span({ buffer, byteOffset, byteLength }: Uint8Array): Span {
  return {
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
  };
}

/** Takes from the heap and leaves the rest to the garbage collector. For tests and short-lived tools. */
export const heap: Memory = {
  take: (bytesMin) => span(new Uint8Array(bytesMin)),
  give: () => undefined,
};
