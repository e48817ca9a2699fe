/** Every limit of the WebSocket, by name. */

/** Those beyond are told to try later. */
export const VIEWERS_MAX = 32;
/** Of one viewer: a page with all of its views open has a handful. */
export const WATCHES_MAX = 16;
/** Of one message from a viewer. */
export const MESSAGE_BYTES_MAX = 64 * 1024;
/** From one viewer: in the long run, and at once. */
export const MESSAGES_PER_SECOND_MAX = 20;
export const MESSAGES_AT_ONCE_MAX = 100;
/** A viewer that has not taken more than that of what it was sent is told nothing meanwhile. */
export const BUFFERED_BYTES_MAX = 256 * 1024;
/** How long one round of questions may take, so that requests are heard between two. */
export const ROUND_MS = 50;
/** How often a viewer is asked whether it is there. One that does not say so until the next time is let go. */
export const PING_MS = 15_000;
